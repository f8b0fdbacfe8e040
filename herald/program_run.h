/* One run of on_upload's program. */
#ifndef FTPOOL_HERALD_PROGRAM_RUN_H
#define FTPOOL_HERALD_PROGRAM_RUN_H

#include "common/config.h"

#include <sys/types.h>

/* Starts it for that event's line, in a process group of its own and without any privilege. The pid
 * or -errno. */
pid_t program_run(const struct config_list *command, const char *line);

#endif
