/* ftpctl's commands: one table. From it come the usage and what is asked of the server; the
 * completions of etc/completion are held against it (tests/house/completion). */
#ifndef FTPOOL_CLIENT_CTL_COMMANDS_H
#define FTPOOL_CLIENT_CTL_COMMANDS_H

#include "client/ctl_ask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What the options before or behind the command say. */
struct ctl_wish {
	const char *socket; /* NULL: the service's, or one's own */
	bool json;
	bool no_wait;
	const char *time, *reason; /* of a ban; NULL: not said */
	bool crashes;
	bool dry_run;
	bool now;
	bool follow;
	const char *since;   /* NULL: not said */
	const char *recount; /* with quota: an account or "all"; NULL: nothing */
};

/* How an answer is shown to people. */
typedef void ctl_printer(FILE *out, const json_t *answer);

struct ctl_command {
	const char *name;
	const char *form; /* its arguments, for the usage; "": it takes none */
	int least, most;  /* how many of them */
	const char *help;
	/* How the answer to the question "name arguments" is shown. */
	ctl_printer *print;
	/* Instead of asking that one question: argv[0] is the first argument. */
	enum ctl_exit (*run)(const struct ctl_wish *wish, int argc, char **argv);
	/* Instead, for commands that need no server and read options of their own: argv[0] is the
	 * name. */
	enum ctl_exit (*run_alone)(int argc, char **argv);
};

extern const struct ctl_command ctl_commands[];
extern const size_t ctl_command_count;

/* NULL: there is none of that name. */
const struct ctl_command *ctl_command_find(const char *name);

/* Asks the question "NAME arguments", and shows the answer: by `print`, or as JSON if that is
 * wished. */
enum ctl_exit ctl_command_ask(
	const struct ctl_wish *wish, ctl_printer *print, const char *name, int argc, char **argv);

/* Does what the command says with its arguments, of which there are as many as it takes. */
enum ctl_exit ctl_command_run(
	const struct ctl_command *command, const struct ctl_wish *wish, int argc, char **argv);

#endif
