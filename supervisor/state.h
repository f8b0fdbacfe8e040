/* The state directory: what is to outlive the service. Only the master and the children of its that
 * run errands open files there; workers have what they need as descriptors.
 *
 * It belongs to the service's user, and so does every file in it, also when root is the master.
 * That user is the one that clients' bytes are handled as: files are opened by name alone and never
 * through a link, and what they hold is read like any stranger's.
 *
 * One server at a time has it, by a lock that its end undoes however it comes. */
#ifndef FTPOOL_SUPERVISOR_STATE_H
#define FTPOOL_SUPERVISOR_STATE_H

#include "common/config.h"

#include <sys/types.h>

struct state {
	int directory; /* O_DIRECTORY; -1: there is none, and everything has to do without */
	int lock;      /* -1: an errand's */
	bool give;     /* what root makes there becomes the service's user's */
	uid_t uid;
	gid_t gid;
};

/* Makes, opens and locks the config's state directory. 0; -1 after complaining. One that the
 * service merely assumes may fail: then there is none, and the log says so. */
int state_open(struct state *state, const struct config *config, struct complaints *complaints);

/* The same beside a server that has the lock, for a program that is on trial. */
int state_open_beside(
	struct state *state, const struct config *config, struct complaints *complaints);

/* Complains of what state_open would, but for another server that has it, and changes nothing. */
void state_check(const struct config *config, struct complaints *complaints);

/* The same directory for a child whose master has it open: without the lock. 0 or -errno. */
int state_open_errand(struct state *state, const struct config *config);

/* A directory of that name in it, made if need be, as one of the same kind, without a lock of its
 * own. 0 or -errno. */
int state_open_below(struct state *below, const struct state *state, const char *name);

/* Idempotent. */
void state_close(struct state *state);

/* Opens a file of that name, or makes it if the flags have O_CREAT: of mode 0640, close-on-exec.
 * The descriptor or -errno: -ENOENT when there is no directory; -ELOOP for a link; -EINVAL for what
 * is no plain file. */
int state_open_file(const struct state *state, const char *name, int flags);

/* The file's bytes, NUL behind them, the caller's to free. -EFBIG beyond `most`; or -errno as
 * above.
 */
ssize_t state_read(const struct state *state, const char *name, size_t most, char **bytes);

/* Puts these bytes in the file's place in one step: after a crash it is the old or the new file. It
 * waits for the disk; where that must not be, an errand does it. 0 or -errno. */
int state_replace(const struct state *state, const char *name, const void *bytes, size_t length);

/* 0, also when there is no such file; or -errno. */
int state_remove(const struct state *state, const char *name);

#endif
