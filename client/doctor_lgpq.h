/* A visit by LGPQ, in framed mode, and one to echo: in clear, or by TLS. */
#ifndef FTPOOL_CLIENT_DOCTOR_LGPQ_H
#define FTPOOL_CLIENT_DOCTOR_LGPQ_H

#include "client/doctor_visit.h"

void doctor_lgpq_visit(struct visit *visit);
void doctor_echo_visit(struct visit *visit);

#endif
