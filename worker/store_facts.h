/* What stat(2) knows, as the store tells it. */
#ifndef FTPOOL_WORKER_STORE_FACTS_H
#define FTPOOL_WORKER_STORE_FACTS_H

#include "worker/store.h"

#include <sys/stat.h>

/* 0, but for `may`, which is left open; -EACCES for what is neither file nor directory, since only
 * those are served. */
int store_facts_take(struct store_file *file, const struct stat *status);

/* The same of an open file. Or -errno. */
int store_facts_look(struct store_file *file, int descriptor);

#endif
