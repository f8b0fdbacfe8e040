/* ftpctl's commands about bans. */
#ifndef FTPOOL_CLIENT_CTL_BANS_H
#define FTPOOL_CLIENT_CTL_BANS_H

#include "client/ctl_commands.h"

void ctl_print_bans(FILE *out, const json_t *answer);
void ctl_print_unban(FILE *out, const json_t *answer);

/* Bans the address in argv[0], as --time and --reason say. */
enum ctl_exit ctl_ban(const struct ctl_wish *wish, int argc, char **argv);

#endif
