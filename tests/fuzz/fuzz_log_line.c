/* Any text as an event and its pairs: one line comes out in each form, and the JSON is JSON. The
 * first \n splits the two. */
#include "tests/fuzz/fuzz.h"

#include "common/log_line.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>
#include <syslog.h>

static void try_form(const struct log_form *form, const char *event, const char *pairs)
{
	static char line[LOG_LINE];
	size_t length = log_line_make(line, form, LOG_LEVEL_INFO, event, pairs);

	assert(length > 0 && length <= LOG_LINE && line[length - 1] == '\n');
	if (form->style == LOG_STYLE_NATIVE)
		return;
	assert(!memchr(line, '\n', length - 1));
	if (form->json) {
		json_t *object = json_loadb(line, length, JSON_ALLOW_NUL, NULL);

		assert(object && json_is_string(json_object_get(object, "event")));
		json_decref(object);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct log_form forms[] = {{LOG_STYLE_TIMED, 0, 0}, {LOG_STYLE_TIMED, 0, 1},
		{LOG_STYLE_SYSLOG, LOG_FTP, 0}, {LOG_STYLE_NATIVE, LOG_DAEMON, 0}};
	char text[2 * LOG_PAIRS];
	char *pairs;

	if (size >= LOG_PAIRS)
		size = LOG_PAIRS - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	pairs = strchr(text, '\n');
	if (pairs)
		*pairs++ = '\0';
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		try_form(&forms[i], text, pairs ? pairs : "");
	return 0;
}
