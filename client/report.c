#include "client/report.h"

#include "client/display.h"
#include "client/language.h"
#include "client/trouble.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool in_menu, quiet, diverted;

void report_init(bool is_in_menu, bool is_quiet)
{
	in_menu = is_in_menu;
	quiet = is_quiet;
}

void report_divert(bool is_diverted)
{
	diverted = is_diverted;
}

static void print_line(FILE *stream, const char *before, const char *line)
{
	char *text = display_text(line);

	fprintf(stream, "%s%s\n", before, text ? text : "");
	fflush(stream);
	free(text);
}

void report_trouble(const char *subject)
{
	const char *program = in_menu ? "" : "ftpool: ";
	char *line = NULL;

	if (subject && asprintf(&line, _("%s: %s"), subject, trouble_text()) < 0)
		line = NULL;
	fflush(stdout);
	print_line(stderr, program, line ? line : trouble_text());
	free(line);
}

static FILE *note_stream(void)
{
	return diverted ? stderr : stdout;
}

void report_note(const char *format, ...)
{
	va_list arguments;
	char *line;
	int length;

	if (quiet)
		return;
	va_start(arguments, format);
	length = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	print_line(note_stream(), "", line);
	free(line);
}

FILE *report_terminal(void)
{
	const char *type = getenv("TERM");
	FILE *stream = note_stream();

	if (quiet || !type || !strcmp(type, "dumb") || !isatty(fileno(stream)))
		return NULL;
	return stream;
}
