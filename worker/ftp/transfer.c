#include "worker/ftp/transfer.h"

#include "common/clock.h"
#include "worker/ftp/control.h"
#include "worker/ftp/data.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/zmode.h"
#include "worker/gang.h"
#include "worker/session_activity.h"
#include "worker/stream_tls.h"

#include <errno.h>
#include <poll.h>

/* ---- the control connection meanwhile ---- */

static struct transfer *transfer_of(struct stream_aside *aside)
{
	return (struct transfer *)((char *)aside - offsetof(struct transfer, aside));
}

/* STAT during a transfer (RFC 959 4.1.3). */
static int tell_progress(struct transfer *transfer)
{
	const struct session *session = transfer->ftp->session;
	uintmax_t done = atomic_load(&session->row->bytes_done);

	if (session->activity.bytes_total >= 0)
		return reply(transfer->ftp, 213, "%s %s: %ju of %jd bytes so far", transfer->verb,
			transfer->subject, done, (intmax_t)session->activity.bytes_total);
	return reply(transfer->ftp, 213, "%s %s: %ju bytes so far", transfer->verb,
		transfer->subject, done);
}

/* Acts on what waits in the queue. 0, -ECANCELED after ABOR, -ENOTCONN, -ESHUTDOWN when the
 * operator ends the session. */
static int obey_queue(struct transfer *transfer, bool ended)
{
	struct control_queue queue = control_look(transfer->ftp);

	while (queue.status && !queue.abort) {
		control_drop_line(transfer->ftp);
		if (tell_progress(transfer) < 0)
			return -ENOTCONN;
		queue = control_look(transfer->ftp);
	}
	if (atomic_load(&transfer->ftp->session->kicked_ms) != 0)
		return -ESHUTDOWN;
	if (queue.abort)
		return -ECANCELED;
	return ended && !queue.quit ? -ENOTCONN : 0;
}

/* A client that is gone, or that has ended its side without QUIT, wants nothing more. */
static int hear(struct stream_aside *aside, short events)
{
	struct transfer *transfer = transfer_of(aside);
	int ended = control_hear(transfer->ftp, events, &aside->events);

	return ended < 0 ? ended : obey_queue(transfer, ended > 0);
}

int transfer_is_meant(struct transfer *transfer)
{
	struct pollfd control = {.fd = transfer->aside.socket, .events = transfer->aside.events};

	if (poll(&control, 1, 0) <= 0)
		return 0;
	return hear(&transfer->aside, control.revents) == -ENOTCONN ? -ENOTCONN : 0;
}

int transfer_is_given_up(void *context)
{
	struct transfer *transfer = context;
	struct pollfd control = {.fd = transfer->aside.socket, .events = transfer->aside.events};
	int error = obey_queue(transfer, false);

	if (!data_is_agreed(transfer->ftp))
		error = -EDESTADDRREQ;
	else if (error == 0 && poll(&control, 1, 0) > 0)
		error = hear(&transfer->aside, control.revents);
	transfer->given_up = error;
	return error;
}

/* ---- beginning ---- */

static int make_zmode(struct transfer *transfer)
{
	const struct ftp *ftp = transfer->ftp;

	if (ftp->mode != MODE_ZLIB)
		return 0;
	transfer->zmode = transfer->kind == TRANSFER_UPLOAD ? zmode_new_inflate()
							    : zmode_new_deflate(ftp->deflate_level);
	return transfer->zmode ? 0 : transfer_disk_error(transfer, -ENOMEM);
}

static int open_and_say(struct transfer *transfer, const char *text)
{
	int error = data_is_agreed(transfer->ftp) ? 0 : -EDESTADDRREQ;

	if (error == 0 && gang_is_spread_thin(transfer->ftp->session->engine->gang))
		error = -EUSERS;
	if (error == 0)
		error = make_zmode(transfer);
	if (error == 0 && !secure_lets_transfer(transfer->ftp))
		error = -EKEYREVOKED;
	if (error == 0)
		error = obey_queue(transfer, false);
	if (error == 0)
		error = data_open(transfer->ftp, &transfer->stream, &transfer->aside);
	if (error == 0 && reply(transfer->ftp, 150, "%s", text) < 0)
		error = -ENOTCONN;
	return error < 0 ? error : secure_data(transfer->ftp, &transfer->stream);
}

/* Listings are held back as well: to a line that is full they are bytes like others. */
static void hold_back(struct transfer *transfer)
{
	struct session *session = transfer->ftp->session;
	const struct account *account = transfer->ftp->account;

	throttle_begin(&transfer->throttle, &transfer->stream, session,
		account ? account->name : THROTTLE_ANONYMOUS,
		account ? &account->bandwidth : &session->engine->config->anonymous_bandwidth,
		transfer->kind == TRANSFER_UPLOAD ? BANDWIDTH_UPLOAD : BANDWIDTH_DOWNLOAD);
}

void transfer_init(struct transfer *transfer, struct ftp *ftp, enum transfer_kind kind,
	const char *verb, const char *subject)
{
	*transfer = (struct transfer){.ftp = ftp,
		.kind = kind,
		.stream.socket = -1,
		.aside = {.socket = ftp->session->stream.socket, .events = POLLIN, .ready = hear},
		.verb = verb,
		.subject = subject,
		.began_ms = clock_ms()};
}

int transfer_open(struct transfer *transfer, struct ftp *ftp, enum transfer_kind kind,
	const char *verb, const char *subject, const char *text)
{
	int error;

	transfer_init(transfer, ftp, kind, verb, subject);
	session_transfer_begin(ftp->session);
	error = open_and_say(transfer, text);
	transfer->stream.total =
		engine_counter(ftp->session->engine, ftp->session->activity.listener,
			kind == TRANSFER_UPLOAD ? COUNT_bytes_received : COUNT_bytes_sent);
	if (error == 0)
		hold_back(transfer);
	return error;
}

/* ---- moving ---- */

static void count_bytes(struct transfer *transfer, size_t length)
{
	stream_count(&transfer->stream, &transfer->ftp->session->row->bytes_done, length);
}

static int send_deflated(void *context, const char *bytes, size_t length)
{
	struct transfer *transfer = context;

	return stream_write(&transfer->stream, bytes, length, false);
}

int transfer_write(struct transfer *transfer, const char *bytes, size_t length)
{
	int error;

	if (transfer->zmode)
		error = zmode_feed(transfer->zmode, bytes, length, send_deflated, transfer);
	else
		error = stream_write(&transfer->stream, bytes, length, false);
	if (error == 0)
		count_bytes(transfer, length);
	return error;
}

int transfer_finish(struct transfer *transfer)
{
	int error = 0;

	if (transfer->zmode)
		error = zmode_end(transfer->zmode, send_deflated, transfer);
	return error < 0 ? error : stream_deliver(&transfer->stream);
}

ssize_t transfer_read(struct transfer *transfer, char *bytes, size_t size)
{
	ssize_t got = stream_read(&transfer->stream, bytes, size, transfer->stream.stall_ms);

	if (got > 0)
		count_bytes(transfer, (size_t)got);
	if (got == 0)
		transfer->ended_unclean = stream_ended_unclean(&transfer->stream);
	return got == -EAGAIN ? -ETIMEDOUT : got;
}

int transfer_disk_error(struct transfer *transfer, int error)
{
	transfer->disk_failed = error < 0;
	return error;
}
