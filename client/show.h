/* Prints what the server holds. */
#ifndef FTPOOL_CLIENT_SHOW_H
#define FTPOOL_CLIENT_SHOW_H

#include <stdbool.h>

struct catalogue;

/* For people (a terminal): a table of sizes, local times and names, unprintable bytes escaped; with
 * `detailed_wish`, sizes to the byte. For programs (no terminal): one raw name a line; with
 * `detailed_wish`, "SIZE TAB UNIX-TIME TAB NAME". */
void show_catalogue(const struct catalogue *catalogue, bool detailed_wish);

#endif
