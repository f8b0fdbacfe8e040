/* The file in which the menu keeps the lines that were typed: $XDG_STATE_HOME/ftpool/history, by
 * default ~/.local/state/ftpool/history. Without a home there is none. */
#ifndef FTPOOL_CLIENT_HISTORY_FILE_H
#define FTPOOL_CLIENT_HISTORY_FILE_H

#include <histedit.h>

/* Adds the lines of earlier times, if there are any. */
void history_file_load(History *lines);

/* Puts all lines in the file's place, whole or not at all; for the user's eyes only. What cannot be
 * kept is not worth a message. */
void history_file_save(History *lines);

#endif
