/* Where the log goes, and the transfer log beside it: opened by the master alone, who may create
 * the files; workers are handed the descriptors. */
#ifndef FTPOOL_SUPERVISOR_LOG_FILE_H
#define FTPOOL_SUPERVISOR_LOG_FILE_H

#include "common/config.h"

#include <stdbool.h>
#include <stdint.h>

/* The form alone that the config's log wants: for a child of another config than its master's. */
void log_file_set_form(const struct config *config);

/* Can the log file and the transfer log be opened? Tells what cannot. */
void log_file_try(const struct config *config, struct complaints *complaints);

/* Before anything is opened: the level and form that the config wants, on standard error. */
void log_file_begin(const struct config *config);

/* Opens the config's log file, or socket, (again) and writes the log there from now on, in the form
 * that it wants. 0 or -errno: then the log goes where it went before, and says so. */
int log_file_open(const struct config *config);

/* The same for the config's transfer log: *descriptor is the caller's, or -1 when there is none to
 * be. 0 or -errno after saying so. */
int log_file_open_xferlog(const struct config *config, int *descriptor);

/* Is the socket that the log goes to another one now, since its syslogd was started again? Looks
 * every few seconds at the most. */
bool log_file_is_stale(const struct config *config, int64_t now_ms);

#endif
