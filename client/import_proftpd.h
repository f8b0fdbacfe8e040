/* proftpd.conf: its blocks, and what follows from all that was read. Private to import_proftpd. */
#ifndef FTPOOL_CLIENT_IMPORT_PROFTPD_H
#define FTPOOL_CLIENT_IMPORT_PROFTPD_H

#include "client/import_rows.h"
#include "common/rights.h"

#include <stdint.h>

/* What is read in an Anonymous block is kept with this before its name. */
#define PROFTPD_ANONYMOUS "Anonymous "

/* ---- Limits ---- */

enum {
	PROFTPD_LOGIN = 1 << RIGHT_COUNT, /* beside the rights: to log in at all */
	PROFTPD_RANKS = 3 /* ALL, a class of commands, a command: the last one wins */
};

/* What the Limits of one place allow and deny. */
struct proftpd_place {
	uint32_t given[PROFTPD_RANKS], taken[PROFTPD_RANKS];
};

/* One Limit while it is read: what it is about, and what it says. */
struct proftpd_limit {
	char what[64]; /* its words */
	uint32_t about[PROFTPD_RANKS];
	bool allows, denies, depends; /* all, all, on who asks */
};

/* Of the words behind "Limit"; tells those that are about nothing we know. */
struct proftpd_limit proftpd_limit_begin(
	struct import *import, char *const *words, size_t count, struct origin origin);

/* A directive in it. */
void proftpd_limit_take(struct proftpd_limit *limit, struct import *import, char *const *words,
	size_t count, struct origin origin);

/* Adds what it said to the place that it stands in. What depends on who asks is denied to all, and
 * told: whom we do not ask we do not let in. */
void proftpd_limit_end(const struct proftpd_limit *limit, struct import *import,
	struct proftpd_place *place, struct origin origin);

/* What may be done in the last of these places, each of which is in the one before it. */
uint32_t proftpd_may(const struct proftpd_place *const *places, size_t count);

/* "list get …" of a set of rights. */
enum { PROFTPD_WORDS = 256 };
char *proftpd_words(uint32_t rights, char words[PROFTPD_WORDS]);

/* Of a context ("" or PROFTPD_ANONYMOUS): without what AllowOverwrite and AllowStoreRestart have
 * not given. */
uint32_t proftpd_given(const struct import *import, const char *context, uint32_t rights);

/* Makes settings of what was kept; `may` is what accounts may do. */
void proftpd_finish(struct import *import, uint32_t may);

/* ---- Anonymous ---- */

/* A Directory in it, as a client sees it. */
struct proftpd_directory {
	char *path;
	struct proftpd_place place;
	struct origin origin;
};

struct proftpd_anonymous {
	struct proftpd_place place;
	struct proftpd_directory *directories;
	size_t count;
};

/* How much there was when a block began. */
struct proftpd_mark {
	size_t read, directories;
};

/* A Directory of an Anonymous with this root. False: it cannot be a section directory of ours. */
bool proftpd_anonymous_add(struct proftpd_anonymous *anonymous, const char *root, const char *path,
	const struct proftpd_place *place, struct origin origin);

/* An Anonymous has been read. One becomes ours, and none that asks for a name or a password: what
 * that lets its guests do would else be everybody's. Others are told, and forgotten. */
void proftpd_anonymous_close(struct proftpd_anonymous *anonymous, struct import *import,
	const char *root, const struct proftpd_place *place, struct proftpd_mark begun,
	struct origin origin);

/* Makes settings of it, within what holds for the server, and frees it. */
void proftpd_anonymous_finish(struct proftpd_anonymous *anonymous, struct import *import,
	const struct proftpd_place *server);

#endif
