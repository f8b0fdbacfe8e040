#include "common/sealed_memory.h"
#include "common/ticket_keys.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The master writes into the row after the newest one and then says that it is the newest. Who
 * reads the oldest row in just that moment gets a key that opens nothing, and its client does a
 * full handshake. */
struct memory {
	uint64_t magic;
	_Atomic uint32_t newest; /* counts up; the row is the rest of its division */
	int64_t made_ms;
	struct ticket_key rows[TICKET_KEYS];
};

struct ticket_keys {
	struct memory *memory;
	int descriptor;
};

static const uint64_t magic = UINT64_C(0x66747469636b6574) + sizeof(struct memory);

static const struct ticket_key no_key;

static bool make_key(struct ticket_key *key)
{
	return getrandom(key, sizeof(*key), 0) == (ssize_t)sizeof(*key);
}

/* Takes the descriptor over. */
static struct ticket_keys *map(int descriptor)
{
	struct ticket_keys *keys = malloc(sizeof(*keys));
	struct memory *memory =
		mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

	if (keys && memory != MAP_FAILED) {
		(void)madvise(memory, sizeof(*memory), MADV_DONTDUMP);
		*keys = (struct ticket_keys){memory, descriptor};
		return keys;
	}
	if (memory != MAP_FAILED)
		munmap(memory, sizeof(*memory));
	free(keys);
	close(descriptor);
	return NULL;
}

static void unmap(struct ticket_keys *keys)
{
	munmap(keys->memory, sizeof(*keys->memory));
	close(keys->descriptor);
	free(keys);
}

struct ticket_keys *ticket_keys_new(int64_t now_ms)
{
	int descriptor = sealed_memory_new("ftpool-tickets", sizeof(struct memory));
	struct ticket_keys *keys;

	if (descriptor < 0)
		return NULL;
	keys = map(descriptor);
	if (!keys)
		return NULL;
	keys->memory->magic = magic;
	keys->memory->made_ms = now_ms;
	if (make_key(&keys->memory->rows[0]))
		return keys;
	ticket_keys_free(keys);
	return NULL;
}

struct ticket_keys *ticket_keys_adopt(int descriptor)
{
	struct stat status;
	struct ticket_keys *keys;

	if (fstat(descriptor, &status) < 0 || status.st_size != (off_t)sizeof(struct memory)) {
		close(descriptor);
		return NULL;
	}
	keys = map(descriptor);
	if (!keys || keys->memory->magic == magic)
		return keys;
	unmap(keys);
	return NULL;
}

int ticket_keys_descriptor(const struct ticket_keys *keys)
{
	return keys->descriptor;
}

/* Wiped for all that have the memory. */
void ticket_keys_free(struct ticket_keys *keys)
{
	if (!keys)
		return;
	explicit_bzero(keys->memory, sizeof(*keys->memory));
	unmap(keys);
}

void ticket_keys_tend(struct ticket_keys *keys, int64_t now_ms)
{
	uint32_t next = atomic_load(&keys->memory->newest) + 1;

	if (now_ms - keys->memory->made_ms < (int64_t)TICKET_KEY_HOURS * 3600 * 1000)
		return;
	if (!make_key(&keys->memory->rows[next % TICKET_KEYS]))
		return;
	keys->memory->made_ms = now_ms;
	atomic_store(&keys->memory->newest, next);
}

void ticket_keys_newest(const struct ticket_keys *keys, struct ticket_key *key)
{
	*key = keys->memory->rows[atomic_load(&keys->memory->newest) % TICKET_KEYS];
}

bool ticket_keys_find(const struct ticket_keys *keys, const unsigned char name[TICKET_KEY_NAME],
	struct ticket_key *key, bool *newest)
{
	uint32_t now = atomic_load(&keys->memory->newest) % TICKET_KEYS;

	/* A row that was never written is no key, though its name is as good as any. */
	if (memcmp(name, no_key.name, TICKET_KEY_NAME) == 0)
		return false;
	for (uint32_t i = 0; i < TICKET_KEYS; i++) {
		if (memcmp(keys->memory->rows[i].name, name, TICKET_KEY_NAME) != 0)
			continue;
		*key = keys->memory->rows[i];
		*newest = i == now;
		return true;
	}
	return false;
}
