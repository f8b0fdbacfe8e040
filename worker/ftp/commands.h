/* The commands: one table says what there is, what each takes, where it may stand, and what HELP,
 * FEAT and the manual tell of it. */
#ifndef FTPOOL_WORKER_FTP_COMMANDS_H
#define FTPOOL_WORKER_FTP_COMMANDS_H

#include "worker/ftp/state.h"
#include "worker/vpath.h"

/* What stands behind the verb. */
enum command_takes {
	TAKES_NOTHING,
	TAKES_TEXT, /* something; blanks at its ends do not count */
	TAKES_TEXT_OR_NOT,
	TAKES_TEXT_AND_PATH, /* something that ends in a path, whose last bytes may be blanks */
	TAKES_LISTING,       /* options and a path, each or not; the last bytes may be blanks */
	TAKES_PATH,          /* a path, resolved */
	TAKES_PATH_OR_NOT    /* a path, or the current directory */
};

enum command_rule {
	NEEDS_LOGIN = 0,
	BEFORE_LOGIN = 1 << 0,  /* allowed before as well */
	KEEPS_RESTART = 1 << 1, /* may stand between REST (or RANG) and what it is for */
	KEEPS_RENAME = 1 << 2,  /* may stand between RNFR and RNTO */
	CLOSES = 1 << 3,        /* the session ends with it */
	ON_DISK = 1 << 4,       /* may have to wait for storage, as all do that take a path */
};

/* A command that is to run. */
struct command_call {
	const char *argument; /* as the client wrote it; "" when there is none */
	struct vpath path;    /* with TAKES_PATH and TAKES_PATH_OR_NOT */
};

struct command {
	const char *verb;
	/* 0, or the -errno of the control connection. */
	int (*run)(struct ftp *ftp, const struct command_call *call);
	enum command_takes takes;
	uint32_t rules;
	const char *feature; /* its line in FEAT, "" when it is none of FEAT's */
	const char *syntax;
	const char *source; /* where it is defined */
};

extern const struct command commands[];
extern const size_t command_count;

/* The command of that verb, in any case of letters; NULL: none. */
const struct command *command_find(const char *verb, size_t length);

#endif
