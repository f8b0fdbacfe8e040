/* What FTP clients are told about their data connections, and whether it can be true. */
#ifndef FTPOOL_CLIENT_DOCTOR_NETWORK_H
#define FTPOOL_CLIENT_DOCTOR_NETWORK_H

#include "client/doctor.h"

/* The address they are told is one that they can reach. */
void doctor_check_passive_address(struct doctor *doctor);

/* There are enough passive ports, and nobody else is given them. */
void doctor_check_passive_ports(struct doctor *doctor);

#endif
