/* Where the log goes: opened by the master alone, which may create the file; workers are handed the
 * descriptor. */
#ifndef FTPOOL_SUPERVISOR_LOG_FILE_H
#define FTPOOL_SUPERVISOR_LOG_FILE_H

#include "common/config.h"

/* Opens the config's log file (again) and writes the log there from now on; nothing to do when the
 * log goes to standard error. 0 or -errno: then the log goes where it went before, and says so. */
int log_file_open(const struct config *config);

#endif
