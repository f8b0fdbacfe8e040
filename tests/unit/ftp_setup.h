/* An FTP session over a loopback connection, without a server around it: `ftp`, and the client's
 * end of its control connection. */
#ifndef FTPOOL_TESTS_UNIT_FTP_SETUP_H
#define FTPOOL_TESTS_UNIT_FTP_SETUP_H

#include "tests/unit/engine_setup.h"
#include "worker/ftp/data.h"
#include "worker/ftp/login.h"
#include "worker/ftp/settings.h"

static struct session ftp_session;
static struct ftp ftp;
static int ftp_client;

static inline void ftp_set_up(void)
{
	int ends[2];

	engine_set_up(1);
	loopback_pair(ends);
	ftp_client = ends[0];
	ftp_session = (struct session){.engine = &engine,
		.listener = &engine_config->listeners[0],
		.row = board_session(&engine_board, 0, 0)};
	ck_assert_int_eq(address_parse(&ftp_session.activity.peer, "127.0.0.1", 4711), 0);
	stream_adopt(&ftp_session.stream, ends[1], 1000, engine.gang);
	ftp = (struct ftp){.session = &ftp_session};
	data_init(&ftp.data, ends[1]);
	login_forget(&ftp);
	settings_reset(&ftp);
}

/* The client sends bytes, and they have arrived. */
static inline void ftp_client_sends(const char *bytes, size_t length)
{
	ck_assert_int_eq(send(ftp_client, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
	ck_assert_int_eq(stream_wait_input(&ftp_session.stream, 1000), 1);
}

#endif
