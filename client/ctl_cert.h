/* `ftpctl cert …`: makes a certificate to begin with, and looks at those there are. Needs no
 * server.
 */
#ifndef FTPOOL_CLIENT_CTL_CERT_H
#define FTPOOL_CLIENT_CTL_CERT_H

#include "client/ctl_ask.h"

/* argv[0] is "cert". */
enum ctl_exit ctl_cert_run(int argc, char **argv);

#endif
