#include "common/buckets.h"
#include "common/sealed_memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A row has rested when its buckets are due so long ago that fresh ones would be no different. */
enum { ROWS = 16384, PROBES = 8, REST_MS = 1000, NS_A_MS = 1000000 };

struct row {
	_Atomic uint64_t account; /* 0: nobody's */
	struct bucket ways[BANDWIDTH_WAYS];
};

struct memory {
	struct bucket all[BANDWIDTH_WAYS];
	struct row rows[ROWS];
};

struct buckets {
	struct memory *memory;
	int descriptor;
};

struct buckets *buckets_adopt(int descriptor)
{
	struct buckets *buckets = sealed_memory_is(descriptor, sizeof(struct memory))
					  ? malloc(sizeof(*buckets))
					  : NULL;

	if (buckets) {
		buckets->descriptor = descriptor;
		buckets->memory = mmap(NULL, sizeof(struct memory), PROT_READ | PROT_WRITE,
			MAP_SHARED, descriptor, 0);
		if (buckets->memory != MAP_FAILED)
			return buckets;
	}
	free(buckets);
	close(descriptor);
	return NULL;
}

struct buckets *buckets_new(void)
{
	int descriptor = sealed_memory_new("ftpool-buckets", sizeof(struct memory));

	return descriptor < 0 ? NULL : buckets_adopt(descriptor);
}

void buckets_free(struct buckets *buckets)
{
	if (!buckets)
		return;
	munmap(buckets->memory, sizeof(struct memory));
	close(buckets->descriptor);
	free(buckets);
}

int buckets_descriptor(const struct buckets *buckets)
{
	return buckets->descriptor;
}

struct bucket *buckets_all(struct buckets *buckets, enum bandwidth_way way)
{
	return &buckets->memory->all[way];
}

static bool has_rested(struct row *row, int64_t now_ns)
{
	int64_t limit = now_ns - (int64_t)REST_MS * NS_A_MS;

	return atomic_load(&row->ways[BANDWIDTH_DOWNLOAD].due_ns) < limit &&
	       atomic_load(&row->ways[BANDWIDTH_UPLOAD].due_ns) < limit;
}

/* Its row, or one that it may have, or else a row of somebody else. */
static struct row *look(struct memory *memory, uint64_t account, int64_t now_ns)
{
	struct row *first = &memory->rows[account % ROWS], *vacant = NULL;

	for (uint64_t i = 0; i < PROBES; i++) {
		struct row *row = &memory->rows[(account + i) % ROWS];
		uint64_t owner = atomic_load(&row->account);

		if (owner == account)
			return row;
		if (!vacant && (owner == 0 || has_rested(row, now_ns)))
			vacant = row;
	}
	return vacant ? vacant : first;
}

/* Two who begin at once come to the same row, and the second finds it taken by the first. */
struct bucket *buckets_account(
	struct buckets *buckets, uint64_t account, enum bandwidth_way way, int64_t now_ns)
{
	struct row *row = look(buckets->memory, account, now_ns);
	uint64_t owner = atomic_load(&row->account);

	if (owner != account && (owner == 0 || has_rested(row, now_ns)) &&
		!atomic_compare_exchange_strong(&row->account, &owner, account))
		row = look(buckets->memory, account, now_ns);
	return &row->ways[way];
}

/* FNV-1a. */
uint64_t buckets_number(const char *name)
{
	uint64_t number = UINT64_C(14695981039346656037);

	for (; *name != '\0'; name++) {
		number ^= (unsigned char)*name;
		number *= UINT64_C(1099511628211);
	}
	return number ? number : 1;
}
