/* A visit by FTP (libcurl): in clear, by AUTH TLS, or in TLS from the first byte. Certificates are
 * looked at elsewhere, so any will do here. */
#ifndef FTPOOL_CLIENT_DOCTOR_FTP_H
#define FTPOOL_CLIENT_DOCTOR_FTP_H

#include "client/doctor_visit.h"

void doctor_ftp_visit(struct visit *visit);

#endif
