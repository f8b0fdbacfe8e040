#include "worker/ftp/restart.h"

#include "worker/ftp/argument.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/reply.h"
#include "worker/quota.h"
#include "worker/store_change.h"

#include <errno.h>

int restart_rest(struct ftp *ftp, const struct command_call *call)
{
	int64_t offset;

	if (argument_number(&offset, call->argument) < 0)
		return reply(ftp, 501, "REST takes a number of bytes");
	/* An offset in lines that are longer on the wire than on the disk means nothing. */
	if (offset > 0 && ftp->type == TYPE_ASCII)
		return reply(ftp, 501, "REST needs TYPE I");
	ftp->restart = offset;
	ftp->restarting = true;
	ftp->range_last = -1;
	return reply(ftp, 350, "Restarting at %jd", (intmax_t)offset);
}

int restart_rang(struct ftp *ftp, const struct command_call *call)
{
	int64_t first, last;

	if (argument_range(&first, &last, call->argument) < 0)
		return reply(ftp, 501, "RANG takes the first byte and the last");
	if (last >= 0 && ftp->type == TYPE_ASCII)
		return reply(ftp, 501, "RANG needs TYPE I");
	ftp->restart = 0;
	ftp->range_first = first;
	ftp->range_last = last;
	if (last < 0)
		return reply(ftp, 350, "Range reset: the whole file");
	return reply(ftp, 350, "Range from %jd to %jd", (intmax_t)first, (intmax_t)last);
}

int restart_allo(struct ftp *ftp, const struct command_call *call)
{
	struct vpath directory;
	int64_t wanted, room;

	if (argument_allo(&wanted, call->argument) < 0)
		return reply(ftp, 501, "ALLO takes a number of bytes");
	if (quota_check_largest(ftp->store->quota, (uint64_t)wanted) < 0)
		return reply_error(ftp, "ALLO", -EFBIG);
	directory_current(ftp, &directory);
	room = store_free_bytes(ftp->store, &directory);
	if (room >= 0 && wanted > room && wanted > quota_left(ftp->store->quota, NULL)) {
		(void)quota_refuse_bytes(ftp->store->quota);
		return reply_error(ftp, "ALLO", -EDQUOT);
	}
	if (room >= 0 && wanted > room)
		return reply(ftp, 452, "There is room for %jd bytes only", (intmax_t)room);
	return reply(ftp, 200, "There is room for %jd bytes", (intmax_t)wanted);
}
