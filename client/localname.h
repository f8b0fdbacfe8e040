/* The local path that a remote file gets. */
#ifndef FTPOOL_CLIENT_LOCALNAME_H
#define FTPOOL_CLIENT_LOCALNAME_H

/* By the user's wish: NULL is the name's last component in the current directory, a directory (or
 * what ends in '/') takes that component, anything else is the path. A server can so never choose
 * the directory. The caller frees *path. 0, -EINVAL (a name without a usable last component: "",
 * "." or "..") or -ENOMEM, with the trouble set. */
int localname_choose(char **path, const char *remote_name, const char *wish);

/* What stands behind the last '/'. */
const char *localname_last(const char *path);

#endif
