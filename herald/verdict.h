/* What became of an upload whose worker died between announcing it and saying so: a look at the
 * file tells. */
#ifndef FTPOOL_HERALD_VERDICT_H
#define FTPOOL_HERALD_VERDICT_H

#include "herald/pending.h"

/* Does the file stand under the name that it was to have? A file that has been removed or replaced
 * since then does not; nor does one whose partial somebody else has finished: that is the other
 * one's upload, and the caller's to know. */
bool verdict_stands(const struct pending *pending);

#endif
