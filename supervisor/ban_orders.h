/* The bans as the operator sees and orders them by the status pipe: answers as of supervisor/orders
 * and supervisor/report. */
#ifndef FTPOOL_SUPERVISOR_BAN_ORDERS_H
#define FTPOOL_SUPERVISOR_BAN_ORDERS_H

#include <jansson.h>

struct master;

/* {"bans": […]}: an object each, those that are over first in front. */
json_t *report_bans(struct master *master);

/* "ADDRESS[/BITS] SECONDS [REASON]": bans, 0 seconds being for good. An IPv6 address without BITS
 * is its /64, as it is when failures lead to a ban. */
json_t *order_ban(struct master *master, const char *argument);

/* "ADDRESS[/BITS]", or "all". */
json_t *order_unban(struct master *master, const char *argument);

#endif
