/* A table of another server's directives, each with what becomes of it here. The manual is made of
 * the same rows. */
#ifndef FTPOOL_CLIENT_IMPORT_ROWS_H
#define FTPOOL_CLIENT_IMPORT_ROWS_H

#include "client/import.h"

enum import_take {
	TAKE_VALUE,    /* our option has the same value */
	TAKE_SWITCH,   /* YES and on become true, all else false */
	TAKE_KEPT,     /* it is looked at with others, when all has been read */
	TAKE_SAME,     /* kept; with the value `same` it is what we do anyway, else it is told */
	TAKE_NEEDLESS, /* what it is about does not exist here: nothing is lost */
	TAKE_NONE      /* no counterpart: it is told, with the remark */
};

struct import_row {
	const char *name;
	enum import_take take;
	const char *ours;   /* the option, or options; NULL: none */
	const char *same;   /* of TAKE_SAME */
	const char *remark; /* what is different, or why there is none; NULL: nothing */
};

struct import_rows {
	const struct import_row *rows;
	size_t count;
};

extern const struct import_rows import_vsftpd_rows, import_proftpd_rows,
	import_proftpd_anonymous_rows;

/* Is there such a directive? */
bool import_rows_know(const struct import_rows *rows, const char *name);

/* Does with one directive what its row says; tells what no row knows. What is kept has the context
 * before its name. */
void import_rows_obey(struct import *import, const struct import_rows *rows, const char *context,
	const char *name, const char *value, struct origin origin);

/* The tables as a section of ftpool-import(7), in mdoc(7). */
void import_rows_print(FILE *out);

#endif
