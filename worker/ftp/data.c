#include "worker/ftp/data.h"

#include "common/clock.h"
#include "worker/ftp/argument.h"
#include "worker/ftp/passive_port.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/told_address.h"
#include "worker/limits.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOWEST_ACTIVE_PORT = 1024, STRANGERS_MOST = 64 };

void data_init(struct ftp_data *data, int control_socket)
{
	struct sockaddr_storage place;
	socklen_t size = sizeof(place);

	*data = (struct ftp_data){.listener = -1};
	if (getsockname(control_socket, (struct sockaddr *)&place, &size) == 0)
		(void)address_from_socket(&data->local, &place);
}

/* Whoever connected since the port was last used is none of the transfer to come. A client may have
 * sent already, for a command that was refused: unread, its bytes would make the end a reset. */
static void empty_listener(const struct ftp_data *data)
{
	for (int i = 0; i < STRANGERS_MOST; i++) {
		struct stream stream = {
			.socket = accept4(data->listener, NULL, NULL, SOCK_CLOEXEC)};

		if (stream.socket < 0)
			return;
		stream_finish(&stream, 0);
		close(stream.socket);
	}
}

/* Idempotent. */
static void give_port_back(struct ftp *ftp)
{
	if (ftp->data.listener < 0)
		return;
	empty_listener(&ftp->data);
	close(ftp->data.listener);
	ftp->data.listener = -1;
	atomic_fetch_sub(&ftp->session->engine->row->passive_ports, 1);
}

void data_close(struct ftp *ftp)
{
	give_port_back(ftp);
	ftp->data = (struct ftp_data){.listener = -1, .local = ftp->data.local};
}

bool data_is_agreed(const struct ftp *ftp)
{
	return ftp->data.offered || ftp->data.active.family != 0;
}

static const struct config *config_of(const struct ftp *ftp)
{
	return ftp->session->engine->config;
}

/* ---- passive ---- */

static int offer(struct ftp *ftp)
{
	struct ftp_data *data = &ftp->data;
	int result;

	data->active = (struct address){0};
	data->offered = false;
	if (data->listener >= 0) {
		empty_listener(data);
		data->offered = true;
		return 0;
	}
	result = passive_port_listen(&data->local, &config_of(ftp)->passive_ports);
	if (result < 0)
		return result;
	data->listener = result;
	atomic_fetch_add(&ftp->session->engine->row->passive_ports, 1);
	data->offered = true;
	return 0;
}

static int refuse_offer(struct ftp *ftp, int error)
{
	int code;

	if (error != -EADDRINUSE)
		return reply(ftp, 425, "No passive connection: %s", reply_error_text(error, &code));
	session_count(ftp->session, COUNT_passive_ports_exhausted, 1);
	return reply(ftp, 425, "All passive ports of the server are in use; try again later");
}

int data_pasv(struct ftp *ftp, const struct command_call *call)
{
	struct address told;
	int error;

	(void)call;
	if (ftp->data.extended_only)
		return reply(ftp, 503, "After EPSV ALL only EPSV is allowed");
	if (ftp->data.local.family != AF_INET)
		return reply(ftp, 425, "PASV can tell no IPv6 address; use EPSV");
	if (told_address(&told, ftp->session->engine, &ftp->session->activity.peer,
		    &ftp->data.local) < 0)
		return reply(ftp, 425, "The address for PASV is not known; use EPSV");
	error = offer(ftp);
	if (error < 0)
		return refuse_offer(ftp, error);
	return reply(ftp, 227, "Entering Passive Mode (%u,%u,%u,%u,%u,%u)", told.host[0],
		told.host[1], told.host[2], told.host[3], ftp->data.local.port >> 8,
		ftp->data.local.port & 255);
}

/* RFC 2428 2 and 3: the number of the protocol that would do. */
static int refuse_protocol(struct ftp *ftp)
{
	return reply(ftp, 522, "Network protocol not supported, use (%d)",
		ftp->data.local.family == AF_INET ? 1 : 2);
}

int data_epsv(struct ftp *ftp, const struct command_call *call)
{
	int family = 0;
	int error = argument_epsv(&family, call->argument);

	if (error == -EINVAL)
		return reply(ftp, 501, "EPSV takes nothing, 1, 2 or ALL");
	if (error == 0 && family == -1) {
		ftp->data.extended_only = true;
		return reply(ftp, 200, "EPSV ALL: only EPSV from now on");
	}
	if (error < 0 || (family != 0 && family != ftp->data.local.family))
		return refuse_protocol(ftp);
	error = offer(ftp);
	if (error < 0)
		return refuse_offer(ftp, error);
	return reply(ftp, 229, "Entering Extended Passive Mode (|||%u|)", ftp->data.local.port);
}

static bool ports_are_scarce(const struct ftp *ftp)
{
	const struct config_ports *range = &config_of(ftp)->passive_ports;
	uint32_t count = (uint32_t)range->last - range->first + 1;

	return range->first != 0 && limits_sessions(ftp->session->engine) > count / 2;
}

void data_done(struct ftp *ftp)
{
	struct ftp_data *data = &ftp->data;

	if (data->listener < 0 || data->offered || !ports_are_scarce(ftp))
		return;
	give_port_back(ftp);
}

/* ---- active ---- */

/* lftp over IPv6 calls itself "::", the address that its socket listens on. */
static bool is_unspecified(const struct address *target, const struct address *peer)
{
	static const uint8_t unspecified[sizeof(target->host)];

	return target->family == peer->family &&
	       memcmp(target->host, unspecified, sizeof(unspecified)) == 0;
}

/* RFC 2577 3: a server that calls anybody else is a weapon. */
static int agree_active(struct ftp *ftp, const char *verb, struct address *target)
{
	const struct address *peer = &ftp->session->activity.peer;

	/* The interface of a link-local address is ours to know, not the client's to say. */
	target->scope = peer->scope;
	if (!config_of(ftp)->ftp_active)
		return reply(ftp, 502, "%s is switched off here; use PASV or EPSV", verb);
	if (ftp->data.extended_only)
		return reply(ftp, 503, "After EPSV ALL only EPSV is allowed");
	if (!address_same_host(target, peer) && !is_unspecified(target, peer))
		return reply(ftp, 500, "%s: only your own address is called", verb);
	if (target->port < LOWEST_ACTIVE_PORT)
		return reply(ftp, 500, "%s: no port below %d is called", verb, LOWEST_ACTIVE_PORT);
	ftp->data.active = *peer;
	ftp->data.active.port = target->port;
	ftp->data.offered = false;
	return reply(ftp, 200, "%s: will connect to port %u", verb, target->port);
}

int data_port(struct ftp *ftp, const struct command_call *call)
{
	struct address target;

	if (argument_port(&target, call->argument) < 0)
		return reply(ftp, 501, "PORT takes h1,h2,h3,h4,p1,p2");
	return agree_active(ftp, "PORT", &target);
}

int data_eprt(struct ftp *ftp, const struct command_call *call)
{
	struct address target;
	int error = argument_eprt(&target, call->argument);

	if (error == -EINVAL)
		return reply(ftp, 501, "EPRT takes |1|ADDRESS|PORT| or |2|ADDRESS|PORT|");
	if (error < 0 || target.family != ftp->data.local.family)
		return refuse_protocol(ftp);
	return agree_active(ftp, "EPRT", &target);
}

/* ---- making it ---- */

/* The peer's own connection, once it is there; others are turned away. The socket, or -EAGAIN. */
static int accept_peer(const struct ftp *ftp)
{
	for (int i = 0; i < STRANGERS_MOST; i++) {
		struct sockaddr_storage from;
		socklen_t size = sizeof(from);
		struct address peer;
		int socket = accept4(ftp->data.listener, (struct sockaddr *)&from, &size,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (socket < 0)
			return errno == ECONNABORTED || errno == EINTR ? -EAGAIN : -errno;
		if (address_from_socket(&peer, &from) == 0 &&
			address_same_host(&peer, &ftp->session->activity.peer))
			return socket;
		close(socket);
		session_count(ftp->session, COUNT_data_strangers, 1);
	}
	return -EAGAIN;
}

static int wait_for_peer(struct ftp *ftp, struct stream *listener, int64_t deadline_ms)
{
	int socket;

	while ((socket = accept_peer(ftp)) == -EAGAIN) {
		int events = stream_wait(listener, POLLIN, deadline_ms);

		if (events <= 0)
			return events < 0 ? events : -ETIMEDOUT;
	}
	return socket;
}

static int finish_connect(struct stream *stream, int64_t deadline_ms)
{
	socklen_t size = sizeof(int);
	int error = 0;
	int events = stream_wait(stream, POLLOUT, deadline_ms);

	if (events <= 0)
		return events < 0 ? events : -ETIMEDOUT;
	if (getsockopt(stream->socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	return -error;
}

/* From the address that the client talks to, so that its firewall knows us. The port is chosen by
 * connect(2), which minds only those that are in use towards the same client's port: bind(2) would
 * pass over all that lately were (TIME_WAIT), and soon find none. */
static int connect_from(int socket, const struct address *own, const struct address *target)
{
	const int one = 1;
	struct sockaddr_storage from, to;
	struct address any_port = *own;
	socklen_t from_size, to_size = address_to_socket(target, &to);

	any_port.port = 0;
	from_size = address_to_socket(&any_port, &from);
	(void)setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(socket, (const struct sockaddr *)&from, from_size) < 0)
		return -errno;
	if (connect(socket, (const struct sockaddr *)&to, to_size) < 0 && errno != EINPROGRESS)
		return -errno;
	return 0;
}

static int connect_peer(struct ftp *ftp, struct stream_aside *aside, int64_t deadline_ms)
{
	struct stream stream = {.gang = ftp->session->engine->gang, .aside = aside};
	int error;

	stream.socket =
		socket(ftp->data.active.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (stream.socket < 0)
		return -errno;
	stream_prepare(stream.socket);
	error = connect_from(stream.socket, &ftp->data.local, &ftp->data.active);
	if (error == 0)
		error = finish_connect(&stream, deadline_ms);
	if (error == 0)
		return stream.socket;
	close(stream.socket);
	return error;
}

int data_open(struct ftp *ftp, struct stream *stream, struct stream_aside *aside)
{
	int64_t deadline = clock_ms() + (int64_t)config_of(ftp)->ftp_data_seconds * 1000;
	struct stream listener = {
		.socket = ftp->data.listener, .gang = ftp->session->engine->gang, .aside = aside};
	bool passive = ftp->data.offered;
	int socket;

	ftp->data.offered = false;
	socket = passive ? wait_for_peer(ftp, &listener, deadline)
			 : connect_peer(ftp, aside, deadline);
	if (socket < 0)
		return socket;
	stream_adopt(stream, socket, (int)config_of(ftp)->transfer_timeout_seconds * 1000,
		ftp->session->engine->gang);
	stream->aside = aside;
	stream->looked_aside_ms = clock_ms();
	return 0;
}
