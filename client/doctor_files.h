/* Directories and files of the service, as its user finds them. */
#ifndef FTPOOL_CLIENT_DOCTOR_FILES_H
#define FTPOOL_CLIENT_DOCTOR_FILES_H

#include "client/doctor.h"

/* Every root can be read by the service's user, and written where somebody may put; also in the
 * running server's own view, which a unit's ProtectSystem= and ProtectHome= narrow. */
void doctor_check_roots(struct doctor *doctor);

/* There is room on their disks, for bytes and for files. */
void doctor_check_disks(struct doctor *doctor);

/* The users file can be read by the service's user and by nobody else, and has no faults. */
void doctor_check_users(struct doctor *doctor);

#endif
