#include "client/ctl_ask.h"

#include "client/ctl_print.h"
#include "common/status_path.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10, LOOK_EVERY_MS = 100, READ_SIZE = 65536 };

static struct {
	bool muted, json;
	char text[600];
} complaint;

void ctl_ask_mute(bool muted)
{
	complaint.muted = muted;
}

void ctl_ask_json(void)
{
	complaint.json = true;
}

const char *ctl_ask_complaint(void)
{
	return complaint.text;
}

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(complaint.text, sizeof(complaint.text), format, values);
	va_end(values);
	if (!complaint.muted)
		fputs(complaint.text, stderr);
}

static enum ctl_exit tell_no_server(const char *path, const char *other, int error)
{
	if (error == -EACCES) {
		complain("ftpctl: %s: permission denied; ask as root or as a member of the group "
			 "that owns it\n",
			path);
		return CTL_REFUSED;
	}
	complain("ftpctl: no server answers at %s%s%s: %s; is ftpoold running? --socket PATH names "
		 "another place\n",
		path, other ? " or " : "", other ? other : "", strerror(-error));
	return CTL_NO_SERVER;
}

/* The socket, or -1 after telling why, with *status. */
static int find_server(const char *path, enum ctl_exit *status)
{
	char personal[STATUS_PATH];
	const char *first = path ? path : status_path_service;
	const char *second = NULL;
	int server = status_path_connect(first, PATIENCE_SECONDS);

	if (server < 0 && !path && server != -EACCES) {
		second = status_path_personal(personal);
		server = status_path_connect(second, PATIENCE_SECONDS);
	}
	if (server >= 0)
		return server;
	*status = tell_no_server(first, second, server);
	return -1;
}

/* Everything until the server closes, ended by NUL; NULL on any error, with errno. */
static char *read_all(int server)
{
	char *text = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		if (room - used <= READ_SIZE) { /* one more for the NUL */
			char *grown = realloc(text, room + 2 * READ_SIZE);

			if (!grown)
				break;
			text = grown;
			room += 2 * READ_SIZE;
		}
		ssize_t got = read(server, text + used, READ_SIZE);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		used += (size_t)got;
		text[used] = '\0';
		if (got == 0)
			return text;
	}
	free(text);
	return NULL;
}

static enum ctl_exit read_answer(int server, json_t **answer)
{
	char *text = read_all(server);
	const char *refused;

	*answer = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!*answer) {
		complain("ftpctl: the server gives no answer that can be read; is it being "
			 "stopped?\n");
		return CTL_NO_SERVER;
	}
	refused = json_string_value(json_object_get(*answer, "error"));
	if (!refused)
		return CTL_WELL;
	complain("ftpctl: refused: %s\n", refused);
	if (complaint.json && !complaint.muted)
		ctl_print_json(stdout, *answer);
	json_decref(*answer);
	*answer = NULL;
	return CTL_REFUSED;
}

/* The question is on its way; as ctl_begin. */
static int begin(const char *path, const char *question, enum ctl_exit *status)
{
	int server = find_server(path, status);
	char line[512];
	int length = snprintf(line, sizeof(line), "%s\n", question);

	if (server < 0 || send(server, line, (size_t)length, MSG_NOSIGNAL) == length)
		return server;
	complain("ftpctl: the question cannot be sent: %s\n", strerror(errno));
	close(server);
	*status = CTL_NO_SERVER;
	return -1;
}

int ctl_begin(const char *path, const char *question, enum ctl_exit *status)
{
	struct timeval for_ever = {0};
	int server = begin(path, question, status);

	if (server >= 0)
		setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof(for_ever));
	return server;
}

enum ctl_exit ctl_ask(const char *path, const char *question, json_t **answer)
{
	enum ctl_exit status;
	int server = begin(path, question, &status);

	*answer = NULL;
	if (server < 0)
		return status;
	status = read_answer(server, answer);
	close(server);
	return status;
}

/* The server keeps the pipe open to its last moment. */
enum ctl_exit ctl_wait_until_gone(const char *path)
{
	for (;;) {
		char personal[STATUS_PATH];
		int server =
			status_path_connect(path ? path : status_path_service, PATIENCE_SECONDS);

		if (server < 0 && !path)
			server = status_path_connect(
				status_path_personal(personal), PATIENCE_SECONDS);
		if (server < 0)
			return CTL_WELL;
		close(server);
		poll(NULL, 0, LOOK_EVERY_MS);
	}
}
