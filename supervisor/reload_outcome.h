/* What came of a reload, as who asks for it gets it (JSON), and as the log has it. */
#ifndef FTPOOL_SUPERVISOR_RELOAD_OUTCOME_H
#define FTPOOL_SUPERVISOR_RELOAD_OUTCOME_H

#include "common/config_change.h"

#include <jansson.h>
#include <stdint.h>

/* One that has just begun; NULL when memory is short, which the others bear. */
json_t *outcome_new(uint32_t number, bool dry);

/* "looking", "starting", "done" */
void outcome_phase(json_t *outcome, const char *phase);

void outcome_changes(json_t *outcome, const struct config_changes *changes);

/* It is over; the workers were (would be) "kept" or "replaced". */
void outcome_done(json_t *outcome, const char *workers);

/* It is over, and nothing was changed: the lines say why. */
void outcome_refused(json_t *outcome, const char *why);

/* The same for the log, a line for each. */
void outcome_log_refusal(const char *why);

/* The same of an upgrade, in one line. */
void outcome_log_no_upgrade(const char *why);

#endif
