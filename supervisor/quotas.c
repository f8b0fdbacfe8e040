#include "supervisor/quotas.h"

#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/quotas_errand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "quotas"

/* A line of the file: device, inode, bytes, files. */
#define LINE "%" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNd64

enum { LINE_LONGEST = 4 * 21 + 1 };

/* ---- the file ---- */

static void take_line(struct quotas *quotas, const char *line)
{
	struct ledger_key key;
	struct ledger_use use;
	int tree;

	if (sscanf(line, LINE, &key.device, &key.inode, &use.bytes, &use.files) != 4 ||
		use.bytes < 0 || use.files < 0)
		return;
	tree = ledger_add(quotas->ledger, &key);
	if (tree >= 0)
		ledger_set(quotas->ledger, tree, use);
}

/* It is removed before anybody can make it untrue; who cannot do that cannot believe it. */
static void load(struct quotas *quotas)
{
	size_t most = (size_t)LEDGER_TREES * LINE_LONGEST;
	char *text = NULL, *rest = NULL;
	ssize_t length = state_read(quotas->state, FILE_NAME, most, &text);
	int error = state_remove(quotas->state, FILE_NAME);

	quotas->may_write = error == 0;
	if (error < 0 && error != -ENOENT)
		log_warning(
			"quota: what was counted cannot be kept", "error=\"%s\"", strerror(-error));
	if (length >= 0 && error == 0) {
		for (char *line = strtok_r(text, "\n", &rest); line;
			line = strtok_r(NULL, "\n", &rest))
			take_line(quotas, line);
	}
	if (length >= 0)
		free(text);
}

static void write_trees(const struct quotas *quotas, FILE *out)
{
	struct ledger_key key;
	struct ledger_use use;

	for (uint32_t tree = 0; tree < ledger_trees(quotas->ledger); tree++) {
		if (ledger_look(quotas->ledger, (int)tree, &key, &use))
			fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n",
				key.device, key.inode, use.bytes, use.files);
	}
}

void quotas_save(struct quotas *quotas)
{
	char *text = NULL;
	size_t length;
	FILE *out;
	int error = 0;

	if (!quotas->may_write || ledger_trees(quotas->ledger) == 0)
		return;
	out = open_memstream(&text, &length);
	if (!out)
		return;
	write_trees(quotas, out);
	if (fclose(out) == 0)
		error = state_replace(quotas->state, FILE_NAME, text, length);
	free(text);
	if (error < 0)
		log_warning(
			"quota: what was counted cannot be kept", "error=\"%s\"", strerror(-error));
}

/* ---- life ---- */

/* Does anybody have one, as far as can be told without the users file? */
static bool may_be_any(const struct config *config)
{
	return config->users[0] != '\0' || config->anonymous_quota_bytes > 0 ||
	       config->anonymous_quota_files > 0;
}

int quotas_open(struct quotas *quotas, const struct config *config, const struct state *state)
{
	struct ledger *ledger = quotas->ledger ? quotas->ledger : ledger_new();

	*quotas = (struct quotas){.config = config, .state = state, .ledger = ledger};
	if (!ledger)
		return -ENOMEM;
	load(quotas);
	quotas->doubtful = may_be_any(config);
	return 0;
}

void quotas_close(struct quotas *quotas)
{
	ledger_free(quotas->ledger);
	quotas->ledger = NULL;
}

void quotas_bury(struct quotas *quotas, pid_t pid)
{
	if (ledger_bury(quotas->ledger, pid) > 0)
		quotas->doubtful = true;
}

static int send_to_count(struct quotas *quotas, const char *name, bool all)
{
	const struct quotas_errand errand = {quotas->config, quotas->ledger, name, all};
	pid_t pid = birth_fork_errand(
		quotas_errand_run, &errand, ledger_descriptor(quotas->ledger), -1);

	if (pid < 0) {
		log_warning("quota: nobody can be sent to count", "error=\"%s\"", strerror(-pid));
		return pid;
	}
	quotas->errand = pid;
	return 0;
}

void quotas_tend(struct quotas *quotas, const struct config *config)
{
	if (config != quotas->config) {
		quotas->config = config;
		quotas->doubtful = may_be_any(config);
	}
	if (!quotas->doubtful || quotas->errand > 0)
		return;
	quotas->doubtful = false;
	(void)send_to_count(quotas, NULL, false);
}

/* One that was killed may have had a tree, too. */
bool quotas_is_errand(struct quotas *quotas, pid_t pid)
{
	if (quotas->errand == 0 || pid != quotas->errand)
		return false;
	quotas->errand = 0;
	(void)ledger_bury(quotas->ledger, pid);
	return true;
}

/* ---- answers ---- */

static json_t *one(struct quotas *quotas, const struct ledger_account *account)
{
	int tree = ledger_find(quotas->ledger, &account->key);
	char name[LOG_QUOTED];
	struct ledger_use use = {0};
	struct ledger_key key;
	bool counted = tree >= 0 && ledger_look(quotas->ledger, tree, &key, &use);

	log_quote(name, account->name, strlen(account->name));
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:b}", "user",
		json_stringn(name + 1, strlen(name) - 2), "bytes", (json_int_t)use.bytes,
		"bytes_limit", (json_int_t)(account->bytes & INT64_MAX), "files",
		(json_int_t)use.files, "files_limit", (json_int_t)(account->files & INT64_MAX),
		"counted", counted);
}

json_t *quotas_report(struct quotas *quotas, const char *name)
{
	struct ledger_account account;
	json_t *rows = json_array();
	uint32_t position = 0;

	while (ledger_next_account(quotas->ledger, &position, &account)) {
		if ((account.bytes > 0 || account.files > 0) &&
			(!name || strncmp(name, account.name, LEDGER_NAME - 1) == 0))
			json_array_append_new(rows, one(quotas, &account));
	}
	if (name && json_array_size(rows) == 0) {
		json_decref(rows);
		return json_pack(
			"{s:s}", "error", "no account of that name is known to have a quota");
	}
	return json_pack(
		"{s:o, s:b}", "quotas", rows, "counting", quotas->errand > 0 || quotas->doubtful);
}

/* Of what the child does not know, such as PAM's accounts, it is enough that nobody believes it. */
static void doubt(struct quotas *quotas, const char *name)
{
	struct ledger_account account;
	uint32_t position = 0;

	while (ledger_next_account(quotas->ledger, &position, &account)) {
		int tree = ledger_find(quotas->ledger, &account.key);

		if (tree >= 0 && (!name || strncmp(name, account.name, LEDGER_NAME - 1) == 0))
			ledger_doubt(quotas->ledger, tree);
	}
}

json_t *quotas_recount(struct quotas *quotas, const struct config *config, const char *name)
{
	const char *wanted = strcmp(name, "all") == 0 ? NULL : name;

	if (quotas->errand > 0)
		return json_pack("{s:s}", "error", "a count is under way; try again in a moment");
	quotas->config = config;
	doubt(quotas, wanted);
	if (send_to_count(quotas, wanted, true) < 0)
		return json_pack("{s:s}", "error", "nobody can be sent to count; see the log");
	return json_pack("{s:s}", "done", "counting");
}
