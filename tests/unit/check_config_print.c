#include "common/config_table.h"

#include "tests/unit/loading.h"
#include "tests/unit/option_sample.h"
#include "tests/unit/suite.h"

static char *printed(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	print(out);
	fclose(out);
	return text;
}

/* Takes the # from before each option, as an administrator would. */
static void uncomment_options(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n\t");
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z' &&
			strncmp(line, "#listener", 9) != 0 &&
			strncmp(line, "#directory", 10) != 0 && strncmp(line, "#mount", 6) != 0)
			line[0] = ' ';
	}
}

START_TEST(no_line_is_longer_than_a_page_is_wide)
{
	char *text = printed(config_print_file);

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_msg(strlen(line) <= 100, "too long: %s", line);
		ck_assert_int_ne(line[strlen(line) - 1], ' ');
	}
	free(text);
}
END_TEST

START_TEST(file_has_every_option_once_and_its_help)
{
	char *text = printed(config_print_file);

	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];
		bool example = config_section_is_titled(option->section) &&
			       option->section != SECTION_LISTENER;
		const char *indent = example                          ? "\n#\t#"
				     : option->section == SECTION_TOP ? "\n#"
								      : "\n\t#";
		char line[100], words[30];

		snprintf(line, sizeof(line), "%s%s = ", indent, option->name);
		ck_assert_msg(strstr(text, line), "%s is missing", option->name);
		/* A line break may stand behind any word. */
		/* Each sentence stands on a line of its own. */
		snprintf(words, sizeof(words), "%s", option->help);
		if (strstr(words, ". "))
			*strstr(words, ". ") = '\0';
		ck_assert_msg(strstr(text, words), "help of %s is missing", option->name);
		if (option->words)
			ck_assert_ptr_nonnull(strstr(text, option->words));
	}
	free(text);
}
END_TEST

START_TEST(file_as_it_is_loads_to_the_defaults)
{
	char *text = printed(config_print_file);
	struct config *config = load_fine(text);
	struct config *plain = load_fine("listener lgpq { }\n");

	ck_assert_uint_eq(config->listener_count, 2);
	ck_assert_str_eq(config->listeners[0].name, "lgpq");
	ck_assert_uint_eq(config->listeners[1].protocol, PROTOCOL_FTP);
	ck_assert_uint_eq(config->listeners[1].port, 21);
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		if (option_holder(plain, option))
			ck_assert(option_field_equal(option, option_holder(config, option),
				option_holder(plain, option)));
	}
	config_free(config);
	config_free(plain);
	free(text);
}
END_TEST

START_TEST(file_with_all_options_uncommented_loads_to_the_defaults)
{
	char *text = printed(config_print_file);
	struct config *plain = load_fine("listener lgpq { }\n");
	const char *const set[] = {"status.path=/run/ftpool-check/status"};
	struct config_request request = {
		.file = "all.conf", .root = ".", .set = set, .set_count = 1};
	struct config *config;
	struct told told;

	uncomment_options(text);
	scratch_write_text(request.file, text);
	told_open(&told);
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];
		const char *section = config_section_names[option->section];
		bool listener = option->section == SECTION_LISTENER;

		if (!option_holder(plain, option))
			continue; /* a section that stands there as an example */
		ck_assert(option_field_equal(
			option, option_holder(config, option), option_holder(plain, option)));
		ck_assert_msg(config_origin(config, section, listener ? "lgpq" : NULL, option->name)
					      .file[0] != '\0',
			"%s", option->name);
		if (strcmp(option->name, "root") && strcmp(option->name, "path"))
			ck_assert_msg(config_origin(config, section, listener ? "lgpq" : NULL,
					      option->name)
						      .line > 0,
				"%s was not uncommented", option->name);
	}
	told_close(&told);
	config_free(config);
	config_free(plain);
	free(text);
}
END_TEST

START_TEST(manual_has_every_option)
{
	char *text = printed(config_print_manual);

	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];
		char item[100], words[30];

		snprintf(item, sizeof(item), "\n.It Ic %s\n", option->name);
		ck_assert_msg(strstr(text, item), "%s is missing", option->name);
		/* Each sentence stands on a line of its own. */
		snprintf(words, sizeof(words), "%s", option->help);
		if (strstr(words, ". "))
			*strstr(words, ". ") = '\0';
		ck_assert_msg(strstr(text, words), "help of %s is missing", option->name);
	}
	for (int i = SECTION_LISTENER; i < SECTION_COUNT; i++) {
		char title[100];

		snprintf(title, sizeof(title), "\n.Ss %s ", config_section_names[i]);
		ck_assert_ptr_nonnull(strstr(text, title));
	}
	free(text);
}
END_TEST

/* A line that begins with . or ' is a macro to mdoc(7). */
START_TEST(manual_has_no_accidental_macro)
{
	static const char *const macros[] = {".Ss ", ".Bl ", ".El", ".It ", ".Li "};
	char *text = printed(config_print_manual);

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		bool known = line[0] != '.' && line[0] != '\'';

		for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
			known = known || !strncmp(line, macros[i], strlen(macros[i]));
		ck_assert_msg(known, "a macro by accident: %s", line);
	}
	free(text);
}
END_TEST

SUITE(config_print, no_line_is_longer_than_a_page_is_wide, file_has_every_option_once_and_its_help,
	file_as_it_is_loads_to_the_defaults,
	file_with_all_options_uncommented_loads_to_the_defaults, manual_has_every_option,
	manual_has_no_accidental_macro)
