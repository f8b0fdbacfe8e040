#include "supervisor/questions.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/master.h"
#include "supervisor/report.h"

#include <errno.h>
#include <jansson.h>
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

enum right { MAY_READ, MAY_ORDER };

static const struct question {
	const char *name;
	enum right right;
	json_t *(*answer)(struct master *master);
} questions[] = {
	{"status", MAY_READ, report_status},
	{"workers", MAY_READ, report_workers},
	{"sessions", MAY_READ, report_sessions},
	{"stop", MAY_ORDER, do_stop},
};

static bool may_order(const struct master *master, const struct status_asker *asker)
{
	return asker->uid == 0 || asker->uid == geteuid() || asker->uid == master->config->uid;
}

static const struct question *find_question(const char *name)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(questions[i].name, name) == 0)
			return &questions[i];
	}
	return NULL;
}

static json_t *answer_question(struct master *master, const struct status_asker *asker)
{
	const struct question *question = find_question(asker->question);

	if (!question)
		return json_pack("{s:s}", "error",
			"there is no such question; status, workers, sessions and stop are known");
	if (question->right == MAY_READ)
		return question->answer(master);
	if (!may_order(master, asker))
		return json_pack("{s:s}", "error",
			"orders are taken from root and the service's own user only");
	log_info("status: order", "order=%s uid=%u pid=%d", question->name,
		(unsigned int)asker->uid, (int)asker->pid);
	return question->answer(master);
}

char *questions_answer(void *context, const struct status_asker *asker)
{
	json_t *answer = answer_question(context, asker);
	char *text = answer ? json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;

	json_decref(answer);
	return text;
}
