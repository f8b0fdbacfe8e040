#include "client/doctor_lgpq.h"

#include "common/rights.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One connection, which libcurl makes, with TLS or without, and then leaves to us. */
struct line {
	struct visit *visit;
	CURL *curl;
	curl_socket_t socket;
	char words[CURL_ERROR_SIZE];
	size_t start, end;
	char input[16384];
};

static bool line_open(struct line *line)
{
	char url[ADDRESS_TEXT + 16], address[ADDRESS_TEXT];
	CURL *curl;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(curl = curl_easy_init()))
		return false;
	line->curl = curl;
	snprintf(url, sizeof(url), "%s://%s/", line->visit->tls ? "https" : "http",
		address_format(&line->visit->address, address));
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)VISIT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, line->words);
	return curl_easy_perform(curl) == CURLE_OK &&
	       curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &line->socket) == CURLE_OK;
}

static bool wait_for(const struct line *line, short events)
{
	struct pollfd watched = {.fd = line->socket, .events = events};

	return poll(&watched, 1, 1000 * VISIT_SECONDS) > 0;
}

static bool send_all(struct line *line, const char *bytes, size_t length)
{
	while (length > 0) {
		size_t sent = 0;
		CURLcode code = curl_easy_send(line->curl, bytes, length, &sent);

		if (code == CURLE_AGAIN && wait_for(line, POLLOUT))
			continue;
		if (code != CURLE_OK)
			return false;
		bytes += sent;
		length -= sent;
	}
	return true;
}

/* More of what comes, behind what is there. */
static bool read_more(struct line *line)
{
	size_t got = 0;
	CURLcode code;

	if (line->start > 0) {
		memmove(line->input, line->input + line->start, line->end - line->start);
		line->end -= line->start;
		line->start = 0;
	}
	if (line->end == sizeof(line->input))
		return false;
	do {
		code = curl_easy_recv(
			line->curl, line->input + line->end, sizeof(line->input) - line->end, &got);
	} while (code == CURLE_AGAIN && wait_for(line, POLLIN));
	line->end += got;
	return code == CURLE_OK && got > 0;
}

/* The next line, with a NUL for its end; NULL when none comes. */
static char *next_line(struct line *line)
{
	char *end;

	while (!(end = memchr(line->input + line->start, '\n', line->end - line->start))) {
		if (!read_more(line))
			return NULL;
	}

	char *text = line->input + line->start;

	*end = '\0';
	line->start = (size_t)(end + 1 - line->input);
	return text;
}

/* A request and the line that answers it; NULL, told, when there is none. */
static char *ask(struct line *line, enum visit_step step, const char *request)
{
	char *answer = send_all(line, request, strlen(request)) ? next_line(line) : NULL;

	if (!answer)
		visit_fail(line->visit, step, "no answer within %d s, or the connection is closed",
			VISIT_SECONDS);
	return answer;
}

static bool is_fine(struct line *line, enum visit_step step, const char *answer)
{
	if (answer && strncmp(answer, "OK ", 3) != 0)
		visit_fail(line->visit, step, "%s", answer);
	return answer && strncmp(answer, "OK ", 3) == 0;
}

static bool is_denied(const char *answer)
{
	return strncmp(answer, "ERR denied", 10) == 0;
}

/* The first request tells the server that we speak in frames. */
static bool greet(struct line *line)
{
	char request[VISIT_NAME + 8], *answer;

	snprintf(request, sizeof(request), "G\t%s\n", line->visit->name);
	answer = ask(line, VISIT_LOGIN, request);
	if (answer && strncmp(answer, "ERR ", 4) != 0)
		visit_fail(line->visit, VISIT_LOGIN, "the answer is no LGPQ: %.40s", answer);
	return answer && strncmp(answer, "ERR ", 4) == 0;
}

/* false: told; an account that may not put is no fault. */
static bool put(struct line *line)
{
	struct visit *visit = line->visit;
	char request[VISIT_NAME + 32], *answer;

	snprintf(request, sizeof(request), "P\t%s\t%d\n", visit->name, VISIT_BYTES);
	answer = ask(line, VISIT_PUT, request);
	if (answer && is_denied(answer) && visit->listener->account[0] != '\0')
		return true;
	if (!is_fine(line, VISIT_PUT, answer))
		return false;
	visit->tried = true;
	if (!send_all(line, visit->bytes, VISIT_BYTES)) {
		visit_fail(visit, VISIT_PUT, "the connection is closed");
		return false;
	}
	answer = next_line(line);
	if (!answer)
		visit_fail(visit, VISIT_PUT, "no answer after the file");
	if (!is_fine(line, VISIT_PUT, answer))
		return false;
	visit->put = true;
	visit_did(visit, "put");
	return true;
}

static bool get(struct line *line)
{
	struct visit *visit = line->visit;
	char request[VISIT_NAME + 8], *answer;

	snprintf(request, sizeof(request), "G\t%s\n", visit->name);
	answer = ask(line, VISIT_GET, request);
	if (!is_fine(line, VISIT_GET, answer))
		return false;
	if (atoi(answer + 3) != VISIT_BYTES) {
		visit_fail(visit, VISIT_GET, "the probe file comes back with another size");
		return false;
	}
	while (line->end - line->start < VISIT_BYTES) {
		if (!read_more(line)) {
			visit_fail(visit, VISIT_GET, "the probe file does not come whole");
			return false;
		}
	}
	if (memcmp(line->input + line->start, visit->bytes, VISIT_BYTES) != 0) {
		visit_fail(visit, VISIT_GET, "the probe file comes back as something else");
		return false;
	}
	line->start += VISIT_BYTES;
	visit_did(visit, "get");
	return true;
}

static void list(struct line *line)
{
	struct visit *visit = line->visit;
	char *answer = ask(line, VISIT_LIST, "L\n");
	bool seen = false;

	if (answer && is_denied(answer) && visit->listener->account[0] != '\0')
		return;
	if (!is_fine(line, VISIT_LIST, answer))
		return;
	for (long count = atol(answer + 3); count > 0; count--) {
		char *entry = next_line(line);

		if (!entry) {
			visit_fail(visit, VISIT_LIST, "the list does not come whole");
			return;
		}
		seen |= strstr(entry, visit->name) != NULL;
	}
	if (visit->put && !seen)
		visit_fail(visit, VISIT_LIST, "the probe file is there and not in the list");
	else
		visit_did(visit, "list");
}

static void refuse(const struct line *line)
{
	visit_fail(line->visit, VISIT_LOGIN, "%s",
		line->words[0] ? line->words : "no connection can be made");
}

static void end(struct line *line)
{
	curl_easy_cleanup(line->curl);
	free(line);
}

static struct line *begin(struct visit *visit)
{
	struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->visit = visit;
	if (line_open(line))
		return line;
	refuse(line);
	end(line);
	return NULL;
}

void doctor_lgpq_visit(struct visit *visit)
{
	struct line *line = begin(visit);

	if (!line)
		return;
	if (greet(line) && put(line) && (!visit->put || get(line)))
		list(line);
	end(line);
}

void doctor_echo_visit(struct visit *visit)
{
	struct line *line = begin(visit);

	if (!line)
		return;
	if (!send_all(line, "ftpool\n", 7) || !read_more(line))
		visit_fail(visit, VISIT_LOGIN, "no answer");
	else
		visit_did(visit, "answered");
	end(line);
}
