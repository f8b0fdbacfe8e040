#include "common/ticket_keys.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

/* The master writes into the row after the newest one and then says that it is the newest. Who
 * reads the oldest row in just that moment gets a key that opens nothing, and its client does a
 * full handshake. */
struct ticket_keys {
	_Atomic uint32_t newest; /* counts up; the row is the rest of its division */
	int64_t made_ms;
	struct ticket_key rows[TICKET_KEYS];
};

static const struct ticket_key no_key;

static bool make_key(struct ticket_key *key)
{
	return getrandom(key, sizeof(*key), 0) == (ssize_t)sizeof(*key);
}

struct ticket_keys *ticket_keys_new(int64_t now_ms)
{
	struct ticket_keys *keys = mmap(
		NULL, sizeof(*keys), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (keys == MAP_FAILED)
		return NULL;
	(void)madvise(keys, sizeof(*keys), MADV_DONTDUMP);
	keys->made_ms = now_ms;
	if (make_key(&keys->rows[0]))
		return keys;
	ticket_keys_free(keys);
	return NULL;
}

void ticket_keys_free(struct ticket_keys *keys)
{
	if (!keys)
		return;
	explicit_bzero(keys, sizeof(*keys));
	munmap(keys, sizeof(*keys));
}

void ticket_keys_tend(struct ticket_keys *keys, int64_t now_ms)
{
	uint32_t next = atomic_load(&keys->newest) + 1;

	if (now_ms - keys->made_ms < (int64_t)TICKET_KEY_HOURS * 3600 * 1000)
		return;
	if (!make_key(&keys->rows[next % TICKET_KEYS]))
		return;
	keys->made_ms = now_ms;
	atomic_store(&keys->newest, next);
}

void ticket_keys_newest(const struct ticket_keys *keys, struct ticket_key *key)
{
	*key = keys->rows[atomic_load(&keys->newest) % TICKET_KEYS];
}

bool ticket_keys_find(const struct ticket_keys *keys, const unsigned char name[TICKET_KEY_NAME],
	struct ticket_key *key, bool *newest)
{
	uint32_t now = atomic_load(&keys->newest) % TICKET_KEYS;

	/* A row that was never written is no key, though its name is as good as any. */
	if (memcmp(name, no_key.name, TICKET_KEY_NAME) == 0)
		return false;
	for (uint32_t i = 0; i < TICKET_KEYS; i++) {
		if (memcmp(keys->rows[i].name, name, TICKET_KEY_NAME) != 0)
			continue;
		*key = keys->rows[i];
		*newest = i == now;
		return true;
	}
	return false;
}
