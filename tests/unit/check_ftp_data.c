#include "worker/ftp/data.h"

#include "tests/unit/ftp_setup.h"
#include "tests/unit/suite.h"

#include <netinet/in.h>

/* A listening socket of the client's on loopback; *address is where. */
static int client_listens(struct address *address, const char *host)
{
	struct sockaddr_storage place;
	socklen_t size;
	int listener;

	ck_assert_int_eq(address_parse(address, host, 0), 0);
	listener = socket(address->family, SOCK_STREAM, 0);
	size = address_to_socket(address, &place);
	if (bind(listener, (const struct sockaddr *)&place, size) < 0)
		return -1; /* no IPv6 here */
	ck_assert_int_eq(listen(listener, 1), 0);
	size = sizeof(place);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&place, &size), 0);
	ck_assert_int_eq(address_from_socket(address, &place), 0);
	return listener;
}

/* The ports of connections that lately were are not used up: tens of thousands of them would last
 * for a minute's transfers. */
START_TEST(an_active_connection_takes_no_port_of_its_own)
{
	static const char *const hosts[] = {"127.0.0.1", "::1"};

	ftp_set_up();
	for (size_t i = 0; i < 2; i++) {
		struct stream stream;
		int shared = 0;
		socklen_t size = sizeof(shared);
		int listener = client_listens(&ftp.data.active, hosts[i]);

		if (listener < 0)
			continue;
		ftp.data.local = ftp.data.active;
		ck_assert(data_is_agreed(&ftp));
		ck_assert_int_eq(data_open(&ftp, &stream, NULL), 0);
		ck_assert_int_eq(getsockopt(stream.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT,
					 &shared, &size),
			0);
		ck_assert_int_eq(shared, 1);
		stream_close(&stream);
		close(listener);
	}
}
END_TEST

SUITE(ftp_data, an_active_connection_takes_no_port_of_its_own)
