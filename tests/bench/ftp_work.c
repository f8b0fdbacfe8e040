#include "tests/bench/ftp_load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

/* MLSD may tell of the directory itself and the one above, too. */
enum { DOTS = 2 };
enum {
	READ_SIZE = 1 << 16,
	WRITE_SIZE = 1 << 18,
	DISCARD_AT_ONCE = 1 << 24,
	SEALED_FROM = 1 << 20,
	BURST = 500
};

/* ---- a login from connect to 221 ---- */

static void login_begin(struct session *session)
{
	session->kept = 0;
	session->control = session_connect(&session->job->server);
	session_watch(session, false);
}

static void login_replied(struct session *session, int code, const char *line)
{
	if (code == 230)
		session_send(session, "QUIT\r\n");
	else if (code == 221)
		session->told = true;
	else if (!session_log_in_further(session, code))
		load_die("not expected: %s", line);
}

/* ---- a connection dropped at the greeting ---- */

static void drop_replied(struct session *session, int code, const char *line)
{
	(void)code;
	(void)line;
	session->told = true;
}

/* With a reset, as a client that has died answers what it is still sent. */
static void drop(struct session *session)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	setsockopt(session->control, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	session_close(session);
	session_done(session);
}

static void login_readable(struct session *session)
{
	session->told = false;
	if (!session_read_replies(session, session->job->work->replied))
		load_die("closed before it was to be");
	if (!session->told)
		return;
	if (session->job->work->burst) {
		drop(session);
	} else {
		session_close(session);
		session_done(session);
	}
}

/* ---- transfers ---- */

static void transfer_begin(struct session *session)
{
	session->told = false;
	session->moved = 0;
	session_send(session, "EPSV\r\n");
}

/* Is what comes only counted? Of big downloads by TLS the sealed bytes are: to open them would cost
 * as much as to send them, and a server would wait for us. */
static bool is_only_counted(const struct session *session)
{
	return session->job->work->verb[0] == 'R' &&
	       (!session->job->tls || session->job->size >= SEALED_FROM);
}

/* What TLS may put to a file: 22 bytes to each record, of 1 KiB at least, and to its tickets. */
static size_t sealing_of(const struct session *session)
{
	return session->job->tls && is_only_counted(session) ? session->job->size / 32 + READ_SIZE
							     : 0;
}

static void end_transfer_when_whole(struct session *session)
{
	const struct job *job = session->job;
	bool file = job->work->verb[0] != 'L' && job->work->verb[0] != 'M';

	if (!session->told || session->data >= 0)
		return;
	if (session->moved < job->size ||
		session->moved > job->size + (file ? sealing_of(session) : DOTS))
		load_die("%s %s: %zu instead of %zu", job->work->verb, job->name, session->moved,
			job->size);
	session_done(session);
}

/* 229 text (|||port|) */
static void open_data(struct session *session, const char *line)
{
	struct sockaddr_in there = session->job->server;
	const char *digits = strstr(line, "|||");
	unsigned port;

	if (!digits || sscanf(digits, "|||%u|", &port) != 1)
		load_die("no port in: %s", line);
	there.sin_port = htons((uint16_t)port);
	session->data = session_connect(&there);
}

static void download_replied(struct session *session, int code, const char *line)
{
	if (code == 229) {
		open_data(session, line);
		session_send(session, "%s %s\r\n", session->job->work->verb, session->job->name);
		if (!session->job->tls)
			session_watch(session, true);
	} else if (code < 200 && session->job->tls) {
		(void)secure_begin(session, true);
		session_watch(session, true);
	} else if (code >= 200) {
		session->told = true;
		end_transfer_when_whole(session);
	}
}

static void close_data(struct session *session)
{
	secure_free(&session->data_tls);
	close(session->data);
	session->data = -1;
	end_transfer_when_whole(session);
}

static void send_in_clear(const struct session *session)
{
	for (off_t at = 0; (size_t)at < session->job->size;) {
		ssize_t sent = sendfile(
			session->data, session->job->payload, &at, session->job->size - (size_t)at);

		if (sent <= 0)
			load_die("sendfile: %m");
	}
}

static void count_sent(struct session *session)
{
	session->moved = session->job->size;
	session->bytes += session->moved;
}

/* The handshake is done. The server's tickets have to be read before the connection is closed: it
 * would be reset over them, and what is on the way lost. */
static void send_sealed(struct session *session)
{
	static const char zeros[WRITE_SIZE];

	for (size_t left = session->job->size; left > 0;) {
		size_t piece = left < sizeof(zeros) ? left : sizeof(zeros);

		secure_send(session->data_tls, zeros, piece);
		left -= piece;
	}
	secure_end(session->data_tls);
	shutdown(session->data, SHUT_WR);
	count_sent(session);
}

/* Each upload has a name of its own: not every server lets strangers write over what is there. */
static void upload_replied(struct session *session, int code, const char *line)
{
	if (code == 229) {
		open_data(session, line);
		session_send(session, "%s %s-%d-%lu\r\n", session->job->work->verb,
			session->job->name, session->number, session->operations);
	} else if (code < 200 && session->job->tls) {
		if (secure_begin(session, true))
			send_sealed(session);
		session_watch(session, true);
	} else if (code < 200) {
		send_in_clear(session);
		count_sent(session);
		close_data(session);
	} else {
		session->told = true;
		end_transfer_when_whole(session);
	}
}

static size_t lines_in(const char *bytes, size_t length)
{
	size_t lines = 0;

	for (const char *at = bytes; (at = memchr(at, '\n', length - (size_t)(at - bytes))); at++)
		lines++;
	return lines;
}

/* TCP throws the bytes away without a copy: they are counted, not looked at. */
static ssize_t count_bytes(struct session *session)
{
	ssize_t got = recv(session->data, NULL, DISCARD_AT_ONCE, MSG_TRUNC | MSG_DONTWAIT);

	if (got > 0)
		session->moved += (size_t)got;
	return got;
}

static ssize_t take_bytes(struct session *session)
{
	static _Thread_local char bytes[READ_SIZE];
	bool lines = session->job->work->verb[0] != 'R';
	ssize_t got = session->data_tls ? secure_receive(session->data_tls, bytes, sizeof(bytes))
					: recv(session->data, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got > 0)
		session->moved += lines ? lines_in(bytes, (size_t)got) : (size_t)got;
	return got;
}

static void download_readable(struct session *session)
{
	ssize_t got = is_only_counted(session) ? count_bytes(session) : take_bytes(session);

	if (got > 0)
		session->bytes += (size_t)got;
	/* vsftpd ends when we have, so we do when there is nothing but its end to come. */
	if (session->data_tls && session->moved >= session->job->size)
		secure_end(session->data_tls);
	if (got > 0 || (got < 0 && errno == EAGAIN))
		return;
	/* pure-ftpd closes over our end, and so resets the connection. */
	if (got < 0 && !(session->data_tls && session->moved >= session->job->size))
		load_die("data: %m");
	close_data(session);
}

/* Of an upload by TLS: the server's end of it. */
static void upload_readable(struct session *session)
{
	char waste[READ_SIZE];
	ssize_t got = recv(session->data, waste, sizeof(waste), MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		close_data(session);
}

static void data_readable(struct session *session)
{
	bool upload = session->job->work->verb[0] == 'S';

	if (session->data_tls && !SSL_is_init_finished(session->data_tls)) {
		if (secure_shake(session->data_tls) && upload)
			send_sealed(session);
	} else if (upload) {
		upload_readable(session);
	} else {
		download_readable(session);
	}
}

void work_readable(struct session *session, bool data)
{
	if (!session->job->work->verb)
		login_readable(session);
	else if (data)
		data_readable(session);
	else if (!session_read_replies(session, session->job->work->replied))
		load_die("the server closed session %d", session->number);
}

static const struct work works[] = {
	{.word = "login", .begin = login_begin, .replied = login_replied},
	{.word = "storm", .begin = login_begin, .replied = drop_replied, .burst = BURST},
	{.word = "idle", .logged_in = true},
	{.word = "get",
		.verb = "RETR",
		.logged_in = true,
		.begin = transfer_begin,
		.replied = download_replied},
	{.word = "put",
		.verb = "STOR",
		.logged_in = true,
		.begin = transfer_begin,
		.replied = upload_replied},
	{.word = "list",
		.verb = "LIST",
		.logged_in = true,
		.begin = transfer_begin,
		.replied = download_replied},
	{.word = "mlsd",
		.verb = "MLSD",
		.logged_in = true,
		.begin = transfer_begin,
		.replied = download_replied},
};

const struct work *work_find(const char *word)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (!strcmp(works[i].word, word))
			return &works[i];
	}
	return NULL;
}
