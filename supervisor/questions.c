#include "supervisor/questions.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/ban_orders.h"
#include "supervisor/master.h"
#include "supervisor/metrics.h"
#include "supervisor/orders.h"
#include "supervisor/report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *do_stop(struct master *master)
{
	json_t *answer = json_pack(
		"{s:s, s:i}", "done", "stopping", "processes", (int)pool_processes(&master->pool));

	master_stop(master);
	return answer;
}

static json_t *answer_begun(const struct master *master, int error)
{
	if (error == 0)
		return json_pack("{s:i}", "reload", (int)master->reload.number);
	if (error != -EBUSY)
		return json_pack("{s:s}", "error", strerror(-error));
	return json_pack("{s:s}", "error",
		master->stopping     ? "the server is stopping"
		: !master->announced ? "the server is not ready yet"
				     : "a reload or an upgrade is under way");
}

static json_t *begin_reload(struct master *master, bool dry)
{
	int error = reload_begin(master, dry);

	return answer_begun(master, error);
}

/* After the leap nobody may answer for so long. */
static json_t *begin_upgrade(struct master *master, const char *path)
{
	int error = upgrade_begin(master, path);
	json_t *answer = answer_begun(master, error);

	if (error == 0)
		json_object_set_new(answer, "silence_seconds",
			json_integer(master->config->upgrade_timeout_seconds));
	return answer;
}

static json_t *do_upgrade(struct master *master)
{
	return begin_upgrade(master, NULL);
}

static json_t *do_upgrade_to(struct master *master, const char *argument)
{
	return argument[0] == '/' ? begin_upgrade(master, argument) : answer_begun(master, -EINVAL);
}

static json_t *do_reload(struct master *master)
{
	return begin_reload(master, false);
}

static json_t *do_reload_how(struct master *master, const char *argument)
{
	if (strcmp(argument, "dry-run") != 0)
		return json_pack("{s:s}", "error", "reload takes dry-run, or nothing");
	return begin_reload(master, true);
}

static json_t *tell_outcome(struct master *master)
{
	return master->reload.outcome ? json_incref(master->reload.outcome)
				      : json_pack("{s:i}", "number", 0);
}

static json_t *tell_crashes(struct master *master)
{
	return crashes_report(&master->pool.crashes);
}

static json_t *do_stop_how(struct master *master, const char *argument)
{
	int processes = (int)pool_processes(&master->pool);

	if (strcmp(argument, "now") != 0)
		return json_pack("{s:s}", "error", "stop takes now, or nothing");
	master_stop_now(master);
	return json_pack("{s:s, s:i}", "done", "stopping", "processes", processes);
}

static json_t *report_quotas(struct master *master)
{
	return quotas_report(&master->quotas, NULL);
}

static json_t *report_quota(struct master *master, const char *name)
{
	return quotas_report(&master->quotas, name);
}

static json_t *order_recount(struct master *master, const char *name)
{
	return quotas_recount(&master->quotas, master->config, name);
}

enum right { MAY_READ, MAY_ORDER };

/* A question is a word, and what follows it behind one blank is its argument. Of the two functions
 * a row has one or both: `answer` for the word alone, `answer_about` for one with an argument. */
static const struct question {
	const char *name;
	enum right right;
	json_t *(*answer)(struct master *master);
	json_t *(*answer_about)(struct master *master, const char *argument);
} questions[] = {
	{"status", MAY_READ, report_status, NULL},
	{"workers", MAY_READ, report_workers, NULL},
	{"resize", MAY_ORDER, NULL, order_workers},
	{"drain", MAY_ORDER, order_drain, order_drain_one},
	{"crashes", MAY_READ, tell_crashes, NULL},
	{"sessions", MAY_READ, report_sessions, NULL},
	{"trace", MAY_ORDER, NULL, order_trace},
	{"metrics", MAY_READ, metrics_report, NULL},
	{"quota", MAY_READ, report_quotas, report_quota},
	{"recount", MAY_ORDER, NULL, order_recount},
	{"show", MAY_READ, NULL, report_session},
	{"events", MAY_READ, report_events, NULL},
	{"kick", MAY_ORDER, NULL, order_kick},
	{"bans", MAY_READ, report_bans, NULL},
	{"ban", MAY_ORDER, NULL, order_ban},
	{"unban", MAY_ORDER, NULL, order_unban},
	{"log-level", MAY_ORDER, NULL, order_log_level},
	{"reopen", MAY_ORDER, order_reopen, NULL},
	{"stop", MAY_ORDER, do_stop, do_stop_how},
	{"reload", MAY_ORDER, do_reload, do_reload_how},
	{"upgrade", MAY_ORDER, do_upgrade, do_upgrade_to},
	{"reload-outcome", MAY_READ, tell_outcome, NULL},
};

static bool may_order(const struct master *master, const struct status_asker *asker)
{
	return asker->uid == 0 || asker->uid == geteuid() || asker->uid == master->config->uid;
}

/* The master becomes a program that is named: whoever names one may do all that the master may,
 * which is more than the service's user may when root has started it. */
static bool may_name_program(const struct status_asker *asker)
{
	return asker->uid == 0 || asker->uid == geteuid();
}

/* NULL: he may. */
static const char *find_refusal(const struct master *master, const struct question *question,
	const char *argument, const struct status_asker *asker)
{
	if (question->right != MAY_ORDER)
		return NULL;
	if (!may_order(master, asker))
		return "orders are taken from root and the service's own user only";
	if (argument && question->answer_about == do_upgrade_to && !may_name_program(asker))
		return "a program is named by root, or by who has started the server, only";
	return NULL;
}

static const struct question *find_question(const char *asked, size_t length)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strlen(questions[i].name) == length &&
			memcmp(questions[i].name, asked, length) == 0)
			return &questions[i];
	}
	return NULL;
}

static json_t *refuse_unknown(void)
{
	char text[512];
	size_t used = (size_t)snprintf(text, sizeof(text), "there is no such question; known are");

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]) && used < sizeof(text); i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, " %s", questions[i].name);
	return json_pack("{s:s}", "error", text);
}

static void log_order(
	const struct question *question, const char *argument, const struct status_asker *asker)
{
	char quoted[LOG_QUOTED];

	log_info("status: order", "order=%s%s%s uid=%u pid=%d", question->name,
		argument ? " argument=" : "",
		argument ? log_quote(quoted, argument, strlen(argument)) : "",
		(unsigned int)asker->uid, (int)asker->pid);
}

static json_t *answer_question(struct master *master, const struct status_asker *asker)
{
	size_t length = strcspn(asker->question, " ");
	const struct question *question = find_question(asker->question, length);
	const char *argument = asker->question[length] == ' ' ? asker->question + length + 1 : NULL;
	const char *refusal;

	if (!question || (argument ? !question->answer_about : !question->answer))
		return refuse_unknown();
	refusal = find_refusal(master, question, argument, asker);
	if (refusal)
		return json_pack("{s:s}", "error", refusal);
	if (question->right == MAY_ORDER)
		log_order(question, argument, asker);
	return argument ? question->answer_about(master, argument) : question->answer(master);
}

char *questions_answer(void *context, const struct status_asker *asker)
{
	struct master *master = context;
	json_t *answer;
	char *text, *line = NULL;

	master->asking = asker->socket;
	answer = answer_question(master, asker);
	text = answer ? json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	json_decref(answer);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
