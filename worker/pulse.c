#include "worker/pulse.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
	IDLE_SECONDS = 60,
	INTERVAL_SECONDS = 15,
	PROBES = 4,
	ASKED_PROBES = 3, /* a second apart: one may get lost on a slow line, hardly three */
	RETRANSMITS = 2,
	JUST_HEARD_MS = 1000, /* the kernel asks after no shorter silence */
};

static void set(int socket, int name, int value)
{
	(void)setsockopt(socket, IPPROTO_TCP, name, &value, sizeof(value));
}

void pulse_keep(int socket)
{
	int on = 1;

	/* Refused by no kernel for TCP; for the Unix sockets of the unit tests it does not matter.
	 */
	(void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	set(socket, TCP_KEEPINTVL, INTERVAL_SECONDS);
	set(socket, TCP_KEEPCNT, PROBES);
	set(socket, TCP_KEEPIDLE, IDLE_SECONDS);
}

/* Data that wait for an acknowledgement keep the kernel from asking (tcp_keepalive_timer), and it
 * sends them again ever less often: so their fate is what counts. */
static enum pulse feel(int socket, uint32_t within_ms)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return PULSE_FELT;
	if (info.tcpi_last_ack_recv < within_ms || info.tcpi_last_data_recv < within_ms)
		return PULSE_FELT;
	return info.tcpi_unacked > 0 && info.tcpi_retransmits >= RETRANSMITS ? PULSE_DEAD
									     : PULSE_WAITED;
}

enum pulse pulse_ask(int socket)
{
	enum pulse pulse = feel(socket, JUST_HEARD_MS);

	if (pulse != PULSE_WAITED)
		return pulse;
	set(socket, TCP_KEEPINTVL, 1);
	set(socket, TCP_KEEPCNT, ASKED_PROBES);
	/* Last: it makes the kernel ask at once, when so much silence has been there already. */
	set(socket, TCP_KEEPIDLE, 1);
	return PULSE_WAITED;
}

enum pulse pulse_feel(int socket, int64_t asked_ms_ago)
{
	return asked_ms_ago > 0 ? feel(socket, (uint32_t)asked_ms_ago) : PULSE_WAITED;
}
