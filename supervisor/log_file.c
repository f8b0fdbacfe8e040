#include "supervisor/log_file.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 2000 };

static const struct {
	const char *path;
	enum log_style style;
} sockets[] = {[LOG_TO_JOURNAL] = {"/run/systemd/journal/socket", LOG_STYLE_NATIVE},
	[LOG_TO_SYSLOG] = {"/dev/log", LOG_STYLE_SYSLOG}};

/* In the order of the option's words. */
static const int facilities[] = {LOG_DAEMON, LOG_FTP, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2,
	LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7};

static bool is_socket(const struct config *config)
{
	return config->log_to == LOG_TO_JOURNAL || config->log_to == LOG_TO_SYSLOG;
}

/* ---- opening ---- */

static int open_file(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);

	return file < 0 ? -errno : file;
}

/* Waits for a reader that is slow, but not for one that hangs: see log_set_form. */
static int open_socket(const char *path)
{
	const struct timeval patience = {.tv_sec = 1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (log < 0)
		return -errno;
	setsockopt(log, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	strcpy(address.sun_path, path);
	if (connect(log, (const struct sockaddr *)&address, sizeof(address)) < 0)
		error = -errno;
	if (error == 0)
		return log;
	close(log);
	return error;
}

static void complain_file(const char *event, const char *path, int error)
{
	log_error(event, "file=\"%s\" error=\"%s\"", path, strerror(-error));
}

/* systemd names the journal's stream; a terminal started below it inherits the name, but not the
 * stream (systemd.exec(5), JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char own[64];

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, own) == 0;
}

static void set_form(const struct config *config, enum log_style style)
{
	log_set_form(&(struct log_form){.style = style,
		.facility = facilities[config->log_facility],
		.json = config->log_format == LOG_AS_JSON});
}

static enum log_style style_of(const struct config *config)
{
	if (is_socket(config))
		return sockets[config->log_to].style;
	return config->log_to == LOG_TO_STDERR && stderr_is_journal() ? LOG_STYLE_JOURNAL
								      : LOG_STYLE_TIMED;
}

void log_file_set_form(const struct config *config)
{
	set_form(config, style_of(config));
}

static void try_file(const struct config *config, const char *option, const char *path,
	struct complaints *complaints)
{
	int file = open_file(path);

	if (file < 0)
		complain(complaints, config_origin(config, "log", NULL, option),
			"%s = \"%s\" cannot be opened: %s", option, path, strerror(-file));
	else
		close(file);
}

void log_file_try(const struct config *config, struct complaints *complaints)
{
	if (config->log_to == LOG_TO_FILE)
		try_file(config, "file", config->log_file, complaints);
	if (config->log_xferlog[0] != '\0')
		try_file(config, "xferlog", config->log_xferlog, complaints);
}

void log_file_begin(const struct config *config)
{
	tzset(); /* the time zone's file is one that workers cannot open */
	log_set_level((enum log_level)config->log_level);
	set_form(config, stderr_is_journal() ? LOG_STYLE_JOURNAL : LOG_STYLE_TIMED);
}

/* The number of standard error itself, unless the log has gone elsewhere before. */
static int open_target(const struct config *config, const char *path)
{
	if (config->log_to == LOG_TO_STDERR)
		return log_descriptor() == STDERR_FILENO ? STDERR_FILENO : dup(STDERR_FILENO);
	return is_socket(config) ? open_socket(path) : open_file(path);
}

int log_file_open(const struct config *config)
{
	const char *path = is_socket(config) ? sockets[config->log_to].path : config->log_file;
	int file = open_target(config, path);
	int error = file < 0 ? file : file == STDERR_FILENO ? 0 : log_adopt(file);

	if (file > STDERR_FILENO)
		close(file);
	if (error < 0)
		complain_file("log: cannot open the file", path, error);
	else
		set_form(config, style_of(config));
	return error;
}

int log_file_open_xferlog(const struct config *config, int *descriptor)
{
	*descriptor = -1;
	if (config->log_xferlog[0] == '\0')
		return 0;
	*descriptor = open_file(config->log_xferlog);
	if (*descriptor >= 0)
		return 0;
	complain_file("log: cannot open the transfer log", config->log_xferlog, *descriptor);
	return *descriptor;
}

/* ---- a socket that is replaced ---- */

bool log_file_is_stale(const struct config *config, int64_t now_ms)
{
	static int64_t looked_ms;
	static struct stat known;
	struct stat status;
	bool stale;

	if (!is_socket(config) || now_ms - looked_ms < LOOK_MS ||
		stat(sockets[config->log_to].path, &status) < 0)
		return false;
	looked_ms = now_ms;
	stale = known.st_ino != 0 &&
		(known.st_ino != status.st_ino || known.st_ctim.tv_sec != status.st_ctim.tv_sec ||
			known.st_ctim.tv_nsec != status.st_ctim.tv_nsec);
	known = status;
	return stale;
}
