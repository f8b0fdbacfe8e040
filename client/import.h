/* Takes over what other servers' administrators have written: reads vsftpd.conf or proftpd.conf and
 * writes ftpool.conf, reads pureftpd.passwd or an AuthUserFile and writes users. Whatever has no
 * counterpart is told, at its line, and never silently dropped. Pure, but for the files that an
 * Include names.
 *
 *     import           settings and what was read    import_rows     a table of directives, obeyed
 *     import_vsftpd    vsftpd.conf                   import_proftpd  proftpd.conf
 *     import_users     both kinds of accounts        import_manual   the tables, for the manual */
#ifndef FTPOOL_CLIENT_IMPORT_H
#define FTPOOL_CLIENT_IMPORT_H

#include "common/complaints.h"

#include <stdbool.h>
#include <stddef.h>

enum import_kind {
	IMPORT_VSFTPD,
	IMPORT_PROFTPD,
	IMPORT_PUREFTPD,
	IMPORT_AUTHUSERFILE,
	IMPORT_KINDS
};

/* "vsftpd", "proftpd", "pureftpd", "authuserfile". */
extern const char *const import_kind_names[IMPORT_KINDS];

/* Something that was read, under its name there, or is to be written, under its name here. */
struct import_entry {
	char *name, *value;
	struct origin origin;
};

struct import_list {
	struct import_entry *entries;
	size_t count;
};

struct import {
	const char *file;
	struct complaints *notes;    /* what has no counterpart */
	bool follow;                 /* Include and the like name files, which are read */
	int depth;                   /* of them */
	struct import_list read;     /* what is looked at when all has been read */
	struct import_list settings; /* "limits.sessions", "listener.ftp.port" */
};

/* Which kind of file is it? -EINVAL: none that is known. The text ends with NUL. */
int import_recognise(const char *text);

/* Reads a text (which is cut up) and writes to `out`. 0 or -ENOMEM. */
int import_text(enum import_kind kind, char *text, const char *file, bool follow, FILE *out,
	struct complaints *notes);

/* ---- for the rooms of import ---- */

void import_keep(struct import *import, const char *name, const char *value, struct origin origin);

/* Forgets what was kept since there were so many, if its name begins so. */
void import_forget(struct import *import, const char *prefix, size_t since);

/* The last one of that name, or NULL. */
const struct import_entry *import_kept(const struct import *import, const char *name);

/* Its value, or what it is when nothing is said. */
const char *import_value(const struct import *import, const char *name, const char *standard);

/* "YES", "on", "true", "1" are true. */
bool import_is_on(const struct import *import, const char *name, bool standard);

/* Where it was said, or {file, 0}. */
struct origin import_origin(const struct import *import, const char *name);

/* Sets an option of ours, in place of what was set before; a value that our own rules refuse is
 * told instead. "SECTION.OPTION", "OPTION" or "listener.NAME.OPTION"; the items of a list have
 * blanks between. */
void import_set(struct import *import, const char *option, const char *value, struct origin origin);

/* Is there such an option in this version? */
bool import_has_option(const char *option);

/* Writes the settings as ftpool.conf. */
void import_print(const struct import *import, FILE *out, const char *title);

void import_vsftpd(struct import *import, char *text, const char *file);
void import_proftpd(struct import *import, char *text, const char *file);
void import_pureftpd(FILE *out, struct complaints *notes, char *text, const char *file);
void import_authuserfile(FILE *out, struct complaints *notes, char *text, const char *file);

#endif
