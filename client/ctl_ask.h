/* ftpctl's side of the status pipe: one question, one JSON answer. */
#ifndef FTPOOL_CLIENT_CTL_ASK_H
#define FTPOOL_CLIENT_CTL_ASK_H

#include <jansson.h>
#include <stdbool.h>

/* ftpctl's exit statuses (ftpctl(8)). */
enum ctl_exit { CTL_WELL = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_NO_SERVER = 3 };

/* Asks the server at `path`; NULL means the service's, or if there is none, one that this user
 * runs. Returns CTL_WELL and the answer, the caller's to free, or another status after saying why
 * on standard error. */
enum ctl_exit ctl_ask(const char *path, const char *question, json_t **answer);

/* Asks, and leaves the answer to the caller: a socket to read from, without end as long as the
 * server has more to say; or -1 after saying why, with *status. */
int ctl_begin(const char *path, const char *question, enum ctl_exit *status);

/* From now on a refusal is printed on standard output as well, as the JSON that came. */
void ctl_ask_json(void);

/* From now on what goes wrong is not said on standard error, but can be asked for: a line, or "".
 */
void ctl_ask_mute(bool muted);
const char *ctl_ask_complaint(void);

/* Waits until no server answers at the path any more. */
enum ctl_exit ctl_wait_until_gone(const char *path);

#endif
