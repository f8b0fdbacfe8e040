/* `ftpctl import`: makes ftpool's files of other servers' ones. Needs no server. */
#ifndef FTPOOL_CLIENT_CTL_IMPORT_H
#define FTPOOL_CLIENT_CTL_IMPORT_H

#include "client/ctl_ask.h"

/* argv[0] is "import". */
enum ctl_exit ctl_import_run(int argc, char **argv);

#endif
