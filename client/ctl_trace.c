#include "client/ctl_trace.h"

#include "client/ctl_field.h"
#include "client/ctl_print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* When it was said. */
static void print_time(long long ago_ms)
{
	struct timespec now;
	struct tm local;
	char text[20];
	long long ms;
	time_t seconds;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000 - ago_ms;
	seconds = (time_t)(ms / 1000);
	localtime_r(&seconds, &local);
	strftime(text, sizeof(text), "%H:%M:%S", &local);
	printf("%s.%03d", text, (int)(ms % 1000));
}

static void print_line(const json_t *line)
{
	const char *user = ctl_words(line, "user");
	bool client = strcmp(ctl_words(line, "from"), "client") == 0;

	print_time(json_integer_value(json_object_get(line, "ago_ms")));
	printf("  %-8s %-10s %-21s %s %s\n", ctl_words(line, "session"),
		user[0] != '\0' ? user : "-", ctl_words(line, "peer"), client ? ">" : "<",
		ctl_words(line, "line"));
}

/* -1 to go on, else how it ends. */
static int take(const struct ctl_wish *wish, const char *text)
{
	json_t *line = json_loads(text, 0, NULL);
	const json_t *left_out = json_object_get(line, "left_out");
	const char *refused = json_string_value(json_object_get(line, "error"));
	int status = -1;

	if (refused) {
		fprintf(stderr, "ftpctl: refused: %s\n", refused);
		if (wish->json)
			ctl_print_json(stdout, line);
		status = CTL_REFUSED;
	} else if (wish->json) {
		fputs(text, stdout);
	} else if (json_object_get(line, "ended")) {
		puts("(the session has ended)");
	} else if (left_out) {
		printf("(%lld lines came too fast and are left out)\n",
			(long long)json_integer_value(left_out));
	} else if (json_object_get(line, "line")) {
		print_line(line);
	}
	if (json_object_get(line, "ended"))
		status = CTL_WELL;
	json_decref(line);
	return fflush(stdout) == 0 ? status : CTL_REFUSED;
}

enum ctl_exit ctl_trace_run(const struct ctl_wish *wish, int argc, char **argv)
{
	enum ctl_exit status;
	char question[300], *text = NULL;
	size_t size = 0;
	FILE *lines;
	int server, end = -1;

	(void)argc;
	snprintf(question, sizeof(question), "trace %.256s", argv[0]);
	server = ctl_begin(wish->socket, question, &status);
	if (server < 0)
		return status;
	lines = fdopen(server, "r");
	while (lines && end < 0 && getline(&text, &size, lines) > 0)
		end = take(wish, text);
	if (lines)
		fclose(lines);
	free(text);
	if (end < 0)
		fputs("ftpctl: the server has ended the trace\n", stderr);
	return end < 0 ? CTL_NO_SERVER : (enum ctl_exit)end;
}
