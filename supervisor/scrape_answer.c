#include "supervisor/scrape_answer.h"

#include "worker/contain.h"

#include <bsd/unistd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 5 };

static bool give_up_privileges(const struct config *config)
{
	const char *what;
	bool landlock;

	if (contain_identity(config, &what) < 0)
		return false;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return !config->sandbox ||
	       contain_sandbox(&(struct contain_needs){0}, &landlock, &what) == 0;
}

/* The head of a request, ended by NUL; false: none came. */
static bool read_head(int client, char request[SCRAPE_REQUEST])
{
	size_t used = 0;

	while (used < SCRAPE_REQUEST - 1) {
		ssize_t got = recv(client, request + used, SCRAPE_REQUEST - 1 - used, 0);

		if (got <= 0)
			return false;
		used += (size_t)got;
		request[used] = '\0';
		if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n"))
			return true;
	}
	return true;
}

/* RFC 9112 3: method, target, version. */
const char *scrape_judge(const char *request, bool *head)
{
	char method[8], target[64], version[16];
	size_t path;

	*head = false;
	if (strlen(request) >= SCRAPE_REQUEST - 1)
		return "431 Request Header Fields Too Large";
	if (sscanf(request, "%7[A-Z] %63[^ \r\n] HTTP/%15[0-9.]", method, target, version) != 3)
		return "400 Bad Request";
	*head = strcmp(method, "HEAD") == 0;
	if (!*head && strcmp(method, "GET") != 0)
		return "405 Method Not Allowed";
	path = strcspn(target, "?");
	if (path == 8 && memcmp(target, "/metrics", 8) == 0)
		return "200 OK";
	return "404 Not Found";
}

static void say(int client, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void answer(int client, const char *status, bool head, const char *text)
{
	bool fine = strncmp(status, "200", 3) == 0;
	const char *body = fine ? text : "The metrics are at /metrics.\n";
	const char *type = fine ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				: "text/plain; charset=utf-8";
	char start[400];
	int length = snprintf(start, sizeof(start),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
		"Connection: close\r\n\r\n",
		status, type, strlen(body),
		strncmp(status, "405", 3) == 0 ? "Allow: GET, HEAD\r\n" : "");

	say(client, start, (size_t)length);
	if (!head)
		say(client, body, strlen(body));
}

/* Closing over unread bytes would take the answer back; the alarm ends a client that goes on. */
static void see_off(int client)
{
	char waste[4096];

	(void)shutdown(client, SHUT_WR);
	while (recv(client, waste, sizeof(waste), 0) > 0)
		;
}

int scrape_answer(const void *what)
{
	const struct scrape_errand *errand = what;
	char request[SCRAPE_REQUEST];
	const char *status;
	sigset_t none;
	bool head;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(PATIENCE_SECONDS);
	prctl(PR_SET_NAME, "ftpool metrics", 0, 0, 0);
	setproctitle("metrics");
	if (!give_up_privileges(errand->config))
		return 1;
	if (!read_head(errand->socket, request))
		return 0;
	status = scrape_judge(request, &head);
	answer(errand->socket, status, head, errand->text);
	see_off(errand->socket);
	return 0;
}
