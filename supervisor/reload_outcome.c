#include "supervisor/reload_outcome.h"

#include "common/log.h"

#include <stdlib.h>
#include <string.h>

json_t *outcome_new(uint32_t number, bool dry)
{
	return json_pack(
		"{s:i, s:b, s:s}", "number", (int)number, "dry_run", dry, "phase", "looking");
}

void outcome_phase(json_t *outcome, const char *phase)
{
	json_object_set_new(outcome, "phase", json_string(phase));
}

/* What an administrator wrote may be no UTF-8, which JSON has to be. */
static json_t *as_text(const char *bytes, size_t length)
{
	json_t *text = json_stringn(bytes, length);
	char quoted[LOG_QUOTED];

	return text ? text : json_string(log_quote(quoted, bytes, length));
}

void outcome_changes(json_t *outcome, const struct config_changes *changes)
{
	static const char *const effects[] = {[CONFIG_AT_ONCE] = "at once",
		[CONFIG_WORKERS] = "new workers",
		[CONFIG_RESTART] = "restart"};
	json_t *array = json_array();

	for (size_t i = 0; i < changes->count; i++) {
		const struct config_change *change = &changes->list[i];

		json_array_append_new(
			array, json_pack("{s:b, s:o, s:o, s:o, s:s}", "item", change->item,
				       "option", as_text(change->option, strlen(change->option)),
				       "old", as_text(change->old, strlen(change->old)), "new",
				       as_text(change->new, strlen(change->new)), "takes",
				       effects[change->effect]));
	}
	json_object_set_new(outcome, "changes", array);
}

void outcome_done(json_t *outcome, const char *workers)
{
	outcome_phase(outcome, "done");
	json_object_set_new(outcome, "workers", json_string(workers));
}

void outcome_refused(json_t *outcome, const char *why)
{
	json_t *lines = json_array();

	while (*why) {
		size_t length = strcspn(why, "\n");

		json_array_append_new(lines, as_text(why, length));
		why += length + (why[length] == '\n');
	}
	outcome_phase(outcome, "done");
	json_object_set_new(outcome, "refused", lines);
}

void outcome_log_refusal(const char *why)
{
	char quoted[LOG_QUOTED];

	while (*why) {
		size_t length = strcspn(why, "\n");

		log_error("reload: refused", "reason=%s", log_quote(quoted, why, length));
		why += length + (why[length] == '\n');
	}
	log_error("reload: nothing has changed", "advice=\"the old config goes on\"");
}

void outcome_log_no_upgrade(const char *why)
{
	char quoted[LOG_QUOTED], *line = strdup(why);
	size_t length = line ? strlen(line) : 0;

	while (length > 0 && line[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\n')
			line[i] = '|';
	}
	log_error("upgrade: refused",
		"reason=%s advice=\"nothing has changed; the program of before goes on\"",
		log_quote(quoted, line ? line : "", length));
	free(line);
}
