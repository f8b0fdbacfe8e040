/* Where the status pipe is when nobody says, one rule for the server and for ftpctl; and how it is
 * reached. */
#ifndef FTPOOL_COMMON_STATUS_PATH_H
#define FTPOOL_COMMON_STATUS_PATH_H

/* The service's: /run/ftpool/status. */
extern const char status_path_service[];

enum { STATUS_PATH = 108 };

/* That of a server somebody runs without being root: $XDG_RUNTIME_DIR/ftpool/status, or
 * /tmp/ftpool-UID/status where there is no such directory. Returns path. */
char *status_path_personal(char path[STATUS_PATH]);

/* A socket that is connected to the pipe there, and waits no longer than that for anything. The
 * caller closes it. Or -errno: -ECONNREFUSED when nobody listens, -ENAMETOOLONG. */
int status_path_connect(const char *path, unsigned patience_seconds);

#endif
