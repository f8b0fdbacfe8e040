#include "worker/served.h"

#include "worker/account_zones.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_root(struct served *served, const char *path)
{
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	served->roots[served->count++] = root;
	return 0;
}

static int open_roots(struct served *served, const struct config *config)
{
	size_t most = config->account_roots.count + config->zone_count;
	int error = 0;

	served->roots = calloc(most + 1, sizeof(served->roots[0]));
	if (!served->roots)
		return -ENOMEM;
	for (size_t i = 0; i < config->account_roots.count && error == 0; i++)
		error = open_root(served, config->account_roots.items[i]);
	for (size_t i = 0; i < config->zone_count && error == 0; i++) {
		if (config->zones[i].mount)
			error = open_root(served, config->zones[i].from);
	}
	return error;
}

/* The zones of those who have no account stay the same as long as the worker. */
static int open_store(
	struct engine *engine, struct store *store, const char *root, const char *account)
{
	struct zones *zones = NULL;
	int error = store_open(store, root);

	if (error == 0)
		error = account_zones_make(&zones, engine->config, engine->mounts, account, NULL);
	store->zones = zones;
	return error;
}

static int limit(struct engine *engine, struct store *store, struct quota *quota, const char *name,
	const struct user_amounts *amounts)
{
	struct stat status;
	struct ledger_key key;

	if (fstat(store->root, &status) < 0)
		return -errno;
	key = (struct ledger_key){status.st_dev, status.st_ino};
	store->quota = quota;
	return quota_open(quota, engine->ledger, store->root, &key, name, amounts);
}

/* Who has no account has no quota either, but shares the trees of those who have. */
static int limit_stores(struct engine *engine)
{
	struct user_amounts amounts = {.upload_size = engine->config->max_upload_bytes};
	int error = limit(engine, &engine->store, &engine->store_quota, NULL, &amounts);

	amounts.quota_bytes = engine->config->anonymous_quota_bytes;
	amounts.quota_files = engine->config->anonymous_quota_files;
	return error < 0 ? error
			 : limit(engine, &engine->anonymous, &engine->anonymous_quota, "anonymous",
				   &amounts);
}

int served_open(struct served *served, struct engine *engine)
{
	const struct config *config = engine->config;
	const char *root = config->anonymous_root[0] ? config->anonymous_root : config->root;
	int *mounts = NULL;
	int error = account_zones_open(config, &mounts);

	*served = (struct served){0};
	engine->mounts = mounts;
	if (error == 0)
		error = open_store(engine, &engine->store, config->root, "");
	if (error == 0)
		error = open_store(engine, &engine->anonymous, root, "anonymous");
	engine->anonymous.may = config->anonymous_may;
	if (error == 0)
		error = limit_stores(engine);
	return error < 0 ? error : open_roots(served, config);
}

void served_close(struct served *served)
{
	for (size_t i = 0; i < served->count; i++)
		close(served->roots[i]);
	free(served->roots);
	*served = (struct served){0};
}
