#include "client/show.h"

#include "client/catalogue.h"
#include "client/display.h"
#include "client/figures.h"
#include "client/language.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void write_time(char *text, size_t size, int64_t unix_seconds)
{
	time_t seconds = (time_t)unix_seconds;
	struct tm local;

	if (!localtime_r(&seconds, &local) || !strftime(text, size, "%Y-%m-%d %H:%M", &local))
		snprintf(text, size, "?");
}

static void show_row(const struct catalogue_entry *entry, bool detailed, bool to_the_byte)
{
	char size[FIGURES_TEXT] = "-", when[64] = "-";
	char *name = display_name(entry->name);

	if (detailed) {
		if (entry->modified_unix_seconds >= 0)
			write_time(when, sizeof(when), entry->modified_unix_seconds);
		if (entry->size >= 0 && to_the_byte)
			snprintf(size, sizeof(size), "%" PRId64, entry->size);
		else if (entry->size >= 0)
			figures_size(size, entry->size);
		printf("%*s  %-*s  ", to_the_byte ? 16 : 10, size, (int)strlen("2026-11-25 16:01"),
			when);
	}
	puts(name ? name : "?");
	free(name);
}

static bool is_directory(const struct catalogue_entry *entry)
{
	return *entry->name && entry->name[strlen(entry->name) - 1] == '/';
}

static void show_total(const struct catalogue *catalogue)
{
	char size[FIGURES_TEXT];
	int64_t bytes = 0;
	size_t files = 0;

	if (catalogue->count == 0) {
		puts(_("The library is empty."));
		return;
	}
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entry[i];

		files += !is_directory(entry);
		/* Sizes that cannot be true must not overflow. */
		if (entry->size > 0 && entry->size < INT64_MAX - bytes)
			bytes += entry->size;
	}
	if (catalogue->detailed)
		printf(ngettext("%zu file, %s\n", "%zu files, %s\n", files), files,
			figures_size(size, bytes));
	else
		printf(ngettext("%zu file\n", "%zu files\n", files), files);
}

/* A figure and a TAB; "-" for what the server does not tell. */
static void print_figure(int64_t figure)
{
	if (figure >= 0)
		printf("%" PRId64 "\t", figure);
	else
		fputs("-\t", stdout);
}

static void show_for_program(const struct catalogue *catalogue, bool detailed)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entry[i];

		if (detailed) {
			print_figure(entry->size);
			print_figure(entry->modified_unix_seconds);
		}
		puts(entry->name);
	}
}

void show_catalogue(const struct catalogue *catalogue, bool detailed_wish)
{
	if (isatty(STDOUT_FILENO)) {
		for (size_t i = 0; i < catalogue->count; i++)
			show_row(&catalogue->entry[i], catalogue->detailed, detailed_wish);
		show_total(catalogue);
	} else {
		show_for_program(catalogue, detailed_wish);
	}
	fflush(stdout);
	if (catalogue->cut)
		fputs(_("The server holds more names than it can list in this mode.\n"), stderr);
}
