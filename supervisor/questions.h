/* What the status pipe can be asked: a table of questions, each answered with a JSON object from
 * the board and the master's own knowledge. No worker is asked, so a hung one holds up no answer.
 */
#ifndef FTPOOL_SUPERVISOR_QUESTIONS_H
#define FTPOOL_SUPERVISOR_QUESTIONS_H

#include "supervisor/status.h"

/* A status_answer; the context is the struct master. */
char *questions_answer(void *context, const struct status_asker *asker);

#endif
