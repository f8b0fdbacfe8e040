#include "worker/ftp/transfer.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/ftp/data.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/zmode.h"
#include "worker/session_activity.h"
#include "worker/xferlog.h"

#include <errno.h>
#include <string.h>

/* How long the client of a transfer that broke off may take to notice, before its bytes are met by
 * a reset. */
enum { LINGER_MS = 50, LINGER_AFTER_DISK_ERROR_MS = 2000 };

enum { CLIENT_END_MS = 200 };

static const char *reason_of(const struct transfer *transfer, int error)
{
	if (transfer->disk_failed)
		return error == -ETIMEDOUT ? "the disk timed out" : strerror(-error);
	switch (error) {
	case 0: return "complete";
	case -ECANCELED: return "aborted";
	case -ENOTCONN: return "the control connection was lost";
	case -ETIMEDOUT: return "the client stands still";
	case -ESHUTDOWN: return "ended by the operator";
	case -EUSERS: return "as many transfers as threads can run are running";
	case -EPROTO: return "TLS failed";
	case -EKEYREJECTED: return "the TLS session was not resumed";
	case -ECONNABORTED: return "the data ended without close_notify";
	case -EPIPE:
	case -ECONNRESET: return "the data connection was lost";
	default: return strerror(-error);
	}
}

static void log_end(const struct transfer *transfer, int error)
{
	const struct session *session = transfer->ftp->session;
	const char *path = session->path ? session->path : session->activity.path;
	const char *user = session->activity.user;
	char name[SESSION_NAME], peer[ADDRESS_TEXT], quoted[LOG_QUOTED], quoted_user[LOG_QUOTED],
		tls[SECURE_TEXT];

	log_event(
		error == 0 && transfer->kind == TRANSFER_LISTING ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		error ? "ftp: transfer failed" : "ftp: transfer",
		"session=%s peer=%s user=%s verb=%s path=%s bytes=%ju ms=%jd%s reason=\"%s\"",
		session_name(session, name), address_format(&session->activity.peer, peer),
		log_quote(quoted_user, user, strlen(user)), transfer->verb,
		log_quote(quoted, path, strlen(path)),
		(uintmax_t)atomic_load(&session->row->bytes_done),
		(intmax_t)(clock_ms() - transfer->began_ms),
		secure_describe(&transfer->stream, tls), reason_of(transfer, error));
}

static void note_end(const struct transfer *transfer, int error)
{
	const struct ftp *ftp = transfer->ftp;
	const struct session *session = ftp->session;

	if (transfer->kind == TRANSFER_LISTING || !session->path)
		return;
	xferlog_note(
		session, &(struct xferlog_entry){.path = session->path,
				 .user = ftp->account ? ftp->account->name : session->activity.user,
				 .bytes = atomic_load(&session->row->bytes_done),
				 .began_ms = transfer->began_ms,
				 .upload = transfer->kind == TRANSFER_UPLOAD,
				 .ascii = ftp->type == TYPE_ASCII,
				 .anonymous = !ftp->account,
				 .complete = error == 0});
}

static void count_end(const struct transfer *transfer, int error)
{
	const struct session *session = transfer->ftp->session;

	if (transfer->kind == TRANSFER_UPLOAD)
		session_count(session, error ? COUNT_uploads_broken : COUNT_uploads, 1);
	if (transfer->kind == TRANSFER_DOWNLOAD)
		session_count(session, error ? COUNT_downloads_broken : COUNT_downloads, 1);
}

/* Should the session end with it, its transcript is wanted; the operator knows why he ended it. */
static void note_trouble(const struct transfer *transfer, int error)
{
	if (error < 0 && error != -ECANCELED && error != -ESHUTDOWN)
		transfer->ftp->session->trouble = reason_of(transfer, error);
}

/* Before there was a data connection. */
int transfer_refuse(struct transfer *transfer, int error)
{
	struct ftp *ftp = transfer->ftp;

	if (transfer->disk_failed)
		return reply_error(ftp, transfer->subject, error);
	switch (error) {
	case -ENOTCONN: return error;
	case -ECANCELED:
	case -ESHUTDOWN:
		return reply(ftp, 426, "%s: %s", transfer->verb, reason_of(transfer, error));
	case -EDESTADDRREQ:
		return reply(ftp, 425, "Use PASV, EPSV, PORT or EPRT before %s", transfer->verb);
	case -EUSERS:
		return reply(
			ftp, 425, "The server runs as many transfers as it can; try again later");
	case -EKEYREVOKED: return reply(ftp, 521, "Data is protected here; say PBSZ 0 and PROT P");
	case -ETIMEDOUT:
		return reply(
			ftp, 425, "No data connection was made in time; is a firewall in the way?");
	default: break;
	}
	return reply(ftp, 425, "No data connection: %s", strerror(-error));
}

static int tell_end(struct transfer *transfer, int error, const char *text)
{
	struct ftp *ftp = transfer->ftp;

	if (transfer->disk_failed)
		return reply_error(ftp, transfer->subject, error);
	switch (error) {
	case 0:
		return reply(ftp, 226, "%s%s", text,
			transfer->ended_unclean ? " (it ended without TLS's close_notify)" : "");
	case -ENOTCONN: return error;
	case -EPROTO: return reply(ftp, 425, "TLS failed on the data connection");
	case -EKEYREJECTED:
		return reply(ftp, 522,
			"The data connection has to resume the TLS session of the "
			"control connection (tls.session_reuse = require)");
	case -EBADMSG: return reply(ftp, 451, "What came is no whole zlib stream (MODE Z)");
	case -ENODATA:
		return reply(ftp, 451, "%s: the file became shorter meanwhile", transfer->subject);
	default: break;
	}
	return reply(ftp, 426, "%s: %s", transfer->verb, reason_of(transfer, error));
}

/* How long the client's own end is waited for before 226. aria2 misses a 226 that reaches it in one
 * piece with 150, and waits a minute for another. It closes before it looks for 226; and it says
 * REST before every file, others seldom. */
static int client_end_ms(const struct transfer *transfer)
{
	return transfer->kind == TRANSFER_DOWNLOAD && transfer->ftp->restarting ? CLIENT_END_MS : 0;
}

/* Then closing ends it in good order: nothing that is unread would make it a reset. TLS has an end
 * of its own to say. */
static bool is_read_to_its_end(const struct transfer *transfer)
{
	return transfer->kind == TRANSFER_UPLOAD && !transfer->stream.tls;
}

int transfer_close(struct transfer *transfer, int error, const char *text)
{
	bool connected = transfer->stream.socket >= 0;
	int result;

	throttle_end(&transfer->throttle, &transfer->stream);
	session_transfer_end(transfer->ftp->session);
	zmode_free(transfer->zmode);
	data_done(transfer->ftp);
	if (error != -EDESTADDRREQ) {
		count_end(transfer, error);
		note_trouble(transfer, error);
		log_end(transfer, error);
		session_first_byte(transfer->ftp->session, transfer->stream.moved_us);
	}
	if (!connected)
		return transfer_refuse(transfer, error);
	note_end(transfer, error);
	transfer->stream.aside = NULL;
	secure_data_done(transfer->ftp, &transfer->stream);
	if (error == 0) {
		if (!is_read_to_its_end(transfer))
			stream_finish(&transfer->stream, client_end_ms(transfer));
		stream_close(&transfer->stream);
		return tell_end(transfer, 0, text);
	}
	/* Told first, so that the client stops; then what it still sends is drained for a moment.
	 */
	result = tell_end(transfer, error, text);
	stream_finish(
		&transfer->stream, transfer->disk_failed ? LINGER_AFTER_DISK_ERROR_MS : LINGER_MS);
	stream_close(&transfer->stream);
	return result;
}
