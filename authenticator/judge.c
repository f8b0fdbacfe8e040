#include "authenticator/judge.h"

#include "authenticator/pam.h"
#include "authenticator/password.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What is known of who asks, while it is being judged. */
struct verdict {
	bool known;
	const char *refused; /* a word for the log; NULL: granted */
	char root[PATH_MAX];
};

static void log_refusal(const struct login_question *question, const char *name, const char *why)
{
	char peer[ADDRESS_TEXT], user[LOG_QUOTED];

	/* Most who show a certificate go on with a password. */
	log_event(question->kind == LOGIN_BY_CERTIFICATE ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		"authenticator: login refused", "peer=%s user=%s reason=\"%s\" session=%u.%u",
		address_format_host(&question->peer, peer), log_quote(user, name, strlen(name)),
		why, question->slot, question->session);
}

static int refuse(struct login_answer *answer, enum login_verdict verdict)
{
	*answer = (struct login_answer){.verdict = verdict};
	return -1;
}

/* ---- the users file ---- */

static uint32_t sessions_most(const struct judge *judge, const struct account_facts *facts)
{
	return facts->sessions_most < 0 ? judge->config->max_sessions_per_user
					: (uint32_t)facts->sessions_most;
}

static void take_root(struct verdict *verdict, const char *root, const char *name)
{
	if (!verdict->refused && user_root(verdict->root, root, name) < 0)
		verdict->refused = "root";
}

/* What was not said of an account, the config says of all. */
static void fill(struct user_amounts *amounts, const struct config *config)
{
	bandwidth_fill(&amounts->bandwidth, &config->bandwidth);
	if (amounts->upload_size == USER_UNSAID)
		amounts->upload_size = config->max_upload_bytes;
	if (amounts->quota_bytes == USER_UNSAID)
		amounts->quota_bytes = config->quota_bytes;
	if (amounts->quota_files == USER_UNSAID)
		amounts->quota_files = config->quota_files;
}

static void take_facts(
	const struct judge *judge, struct login_answer *answer, const struct account_facts *facts)
{
	answer->may = facts->may;
	answer->at = facts->at;
	answer->tls_require = facts->tls_require;
	answer->sessions_most = sessions_most(judge, facts);
	answer->amounts = facts->amounts;
	fill(&answer->amounts, judge->config);
}

/* The hash is made in any case, and last: what else is wrong does not show by the clock. */
static const char *fault_of_proof(
	const struct login_question *question, const struct account_facts *facts)
{
	if (question->kind == LOGIN_BY_CERTIFICATE)
		return facts->admits_certificate ? NULL : "certificate";
	return password_is_right(question->password, facts->hash) ? NULL : "password";
}

static void ask_file(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer, struct verdict *verdict)
{
	uint32_t protocol = judge->config->listeners[question->listener].protocol;
	struct account_facts facts;
	const char *fault;

	verdict->known = accounts_find(judge->accounts, question->user, question, protocol, &facts);
	verdict->refused = verdict->known ? facts.refused : "unknown";
	fault = fault_of_proof(question, &facts);
	if (!verdict->refused)
		verdict->refused = fault;
	take_root(verdict, facts.root, question->user);
	take_facts(judge, answer, &facts);
	memcpy(answer->name, question->user, sizeof(answer->name));
	accounts_forget(&facts);
}

/* ---- PAM ---- */

static void ask_pam(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer, struct verdict *verdict)
{
	int error =
		pam_judge(judge->config, question, answer->name, verdict->root, &verdict->refused);

	if (error < 0 && error != -EACCES)
		log_warning("authenticator: PAM could not be asked",
			"step=%s error=\"%s\" session=%u.%u", verdict->refused, strerror(-error),
			question->slot, question->session);
	if (error == 0)
		verdict->refused = NULL;
	answer->may = judge->config->pam_may;
	answer->sessions_most = judge->config->max_sessions_per_user;
	answer->amounts = user_standard.amounts;
	fill(&answer->amounts, judge->config);
}

static void ask_all(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer, struct verdict *verdict)
{
	const struct config_list *auth = &judge->config->auth;

	for (size_t i = 0; i < auth->count && !verdict->known && verdict->refused; i++) {
		bool pam = strcmp(auth->items[i], "pam") == 0;

		if (pam && question->kind == LOGIN_BY_CERTIFICATE)
			continue;
		if (pam)
			ask_pam(judge, question, answer, verdict);
		else if (judge->accounts)
			ask_file(judge, question, answer, verdict);
	}
}

/* ---- a listener's account ---- */

static void ask_for_listener(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer, struct verdict *verdict)
{
	const struct config_listener *listener = &judge->config->listeners[question->listener];
	struct account_facts facts;

	if (listener->account[0] == '\0' || !judge->accounts)
		return;
	if (accounts_find(judge->accounts, listener->account, question, listener->protocol, &facts))
		verdict->refused = facts.refused;
	take_root(verdict, facts.root, listener->account);
	take_facts(judge, answer, &facts);
	memcpy(answer->name, listener->account, strlen(listener->account) + 1);
	accounts_forget(&facts);
}

/* ---- all of it ---- */

static const char *name_asked_for(const struct judge *judge, const struct login_question *question)
{
	return question->kind == LOGIN_BY_LISTENER
		       ? judge->config->listeners[question->listener].account
		       : question->user;
}

static int grant(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer, const char *path)
{
	int root = roots_find(&judge->roots, path);
	char user[LOG_QUOTED], quoted[LOG_QUOTED];

	if (root >= 0)
		return root;
	log_warning("authenticator: an account's root cannot be used",
		"session=%u.%u user=%s root=%s error=\"%s\"", question->slot, question->session,
		log_quote(user, answer->name, strlen(answer->name)),
		log_quote(quoted, path, strlen(path)),
		root == -EXDEV ? "it is not below root or one of account_roots, or a link leads "
				 "out of there"
			       : strerror(-root));
	log_refusal(question, answer->name, "root");
	return refuse(answer, LOGIN_REFUSED);
}

int judge_question(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer)
{
	struct verdict verdict = {.refused = "unknown"};

	*answer = (struct login_answer){.verdict = LOGIN_GRANTED};
	if (question->listener >= judge->config->listener_count)
		return refuse(answer, LOGIN_TROUBLE);
	if (question->kind == LOGIN_BY_LISTENER)
		ask_for_listener(judge, question, answer, &verdict);
	else
		ask_all(judge, question, answer, &verdict);
	if (!verdict.refused)
		return grant(judge, question, answer, verdict.root);
	log_refusal(question, name_asked_for(judge, question), verdict.refused);
	return refuse(answer, LOGIN_REFUSED);
}
