#include "supervisor/scrape_answer.h"

#include "tests/unit/suite.h"

#include <string.h>

START_TEST(requests_and_what_they_deserve)
{
	static const struct {
		const char *request, *status;
		bool head;
	} cases[] = {
		{"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK", false},
		{"GET /metrics?name[]=a HTTP/1.0\r\n\r\n", "200 OK", false},
		{"HEAD /metrics HTTP/1.1\r\n\r\n", "200 OK", true},
		{"GET / HTTP/1.1\r\n\r\n", "404 Not Found", false},
		{"GET /metricsx HTTP/1.1\r\n\r\n", "404 Not Found", false},
		{"POST /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed", false},
		{"get /metrics HTTP/1.1\r\n\r\n", "400 Bad Request", false},
		{"GET /metrics\r\n\r\n", "400 Bad Request", false},
		{"OPTIONSANDMORE / HTTP/1.1\r\n\r\n", "400 Bad Request", false},
		{"", "400 Bad Request", false},
		{"\xff\x16\x03\x01", "400 Bad Request", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool head = true;

		ck_assert_str_eq(scrape_judge(cases[i].request, &head), cases[i].status);
		ck_assert_int_eq(head, cases[i].head);
	}
}
END_TEST

START_TEST(a_head_without_end_is_refused)
{
	char request[SCRAPE_REQUEST];
	bool head;

	memset(request, 'x', sizeof(request));
	request[sizeof(request) - 1] = '\0';
	ck_assert_str_eq(scrape_judge(request, &head), "431 Request Header Fields Too Large");
}
END_TEST

SUITE(scrape, requests_and_what_they_deserve, a_head_without_end_is_refused)
