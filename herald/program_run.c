#include "herald/program_run.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What a program is told, by the name of the JSON's field. */
static const struct {
	const char *field, *placeholder, *variable;
} values[] = {{"id", "%id", "FTPOOL_ID"}, {"time", "%time", "FTPOOL_TIME"},
	{"path", "%path", "FTPOOL_PATH"}, {"file", "%file", "FTPOOL_FILE"},
	{"bytes", "%bytes", "FTPOOL_BYTES"}, {"sha256", "%sha256", "FTPOOL_SHA256"},
	{"user", "%user", "FTPOOL_USER"}, {"peer", "%peer", "FTPOOL_PEER"},
	{"protocol", "%protocol", "FTPOOL_PROTOCOL"}, {"session", "%session", "FTPOOL_SESSION"}};

enum { VALUES = sizeof(values) / sizeof(values[0]), EXEC_FAILED = 127 };

struct run {
	char *texts[VALUES];
	char *environment[VALUES + 2];
	char **arguments;
};

/* ---- what it is told ---- */

/* The bytes that were no UTF-8, as they are. NULL: there were none such. */
static char *bytes_of_hex(const char *digits)
{
	size_t length = digits ? strlen(digits) / 2 : 0;
	char *bytes = length > 0 ? calloc(1, length + 1) : NULL;

	for (size_t i = 0; bytes && i < length; i++) {
		char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};

		bytes[i] = (char)strtoul(pair, NULL, 16);
	}
	return bytes;
}

static char *text_of(const json_t *event, const char *field)
{
	const json_t *value = json_object_get(event, field);
	char number[32];

	if (strcmp(field, "file") == 0 && json_object_get(event, "file_hex"))
		return bytes_of_hex(json_string_value(json_object_get(event, "file_hex")));
	if (!json_is_integer(value))
		return strdup(json_is_string(value) ? json_string_value(value) : "");
	snprintf(number, sizeof(number), "%jd", (intmax_t)json_integer_value(value));
	return strdup(number);
}

static int prepare_environment(struct run *run)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	for (size_t i = 0; i < VALUES; i++) {
		if (asprintf(&run->environment[i], "%s=%s", values[i].variable, run->texts[i]) <
			0) {
			run->environment[i] = NULL;
			return -ENOMEM;
		}
	}
	run->environment[VALUES] = path;
	return 0;
}

/* A placeholder is a whole argument: nothing in a file's name can become two. */
static int prepare_arguments(struct run *run, const struct config_list *command)
{
	run->arguments = calloc(command->count + 1, sizeof(run->arguments[0]));
	if (!run->arguments)
		return -ENOMEM;
	for (size_t i = 0; i < command->count; i++) {
		run->arguments[i] = command->items[i];
		for (size_t v = 0; v < VALUES; v++) {
			if (i > 0 && strcmp(command->items[i], values[v].placeholder) == 0)
				run->arguments[i] = run->texts[v];
		}
	}
	return 0;
}

static int prepare(struct run *run, const struct config_list *command, const char *line)
{
	json_t *event = json_loads(line, JSON_ALLOW_NUL, NULL);
	int error = event ? 0 : -EBADMSG;

	for (size_t i = 0; i < VALUES && error == 0; i++) {
		run->texts[i] = text_of(event, values[i].field);
		error = run->texts[i] ? 0 : -ENOMEM;
	}
	json_decref(event);
	if (error == 0)
		error = prepare_environment(run);
	return error < 0 ? error : prepare_arguments(run, command);
}

static void forget(struct run *run)
{
	for (size_t i = 0; i < VALUES; i++) {
		free(run->texts[i]);
		free(run->environment[i]);
	}
	free(run->arguments);
}

/* ---- the child ---- */

static int open_input(const char *line)
{
	int input = memfd_create("event", MFD_CLOEXEC);

	if (input >= 0)
		(void)dprintf(input, "%s\n", line);
	if (input >= 0 && lseek(input, 0, SEEK_SET) < 0) {
		close(input);
		input = -1;
	}
	return input;
}

static void drop_capabilities(void)
{
	cap_t none = cap_init();

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!none || cap_set_proc(none) < 0)
		_exit(EXEC_FAILED);
	cap_free(none);
}

/* What it prints goes where the service's standard error does. */
static void become(const struct run *run, int input)
{
	sigset_t none;

	setpgid(0, 0);
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	drop_capabilities();
	if (dup2(input, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
		close_range(STDERR_FILENO + 1, ~0u, 0) < 0 || chdir("/") < 0)
		_exit(EXEC_FAILED);
	execve(run->arguments[0], run->arguments, run->environment);
	_exit(EXEC_FAILED);
}

pid_t program_run(const struct config_list *command, const char *line)
{
	struct run run = {0};
	int error = prepare(&run, command, line);
	int input = error < 0 ? -1 : open_input(line);
	pid_t pid = input < 0 ? -1 : fork();

	if (error == 0 && pid < 0)
		error = -errno;
	if (pid == 0)
		become(&run, input);
	if (input >= 0)
		close(input);
	forget(&run);
	return error < 0 ? error : pid;
}
