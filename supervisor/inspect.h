/* What can be known of a config before it is served, beyond what config_load finds out by itself:
 * are the roots there for the service's user, is the users file sound, are the certificates good?
 * It reads files and may take its time: done at the start, and by a child for a reload. */
#ifndef FTPOOL_SUPERVISOR_INSPECT_H
#define FTPOOL_SUPERVISOR_INSPECT_H

#include "supervisor/certificates.h"

/* Tells everything that is wrong; what is right but hardly meant goes to the log. The certificates
 * are the caller's to close, whatever is found. */
void inspect_config(const struct config *config, struct certificates *certificates,
	const struct ticket_keys *tickets, struct complaints *complaints);

#endif
