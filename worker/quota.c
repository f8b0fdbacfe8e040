#include "worker/quota.h"

#include "common/log.h"
#include "worker/quota_count.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum reason { NOTHING, BYTES, FILES, LARGEST };

/* Static storage of each thread: told to the client by the one that was refused. */
static _Thread_local struct {
	enum reason reason;
	struct ledger *ledger;
	int tree;
	uint64_t limit;
	bool own;
} last;

static void note(struct quota *quota, const char *name)
{
	struct ledger_account account = {
		.key = quota->key, .bytes = quota->bytes, .files = quota->files};

	snprintf(account.name, sizeof(account.name), "%s", name);
	ledger_note_account(quota->ledger, &account);
}

int quota_open(struct quota *quota, struct ledger *ledger, int root, const struct ledger_key *key,
	const char *name, const struct user_amounts *amounts)
{
	*quota = (struct quota){.ledger = ledger,
		.key = *key,
		.root = root,
		.tree = -1,
		.bytes = amounts->quota_bytes,
		.files = amounts->quota_files,
		.largest = amounts->upload_size};
	if (!ledger || (quota->bytes == 0 && quota->files == 0)) {
		if (ledger && name && ledger_trees(ledger) > 0)
			note(quota, name);
		return 0;
	}
	quota->tree = ledger_add(ledger, key);
	if (quota->tree < 0)
		return quota->tree;
	note(quota, name);
	return 0;
}

/* ---- changes ---- */

/* Somebody else's login may have brought the tree into the ledger meanwhile. */
static int tree_of(struct quota *quota)
{
	int tree = atomic_load_explicit(&quota->tree, memory_order_relaxed);

	if (tree >= 0 || ledger_trees(quota->ledger) == 0)
		return tree;
	tree = ledger_find(quota->ledger, &quota->key);
	atomic_store_explicit(&quota->tree, tree, memory_order_relaxed);
	return tree;
}

bool quota_is_counted(struct quota *quota)
{
	return quota && quota->ledger && tree_of(quota) >= 0;
}

static int count(struct quota *quota, int tree)
{
	struct ledger_use use;
	int error = quota_count(quota->root, &use);

	if (error < 0) {
		log_warning("quota: a root cannot be counted", "error=\"%s\"", strerror(-error));
		return quota_disk_error(error);
	}
	ledger_set(quota->ledger, tree, use);
	log_info("quota: counted", "bytes=%" PRId64 " files=%" PRId64, use.bytes, use.files);
	return 0;
}

int quota_begin(struct quota_change *change, struct quota *quota)
{
	int tree = quota_is_counted(quota) ? quota->tree : -1;
	int known;

	*change = (struct quota_change){quota, -1};
	if (tree < 0)
		return 0;
	known = ledger_take(quota->ledger, tree);
	if (known < 0)
		return known;
	if (known == 0) {
		int error = count(quota, tree);

		if (error < 0) {
			ledger_give(quota->ledger, tree);
			return error;
		}
	}
	change->tree = tree;
	return 0;
}

void quota_end(struct quota_change *change)
{
	if (change->tree >= 0)
		ledger_give(change->quota->ledger, change->tree);
	change->tree = -1;
}

static struct ledger_use use_of(const struct quota *quota, int tree)
{
	struct ledger_key key;
	struct ledger_use use;

	(void)ledger_look(quota->ledger, tree, &key, &use);
	return use;
}

static int refuse(const struct quota *quota, int tree, enum reason reason, uint64_t limit)
{
	last.reason = reason;
	last.ledger = quota->ledger;
	last.tree = tree;
	last.limit = limit;
	return -EDQUOT;
}

/* May there be so much more of what there is so much of? What does not grow is not held up. */
static bool is_over(uint64_t limit, int64_t used, int64_t more, int64_t spare)
{
	uint64_t most;

	return limit > 0 && more > 0 && !__builtin_add_overflow(limit, (uint64_t)spare, &most) &&
	       (uint64_t)used + (uint64_t)more > most;
}

int quota_grow(
	struct quota_change *change, const struct quota_spare *spare, int64_t bytes, int64_t files)
{
	static const struct quota_spare none;
	const struct quota *quota = change->quota;
	struct ledger_use use;

	if (change->tree < 0)
		return 0;
	if (!spare)
		spare = &none;
	use = use_of(quota, change->tree);
	if (is_over(quota->bytes, use.bytes, bytes, spare->bytes))
		return refuse(quota, change->tree, BYTES, quota->bytes);
	if (is_over(quota->files, use.files, files, spare->files))
		return refuse(quota, change->tree, FILES, quota->files);
	ledger_change(quota->ledger, change->tree, bytes, files);
	return 0;
}

void quota_shrink(struct quota_change *change, int64_t bytes, int64_t files)
{
	if (change->tree >= 0)
		ledger_change(change->quota->ledger, change->tree, -bytes, -files);
}

int quota_fits_without(const struct quota_change *change, const struct ledger_use *less)
{
	const struct quota *quota = change->quota;
	struct ledger_use use;

	if (change->tree < 0)
		return 0;
	use = use_of(quota, change->tree);
	if (quota->bytes > 0 && use.bytes - less->bytes > (int64_t)quota->bytes)
		return refuse(quota, change->tree, BYTES, quota->bytes);
	if (quota->files > 0 && use.files - less->files > (int64_t)quota->files)
		return refuse(quota, change->tree, FILES, quota->files);
	return 0;
}

int64_t quota_left(struct quota *quota, const struct quota_spare *spare)
{
	struct quota_change change;
	int64_t left;
	int error;

	if (!quota || !quota->ledger || quota->bytes == 0)
		return INT64_MAX;
	error = quota_begin(&change, quota);
	if (error < 0)
		return error;
	left = (int64_t)quota->bytes - use_of(quota, change.tree).bytes;
	quota_end(&change);
	if (spare && __builtin_add_overflow(left, spare->bytes, &left))
		return INT64_MAX;
	return left > 0 ? left : 0;
}

int quota_refuse_bytes(struct quota *quota)
{
	return refuse(quota, tree_of(quota), BYTES, quota->bytes);
}

/* ---- one file ---- */

int quota_check_largest(const struct quota *quota, uint64_t size)
{
	if (!quota || quota->largest == 0 || size <= quota->largest)
		return 0;
	last.reason = LARGEST;
	last.limit = quota->largest;
	last.own = quota->largest_own;
	return -EFBIG;
}

/* ---- words ---- */

int quota_disk_error(int error)
{
	last.reason = NOTHING;
	return error;
}

/* As it is now, when what was refused has been taken back. */
static void write_left(char text[QUOTA_TEXT])
{
	struct ledger_key key;
	struct ledger_use use;
	uint64_t used;

	(void)ledger_look(last.ledger, last.tree, &key, &use);
	used = last.reason == BYTES ? (uint64_t)use.bytes : (uint64_t)use.files;
	snprintf(text, QUOTA_TEXT, "over the quota of %s: of %" PRIu64 ", %" PRIu64 " are left",
		last.reason == BYTES ? "bytes" : "files", last.limit,
		used < last.limit ? last.limit - used : 0);
}

const char *quota_refusal_text(int error, char text[QUOTA_TEXT])
{
	if (error == -EDQUOT && (last.reason == BYTES || last.reason == FILES)) {
		write_left(text);
		return text;
	}
	if (error != -EFBIG || last.reason != LARGEST)
		return NULL;
	snprintf(text, QUOTA_TEXT, "larger than %s allows, which is %" PRIu64 " bytes",
		last.own ? "this account's upload_size" : "limits.upload_size", last.limit);
	return text;
}
