#include "supervisor/quotas_errand.h"

#include "common/log.h"
#include "common/users_file.h"
#include "worker/contain.h"
#include "worker/quota_count.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

/* Roots are opened while the way to them is open for sure, and walked as the service's user. */
struct root {
	char name[LEDGER_NAME];
	int descriptor;
};

struct work {
	const struct quotas_errand *errand;
	struct root *roots;
	size_t count;
};

/* ---- whom it is about ---- */

static bool is_doubted(const struct work *work, const struct ledger_key *key)
{
	int tree = ledger_find(work->errand->ledger, key);
	struct ledger_key same;
	struct ledger_use use;

	return tree < 0 || !ledger_look(work->errand->ledger, tree, &same, &use);
}

static void add_root(struct work *work, const struct ledger_account *account, int descriptor)
{
	struct root *grown = reallocarray(work->roots, work->count + 1, sizeof(*grown));

	if (!grown) {
		close(descriptor);
		return;
	}
	work->roots = grown;
	grown[work->count] = (struct root){.descriptor = descriptor};
	memcpy(grown[work->count++].name, account->name, LEDGER_NAME);
}

/* Notes an account that has a quota, and that its root is to be counted. */
static void take(
	struct work *work, const char *name, const char *path, uint64_t bytes, uint64_t files)
{
	struct ledger_account account = {.bytes = bytes, .files = files};
	int descriptor = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat status;

	snprintf(account.name, sizeof(account.name), "%s", name);
	if (descriptor < 0 || fstat(descriptor, &status) < 0) {
		char quoted[LOG_QUOTED];

		log_warning("quota: a root cannot be opened", "root=%s error=\"%s\"",
			log_quote(quoted, path, strlen(path)), strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
		return;
	}
	account.key = (struct ledger_key){status.st_dev, status.st_ino};
	ledger_note_account(work->errand->ledger, &account);
	if (work->errand->all || is_doubted(work, &account.key))
		add_root(work, &account, descriptor);
	else
		close(descriptor);
}

static bool is_wanted(const struct work *work, const char *name)
{
	return !work->errand->name || strcmp(work->errand->name, name) == 0;
}

static void take_user(struct work *work, const struct user *user)
{
	const struct config *config = work->errand->config;
	const char *root = user->root[0] != '\0' ? user->root : config->root;
	uint64_t bytes = user->amounts.quota_bytes, files = user->amounts.quota_files;
	char path[PATH_MAX];

	if (bytes == USER_UNSAID)
		bytes = config->quota_bytes;
	if (files == USER_UNSAID)
		files = config->quota_files;
	if ((bytes > 0 || files > 0) && is_wanted(work, user->name) &&
		user_root(path, root, user->name) == 0)
		take(work, user->name, path, bytes, files);
}

/* What is wrong in the file, others tell. */
static void take_users(struct work *work)
{
	const struct config *config = work->errand->config;
	char *told = NULL;
	size_t length;
	struct complaints complaints = {.to = open_memstream(&told, &length)};
	struct users_file file;
	struct stat status;

	if (!complaints.to)
		return;
	if (users_file_read(&file, config->users, &status, &complaints) == 0) {
		for (size_t i = 0; i < file.count; i++)
			take_user(work, &file.users[i]);
	}
	users_file_free(&file);
	fclose(complaints.to);
	free(told);
}

static void take_anonymous(struct work *work)
{
	const struct config *config = work->errand->config;
	const char *root = config->anonymous_root[0] ? config->anonymous_root : config->root;

	if (config->anonymous && is_wanted(work, "anonymous") &&
		(config->anonymous_quota_bytes > 0 || config->anonymous_quota_files > 0))
		take(work, "anonymous", root, config->anonymous_quota_bytes,
			config->anonymous_quota_files);
}

/* ---- counting ---- */

static int count(const struct work *work, const struct root *root)
{
	char user[LOG_QUOTED];
	struct ledger_use use;
	int error = quota_count_again(work->errand->ledger, root->descriptor, &use);

	log_quote(user, root->name, strlen(root->name));
	if (error < 0)
		log_warning("quota: a root cannot be counted", "user=%s error=\"%s\"", user,
			strerror(-error));
	else
		log_info("quota: counted", "user=%s bytes=%" PRId64 " files=%" PRId64, user,
			use.bytes, use.files);
	return error;
}

static void settle(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	prctl(PR_SET_NAME, "ftpool quota", 0, 0, 0);
	setproctitle("quota");
}

int quotas_errand_run(const void *what)
{
	struct work work = {.errand = what};
	const char *step;
	int error = 0;

	settle();
	if (config_asks(work.errand->config, "file") && work.errand->config->users[0] != '\0')
		take_users(&work);
	take_anonymous(&work);
	if (contain_identity(work.errand->config, &step) < 0)
		return 1;
	/* Only now: a change of user takes it back (prctl(2)). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < work.count; i++) {
		if (count(&work, &work.roots[i]) < 0)
			error = 1;
	}
	return error;
}
