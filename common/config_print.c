#include "common/config_table.h"

#include <stdio.h>
#include <string.h>

/* Writes help in lines of at most `width` columns, each behind the prefix. */
static void print_wrapped(FILE *out, const char *prefix, const char *help, size_t width)
{
	while (*help) {
		size_t length = strlen(help);

		if (length > width) {
			length = width;
			while (length > 0 && help[length] != ' ')
				length--;
		}
		fprintf(out, "%s%.*s\n", prefix, (int)length, help);
		help += length + (help[length] == ' ');
	}
}

static bool is_quoted(const struct config_option *option)
{
	return option->kind == KIND_TEXT || option->kind == KIND_PATH || option->kind == KIND_PORTS;
}

/* The default as it would be written in the file, texts in those quotes. */
static void print_standard(FILE *out, const struct config_option *option, const char *quote)
{
	if (!config_option_is_list(option)) {
		fprintf(out, "%s%s%s", is_quoted(option) ? quote : "", option->standard,
			is_quoted(option) ? quote : "");
		return;
	}
	fputc('{', out);
	for (const char *c = option->standard; *c; c++)
		fputs(*c == ' ' ? ", " : (char[]){*c, '\0'}, out);
	fputc('}', out);
}

static void print_option(FILE *out, const struct config_option *option, const char *indent)
{
	char prefix[8];

	snprintf(prefix, sizeof(prefix), "%s# ", indent);
	fputc('\n', out);
	print_wrapped(out, prefix, option->help, 96 - strlen(prefix));
	if (option->words)
		fprintf(out, "%s%s of: %s\n", prefix, option->kind == KIND_WORDS ? "Any" : "One",
			option->words);
	fprintf(out, "%s#%s = ", indent, option->name);
	print_standard(out, option, "\"");
	fputc('\n', out);
}

static void print_section(FILE *out, enum config_section section, const char *indent)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if (config_options[i].section == section)
			print_option(out, &config_options[i], indent);
	}
}

/* Not one is there by default. */
static void print_zones(FILE *out)
{
	fputs("\n# Directories, as clients see them, in which other rights hold: any number of "
	      "them.\n"
	      "#directory \"/incoming\" {",
		out);
	print_section(out, SECTION_DIRECTORY, "#\t");
	fputs("#}\n"
	      "\n# Other roots that clients find below their own: any number of them.\n"
	      "#mount \"/pub\" {",
		out);
	print_section(out, SECTION_MOUNT, "#\t");
	fputs("#}\n", out);
}

void config_print_file(FILE *out)
{
	fputs("# ftpool.conf: the file server's configuration; see ftpool.conf(5).\n"
	      "#\n"
	      "# Every option is here, commented out, with its default. After a change:\n"
	      "#     ftpoold --check -c /etc/ftpool/ftpool.conf\n"
	      "#     ftpctl reload\n",
		out);
	print_section(out, SECTION_TOP, "");
	fputs("\n# Where clients connect: any number of listeners, each with a name of its own.\n"
	      "listener lgpq {\n",
		out);
	print_section(out, SECTION_LISTENER, "\t");
	fputs("}\n\n"
	      "# The same for IPv6:\n"
	      "#listener lgpq6 {\n"
	      "#\taddress = \"::\"\n"
	      "#}\n"
	      "\n"
	      "# And FTP, on its own port 21:\n"
	      "listener ftp {\n"
	      "\tprotocol = ftp\n"
	      "}\n",
		out);
	print_zones(out);
	for (int i = SECTION_MOUNT + 1; i < SECTION_COUNT; i++) {
		fprintf(out, "\n%s {\n", config_section_names[i]);
		print_section(out, (enum config_section)i, "\t");
		fputs("}\n", out);
	}
}

/* mdoc(7) wants each sentence to begin on a line of its own. */
static void print_sentences(FILE *out, const char *help)
{
	enum { SENTENCE_LONGEST = 400, WIDTH = 90 };
	char sentence[SENTENCE_LONGEST];

	while (*help) {
		const char *end = strstr(help, ". ");
		size_t length = end ? (size_t)(end - help) + 1 : strlen(help);

		snprintf(sentence, sizeof(sentence), "%.*s", (int)length, help);
		print_wrapped(out, "", sentence, WIDTH);
		help += length + (end != NULL);
	}
}

/* All sets of words so far are rights. */
static void print_rights(FILE *out)
{
	fputs("Any of:\n.Bl -tag -width overwrite -compact\n", out);
#define RIGHT(name, help) fputs(".It Li " #name "\n" help "\n", out);
#include "common/rights.def"
#undef RIGHT
	fputs(".El\n", out);
}

static void print_manual_option(FILE *out, const struct config_option *option)
{
	fprintf(out, ".It Ic %s\n", option->name);
	print_sentences(out, option->help);
	if (option->kind == KIND_WORDS)
		print_rights(out);
	else if (option->words)
		fprintf(out, "One of:\n.Li %s .\n", option->words);
	if (option->standard[0] == '\0') {
		fputs("Default: empty.\n", out);
		return;
	}
	fputs("Default:\n.Li ", out);
	print_standard(out, option, "");
	fputs(" .\n", out);
}

void config_print_manual(FILE *out)
{
	static const char *const titles[SECTION_COUNT] = {"Top level", "listener NAME { … }",
		"directory PATH { … }", "mount PATH { … }", "pam { … }", "anonymous { … }",
		"passive { … }", "ftp { … }", "tls { … }", "limits { … }", "rates { … }",
		"ban { … }", "log { … }", "status { … }"};

	for (int section = 0; section < SECTION_COUNT; section++) {
		fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", titles[section]);
		for (size_t i = 0; i < config_option_count; i++) {
			if (config_options[i].section == (enum config_section)section)
				print_manual_option(out, &config_options[i]);
		}
		fputs(".El\n", out);
	}
}
