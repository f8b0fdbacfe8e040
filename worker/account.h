/* Accounts as sessions have them: who is logged in, which root is served, what may be done there.
 * Roots are shared: however many sessions are logged in with the same root, it is open once. From
 * any thread. */
#ifndef FTPOOL_WORKER_ACCOUNT_H
#define FTPOOL_WORKER_ACCOUNT_H

#include "worker/quota.h"
#include "worker/store.h"

struct account_roots;

struct account {
	struct store store;
	struct zones *zones; /* the store's */
	struct account_root *shared;
	uint32_t sessions_most; /* 0: no cap */
	uint32_t tls_require;   /* enum config_tls_require */
	struct bandwidth bandwidth;
	struct quota quota;
	char name[]; /* a client may have chosen it: any bytes */
};

/* NULL: out of memory. */
struct account_roots *account_roots_new(void);

/* An account with that root and those zones (taken over), for one session, until account_release.
 * NULL, with the root closed, when memory is short. */
struct account *account_take(
	struct account_roots *roots, const char *name, int root, uint32_t may, struct zones *zones);

/* Sets what its line and the config say of amounts; the ledger is where quotas are kept. 0, or
 * -ENOSPC when that is full. */
int account_limit(
	struct account *account, struct ledger *ledger, const struct user_amounts *amounts);

/* NULL is none. */
void account_release(struct account_roots *roots, struct account *account);

/* How many roots are open. */
uint32_t account_roots_count(struct account_roots *roots);

#endif
