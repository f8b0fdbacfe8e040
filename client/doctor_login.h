/* Every listener of the running server, visited as a client would. */
#ifndef FTPOOL_CLIENT_DOCTOR_LOGIN_H
#define FTPOOL_CLIENT_DOCTOR_LOGIN_H

#include "client/doctor.h"

void doctor_check_logins(struct doctor *doctor);

#endif
