#include "worker/ftp/site_who.h"

#include "common/clock.h"
#include "worker/ftp/reply.h"

#include <string.h>

static int tell(struct ftp *ftp, const struct board_activity *activity, uint64_t bytes)
{
	char peer[ADDRESS_TEXT];

	if (activity->command_since_ms == 0)
		return reply_between(ftp, "%s %s idle", address_format(&activity->peer, peer),
			activity->user[0] ? activity->user : "-");
	return reply_between(ftp, "%s %s %s %s %ju bytes, %jd s",
		address_format(&activity->peer, peer), activity->user[0] ? activity->user : "-",
		activity->command, activity->path, (uintmax_t)bytes,
		(intmax_t)((clock_ms() - activity->command_since_ms) / 1000));
}

/* Behind one address there may be many users, and what one of them does is not for the others. */
static bool is_own(const struct ftp *ftp, const struct board_activity *activity)
{
	const struct board_activity *mine = &ftp->session->activity;

	return address_same_host(&activity->peer, &mine->peer) &&
	       strcmp(activity->user, mine->user) == 0;
}

static int tell_worker(struct ftp *ftp, uint32_t slot)
{
	const struct board *board = ftp->session->engine->board;
	int error = 0;

	for (uint32_t i = 0; i < board_rows_used(board, slot) && error == 0; i++) {
		struct board_activity activity;
		uint64_t bytes;

		if (board_session_read(board_session(board, slot, i), &activity, &bytes) &&
			is_own(ftp, &activity))
			error = tell(ftp, &activity, bytes);
	}
	return error;
}

int site_who(struct ftp *ftp, const char *text)
{
	int error = reply_first(ftp, 200, "Your sessions from this address:");

	(void)text;
	for (uint32_t i = 0; i < board_slots_used(ftp->session->engine->board) && error == 0; i++)
		error = tell_worker(ftp, i);
	return error < 0 ? error : reply(ftp, 200, "End of sessions");
}
