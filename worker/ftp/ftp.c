#include "worker/ftp/ftp.h"

#include "worker/ftp/control.h"
#include "worker/ftp/data.h"
#include "worker/ftp/dispatch.h"
#include "worker/ftp/facts.h"
#include "worker/ftp/login.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/settings.h"
#include "worker/ftp/zmode.h"
#include "worker/session_pace.h"
#include "worker/stream_post.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void hold(struct session *session, struct ftp *ftp)
{
	_Static_assert(sizeof(struct ftp *) <= SESSION_PROTOCOL_BYTES, "fits the session");
	memcpy(session->protocol_bytes, &ftp, sizeof(struct ftp *));
}

/* Urgent data is read where it stands in the stream, so that a Synch (RFC 854) cannot get lost. */
static void keep_urgent_inline(const struct session *session)
{
	int one = 1;

	(void)setsockopt(session->stream.socket, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
}

static enum session_next open_session(struct session *session)
{
	struct ftp *ftp = calloc(1, sizeof(*ftp));
	const char *greeting = session->engine->config->ftp_greeting;

	if (!ftp)
		return SESSION_CLOSE;
	ftp->session = session;
	hold(session, ftp);
	data_init(&ftp->data, session->stream.socket);
	login_forget(ftp);
	secure_begin(ftp);
	settings_reset(ftp);
	keep_urgent_inline(session);
	return reply(ftp, 220, "%s", greeting[0] ? greeting : "ftpool ready") < 0 ? SESSION_CLOSE
										  : SESSION_PARK;
}

static void close_session(struct session *session)
{
	struct ftp *ftp = ftp_of(session);

	if (!ftp)
		return;
	login_forget(ftp);
	data_close(ftp);
	free(ftp);
	hold(session, NULL);
}

/* A client that just went away is none; nor is one that has asked for it. */
static void note_trouble(struct session *session, int error)
{
	if (error == -ECONNABORTED)
		session->trouble = "the client was shown the door";
	else if (error == -ETIMEDOUT)
		session->trouble = "the client takes no reply";
	else if (error == -ESHUTDOWN)
		session->trouble = NULL;
}

/* What is there has to wait for its time. */
static bool must_rest(struct session *session)
{
	size_t held;

	if (atomic_load(&session->resume_ms) != 0)
		return true;
	(void)stream_peek(&session->stream, &held);
	return held > 0 && session_pace_is_over(session);
}

/* Runs what is whole, in order, as long as the client takes the replies. */
static enum session_next run_lines(struct ftp *ftp)
{
	const struct engine *engine = ftp->session->engine;
	char line[CONTROL_LINE];
	ssize_t length;

	while (!must_rest(ftp->session) && (length = control_line(ftp, line)) != -EAGAIN) {
		int error = (int)length;

		session_pace_spend(ftp->session);

		if (length == -EMSGSIZE)
			error = reply(
				ftp, 500, "The line is longer than %d bytes", CONTROL_LINE - 1);
		else if (length >= 0)
			error = dispatch_line(ftp, line, (size_t)length);
		note_trouble(ftp->session, error);
		if (error < 0 || atomic_load(&ftp->session->told_to_close))
			return error == -ESHUTDOWN ? SESSION_PARTED : SESSION_CLOSE;
		if (atomic_load(&engine->draining) || stream_has_posted(&ftp->session->stream))
			return SESSION_PARK;
	}
	return SESSION_PARK;
}

/* To who has rested for it. */
static enum session_next answer_late(struct ftp *ftp)
{
	int error;

	if (atomic_load(&ftp->session->resume_ms) != 0)
		return SESSION_PARK;
	error = login_say_refused(ftp);
	note_trouble(ftp->session, error);
	return error < 0 ? SESSION_CLOSE : SESSION_PARK;
}

/* One read a turn: if there is more, the epoll set says so at once. Before it, what was read while
 * replies could not be sent. */
static enum session_next serve(struct session *session)
{
	struct ftp *ftp = ftp_of(session);
	enum session_next next = ftp->refused_until_ms != 0 ? answer_late(ftp) : SESSION_PARK;
	ssize_t got;

	if (next == SESSION_PARK)
		next = run_lines(ftp);
	if (next != SESSION_PARK || stream_has_posted(&session->stream) ||
		atomic_load(&session->resume_ms) != 0)
		return next;
	got = control_read(ftp);
	if (got == -EAGAIN)
		return SESSION_PARK;
	if (got <= 0)
		return SESSION_CLOSE;
	return run_lines(ftp);
}

static size_t farewell(enum session_end why, char *text, size_t size)
{
	static const char *const words[] = {
		[END_IDLE] = "421 Idle or not logged in for too long; closing the connection\r\n",
		[END_STOPPING] = "421 The server is stopping; try again later\r\n",
		[END_REPLACED] = "421 The server is being renewed; please connect again\r\n",
		[END_KICKED] = "421 The operator has ended this session\r\n",
		[END_BANNED] = "421 Your address is banned\r\n",
		[END_SERVER_FULL] = "421 The server is full; try again later\r\n",
		[END_ADDRESS_FULL] = "421 Too many sessions from your address\r\n",
		[END_NO_DESCRIPTOR] = "421 The server is out of descriptors; try again later\r\n",
	};

	return (size_t)snprintf(text, size, "%s", words[why]);
}

const struct protocol ftp_protocol = {.name = PROTOCOL_FTP,
	.transfers_aside = true,
	.open = open_session,
	.serve = serve,
	.close = close_session,
	.farewell = farewell};
