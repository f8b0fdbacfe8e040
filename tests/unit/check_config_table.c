#include "common/config_table.h"

#include "common/rights.h"
#include "tests/unit/option_sample.h"
#include "tests/unit/suite.h"
#include "tests/unit/told.h"

enum { NAME_LONGEST = 40, HELP_LONGEST = 300 };

static union {
	struct config config;
	struct config_listener listener;
} target;

static const struct config_option *option_named(enum config_section section, const char *name)
{
	const struct config_option *option = config_option_find(section, name);

	ck_assert_ptr_nonnull(option);
	return option;
}

static void *field_of(const struct config_option *option)
{
	return (char *)&target + option->offset;
}

/* Sets the option to the text; how many complaints that makes. */
static unsigned int set_value(const struct config_option *option, const char *text)
{
	struct told told;
	unsigned int count;
	bool fine;

	told_open(&told);
	fine = config_value_set(option, &target, text, (struct origin){"f", 3}, &told.complaints);
	count = told.complaints.count;
	ck_assert(fine == (count == 0));
	ck_assert_msg(
		fine || (strstr(told_text(&told), "f:3: ") && strstr(told.text, option->name)),
		"neither place nor name in: %s", told.text);
	told_close(&told);
	return count;
}

START_TEST(every_row_is_in_order)
{
	ck_assert_uint_gt(config_option_count, 0);
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];
		size_t length = strlen(option->help);

		ck_assert_uint_lt(option->section, SECTION_COUNT);
		ck_assert_uint_lt(strlen(option->name), NAME_LONGEST);
		ck_assert_uint_eq(
			strspn(option->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(option->name));
		ck_assert_msg(length > 0 && length <= HELP_LONGEST, "help of %s has %zu letters",
			option->name, length);
		ck_assert_int_eq(option->help[length - 1], '.');
		ck_assert_msg((option->kind == KIND_WORD || option->kind == KIND_WORDS) ==
				      (option->words != NULL),
			"words of %s", option->name);
		ck_assert(option->highest == 0 || option->lowest <= option->highest);
	}
}
END_TEST

START_TEST(names_are_unique_and_found)
{
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		ck_assert_ptr_eq(config_option_find(option->section, option->name), option);
		/* An option of the top level is never taken for a section. */
		ck_assert(option->section != SECTION_TOP ||
			  config_section_find(option->name) == SECTION_COUNT);
	}
	ck_assert_ptr_null(config_option_find(SECTION_TOP, "threads"));
	ck_assert_ptr_null(config_option_find(SECTION_TOP, ""));
	ck_assert_ptr_null(config_option_find(SECTION_TOP, "worker"));
	ck_assert_ptr_null(config_option_find(SECTION_TOP, "workers2"));
}
END_TEST

START_TEST(sections_are_found)
{
	ck_assert_int_eq(config_section_find("listener"), SECTION_LISTENER);
	ck_assert_int_eq(config_section_find("limits"), SECTION_LIMITS);
	ck_assert_int_eq(config_section_find("log"), SECTION_LOG);
	ck_assert_int_eq(config_section_find("status"), SECTION_STATUS);
	ck_assert_int_eq(config_section_find("nothing"), SECTION_COUNT);
	ck_assert_int_eq(config_section_find(""), SECTION_COUNT);
}
END_TEST

START_TEST(every_default_is_right)
{
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		memset(&target, 0, sizeof(target));
		ck_assert_msg(
			set_value(option, option->standard) == 0, "default of %s", option->name);
		config_value_free(option, &target);
	}
}
END_TEST

/* Are their fields in different structs? A directory and a mount share all but one. */
static bool is_apart(const struct config_option *a, const struct config_option *b)
{
	return a->section != b->section &&
	       (config_section_is_titled(a->section) || config_section_is_titled(b->section));
}

START_TEST(fields_do_not_overlap)
{
	for (size_t i = 0; i < config_option_count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct config_option *a = &config_options[i], *b = &config_options[j];

			ck_assert_msg(a->offset != b->offset || is_apart(a, b),
				"%s and %s share a field", a->name, b->name);
		}
	}
}
END_TEST

/* The order of the words is that of the enums. */
START_TEST(words_are_their_numbers)
{
	static const struct {
		enum config_section section;
		const char *name, *word;
		uint32_t number;
	} rows[] = {{SECTION_LISTENER, "protocol", "lgpq", PROTOCOL_LGPQ},
		{SECTION_LISTENER, "protocol", "echo", PROTOCOL_ECHO},
		{SECTION_LISTENER, "protocol", "ftp", PROTOCOL_FTP},
		{SECTION_TOP, "sync", "none", SYNC_NONE}, {SECTION_TOP, "sync", "data", SYNC_DATA},
		{SECTION_TOP, "sync", "full", SYNC_FULL},
		{SECTION_LOG, "to", "stderr", LOG_TO_STDERR},
		{SECTION_LOG, "to", "file", LOG_TO_FILE}, {SECTION_LOG, "level", "error", 0},
		{SECTION_LOG, "level", "warning", 1}, {SECTION_LOG, "level", "info", 2},
		{SECTION_LOG, "level", "debug", 3}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct config_option *option = option_named(rows[i].section, rows[i].name);

		ck_assert_uint_eq(set_value(option, rows[i].word), 0);
		ck_assert_uint_eq(*(uint32_t *)field_of(option), rows[i].number);
	}
}
END_TEST

START_TEST(other_words_are_refused)
{
	const struct config_option *option = option_named(SECTION_TOP, "sync");
	static const char *const wrong[] = {
		"", " ", "non", "nonee", "none data", "none ", "NONE", "0"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(set_value(option, wrong[i]) == 1, "taken: \"%s\"", wrong[i]);
}
END_TEST

struct sample {
	const char *text;
	int64_t value; /* -1: refused */
};

static void try_samples(const struct config_option *option, const struct sample *samples)
{
	for (; samples->text; samples++) {
		bool refused = samples->value < 0;
		uint64_t value = 0;

		memset(&target, 0, sizeof(target));
		ck_assert_msg(set_value(option, samples->text) == refused, "%s = \"%s\"",
			option->name, samples->text);
		if (option->kind == KIND_BYTES)
			value = *(uint64_t *)field_of(option);
		else
			value = *(uint32_t *)field_of(option);
		ck_assert_msg(value == (refused ? 0 : (uint64_t)samples->value),
			"\"%s\" became %ju", samples->text, (uintmax_t)value);
	}
}

START_TEST(sizes)
{
	static const struct sample samples[] = {{"0", 0}, {"1", 1}, {"007", 7}, {"1k", 1024},
		{"500K", 512000}, {"10M", 10485760}, {"2G", 2147483648}, {"1T", 1099511627776},
		{"9223372036854775807", INT64_MAX}, {"9223372036854775808", -1},
		{"8388607T", 8388607ll << 40}, {"8388608T", -1}, {"16777216T", -1},
		{"18446744073709551616", -1}, {"99999999999999999999999999", -1},
		{"18014398509481984K", -1}, {"", -1}, {"K", -1}, {"-1", -1}, {"+1", -1}, {" 1", -1},
		{"1 ", -1}, {"1 K", -1}, {"1KK", -1}, {"1KB", -1}, {"1.5K", -1}, {"0x10", -1},
		{"1e3", -1}, {"1s", -1}, {"ten", -1}, {NULL, 0}};

	try_samples(option_named(SECTION_LIMITS, "upload_size"), samples);
}
END_TEST

START_TEST(seconds)
{
	static const struct sample samples[] = {{"1", 1}, {"30", 30}, {"30s", 30}, {"5m", 300},
		{"2h", 7200}, {"1d", 86400}, {"7d", 604800}, {"7D", 604800}, {"604800", 604800},
		{"604801", -1}, {"8d", -1}, {"0", -1}, {"0s", -1}, {"1w", -1}, {"5 m", -1},
		{"5ms", -1}, {"213503982334602d", -1}, {"18446744073709551615d", -1},
		{"4294967296", -1}, {"4294967297", -1}, {"", -1}, {"s", -1}, {"-5", -1}, {NULL, 0}};

	try_samples(option_named(SECTION_TOP, "idle_timeout"), samples);
}
END_TEST

START_TEST(counts)
{
	static const struct sample samples[] = {{"0", 0}, {"80", 80}, {"65535", 65535},
		{"65536", -1}, {"4294967376", -1}, {"1K", -1}, {"08", 8}, {"80.0", -1}, {"", -1},
		{NULL, 0}};

	try_samples(option_named(SECTION_LISTENER, "port"), samples);
}
END_TEST

START_TEST(modes)
{
	static const struct sample samples[] = {{"0660", 0660}, {"660", 0660}, {"0", 0},
		{"777", 0777}, {"0777", 0777}, {"1777", -1}, {"1000", -1}, {"8", -1}, {"0668", -1},
		{"rw", -1}, {"", -1}, {"0o660", -1}, {NULL, 0}};

	try_samples(option_named(SECTION_STATUS, "mode"), samples);
}
END_TEST

/* In the order of rights.def. */
START_TEST(sets_of_words)
{
	static const struct sample samples[] = {{"", 0}, {" ,\t, ", 0}, {"list", RIGHT_list},
		{"get,list", RIGHT_list | RIGHT_get}, {" touch\nput ,", RIGHT_touch | RIGHT_put},
		{"get get", RIGHT_get}, {"lis", -1}, {"lists", -1}, {"LIST", -1}, {"list;get", -1},
		{"list get none", -1}, {"0", -1}, {NULL, 0}};

	try_samples(option_named(SECTION_ANONYMOUS, "may"), samples);
}
END_TEST

START_TEST(lists)
{
	const struct config_option *option = option_named(SECTION_PASSIVE, "address");
	const struct config_list *list = &target.config.passive_address;

	memset(&target, 0, sizeof(target));
	ck_assert_uint_eq(set_value(option, "a, b=c\td"), 0);
	ck_assert_uint_eq(list->count, 3);
	ck_assert_str_eq(list->items[0], "a");
	ck_assert_str_eq(list->items[1], "b=c");
	ck_assert_str_eq(list->items[2], "d");
	ck_assert_uint_eq(set_value(option, "e"), 0);
	ck_assert_uint_eq(list->count, 1);
	ck_assert_str_eq(list->items[0], "e");
	ck_assert_uint_eq(set_value(option, ""), 0);
	ck_assert_uint_eq(list->count, 0);
	config_value_free(option, &target);
}
END_TEST

START_TEST(ports)
{
	const struct config_option *option = option_named(SECTION_PASSIVE, "ports");
	const struct config_ports *field = &target.config.passive_ports;
	static const struct {
		const char *text;
		uint16_t first, last;
	} right[] = {{"50000-50999", 50000, 50999}, {"", 0, 0}, {"1024-65535", 1024, 65535},
		{"2000", 2000, 2000}, {"2000-2000", 2000, 2000}};
	static const char *const wrong[] = {"1023-1024", "1024-65536", "50001-50000", "0-0", "0",
		"-", "-5", "50000-", "-50000", "50000--50001", "50000-50001-50002", "50000 - 50001",
		"x", "50000-x", "50000-50001x", "1e4-50000", "4294967296-4294967297", " ",
		"99999999999999999999-99999999999999999999"};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ck_assert_uint_eq(set_value(option, right[i].text), 0);
		ck_assert_uint_eq(field->first, right[i].first);
		ck_assert_uint_eq(field->last, right[i].last);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(set_value(option, wrong[i]) == 1, "taken: \"%s\"", wrong[i]);
		ck_assert_uint_eq(field->last, 2000);
	}
}
END_TEST

START_TEST(switches)
{
	const struct config_option *option = option_named(SECTION_TOP, "sandbox");
	static const char *const on[] = {"true", "yes", "on", "TRUE", "Yes"};
	static const char *const off[] = {"false", "no", "off", "False", "NO"};
	static const char *const wrong[] = {"", "1", "0", "tru", "true ", "enabled"};

	for (size_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(set_value(option, on[i]), 0);
		ck_assert(target.config.sandbox);
		ck_assert_uint_eq(set_value(option, off[i]), 0);
		ck_assert(!target.config.sandbox);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(set_value(option, wrong[i]) == 1, "taken: \"%s\"", wrong[i]);
}
END_TEST

START_TEST(texts_are_copied)
{
	const struct config_option *option = option_named(SECTION_TOP, "user");
	char text[] = "somebody";

	ck_assert_uint_eq(set_value(option, text), 0);
	text[0] = 'X';
	ck_assert_str_eq(target.config.user, "somebody");
	ck_assert_uint_eq(set_value(option, ""), 0);
	ck_assert_str_eq(target.config.user, "");
	free(target.config.user);
}
END_TEST

START_TEST(paths_begin_at_the_root)
{
	const struct config_option *option = option_named(SECTION_TOP, "root");

	ck_assert_uint_eq(set_value(option, "/srv/a b"), 0);
	ck_assert_uint_eq(set_value(option, "srv"), 1);
	ck_assert_uint_eq(set_value(option, "./srv"), 1);
	ck_assert_uint_eq(set_value(option, "~/srv"), 1);
	/* What is refused leaves what was there. */
	ck_assert_str_eq(target.config.root, "/srv/a b");
	free(target.config.root);
}
END_TEST

START_TEST(slips_are_understood)
{
	static const struct {
		enum config_section section;
		const char *written, *meant;
	} rows[] = {{SECTION_TOP, "worker", "workers"}, {SECTION_TOP, "wrokers", "workers"},
		{SECTION_TOP, "idletimeout", "idle_timeout"}, {SECTION_TOP, "lisener", "listener"},
		{SECTION_LISTENER, "prot", "port"}, {SECTION_LISTENER, "adress", "address"},
		{SECTION_LIMITS, "session", "sessions"}, {SECTION_LIMITS, "quite_something", NULL},
		{SECTION_LIMITS, "port", NULL}, {SECTION_TOP, "", NULL},
		{SECTION_TOP,
			"a name that is longer than any name of an option, by far, and then some "
			"more",
			NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *nearest = config_option_nearest(rows[i].section, rows[i].written);

		ck_assert_msg(rows[i].meant ? nearest && !strcmp(nearest, rows[i].meant) : !nearest,
			"%s became %s", rows[i].written, nearest ? nearest : "nothing");
	}
}
END_TEST

SUITE(config_table, every_row_is_in_order, names_are_unique_and_found, sections_are_found,
	every_default_is_right, fields_do_not_overlap, words_are_their_numbers,
	other_words_are_refused, sizes, seconds, counts, modes, sets_of_words, lists, ports,
	switches, texts_are_copied, paths_begin_at_the_root, slips_are_understood)
