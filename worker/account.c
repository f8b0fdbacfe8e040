#include "worker/account.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { BUCKETS = 256 };

/* What tells roots apart: the same directory may be mounted twice, once for reading alone. */
struct identity {
	uint64_t mount, device, inode;
};

struct account_root {
	struct account_root *next;
	struct identity identity;
	int descriptor;
	uint32_t users;
};

struct account_roots {
	pthread_mutex_t lock;
	struct account_root *buckets[BUCKETS];
	uint32_t count;
};

struct account_roots *account_roots_new(void)
{
	struct account_roots *roots = calloc(1, sizeof(*roots));

	if (roots)
		pthread_mutex_init(&roots->lock, NULL);
	return roots;
}

static int identify(int root, struct identity *identity)
{
	struct statx facts;

	if (statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &facts) < 0)
		return -errno;
	*identity = (struct identity){facts.stx_mask & STATX_MNT_ID ? facts.stx_mnt_id : 0,
		makedev(facts.stx_dev_major, facts.stx_dev_minor), facts.stx_ino};
	return 0;
}

static struct account_root **bucket_of(struct account_roots *roots, const struct identity *identity)
{
	return &roots->buckets[(identity->inode ^ identity->device ^ identity->mount) % BUCKETS];
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a->mount == b->mount && a->device == b->device && a->inode == b->inode;
}

static struct account_root *add_root(
	struct account_roots *roots, int descriptor, const struct identity *identity)
{
	struct account_root **bucket = bucket_of(roots, identity);
	struct account_root *root = malloc(sizeof(*root));

	if (!root)
		return NULL;
	*root = (struct account_root){*bucket, *identity, descriptor, 0};
	*bucket = root;
	roots->count++;
	return root;
}

/* The root of that descriptor, which it takes over: one that is open already, or a new one. */
static struct account_root *share_root(struct account_roots *roots, int descriptor)
{
	struct identity identity = {0};
	struct account_root *root = NULL;
	int error = identify(descriptor, &identity);

	pthread_mutex_lock(&roots->lock);
	if (error == 0) {
		root = *bucket_of(roots, &identity);
		while (root && !is_same(&root->identity, &identity))
			root = root->next;
		if (!root)
			root = add_root(roots, descriptor, &identity);
	}
	if (root)
		root->users++;
	pthread_mutex_unlock(&roots->lock);
	if (!root || root->descriptor != descriptor)
		close(descriptor);
	return root;
}

static void let_go_root(struct account_roots *roots, struct account_root *root)
{
	struct account_root **at;

	pthread_mutex_lock(&roots->lock);
	if (--root->users > 0)
		root = NULL;
	if (root) {
		at = bucket_of(roots, &root->identity);
		while (*at != root)
			at = &(*at)->next;
		*at = root->next;
		roots->count--;
	}
	pthread_mutex_unlock(&roots->lock);
	if (root)
		close(root->descriptor);
	free(root);
}

static struct account *make(
	const char *name, struct account_root *root, uint32_t may, struct zones *zones)
{
	size_t size = strlen(name) + 1;
	struct account *account = malloc(sizeof(*account) + size);

	if (!account)
		return NULL;
	account->store = (struct store){.root = root->descriptor, .may = may, .zones = zones};
	account->zones = zones;
	account->shared = root;
	memcpy(account->name, name, size);
	return account;
}

struct account *account_take(
	struct account_roots *roots, const char *name, int root, uint32_t may, struct zones *zones)
{
	struct account_root *shared = share_root(roots, root);
	struct account *account = shared ? make(name, shared, may, zones) : NULL;

	if (shared && !account)
		let_go_root(roots, shared);
	if (!account)
		zones_free(zones);
	return account;
}

int account_limit(
	struct account *account, struct ledger *ledger, const struct user_amounts *amounts)
{
	const struct identity *identity = &account->shared->identity;
	const struct ledger_key key = {identity->device, identity->inode};

	account->bandwidth = amounts->bandwidth;
	account->store.quota = &account->quota;
	return quota_open(
		&account->quota, ledger, account->store.root, &key, account->name, amounts);
}

void account_release(struct account_roots *roots, struct account *account)
{
	if (!account)
		return;
	let_go_root(roots, account->shared);
	zones_free(account->zones);
	free(account);
}

uint32_t account_roots_count(struct account_roots *roots)
{
	uint32_t count;

	pthread_mutex_lock(&roots->lock);
	count = roots->count;
	pthread_mutex_unlock(&roots->lock);
	return count;
}
