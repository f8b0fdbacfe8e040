/* What `ftpctl top` draws: two lines about the service, the sessions, and a line of keys, in a
 * terminal of any size. */
#ifndef FTPOOL_CLIENT_CTL_TOP_SCREEN_H
#define FTPOOL_CLIENT_CTL_TOP_SCREEN_H

#include "client/ctl_top_list.h"

/* Takes the terminal, and gives it back. Idempotent. false: it can do nothing. */
bool top_screen_open(void);
void top_screen_close(void);

/* How many sessions fit. */
size_t top_screen_rows(void);

/* Draws it all; `first` is the place of the session in the first row. */
void top_screen_draw(const json_t *status, struct top_list *list, size_t first);

/* Says something in the last line, in place of the keys, until the next draw. */
void top_screen_say(const char *text);

#endif
