/* What a config may say but its writer can hardly have meant: told as warnings, by `ftpoold
 * --check` and at the start. */
#ifndef FTPOOL_SUPERVISOR_ADVICE_H
#define FTPOOL_SUPERVISOR_ADVICE_H

#include "common/config.h"

void advice_give(const struct config *config);

#endif
