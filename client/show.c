#include "client/show.h"

#include "client/catalogue.h"
#include "client/display.h"
#include "client/figures.h"
#include "client/language.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
	char size[FIGURES_TEXT], when[64];
	char *name = display_name(entry->name);

	if (detailed) {
		write_time(when, sizeof(when), entry->modified_unix_seconds);
		if (to_the_byte)
			printf("%16" PRId64 "  %s  ", entry->size, when);
		else
			printf("%10s  %s  ", figures_size(size, entry->size), when);
	}
	puts(name ? name : "?");
	free(name);
}

static void show_total(const struct catalogue *catalogue)
{
	char size[FIGURES_TEXT];
	int64_t bytes = 0;

	if (catalogue->count == 0) {
		puts(_("The library is empty."));
		return;
	}
	for (size_t i = 0; i < catalogue->count; i++)
		bytes += catalogue->entry[i].size;
	if (catalogue->detailed)
		printf(ngettext("%zu file, %s\n", "%zu files, %s\n", catalogue->count),
			catalogue->count, figures_size(size, bytes));
	else
		printf(ngettext("%zu file\n", "%zu files\n", catalogue->count), catalogue->count);
}

static void show_for_program(const struct catalogue *catalogue, bool detailed)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entry[i];

		if (detailed && catalogue->detailed)
			printf("%" PRId64 "\t%" PRId64 "\t", entry->size,
				entry->modified_unix_seconds);
		else if (detailed)
			fputs("-\t-\t", stdout);
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
