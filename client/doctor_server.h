/* The running server: its pipe, how it is, whether it is what is installed and configured. */
#ifndef FTPOOL_CLIENT_DOCTOR_SERVER_H
#define FTPOOL_CLIENT_DOCTOR_SERVER_H

#include "client/doctor.h"

/* A server is there, or else no stale pipe is. */
void doctor_check_pipe(struct doctor *doctor);

/* It is not degraded, all its workers live. */
void doctor_check_state(struct doctor *doctor);

/* It is the version that is installed, and has read the config as it is now. */
void doctor_check_version(struct doctor *doctor);

#endif
