#include "common/log_line.h"

#include "tests/unit/suite.h"

#include <jansson.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static char line[LOG_LINE + 1];

/* The line, its \n taken off. */
static const char *make(const struct log_form *form, const char *event, const char *pairs)
{
	size_t length;

	memset(line, 'Z', sizeof(line));
	length = log_line_make(line, form, LOG_LEVEL_WARNING, event, pairs);
	ck_assert_uint_le(length, LOG_LINE);
	ck_assert_int_eq(line[length - 1], '\n');
	line[length - 1] = '\0';
	return line;
}

static json_t *make_json(const char *event, const char *pairs)
{
	const struct log_form form = {.style = LOG_STYLE_TIMED, .json = 1};
	json_error_t error;
	json_t *object = json_loads(make(&form, event, pairs), 0, &error);

	ck_assert_msg(object, "%s at %d: %.900s", error.text, error.position, line);
	ck_assert_ptr_null(strchr(line, '\n'));
	return object;
}

static void expect_text(const json_t *object, const char *key, const char *value)
{
	ck_assert_str_eq(json_string_value(json_object_get(object, key)), value);
}

START_TEST(pairs_are_found)
{
	struct log_pair pair;
	const char *rest = log_line_next_pair("a=1 b=\"x y\" c=\"say \"no\" \" d", &pair);

	ck_assert(pair.value_length == 1 && *pair.value == '1' && !pair.quoted);
	rest = log_line_next_pair(rest, &pair);
	ck_assert(pair.value_length == 3 && !strncmp(pair.value, "x y", 3) && pair.quoted);
	rest = log_line_next_pair(rest, &pair);
	ck_assert_int_eq(strncmp(pair.value, "say \"no", pair.value_length), 0);
	while (rest)
		rest = log_line_next_pair(rest, &pair);
	ck_assert_ptr_null(log_line_next_pair("", &pair));
}
END_TEST

START_TEST(json_has_each_pair)
{
	json_t *object =
		make_json("session: closed", "session=3.17 bytes=12 delta=-4 id=007 user=\"12\" "
					     "path=\"a b\\x0a\" empty= end=\"\"");

	expect_text(object, "level", "warning");
	expect_text(object, "event", "session: closed");
	expect_text(object, "session", "3.17");
	ck_assert_int_eq(json_integer_value(json_object_get(object, "bytes")), 12);
	ck_assert_int_eq(json_integer_value(json_object_get(object, "delta")), -4);
	expect_text(object, "id", "007");
	expect_text(object, "user", "12");
	expect_text(object, "path", "a b\\x0a");
	expect_text(object, "empty", "");
	expect_text(object, "end", "");
	ck_assert_uint_eq(strlen(json_string_value(json_object_get(object, "time"))), 24);
	json_decref(object);
}
END_TEST

START_TEST(json_stands_whatever_comes)
{
	char pairs[LOG_PAIRS], event[LOG_PAIRS];

	for (int round = 0; round < 3000; round++) {
		size_t length = (size_t)random() % (sizeof(pairs) - 1);

		for (size_t i = 0; i < length; i++)
			pairs[i] = random() % 4 ? (char)(1 + random() % 255)
						: "= \"\\\n"[random() % 5];
		pairs[length] = '\0';
		strcpy(event, pairs);
		json_decref(make_json(event, pairs));
	}
	/* What grows the most. */
	memset(pairs, '\\', sizeof(pairs) - 1);
	memcpy(pairs, "a=", 2);
	pairs[sizeof(pairs) - 1] = '\0';
	json_decref(make_json("a: b", pairs));
	memset(pairs, 1, sizeof(pairs) - 1);
	json_decref(make_json(pairs, pairs));
	for (size_t i = 0; i + 1 < sizeof(pairs); i++)
		pairs[i] = "a=1 "[i % 4];
	json_decref(make_json("a: b", pairs));
}
END_TEST

START_TEST(no_form_is_forged_by_a_line_end)
{
	static const struct log_form forms[] = {
		{LOG_STYLE_TIMED, 0, 0}, {LOG_STYLE_JOURNAL, 0, 0}, {LOG_STYLE_SYSLOG, 0, 0}};

	for (size_t i = 0; i < 3; i++) {
		make(&forms[i], "a: b\nc: d", "file=\"/x\n<3>e\x7f\"");
		ck_assert_ptr_null(strchr(line, '\n'));
		ck_assert_ptr_nonnull(strstr(line, "a: b?c: d file=\"/x?<3>e?\""));
	}
}
END_TEST

START_TEST(syslog_has_priority_time_and_pid)
{
	const struct log_form form = {LOG_STYLE_SYSLOG, LOG_FTP, 0};
	char tag[40];

	make(&form, "a: b", "c=1");
	snprintf(tag, sizeof(tag), " ftpool[%d]: a: b c=1", (int)getpid());
	ck_assert_int_eq(strncmp(line, "<92>", 4), 0);
	ck_assert_str_eq(line + strlen("<92>Nov 23 22:54:11"), tag);
}
END_TEST

START_TEST(journal_fields_are_made_of_pairs)
{
	const struct log_form form = {LOG_STYLE_NATIVE, LOG_DAEMON, 1};

	make(&form, "a: b", "session=3.17 odd-key=\"x\ny\"");
	ck_assert_str_eq(line, "PRIORITY=4\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=ftpool\n"
			       "MESSAGE=a: b session=3.17 odd-key=\"x?y\"\nFTPOOL_EVENT=a: b\n"
			       "FTPOOL_SESSION=3.17\nFTPOOL_ODD_KEY=x?y");
}
END_TEST

SUITE(log_line, pairs_are_found, json_has_each_pair, json_stands_whatever_comes,
	no_form_is_forged_by_a_line_end, syslog_has_priority_time_and_pid,
	journal_fields_are_made_of_pairs)
