/* The line that the user types: edited with libedit, with history and completion, or read as it
 * comes when standard input is no terminal. */
#ifndef FTPOOL_CLIENT_PROMPT_H
#define FTPOOL_CLIENT_PROMPT_H

#include <stdbool.h>

struct prompt;
struct remote;

enum prompt_result { PROMPT_LINE, PROMPT_CLEARED, PROMPT_END };

/* What TAB completes on a line: a whole command, or one remote or local name. */
enum prompt_subject { PROMPT_COMMAND, PROMPT_REMOTE_NAME, PROMPT_LOCAL_NAME };

/* The caller's to close; NULL, with the trouble set, when it cannot be. The remote is asked for the
 * names that TAB completes. prompt_close writes the history. */
struct prompt *prompt_open(struct remote *remote);
void prompt_close(struct prompt *prompt);

/* Whether there is a person at the terminal. */
bool prompt_is_terminal(const struct prompt *prompt);

/* Reads a line; *line, without its end, is the caller's to free after PROMPT_LINE. PROMPT_CLEARED:
 * the user pressed ctrl-C. PROMPT_END: ctrl-D, the input's end, or a signal that ends the program.
 * The text before the line is shown on a terminal only. */
enum prompt_result prompt_line(
	struct prompt *prompt, const char *text, enum prompt_subject subject, char **line);

#endif
