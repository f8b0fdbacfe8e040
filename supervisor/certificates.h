/* The certificates and keys of TLS in the master's hands: read once and checked before anything is
 * served, kept in memory for the workers to inherit; and the keys of session tickets, renewed as
 * time goes by. Nothing of it when the config names no certificate. */
#ifndef FTPOOL_SUPERVISOR_CERTIFICATES_H
#define FTPOOL_SUPERVISOR_CERTIFICATES_H

#include "common/config.h"

#include <stdbool.h>
#include <stdint.h>

struct certificates {
	struct tls *tls; /* NULL: there is no TLS */
	struct ticket_keys *tickets;
	int64_t warned_ms; /* of a certificate that runs out; 0: never */
};

/* Reads what the config names, which must outlive it. 0, or -1 after complaining. From then on the
 * process leaves no core and lets no other of its user look into it. */
int certificates_open(struct certificates *certificates, const struct config *config,
	struct complaints *complaints);
void certificates_close(struct certificates *certificates);

/* Does what time it is for. Idempotent; for the master's loop. */
void certificates_tend(struct certificates *certificates, int64_t now_ms);

/* Does the kernel encrypt what is sent? There must be a certificate. */
bool certificates_in_kernel(const struct certificates *certificates);

/* Whole days that the first of the certificates to expire is still good for; negative when it is
 * not any more. There must be one. */
int64_t certificates_days_left(const struct certificates *certificates);

#endif
