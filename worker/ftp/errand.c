#include "worker/ftp/errand.h"

#include "common/clock.h"
#include "worker/ftp/control.h"
#include "worker/ftp/reply.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <poll.h>

enum { LOOK_MS = 50 };

void errand_begin(struct errand *errand, struct ftp *ftp)
{
	*errand = (struct errand){.ftp = ftp, .events = POLLIN, .looked_ms = clock_ms()};
	session_transfer_begin(ftp->session);
}

void errand_end(const struct errand *errand)
{
	session_transfer_end(errand->ftp->session);
}

static int look(struct errand *errand)
{
	struct pollfd control = {
		.fd = errand->ftp->session->stream.socket, .events = errand->events};
	int ended = 0;
	struct control_queue queue;

	if (poll(&control, 1, 0) > 0)
		ended = control_hear(errand->ftp, control.revents, &errand->events);
	queue = control_look(errand->ftp);
	if (ended < 0 || (ended > 0 && !queue.quit))
		return -ENOTCONN;
	return queue.abort ? -ECANCELED : 0;
}

int errand_is_given_up(void *context)
{
	struct errand *errand = context;
	int64_t now = clock_ms();

	if (errand->given_up == 0)
		errand->given_up = session_is_cut(errand->ftp->session);
	if (errand->given_up == 0 && now - errand->looked_ms >= LOOK_MS) {
		errand->looked_ms = now;
		errand->given_up = look(errand);
	}
	return errand->given_up;
}

int errand_refuse(const struct errand *errand, const char *subject, int error)
{
	if (errand->given_up == 0)
		return reply_error(errand->ftp, subject, error);
	if (errand->given_up == -ECANCELED)
		return reply(errand->ftp, 426, "%s: aborted", subject);
	return errand->given_up;
}
