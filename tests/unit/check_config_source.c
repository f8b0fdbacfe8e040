#include "common/config_source.h"

#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

static struct config_source source;
static struct told told;

static const char *read_text(const char *text)
{
	told_open(&told);
	ck_assert_int_eq(config_source_read(&source, "f", strdup(text), &told.complaints), 0);
	return told_text(&told);
}

static void forget(void)
{
	config_source_free(&source);
	told_close(&told);
}

static unsigned int line_of(enum config_section section, const char *title, const char *name)
{
	const struct config_option *option = NULL;

	if (name) {
		option = config_option_find(section, name);
		ck_assert_ptr_nonnull(option);
	}
	return config_source_line(&source, section, title, option);
}

static unsigned int line_breaks(const char *text)
{
	unsigned int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

START_TEST(lines_are_those_of_an_editor)
{
	read_text("# a comment\n"             /* 1 */
		  "workers = 1 # behind\n"    /* 2 */
		  "// another\n"              /* 3 */
		  "root = /a // behind\n"     /* 4 */
		  "/* over\n"                 /* 5 */
		  " * lines */ sync = none\n" /* 6 */
		  "user = \"over\\\n"         /* 7 */
		  "# no comment\\\n"          /* 8 */
		  "lines\" group = 'x\\'\\\n" /* 9 */
		  "y'\n"                      /* 10 */
		  "listener\n"                /* 11 */
		  "  a\n"                     /* 12 */
		  "{ port\n"                  /* 13 */
		  "=\n"                       /* 14 */
		  "1 }\n"                     /* 15 */
		  "limits { /* } */ # }\n"    /* 16 */
		  " threads = 9 }\n"          /* 17 */
		  "sandbox=true");
	told_expect(&told, 0, NULL);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "workers"), 2);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "root"), 4);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "sync"), 6);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "user"), 7);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "group"), 9);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a", NULL), 11);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a", "port"), 13);
	ck_assert_uint_eq(line_of(SECTION_LIMITS, NULL, NULL), 16);
	ck_assert_uint_eq(line_of(SECTION_LIMITS, NULL, "threads"), 17);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "sandbox"), 18);
	forget();
}
END_TEST

START_TEST(what_does_not_stand_there_has_no_line)
{
	read_text("workers = 1\nlistener a { port = 1 }\n");
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "root"), 0);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "b", "port"), 0);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "b", NULL), 0);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a", "address"), 0);
	ck_assert_uint_eq(line_of(SECTION_LOG, NULL, NULL), 0);
	forget();
}
END_TEST

START_TEST(carriage_returns_are_blanks)
{
	read_text("workers = 1\r\nlistener a {\r\n\tport = 1\r\n}\r\n");
	told_expect(&told, 0, NULL);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a", "port"), 3);
	forget();
}
END_TEST

START_TEST(listeners_of_other_names_are_apart)
{
	read_text("listener a { port = 1 }\n\nlistener \"a b\" {\nport = 2 }\n");
	told_expect(&told, 0, NULL);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a", "port"), 1);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a b", NULL), 3);
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "a b", "port"), 4);
	forget();
}
END_TEST

START_TEST(comments_are_blanked_line_for_line)
{
	static const char text[] = "# one\nworkers = 1 /* two\nthree */ // four\n";

	read_text(text);
	ck_assert_uint_eq(strlen(source.text), sizeof(text) - 1);
	ck_assert_ptr_null(strpbrk(source.text, "#/*"));
	ck_assert_uint_eq(line_breaks(source.text), line_breaks(text));
	forget();
}
END_TEST

START_TEST(unknown_names_are_told_and_blanked)
{
	read_text("wrokers = 1\nlimits {\n\tsesions = {1, 2}\n\tthreads = 5\n}\n"
		  "lisener x {\n port = { } root = 5\n}\nsync = none\n");
	told_expect(&told, 3, "f:1: there is no option \"wrokers\"; did you mean \"workers\"?");
	told_expect(&told, 3,
		"f:3: there is no option \"sesions\" in limits; did you mean "
		"\"sessions\"?");
	told_expect(&told, 3, "f:6: there is no section \"lisener\"; did you mean \"listener\"?");
	ck_assert_ptr_null(strstr(source.text, "wrokers"));
	ck_assert_ptr_null(strstr(source.text, "sesions"));
	ck_assert_ptr_null(strstr(source.text, "lisener"));
	ck_assert_ptr_null(strstr(source.text, "port"));
	ck_assert_uint_eq(line_of(SECTION_LIMITS, NULL, "threads"), 4);
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "sync"), 9);
	ck_assert_uint_eq(line_breaks(source.text), 9);
	forget();
}
END_TEST

START_TEST(repeats_are_told_with_both_lines)
{
	read_text("workers = 1\n\nworkers = 2\nlimits { }\nlimits { threads = 4 }\n"
		  "listener a { port = 1 }\nlistener b { port = 1 }\nlistener a { port = 3 }\n");
	told_expect(&told, 3, "f:3: workers stands on line 1 already");
	told_expect(&told, 3, "f:5: limits stands on line 4 already");
	told_expect(&told, 3, "f:8: listener a stands on line 6 already");
	ck_assert_ptr_null(strstr(source.text, "2"));
	ck_assert_uint_eq(line_of(SECTION_LISTENER, "b", "port"), 7);
	forget();
}
END_TEST

START_TEST(names_where_they_do_not_belong_are_told)
{
	read_text("limits x { }\nlistener { }\nlistener a { limits { } }\n");
	told_expect(&told, 3, "f:1: section limits takes no name");
	told_expect(&told, 3, "f:2: a listener needs a name");
	told_expect(&told, 3, "f:3: there is no section \"limits\"");
	forget();
}
END_TEST

START_TEST(option_and_section_mixed_up)
{
	read_text("workers { 7 }\nlog = 5\n");
	told_expect(&told, 2, "f:1: ");
	told_expect(&told, 2, "f:2: ");
	ck_assert_ptr_null(strstr(told_text(&told), "did you mean \"workers\""));
	ck_assert_ptr_null(strstr(told_text(&told), "did you mean \"log\""));
	forget();
}
END_TEST

START_TEST(section_never_closed_is_told_where_it_began)
{
	read_text("workers = 1\nlistener a {\nport = 1\n# }\n");
	told_expect(&told, 1, "f:2: section listener is never closed");
	forget();
	read_text("log {\nfile = \"}\n");
	told_expect(&told, 1, "f:2: this text is never closed; its \" is missing");
	forget();
}
END_TEST

START_TEST(nested_junk_is_passed_over)
{
	read_text("junk {\n a { b = {1} { { } } \"}\" # }\n }\n}\nworkers = 4\n");
	told_expect(&told, 1, "f:1: there is no section \"junk\"");
	ck_assert_uint_eq(line_of(SECTION_TOP, NULL, "workers"), 5);
	forget();
}
END_TEST

START_TEST(deep_nesting_does_no_harm)
{
	enum { DEPTH = 200000 };
	char *text = malloc(2 * DEPTH + 10);

	memset(text, '{', DEPTH);
	memset(text + DEPTH, '}', DEPTH);
	memcpy(text, "x {", 3);
	strcpy(text + 2 * DEPTH, " ");
	read_text(text);
	ck_assert_uint_ge(told.complaints.count, 1);
	forget();
	for (size_t i = 0; i + 4 <= DEPTH; i += 4)
		memcpy(text + i, "x y{", 4);
	text[DEPTH] = '\0';
	read_text(text);
	ck_assert_uint_ge(told.complaints.count, 1);
	forget();
	free(text);
}
END_TEST

/* Whatever stands in a file: either something is told, or there is a config. */
static struct config *load_any(const char *text)
{
	struct told here;
	struct config *config;

	told_open(&here);
	config = load_text(text, &here);
	told_text(&here);
	ck_assert_msg((config == NULL) == (here.complaints.count > 0), "%u complaints of:\n%s",
		here.complaints.count, text);
	told_close(&here);
	return config;
}

#define FINE "root = / listener a { }\n"

START_TEST(no_value_is_passed_over_in_silence)
{
	static const char *const texts[] = {"\"workers\" = 7\n" FINE, "'workers' = 7\n" FINE,
		FINE "\"workers\" = 7\n", FINE "workers =7", FINE "workers= \"7\"",
		FINE "workers='7'", FINE "workers = 7;", FINE "workers += 7", FINE "workers = {7}",
		FINE "workers {7}", FINE "workers 7", FINE "workers == 7", FINE "} workers = 7",
		FINE "; workers = 7", FINE ", workers = 7", FINE "sync = none, workers = 7",
		FINE "sync none workers = 7", FINE "sync = none sync workers = 7",
		FINE "sandbox = { } workers = 7", FINE "sync = workers = 7", FINE "() workers = 7",
		FINE "include(x) workers = 7", FINE "sync(none) workers = 7",
		FINE "\"\" workers = 7", FINE "sync = \"none workers = 7",
		FINE "[workers] workers = 7", FINE "log = 5 workers = 7",
		FINE "log { to = stderr } } workers = 7", FINE "WORKERS = 7"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct config *config = load_any(texts[i]);

		ck_assert_msg(!config || config->workers == 7, "taken, but workers is not 7:\n%s",
			texts[i]);
		config_free(config);
	}
}
END_TEST

static const char *const crumbs[] = {"workers", "root", "listener", "limits", "log", "status", "a",
	"\"a\"", "=", "=", "=", "{", "{", "}", "}", "\n", "\n", " ", " ", "# c\n", "// c\n",
	"/* c */", "/*", "\"", "'", "\\", "5", "\"/\"", ",", "(", ")", "+=", ";", "$", "${HOME}",
	"port", "address", "sessions", "anonymous", "may", "{list, get}", "include", "\t", "\r",
	"\xff", "\x01", "none", "[", "]"};

START_TEST(any_words_in_any_order_do_no_harm)
{
	char text[400];

	for (int round = 0; round < 4000; round++) {
		size_t length = 0, pieces = (size_t)random() % 30;

		text[0] = '\0';
		for (size_t i = 0; i < pieces; i++) {
			size_t pick = (size_t)random() % (sizeof(crumbs) / sizeof(crumbs[0]));

			length += (size_t)snprintf(
				text + length, sizeof(text) - length, "%s", crumbs[pick]);
		}
		config_free(load_any(text));
	}
}
END_TEST

START_TEST(any_bytes_do_no_harm)
{
	char text[200];

	for (int round = 0; round < 4000; round++) {
		size_t length = (size_t)random() % (sizeof(text) - 1);

		for (size_t i = 0; i < length; i++)
			text[i] = (char)(1 + random() % 255);
		text[length] = '\0';
		config_free(load_any(text));
	}
}
END_TEST

/* A good file with a byte changed, taken out, or everything behind it gone. */
START_TEST(damaged_file_does_no_harm)
{
	static const char good[] = "root = /\nworkers = 2 # two\nlistener a {\n\tport = 1\n}\n"
				   "/* x */ limits { threads = \"5\" }\nlog { level = 'info' }\n";
	char text[sizeof(good)];

	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		memcpy(text, good, sizeof(good));
		text[i] = "={}\"'#/\n \\"[random() % 10];
		config_free(load_any(text));
		memcpy(text, good, sizeof(good));
		memmove(text + i, text + i + 1, sizeof(good) - i - 1);
		config_free(load_any(text));
		memcpy(text, good, sizeof(good));
		text[i] = '\0';
		config_free(load_any(text));
	}
}
END_TEST

SUITE(config_source, lines_are_those_of_an_editor, what_does_not_stand_there_has_no_line,
	carriage_returns_are_blanks, listeners_of_other_names_are_apart,
	comments_are_blanked_line_for_line, unknown_names_are_told_and_blanked,
	repeats_are_told_with_both_lines, names_where_they_do_not_belong_are_told,
	option_and_section_mixed_up, section_never_closed_is_told_where_it_began,
	nested_junk_is_passed_over, deep_nesting_does_no_harm, no_value_is_passed_over_in_silence,
	any_words_in_any_order_do_no_harm, any_bytes_do_no_harm, damaged_file_does_no_harm)
