#include "worker/tls_link.h"

#include "tests/unit/certificate.h"
#include "tests/unit/loading.h"
#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

static const unsigned char mark[TLS_MARK] = "a control one's", other_mark[TLS_MARK] = "another's";
static const int64_t turn_ms = (int64_t)TICKET_KEY_HOURS * 3600 * 1000;
static char certificate[] = "one.pem", key[] = "one.key";
static char *certificates[] = {certificate}, *keys[] = {key};
static struct config config, *volatile loaded; /* the first is a copy to change */
static struct ticket_keys *tickets;
static struct tls *tls;
static SSL_CTX *client_context;
static SSL_SESSION *session; /* the last one that the client was given */

static int keep_session(SSL *ssl, SSL_SESSION *given)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = given;
	return 1;
}

static void set_up(enum config_tls_end end)
{
	struct tls_material material;
	struct told told;

	signal(SIGPIPE, SIG_IGN);
	loaded = load_fine("listener one { }");
	config = *loaded;
	certificate_make("one", certificate, key, -60, 3600);
	config.tls_certificates = (struct config_list){certificates, 1};
	config.tls_keys = (struct config_list){keys, 1};
	config.tls_unclean_end = end;
	tickets = ticket_keys_new(0);
	told_open(&told);
	ck_assert_int_eq(tls_material_read(&material, &config, &told.complaints), 0);
	tls = tls_new(&config, tickets, &material, &told.complaints);
	ck_assert_ptr_nonnull(tls);
	tls_material_wipe(&material);
	told_close(&told);
	client_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_session_cache_mode(
		client_context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(client_context, keep_session);
}

struct both {
	struct tls_link *link;
	SSL *client;
	int ends[2];
};

static int await(int socket)
{
	struct pollfd watch = {.fd = socket, .events = POLLIN};

	return poll(&watch, 1, 20);
}

/* Both sides of a handshake; `resumed` is what the client shows. */
static struct both shake(enum tls_use use, const unsigned char *control_mark, SSL_SESSION *resumed)
{
	struct both both;
	int server = -EAGAIN, client = 0;
	char nothing;

	loopback_pair(both.ends);
	ck_assert_int_eq(fcntl(both.ends[0], F_SETFL, O_NONBLOCK), 0);
	both.link = tls_link_new(tls, both.ends[1], use, control_mark);
	both.client = SSL_new(client_context);
	SSL_set_fd(both.client, both.ends[0]);
	if (resumed) {
		/* OpenSSL's client takes no session of TLS 1.3 twice; others do. */
		SSL_SESSION *copy = SSL_SESSION_dup(resumed);

		SSL_set_session(both.client, copy);
		SSL_SESSION_free(copy);
	}
	while (server == -EAGAIN || client != 1) {
		client = client == 1 ? 1 : SSL_connect(both.client);
		if (server == -EAGAIN)
			server = tls_link_shake(both.link);
		(void)await(both.ends[server == -EAGAIN]);
	}
	ck_assert_int_eq(server, 1);
	/* The tickets of TLS 1.3 come behind the handshake. */
	ck_assert_int_le(SSL_read(both.client, &nothing, 1), 0);
	return both;
}

static void finish(struct both *both)
{
	tls_link_free(both->link);
	SSL_free(both->client);
	close(both->ends[0]);
	close(both->ends[1]);
}

/* A control connection with that mark, of which only the session stays. */
static SSL_SESSION *control_session(void)
{
	struct both control = shake(TLS_USE_FTP, mark, NULL);
	SSL_SESSION *kept = session;

	ck_assert_ptr_nonnull(kept);
	session = NULL;
	SSL_shutdown(control.client);
	finish(&control);
	return kept;
}

static bool is_marked(const unsigned char *expected, SSL_SESSION *resumed)
{
	struct both data = shake(TLS_USE_FTP_DATA, expected, resumed);
	bool marked = data.link->marked;

	SSL_shutdown(data.client);
	finish(&data);
	return marked;
}

static void expect_marks(int version)
{
	SSL_SESSION *kept;

	set_up(TLS_END_TOLERATE);
	SSL_CTX_set_max_proto_version(client_context, version);
	kept = control_session();
	ck_assert(is_marked(mark, kept));
	ck_assert(is_marked(mark, kept)); /* a ticket is not used up */
	ck_assert(!is_marked(other_mark, kept));
	ck_assert(!is_marked(mark, NULL));
	SSL_SESSION_free(kept);
}

START_TEST(a_data_connection_is_known_by_its_mark)
{
	expect_marks(TLS1_3_VERSION);
}
END_TEST

START_TEST(so_it_is_with_the_older_version)
{
	expect_marks(TLS1_2_VERSION);
}
END_TEST

START_TEST(a_client_without_tickets_is_remembered)
{
	SSL_SESSION *kept;

	set_up(TLS_END_TOLERATE);
	SSL_CTX_set_max_proto_version(client_context, TLS1_2_VERSION);
	SSL_CTX_set_options(client_context, SSL_OP_NO_TICKET);
	kept = control_session();
	ck_assert(is_marked(mark, kept));
	ck_assert(!is_marked(other_mark, kept));
	SSL_SESSION_free(kept);
}
END_TEST

START_TEST(a_ticket_is_good_while_its_key_is_there)
{
	SSL_SESSION *kept;

	set_up(TLS_END_TOLERATE);
	kept = control_session();
	for (int i = 1; i < TICKET_KEYS; i++) {
		ticket_keys_tend(tickets, i * turn_ms);
		ck_assert(is_marked(mark, kept));
	}
	ticket_keys_tend(tickets, TICKET_KEYS * turn_ms);
	ck_assert(!is_marked(mark, kept));
	SSL_SESSION_free(kept);
}
END_TEST

/* What the client reads, and whether a ticket came with it. */
static bool has_ticket_before(struct both *both, const char *text)
{
	char bytes[100];
	int got;

	SSL_SESSION_free(session);
	session = NULL;
	ck_assert_int_gt(tls_link_send(both->link, text, strlen(text), false), 0);
	while ((got = SSL_read(both->client, bytes, sizeof(bytes))) <= 0)
		(void)await(both->ends[0]);
	ck_assert_int_eq(got, (int)strlen(text));
	return session != NULL;
}

START_TEST(another_ticket_goes_out_before_what_is_sent_next)
{
	struct both both;

	set_up(TLS_END_TOLERATE);
	both = shake(TLS_USE_FTP, mark, NULL);
	(void)has_ticket_before(&both, "behind those of the handshake");
	ck_assert(!has_ticket_before(&both, "without"));
	tls_link_give_ticket(both.link);
	ck_assert(has_ticket_before(&both, "with"));
	ck_assert(is_marked(mark, session));
	ck_assert(!has_ticket_before(&both, "without again"));
	finish(&both);
}
END_TEST

START_TEST(a_data_connection_gives_no_ticket)
{
	SSL_SESSION *kept;
	struct both data;

	set_up(TLS_END_TOLERATE);
	kept = control_session();
	data = shake(TLS_USE_FTP_DATA, mark, kept);
	ck_assert_ptr_null(session);
	ck_assert(!has_ticket_before(&data, "a file"));
	finish(&data);
	SSL_SESSION_free(kept);
}
END_TEST

static ssize_t receive(struct both *both)
{
	char bytes[100];
	ssize_t got;

	while ((got = tls_link_receive(both->link, bytes, sizeof(bytes))) == -EAGAIN)
		(void)await(both->ends[1]);
	return got;
}

START_TEST(the_end_is_told_from_a_cut)
{
	static const struct {
		enum config_tls_end policy;
		bool says_end;
		ssize_t result;
	} ends[] = {{TLS_END_TOLERATE, true, 0}, {TLS_END_TOLERATE, false, 0},
		{TLS_END_REFUSE, true, 0}, {TLS_END_REFUSE, false, -ECONNABORTED}};

	set_up(TLS_END_TOLERATE);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct both both = shake(TLS_USE_FTP_DATA, mark, NULL);

		config.tls_unclean_end = ends[i].policy;
		ck_assert_int_eq(SSL_write(both.client, "four", 4), 4);
		if (ends[i].says_end)
			SSL_shutdown(both.client);
		ck_assert_int_eq(shutdown(both.ends[0], SHUT_WR), 0);
		ck_assert_int_eq(receive(&both), 4);
		ck_assert_int_eq(receive(&both), ends[i].result);
		ck_assert_int_eq(receive(&both), ends[i].result);
		ck_assert_int_eq(both.link->ended_unclean, !ends[i].says_end);
		finish(&both);
	}
}
END_TEST

START_TEST(a_cut_in_a_record_is_no_end)
{
	/* The beginning of a record of 4096 bytes. */
	static const unsigned char record[] = {23, 3, 3, 16, 0, 'a', 'b', 'c'};

	set_up(TLS_END_TOLERATE);
	for (size_t length = 1; length <= sizeof(record); length++) {
		struct both both = shake(TLS_USE_FTP_DATA, mark, NULL);

		ck_assert_int_eq(SSL_write(both.client, "four", 4), 4);
		ck_assert_int_eq(write(both.ends[0], record, length), (ssize_t)length);
		ck_assert_int_eq(shutdown(both.ends[0], SHUT_WR), 0);
		ck_assert_int_eq(receive(&both), 4);
		ck_assert_int_eq(receive(&both), -ECONNRESET);
		ck_assert_int_eq(receive(&both), -ECONNRESET);
		ck_assert(!both.link->ended_unclean);
		finish(&both);
	}
}
END_TEST

/* ---- long files ---- */

enum { FILE_BYTES = 3 * 1024 * 1024 };

static unsigned char *file_bytes(void)
{
	unsigned char *file = malloc(FILE_BYTES);

	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (unsigned char)(i * 31 + i / 251);
	return file;
}

/* What has come so far, added to `got`. */
static size_t client_reads(const struct both *both, unsigned char *bytes, size_t got)
{
	int n;

	while ((n = SSL_read(both->client, bytes + got, (int)(FILE_BYTES - got))) > 0)
		got += (size_t)n;
	return got;
}

START_TEST(gathered_records_come_whole_and_in_order)
{
	unsigned char *file = file_bytes(), *seen = malloc(FILE_BYTES);
	size_t sent = 0, got = 0;
	struct both data;
	int left = -EAGAIN;

	set_up(TLS_END_TOLERATE);
	data = shake(TLS_USE_FTP_DATA, mark, NULL);
	ck_assert_int_eq(tls_link_gather(data.link), 0);
	while (sent < FILE_BYTES) {
		ssize_t n = tls_link_send(data.link, file + sent, FILE_BYTES - sent, true);

		if (n == -EAGAIN)
			got = client_reads(&data, seen, got);
		else
			ck_assert_int_gt(n, 0);
		sent += n > 0 ? (size_t)n : 0;
	}
	got = client_reads(&data, seen, got);
	ck_assert_uint_lt(got, FILE_BYTES);
	while (left == -EAGAIN) {
		left = tls_link_release(data.link);
		got = client_reads(&data, seen, got);
	}
	ck_assert_int_eq(left, 0);
	ck_assert_int_eq(tls_link_say_end(data.link), 0);
	while (got < FILE_BYTES && await(data.ends[0]))
		got = client_reads(&data, seen, got);
	ck_assert_mem_eq(seen, file, FILE_BYTES);
	finish(&data);
	free(file);
	free(seen);
}
END_TEST

/* An end behind a hole would make a cut file whole. */
START_TEST(what_was_held_back_has_no_end)
{
	struct both data;
	char byte;

	set_up(TLS_END_TOLERATE);
	data = shake(TLS_USE_FTP_DATA, mark, NULL);
	ck_assert_int_eq(tls_link_gather(data.link), 0);
	ck_assert_int_eq(tls_link_send(data.link, "four", 4, true), 4);
	ck_assert_int_eq(tls_link_say_end(data.link), 0);
	ck_assert_int_eq(shutdown(data.ends[1], SHUT_WR), 0);
	(void)await(data.ends[0]);
	ck_assert_int_le(SSL_read(data.client, &byte, 1), 0);
	ck_assert_int_eq(SSL_get_shutdown(data.client) & SSL_RECEIVED_SHUTDOWN, 0);
	finish(&data);
}
END_TEST

START_TEST(a_long_upload_comes_whole_and_in_order)
{
	unsigned char *file = file_bytes(), *seen = malloc(FILE_BYTES);
	size_t sent = 0, got = 0;
	struct both data;

	set_up(TLS_END_TOLERATE);
	data = shake(TLS_USE_FTP_DATA, mark, NULL);
	SSL_set_mode(data.client, SSL_MODE_ENABLE_PARTIAL_WRITE);
	while (got < FILE_BYTES) {
		int wrote = sent < FILE_BYTES
				    ? SSL_write(data.client, file + sent, (int)(FILE_BYTES - sent))
				    : 0;
		/* Not a multiple of a record's size, nor the other way round. */
		size_t room = FILE_BYTES - got < 50000 ? FILE_BYTES - got : 50000;
		ssize_t n = tls_link_receive(data.link, seen + got, room);

		sent += wrote > 0 ? (size_t)wrote : 0;
		ck_assert(n > 0 || n == -EAGAIN);
		got += n > 0 ? (size_t)n : 0;
		if (n == -EAGAIN && wrote <= 0)
			(void)await(data.ends[1]);
	}
	ck_assert_mem_eq(seen, file, FILE_BYTES);
	SSL_shutdown(data.client);
	ck_assert_int_eq(receive(&data), 0);
	finish(&data);
	free(file);
	free(seen);
}
END_TEST

SUITE(tls_link, a_data_connection_is_known_by_its_mark, so_it_is_with_the_older_version,
	a_client_without_tickets_is_remembered, a_ticket_is_good_while_its_key_is_there,
	another_ticket_goes_out_before_what_is_sent_next, a_data_connection_gives_no_ticket,
	the_end_is_told_from_a_cut, a_cut_in_a_record_is_no_end,
	gathered_records_come_whole_and_in_order, what_was_held_back_has_no_end,
	a_long_upload_comes_whole_and_in_order)
