/* What a program that takes over begins with, before it touches anything: the keys of session
 * tickets, and a generation with its config and certificates. After a leap forward both are read
 * anew; after one back they are what they were. */
#ifndef FTPOOL_SUPERVISOR_SUCCESSION_H
#define FTPOOL_SUPERVISOR_SUCCESSION_H

#include "supervisor/generation.h"
#include "supervisor/handover.h"
#include "supervisor/master.h"

/* NULL: there is no memory. */
struct ticket_keys *succession_tickets(const struct handover *handover);

/* NULL after complaining. */
struct generation *succession_generation(const struct launch *launch,
	const struct handover *handover, const struct ticket_keys *tickets,
	struct complaints *complaints);

#endif
