#include "supervisor/failures.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, SETS = FAILURES_CLIENTS / WAYS };

struct failure {
	int64_t at_ms;
	uint32_t attempt;
};

/* A client stands in one of the places of its set. */
struct row {
	struct network client; /* family 0: empty */
	int64_t last_ms;
	uint32_t count;
	struct failure all[]; /* [failures->most] */
};

struct failures {
	uint32_t most; /* per client */
	int64_t within_ms;
	size_t row_size;
	_Alignas(8) char rows[]; /* [FAILURES_CLIENTS], of row_size each */
};

struct failures *failures_new(uint32_t most, int64_t within_ms)
{
	size_t row_size = sizeof(struct row) + most * sizeof(struct failure);
	struct failures *failures;

	assert(most > 0 && most <= FAILURES_MOST);
	failures = calloc(1, sizeof(*failures) + FAILURES_CLIENTS * row_size);
	if (!failures)
		return NULL;
	failures->most = most;
	failures->within_ms = within_ms;
	failures->row_size = row_size;
	return failures;
}

void failures_free(struct failures *failures)
{
	free(failures);
}

static struct row *row_at(struct failures *failures, uint32_t index)
{
	return (struct row *)(void *)(failures->rows + index * failures->row_size);
}

/* His row; else the one of his set that is empty, or was used longest ago. */
static struct row *find_row(struct failures *failures, const struct network *client)
{
	uint32_t first = address_host_hash(&client->base) % SETS * WAYS;
	struct row *oldest = NULL;

	for (uint32_t i = first; i < first + WAYS; i++) {
		struct row *row = row_at(failures, i);

		if (network_equal(&row->client, client))
			return row;
		if (!oldest || row->last_ms < oldest->last_ms)
			oldest = row;
	}
	return oldest;
}

static void drop_old(const struct failures *failures, struct row *row, int64_t now_ms)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < row->count; i++) {
		if (now_ms - row->all[i].at_ms < failures->within_ms)
			row->all[kept++] = row->all[i];
	}
	row->count = kept;
}

uint32_t failures_add(
	struct failures *failures, const struct network *client, uint32_t attempt, int64_t now_ms)
{
	struct row *row = find_row(failures, client);
	uint32_t i = 0;

	if (!network_equal(&row->client, client)) {
		row->client = *client;
		row->count = 0;
	}
	row->last_ms = now_ms;
	drop_old(failures, row, now_ms);
	while (i < row->count && row->all[i].attempt != attempt)
		i++;
	if (i == failures->most)
		return row->count;
	row->all[i] = (struct failure){now_ms, attempt};
	row->count += i == row->count;
	return row->count;
}

void failures_forget(struct failures *failures, const struct network *client)
{
	struct row *row = find_row(failures, client);

	if (network_equal(&row->client, client))
		memset(row, 0, sizeof(*row));
}
