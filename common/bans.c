#include "common/bans.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAGIC = 0x62616e31, /* another layout, another number */
	PLACES = 2 * BANS_MOST,
	LENGTHS = 129,
	SPINS = 100,
	NAPS = 200, /* of a millisecond */
	WORDS = sizeof(struct ban) / sizeof(uint64_t),
};

_Static_assert(sizeof(struct ban) % sizeof(uint64_t) == 0, "copied word by word");
_Static_assert((PLACES & (PLACES - 1)) == 0, "a power of two");

/* Open addressing with linear probing; at most half full, so a look soon meets an empty place. Who
 * writes makes the turn odd meanwhile, as on the board. */
struct bans_table {
	uint32_t magic;
	unsigned char key[BANS_KEY];
	_Atomic uint32_t turn;
	_Atomic uint32_t count;
	_Atomic uint32_t lengths[2][LENGTHS]; /* bans with so many bits of prefix: IPv4, IPv6 */
	_Atomic uint32_t hashes[PLACES];      /* 0: empty */
	_Atomic uint64_t rows[PLACES][WORDS]; /* a struct ban each */
};

/* ---- memory ---- */

static int map_both(struct bans *bans)
{
	size_t size = sizeof(struct bans_table);
	void *table;

	bans->writable = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bans->memory, 0);
	if (bans->writable == MAP_FAILED) {
		bans->writable = NULL;
		return -errno;
	}
	if (madvise(bans->writable, size, MADV_DONTFORK) < 0 ||
		fcntl(bans->memory, F_ADD_SEALS,
			F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	table = mmap(NULL, size, PROT_READ, MAP_SHARED, bans->memory, 0);
	if (table == MAP_FAILED)
		return -errno;
	bans->table = table;
	bans->writable->magic = MAGIC;
	return 0;
}

int bans_open(struct bans *bans)
{
	int error;

	*bans = (struct bans){
		.memory = memfd_create("ftpool-bans", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
	if (bans->memory < 0)
		return -errno;
	error = ftruncate(bans->memory, sizeof(struct bans_table)) < 0 ? -errno : map_both(bans);
	if (error == 0 && getrandom(bans->writable->key, BANS_KEY, 0) != BANS_KEY)
		error = -EIO;
	if (error < 0) {
		bans_close(bans);
		return error;
	}
	return 0;
}

void bans_close(struct bans *bans)
{
	if (bans->table)
		munmap((void *)(uintptr_t)bans->table, sizeof(struct bans_table));
	if (bans->writable)
		munmap(bans->writable, sizeof(struct bans_table));
	if (bans->table || bans->writable)
		close(bans->memory);
	*bans = (struct bans){.memory = -1};
}

/* ---- places ---- */

static int family_of(const struct network *network)
{
	return network->base.family == AF_INET6;
}

/* Never 0. */
static uint32_t hash_of(const struct network *network)
{
	uint32_t hash = address_host_hash(&network->base) ^ (network->bits * 2654435761u);

	return hash ? hash : 1;
}

static void copy_out(const struct bans_table *table, uint32_t place, struct ban *ban)
{
	uint64_t words[WORDS] = {0};

	for (size_t i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&table->rows[place][i], memory_order_relaxed);
	memcpy(ban, words, sizeof(words));
}

static void copy_in(struct bans_table *table, uint32_t place, uint32_t hash, const struct ban *ban)
{
	uint64_t words[WORDS];

	memcpy(words, ban, sizeof(words));
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&table->rows[place][i], words[i], memory_order_relaxed);
	atomic_store_explicit(&table->hashes[place], hash, memory_order_relaxed);
}

static uint32_t hash_at(const struct bans_table *table, uint32_t place)
{
	return atomic_load_explicit(&table->hashes[place], memory_order_relaxed);
}

/* The place of the network's ban, or the empty one where it would be. */
static uint32_t find_place(
	const struct bans_table *table, const struct network *network, struct ban *ban, bool *found)
{
	uint32_t hash = hash_of(network), place = hash % PLACES;

	*found = false;
	for (uint32_t i = 0; i < PLACES && hash_at(table, place) != 0; i++) {
		if (hash_at(table, place) == hash) {
			copy_out(table, place, ban);
			*found = network_equal(&ban->network, network);
			if (*found)
				break;
		}
		place = (place + 1) % PLACES;
	}
	return place;
}

/* ---- looking ---- */

/* From the longest prefix on, so that what is told is what is meant most. */
static bool look(const struct bans_table *table, const struct address *peer, struct ban *ban)
{
	int family = peer->family == AF_INET6;
	bool found = false;

	for (unsigned int bits = family ? 128 : 32; bits <= 128 && !found; bits--) {
		struct network network;

		if (atomic_load_explicit(&table->lengths[family][bits], memory_order_relaxed) == 0)
			continue;
		network = network_around(peer, bits);
		(void)find_place(table, &network, ban, &found);
	}
	return found;
}

/* A master that was interrupted while it wrote goes on soon. One that died then leaves an odd turn:
 * nobody is banned any more, and its workers are leaving anyhow. */
bool bans_find(const struct bans *bans, const struct address *peer, struct ban *ban)
{
	const struct bans_table *table = bans->table;

	if (atomic_load_explicit(&table->count, memory_order_relaxed) == 0)
		return false;
	for (int i = 0; i < SPINS + NAPS; i++) {
		if (i >= SPINS)
			(void)poll(NULL, 0, 1);
		uint32_t turn = atomic_load_explicit(&table->turn, memory_order_acquire);
		bool found = !(turn & 1) && look(table, peer, ban);

		atomic_thread_fence(memory_order_acquire);
		if (!(turn & 1) && atomic_load_explicit(&table->turn, memory_order_relaxed) == turn)
			return found;
	}
	return false;
}

uint32_t bans_count(const struct bans *bans)
{
	return atomic_load(&bans->table->count);
}

const unsigned char *bans_key(const struct bans *bans)
{
	return bans->table->key;
}

bool bans_next(const struct bans *bans, uint32_t *place, struct ban *ban)
{
	for (; *place < PLACES; ++*place) {
		if (hash_at(bans->table, *place) != 0) {
			copy_out(bans->table, (*place)++, ban);
			return true;
		}
	}
	return false;
}

/* ---- changing ---- */

static void begin_turn(struct bans_table *table)
{
	atomic_fetch_add_explicit(&table->turn, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

static void end_turn(struct bans_table *table)
{
	atomic_fetch_add_explicit(&table->turn, 1, memory_order_release);
}

static void count_by(struct bans_table *table, const struct network *network, int n)
{
	atomic_fetch_add(&table->count, (uint32_t)n);
	atomic_fetch_add(&table->lengths[family_of(network)][network->bits], (uint32_t)n);
}

static bool is_sound(const struct ban *ban)
{
	const struct network *network = &ban->network;
	struct network same;

	if (network->base.family != AF_INET && network->base.family != AF_INET6)
		return false;
	same = network_around(&network->base, network->bits);
	return network_equal(&same, network) && memchr(ban->reason, '\0', BAN_REASON);
}

int bans_set(struct bans *bans, const struct ban *ban)
{
	struct bans_table *table = bans->writable;
	struct ban before;
	uint32_t place;
	bool found;

	if (!is_sound(ban))
		return -EINVAL;
	place = find_place(table, &ban->network, &before, &found);
	if (!found && atomic_load(&table->count) >= BANS_MOST)
		return -ENOSPC;
	begin_turn(table);
	copy_in(table, place, hash_of(&ban->network), ban);
	if (!found)
		count_by(table, &ban->network, 1);
	end_turn(table);
	return 0;
}

/* Empties a place, and moves up what was put behind it because it was taken (Knuth, 6.4, R). */
static void empty_place(struct bans_table *table, uint32_t empty)
{
	uint32_t place = empty;

	for (;;) {
		struct ban ban;
		uint32_t hash;

		place = (place + 1) % PLACES;
		hash = hash_at(table, place);
		if (hash == 0)
			break;
		if ((place - hash) % PLACES < (place - empty) % PLACES)
			continue;
		copy_out(table, place, &ban);
		copy_in(table, empty, hash, &ban);
		empty = place;
	}
	atomic_store_explicit(&table->hashes[empty], 0, memory_order_relaxed);
}

bool bans_lift(struct bans *bans, const struct network *network, struct ban *lifted)
{
	struct bans_table *table = bans->writable;
	struct ban ban;
	bool found;
	uint32_t place = find_place(table, network, &ban, &found);

	if (!found)
		return false;
	begin_turn(table);
	empty_place(table, place);
	count_by(table, network, -1);
	end_turn(table);
	if (lifted)
		*lifted = ban;
	return true;
}

int bans_adopt(struct bans *bans, int memory)
{
	struct stat status;
	struct bans other = {0};
	struct ban ban;
	uint32_t place = 0;
	int count = 0;
	void *table;

	if (fstat(memory, &status) < 0 || status.st_size != sizeof(struct bans_table))
		return -EPROTO;
	table = mmap(NULL, sizeof(struct bans_table), PROT_READ, MAP_SHARED, memory, 0);
	if (table == MAP_FAILED)
		return -errno;
	other.table = table;
	while (other.table->magic == MAGIC && bans_next(&other, &place, &ban))
		count += bans_set(bans, &ban) == 0;
	if (other.table->magic != MAGIC)
		count = -EPROTO;
	munmap(table, sizeof(struct bans_table));
	return count;
}
