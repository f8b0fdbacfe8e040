/* Is anything served that is not for clients? Below a root they could fetch it, or put another in
 * its place, if the service's user may: as it often is when somebody serves a directory of his own.
 */
#ifndef FTPOOL_SUPERVISOR_EXPOSURE_H
#define FTPOOL_SUPERVISOR_EXPOSURE_H

#include "common/config.h"

/* Complains about a users file, a private key and a state directory that lie below the root, that
 * of anonymous, or a mount's. Links are followed. */
void exposure_check(const struct config *config, struct complaints *complaints);

#endif
