#include "supervisor/failures.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	WAYS = 8,
	SETS = FAILURES_CLIENTS / WAYS,
	MAGIC = 0x6661696c /* another layout, another number */
};

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
	uint32_t magic;
	uint32_t most; /* per client */
	int64_t within_ms;
	size_t row_size;
	_Alignas(8) char rows[]; /* [FAILURES_CLIENTS], of row_size each */
};

static size_t size_of(size_t row_size)
{
	return sizeof(struct failures) + FAILURES_CLIENTS * row_size;
}

struct failures *failures_new(uint32_t most, int64_t within_ms)
{
	size_t row_size = sizeof(struct row) + most * sizeof(struct failure);
	struct failures *failures;

	assert(most > 0 && most <= FAILURES_MOST);
	failures = calloc(1, size_of(row_size));
	if (!failures)
		return NULL;
	failures->magic = MAGIC;
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

int failures_pack(const struct failures *failures)
{
	ssize_t size = (ssize_t)size_of(failures->row_size);
	int memory = memfd_create("ftpool failures", MFD_CLOEXEC);
	int error;

	if (memory < 0 || pwrite(memory, failures, (size_t)size, 0) == size)
		return memory < 0 ? -errno : memory;
	error = errno ? -errno : -ENOSPC;
	close(memory);
	return error;
}

/* A row that has more than there is room for is taken for none. */
static void mend(struct failures *failures)
{
	for (uint32_t i = 0; i < FAILURES_CLIENTS; i++) {
		struct row *row = row_at(failures, i);

		if (row->count > failures->most)
			memset(row, 0, sizeof(*row));
	}
}

int failures_unpack(struct failures *failures, int memory)
{
	const struct failures fresh = *failures;
	ssize_t size = (ssize_t)size_of(fresh.row_size);
	struct failures other;

	if (pread(memory, &other, sizeof(other), 0) != (ssize_t)sizeof(other) ||
		other.magic != MAGIC || other.most != fresh.most ||
		other.row_size != fresh.row_size)
		return -EPROTO;
	if (pread(memory, failures, (size_t)size, 0) != size)
		memset(failures->rows, 0, FAILURES_CLIENTS * fresh.row_size);
	failures->within_ms = fresh.within_ms;
	mend(failures);
	return 0;
}
