/* The menu: what the program shows when it is not told what to do. */
#ifndef FTPOOL_CLIENT_MENU_H
#define FTPOOL_CLIENT_MENU_H

#include "client/order.h"

/* Shows the menu and follows the user's commands, or those that come from standard input, until the
 * end. On a terminal what failed has been seen and said: the outcome is ORDER_WELL then; else it is
 * the worst of all commands. */
enum order_outcome menu_run(struct remote *remote);

#endif
