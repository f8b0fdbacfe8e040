/* The keys that TLS session tickets are sealed with (RFC 5077 4), so that a client's ticket is good
 * with every worker, and still good when the worker that gave it is gone. The master makes them in
 * memory that its workers share and makes a new one every few hours; nobody writes them anywhere
 * else. A ticket can be opened for a day, and after that nobody can any more. */
#ifndef FTPOOL_COMMON_TICKET_KEYS_H
#define FTPOOL_COMMON_TICKET_KEYS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TICKET_KEY_NAME = 16,
	TICKET_KEY_BYTES = 32,
	TICKET_KEYS = 8,
	TICKET_KEY_HOURS = 4, /* for which a key seals; so many times longer it opens */
	TICKET_SECONDS = (TICKET_KEYS - 2) * TICKET_KEY_HOURS * 3600,
};

struct ticket_key {
	unsigned char name[TICKET_KEY_NAME];
	unsigned char cipher[TICKET_KEY_BYTES]; /* AES-256 */
	unsigned char mac[TICKET_KEY_BYTES];    /* HMAC-SHA-256 */
};

struct ticket_keys;

/* Shared memory with a first key; NULL when there is no memory or no random. */
struct ticket_keys *ticket_keys_new(int64_t now_ms);
void ticket_keys_free(struct ticket_keys *keys);

/* The memory, for the program that takes the master's place; and that memory again, which it takes
 * over. NULL when it is none of that kind. */
int ticket_keys_descriptor(const struct ticket_keys *keys);
struct ticket_keys *ticket_keys_adopt(int descriptor);

/* Makes a new key when it is time. For the master's loop; nobody else writes. */
void ticket_keys_tend(struct ticket_keys *keys, int64_t now_ms);

/* The key to seal with. */
void ticket_keys_newest(const struct ticket_keys *keys, struct ticket_key *key);

/* The key of that name, if it is still there. *newest tells whether it still seals. */
bool ticket_keys_find(const struct ticket_keys *keys, const unsigned char name[TICKET_KEY_NAME],
	struct ticket_key *key, bool *newest);

#endif
