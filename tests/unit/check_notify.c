#include "supervisor/notify.h"

#include "tests/unit/suite.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int systemd;

static void open_systemd(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "notify"};
	char here[200], path[220];

	systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(systemd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	snprintf(path, sizeof(path), "%s/notify", here);
	setenv("NOTIFY_SOCKET", path, 1);
}

/* What systemd is told next; "" when it is told nothing. */
static const char *told(void)
{
	static char text[500];
	ssize_t got = recv(systemd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

START_TEST(states_are_told)
{
	open_systemd();
	notify_ready();
	ck_assert_str_eq(told(), "READY=1");
	notify_stopping();
	ck_assert_str_eq(told(), "STOPPING=1");
	notify_reloading();
	ck_assert_ptr_nonnull(strstr(told(), "RELOADING=1\nMONOTONIC_USEC="));
}
END_TEST

START_TEST(status_is_told_when_it_differs)
{
	open_systemd();
	notify_status("one");
	ck_assert_str_eq(told(), "STATUS=one");
	notify_status("one");
	ck_assert_str_eq(told(), "");
	notify_status("two");
	ck_assert_str_eq(told(), "STATUS=two");
}
END_TEST

START_TEST(healthy_watchdog_is_fed_in_time)
{
	enum { PERIOD_MS = 20000 };
	int fed = 0;

	open_systemd();
	setenv("WATCHDOG_USEC", "20000000", 1);
	notify_watchdog(false, 1000000);
	ck_assert_str_eq(told(), "");
	for (int64_t now = 1000000; now < 1000000 + PERIOD_MS; now += 1000) {
		notify_watchdog(true, now);
		fed += strcmp(told(), "WATCHDOG=1") == 0;
	}
	/* Twice in its time at least, and not at every look. */
	ck_assert_int_ge(fed, 2);
	ck_assert_int_lt(fed, 10);
}
END_TEST

START_TEST(without_systemd_nothing_happens)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	notify_ready();
	notify_status("one");
	notify_watchdog(true, 1000000);
	notify_stopping();
}
END_TEST

SUITE(notify, states_are_told, status_is_told_when_it_differs, healthy_watchdog_is_fed_in_time,
	without_systemd_nothing_happens)
