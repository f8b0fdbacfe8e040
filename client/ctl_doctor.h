/* `ftpctl doctor`: looks at the config, the machine and the running server, and says what is the
 * matter and what to do. */
#ifndef FTPOOL_CLIENT_CTL_DOCTOR_H
#define FTPOOL_CLIENT_CTL_DOCTOR_H

#include "client/ctl_ask.h"

/* argv[0] is "doctor". */
enum ctl_exit ctl_doctor_run(int argc, char **argv);

#endif
