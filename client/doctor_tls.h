/* The certificates that the config names: whom they are for, who vouches for them, for how long. */
#ifndef FTPOOL_CLIENT_DOCTOR_TLS_H
#define FTPOOL_CLIENT_DOCTOR_TLS_H

#include "client/doctor.h"

void doctor_check_certificates(struct doctor *doctor);

#endif
