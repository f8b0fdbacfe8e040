#include "authenticator/accounts.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/users_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct accounts {
	const char *name;
	pthread_mutex_t lock; /* for all that follows */
	struct users_file file;
	struct stat read_as; /* what the file was when it was read; all 0: it could not be */
	int error;           /* why not, the last time */
};

struct accounts *accounts_new(const char *file)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	if (!accounts)
		return NULL;
	accounts->name = file;
	pthread_mutex_init(&accounts->lock, NULL);
	return accounts;
}

void accounts_free(struct accounts *accounts)
{
	users_file_free(&accounts->file);
	pthread_mutex_destroy(&accounts->lock);
	free(accounts);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static void log_complaints(char *text)
{
	char *rest = NULL;
	char quoted[LOG_QUOTED];

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_error("authenticator: a fault in the users file", "what=%s",
			log_quote(quoted, line, strlen(line)));
}

/* What cannot be read holds no accounts: nobody gets in by a file that is not there. */
static void read_again(struct accounts *accounts)
{
	char *text = NULL;
	size_t length;
	struct complaints complaints = {.to = open_memstream(&text, &length)};
	int error = -ENOMEM;

	users_file_free(&accounts->file);
	memset(&accounts->read_as, 0, sizeof(accounts->read_as));
	if (complaints.to) {
		error = users_file_read(
			&accounts->file, accounts->name, &accounts->read_as, &complaints);
		fclose(complaints.to);
		log_complaints(text);
		free(text);
	}
	if (error < 0 && error != accounts->error)
		log_warning("authenticator: no users file", "file=\"%s\" error=\"%s\"",
			accounts->name, strerror(-error));
	if (error == 0)
		log_info("authenticator: read the users file", "file=\"%s\" accounts=%zu",
			accounts->name, accounts->file.count);
	accounts->error = error;
}

static void look_for_changes(struct accounts *accounts)
{
	struct stat now = {0};

	if (stat(accounts->name, &now) < 0 || !is_same(&now, &accounts->read_as))
		read_again(accounts);
}

static bool is_inside(const struct user *user, const struct address *peer)
{
	for (size_t i = 0; i < user->from_count; i++) {
		if (network_contains(&user->from[i], peer))
			return true;
	}
	return user->from_count == 0;
}

static const char *find_refusal(
	const struct user *user, const struct address *peer, uint32_t protocol)
{
	if (user->locked)
		return "locked";
	if (user->expires_unix != 0 && clock_unix_seconds() >= user->expires_unix)
		return "expired";
	if (!is_inside(user, peer))
		return "network";
	return user->protocols >> protocol & 1 ? NULL : "protocol";
}

static bool copy(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

bool accounts_find(struct accounts *accounts, const char *name,
	const struct login_question *question, uint32_t protocol, struct account_facts *facts)
{
	const struct user *user;
	bool known;

	*facts = (struct account_facts){0};
	pthread_mutex_lock(&accounts->lock);
	look_for_changes(accounts);
	user = users_file_find(&accounts->file, name);
	known = user || users_file_has_spoilt(&accounts->file, name);
	if (known && !user)
		facts->refused = "a fault in the users file";
	if (user) {
		facts->may = user->may;
		if (user->at)
			facts->at = *user->at;
		facts->sessions_most = user->sessions_most;
		facts->amounts = user->amounts;
		facts->tls_require = user->tls.require;
		facts->admits_certificate =
			certificate_names_match(user->tls.certificate, question->certificate);
		facts->refused = find_refusal(user, &question->peer, protocol);
		if (!copy(facts->hash, sizeof(facts->hash), user->hash) ||
			!copy(facts->root, sizeof(facts->root), user->root))
			facts->refused = "too long a line";
	}
	pthread_mutex_unlock(&accounts->lock);
	return known;
}

void accounts_forget(struct account_facts *facts)
{
	explicit_bzero(facts, sizeof(*facts));
}
