/* What the system call filters of all of the server's processes have in common (seccomp(2)). */
#ifndef FTPOOL_COMMON_CALL_FILTER_H
#define FTPOOL_COMMON_CALL_FILTER_H

#include <seccomp.h>

/* Threads, but no processes; and signals to the calling process alone, for abort(3). clone3 is
 * answered as if it were not there, since a filter cannot see its flags: the C library uses clone
 * then. 0 or -errno. */
int call_filter_allow_threads(scmp_filter_ctx filter);

#endif
