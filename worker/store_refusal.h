/* What an account is refused, and why: the one place that compares the rights that a deed of the
 * store needs with those held. The reason is kept, like errno, for the thread: until its next deed.
 */
#ifndef FTPOOL_WORKER_STORE_REFUSAL_H
#define FTPOOL_WORKER_STORE_REFUSAL_H

#include "worker/zones.h"

/* Begins a deed: are all rights that it needs held in the zone? 0 or -EPERM. */
int store_refusal_check(const struct zone *zone, uint32_t needed);

/* Is one of them held? 0 or -EPERM, which tells of the first one. */
int store_refusal_check_any(const struct zone *zone, uint32_t needed);

/* Refuses, for lack of those rights. -EPERM. */
int store_refusal_lack(const struct zone *zone, uint32_t missing);

/* The same for what is there already and may not be replaced: -EEXIST. */
int store_refusal_exists(const struct zone *zone);

/* Refuses to move or remove what the configuration has put there. -EPERM. */
int store_refusal_fixed(void);

/* Refuses to move, remove or change the root itself. -EACCES. */
int store_refusal_root(void);

/* Refuses what is a pipe, a socket or a device. -EACCES. */
int store_refusal_kind(void);

enum { STORE_REFUSAL_TEXT = 400 };

/* Why the thread's last deed was refused with that error, in words: "this account may not get in
 * /incoming". NULL: not for want of a right. Otherwise text. */
const char *store_refusal_text(int error, char text[STORE_REFUSAL_TEXT]);

#endif
