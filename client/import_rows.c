#include "client/import_rows.h"

#include <string.h>
#include <strings.h>

static const struct import_row *find(const struct import_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (strcasecmp(rows->rows[i].name, name) == 0)
			return &rows->rows[i];
	}
	return NULL;
}

static void tell(struct import *import, const struct import_row *row, const char *value,
	struct origin origin)
{
	complain(import->notes, origin, "%s %s: %s", row->name, value,
		row->remark ? row->remark : "there is nothing like it");
}

/* Ours may be younger than this program. */
static void set(struct import *import, const struct import_row *row, const char *value,
	struct origin origin)
{
	if (import_has_option(row->ours))
		import_set(import, row->ours, value, origin);
	else
		complain(
			import->notes, origin, "%s %s: there is nothing like it", row->name, value);
}

static void keep(struct import *import, const struct import_row *row, const char *context,
	const char *value, struct origin origin)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", context, row->name);
	import_keep(import, name, value, origin);
}

static bool is_on(const char *value)
{
	return strcasecmp(value, "yes") == 0 || strcasecmp(value, "on") == 0 ||
	       strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

bool import_rows_know(const struct import_rows *rows, const char *name)
{
	return find(rows, name) != NULL;
}

void import_rows_obey(struct import *import, const struct import_rows *rows, const char *context,
	const char *name, const char *value, struct origin origin)
{
	const struct import_row *row = find(rows, name);

	if (!row) {
		complain(import->notes, origin, "%s: is not known", name);
		return;
	}
	switch (row->take) {
	case TAKE_VALUE: set(import, row, value, origin); break;
	case TAKE_SWITCH: set(import, row, is_on(value) ? "true" : "false", origin); break;
	case TAKE_KEPT: keep(import, row, context, value, origin); break;
	case TAKE_SAME:
		keep(import, row, context, value, origin);
		if (strcasecmp(value, row->same) != 0)
			tell(import, row, value, origin);
		break;
	case TAKE_NEEDLESS: break;
	case TAKE_NONE: tell(import, row, value, origin); break;
	}
}

/* ---- the manual ---- */

/* mdoc has a use for a dot or a quote at the beginning of a line, and for backslashes. */
static void print_text(FILE *out, const char *text)
{
	for (; *text; text++)
		fputs(*text == '\\' ? "\\e" : (char[2]){*text, '\0'}, out);
}

static void print_row(FILE *out, const struct import_row *row)
{
	fprintf(out, ".It Li %s\n", row->name);
	if (row->ours && row->take != TAKE_SAME)
		fprintf(out, ".Ic %s%s\n", row->ours, row->remark ? "" : " .");
	if (row->ours && row->take != TAKE_SAME && row->remark)
		fputs(".No \\(en\n", out);
	if (row->take == TAKE_SAME)
		fprintf(out, ".Li %s\nis what is done anyway.\nAnything else:\n", row->same);
	if (row->take == TAKE_NEEDLESS && !row->remark)
		fputs("not needed.\n", out);
	if (row->take == TAKE_NONE)
		fputs("Told:\n", out);
	if (row->remark) {
		print_text(out, row->remark);
		fputs(".\n", out);
	} else if (row->take == TAKE_NONE || row->take == TAKE_SAME) {
		fputs("there is nothing like it.\n", out);
	}
}

static void print_rows(FILE *out, const char *title, const struct import_rows *rows)
{
	fprintf(out, ".Ss %s\n.Bl -tag -width Ds -compact\n", title);
	for (size_t i = 0; i < rows->count; i++)
		print_row(out, &rows->rows[i]);
	fputs(".El\n", out);
}

void import_rows_print(FILE *out)
{
	print_rows(out, "vsftpd.conf", &import_vsftpd_rows);
	print_rows(out, "proftpd.conf", &import_proftpd_rows);
	print_rows(out, "proftpd.conf, in Anonymous", &import_proftpd_anonymous_rows);
}
