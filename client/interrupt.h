/* Ctrl-C and the signals that end the program. They are never acted upon where they strike: every
 * wait of the client watches interrupt_descriptor() and gives up with -ECANCELED. */
#ifndef FTPOOL_CLIENT_INTERRUPT_H
#define FTPOOL_CLIENT_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are noted, and SIGPIPE is ignored. 0 or -errno. */
int interrupt_init(void);

/* Readable (poll(2)) while interrupt_pending(). */
int interrupt_descriptor(void);

/* A signal has come since the last interrupt_clear. */
bool interrupt_pending(void);

/* Forgets a ctrl-C: the next command starts afresh. SIGTERM and SIGHUP are not forgotten. */
void interrupt_clear(void);

/* SIGTERM or SIGHUP if one came, else 0: the program must end. */
int interrupt_final(void);

/* Ends the program as the signal would have, so that the shell knows why. */
_Noreturn void interrupt_die(int signal_number);

#endif
