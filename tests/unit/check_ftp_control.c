#include "worker/ftp/control.h"

#include "tests/unit/ftp_setup.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static char line[CONTROL_LINE];

static void client_sends(const char *text)
{
	ftp_client_sends(text, strlen(text));
	ck_assert_int_gt(control_read(&ftp), 0);
}

static void expect_line(const char *text)
{
	ck_assert_int_eq(control_line(&ftp, line), (ssize_t)strlen(text));
	ck_assert_str_eq(line, text);
}

START_TEST(lines_come_in_order_however_they_are_cut)
{
	ftp_set_up();
	client_sends("ONE\r\nTWO\nTH");
	expect_line("ONE");
	expect_line("TWO");
	ck_assert_int_eq(control_line(&ftp, line), -EAGAIN);
	client_sends("REE\r\n\r\n");
	expect_line("THREE");
	expect_line("");
	ck_assert_int_eq(control_line(&ftp, line), -EAGAIN);
}
END_TEST

/* Said once, wherever it ends, and the next line is whole. */
START_TEST(line_that_is_too_long_is_skipped)
{
	char flood[3 * STREAM_BUFFER];
	size_t sent = 0;
	int refused = 0;

	ftp_set_up();
	memset(flood, 'x', sizeof(flood));
	while (sent < sizeof(flood)) {
		ssize_t got = send(ftp_client, flood + sent, sizeof(flood) - sent, MSG_DONTWAIT);

		sent += got > 0 ? (size_t)got : 0;
		ck_assert_int_ge(control_read(&ftp), -EAGAIN);
		while ((got = control_line(&ftp, line)) != -EAGAIN) {
			ck_assert_int_eq(got, -EMSGSIZE);
			refused++;
		}
	}
	ck_assert_int_eq(send(ftp_client, "x\r\nNOOP\r\n", 9, 0), 9);
	until(control_read(&ftp) > -EAGAIN && control_line(&ftp, line) == 4);
	ck_assert_str_eq(line, "NOOP");
	ck_assert_int_eq(refused, 1);
}
END_TEST

START_TEST(line_that_is_whole_and_too_long_is_refused_alone)
{
	char text[CONTROL_LINE + 100];

	ftp_set_up();
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 7] = '\n';
	memcpy(text + sizeof(text) - 6, "NOOP\r\n", 6);
	ftp_client_sends(text, sizeof(text));
	ck_assert_int_gt(control_read(&ftp), 0);
	ck_assert_int_eq(control_line(&ftp, line), -EMSGSIZE);
	expect_line("NOOP");
}
END_TEST

START_TEST(options_are_refused)
{
	ftp_set_up();
	client_sends("\377\375\001NOOP\r\n");
	expect_line("NOOP");
	client_expect(ftp_client, "\377\374\001");
}
END_TEST

START_TEST(queue_is_looked_through_and_not_touched)
{
	struct control_queue queue;

	ftp_set_up();
	queue = control_look(&ftp);
	ck_assert(!queue.abort && !queue.quit && !queue.status);
	client_sends("NOOP\r\nSTAT\r\nabor \r\nQUI");
	queue = control_look(&ftp);
	ck_assert(queue.abort && !queue.quit && !queue.status);
	client_sends("T\r\n");
	ck_assert(control_look(&ftp).quit);
	expect_line("NOOP");
	ck_assert(control_look(&ftp).status);
	control_drop_line(&ftp);
	ck_assert(!control_look(&ftp).status);
	expect_line("abor ");
	expect_line("QUIT");
}
END_TEST

START_TEST(status_of_a_path_is_no_status)
{
	ftp_set_up();
	client_sends("STAT a\r\nABORT\r\n\377\364\377\362STAT\r\n");
	ck_assert(!control_look(&ftp).status);
	ck_assert(!control_look(&ftp).abort);
	control_drop_line(&ftp);
	control_drop_line(&ftp);
	ck_assert(control_look(&ftp).status);
}
END_TEST

SUITE(ftp_control, lines_come_in_order_however_they_are_cut, line_that_is_too_long_is_skipped,
	line_that_is_whole_and_too_long_is_refused_alone, options_are_refused,
	queue_is_looked_through_and_not_touched, status_of_a_path_is_no_status)
