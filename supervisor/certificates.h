/* The certificates and keys of TLS in the master's hands: read and checked before anything is
 * served, and again when their files change; kept in memory for the workers to inherit. What is new
 * and no good is told, and the old goes on. Nothing of it when the config names no certificate. */
#ifndef FTPOOL_SUPERVISOR_CERTIFICATES_H
#define FTPOOL_SUPERVISOR_CERTIFICATES_H

#include "common/config.h"

#include <stdbool.h>
#include <stdint.h>

struct ticket_keys;

struct certificates {
	const struct config *config;
	struct tls *tls;                   /* NULL: there is no TLS */
	const struct ticket_keys *tickets; /* the caller's */
	int packed; /* what `tls` was made of (tls_material_unpack), for workers or another master;
		       -1: there is no TLS */
	uint64_t seen;     /* tls_material_look, when it was last read */
	int64_t looked_ms; /* at the files; 0: look at once */
	int64_t warned_ms; /* of a certificate that runs out; 0: never */
};

/* Reads what the config names, which must outlive it, and so must the keys of session tickets. 0,
 * or -1 after complaining. From then on the process leaves no core and lets no other of its user
 * look into it. */
int certificates_open(struct certificates *certificates, const struct config *config,
	const struct ticket_keys *tickets, struct complaints *complaints);

/* The same with what was read and packed before, without a look at any file; takes `packed` over,
 * which is -1 when the config names no certificate. */
int certificates_adopt(struct certificates *certificates, const struct config *config,
	const struct ticket_keys *tickets, int packed, struct complaints *complaints);

/* Idempotent. */
void certificates_close(struct certificates *certificates);

/* Does what time it is for. Idempotent; for the master's loop. Are there new certificates, which
 * are `tls` and `packed` from now on? */
bool certificates_tend(struct certificates *certificates, int64_t now_ms);

/* Has certificates_tend read the files again, whether they have changed or not. */
void certificates_read_again(struct certificates *certificates);

/* Does the kernel encrypt what is sent? There must be a certificate. */
bool certificates_in_kernel(const struct certificates *certificates);

/* Whole days that the first of the certificates to expire is still good for; negative when it is
 * not any more. There must be one. */
int64_t certificates_days_left(const struct certificates *certificates);

#endif
