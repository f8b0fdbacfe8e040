/* The terminal's echo, off while something is drawn on it: keys that are typed meanwhile would
 * stand in the middle of the line. They are kept for the next prompt; ctrl-C works as ever. */
#ifndef FTPOOL_CLIENT_ECHO_H
#define FTPOOL_CLIENT_ECHO_H

/* Off, if standard input is a terminal that we are in the foreground of (in the background it would
 * stop us: SIGTTOU). Idempotent. */
void echo_hush(void);

/* As it was before. Idempotent. */
void echo_restore(void);

#endif
