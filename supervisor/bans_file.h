/* The bans as a file of the state directory, which makes them outlive a restart: a line each,
 *
 *     192.0.2.7 1764098400000 1764099300000 10 too many failed logins
 *
 * network, since and until when (milliseconds since 1970; 0: for good), failures, reason. */
#ifndef FTPOOL_SUPERVISOR_BANS_FILE_H
#define FTPOOL_SUPERVISOR_BANS_FILE_H

#include "common/bans.h"
#include "supervisor/state.h"

/* Puts those that are not over into the table. How many; or -errno, -ENOENT when there is no file.
 * Lines that are none are left out, and counted in *faults. */
int bans_file_read(
	const struct state *state, struct bans *bans, int64_t now_unix_ms, uint32_t *faults);

/* Waits for the disk. 0 or -errno. */
int bans_file_write(const struct state *state, const struct bans *bans);

#endif
