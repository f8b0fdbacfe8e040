#include "client/doctor_server.h"

#include "common/status_path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10 };

static const char *text_of(const struct doctor *doctor, const char *key)
{
	const char *text = json_string_value(json_object_get(doctor->status, key));

	return text ? text : "";
}

static int64_t number_of(const struct doctor *doctor, const char *key)
{
	return json_integer_value(json_object_get(doctor->status, key));
}

/* 0: somebody answers there, or -errno. */
static int knock(const char *path)
{
	int server = status_path_connect(path, PATIENCE_SECONDS);

	if (server >= 0)
		close(server);
	return server < 0 ? server : 0;
}

static void check_place(struct doctor *doctor, const char *path)
{
	struct stat status;
	int error = knock(path);

	if (error == 0)
		return;
	if (lstat(path, &status) < 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path, "nothing serves, or not there",
				"start the service, or name its pipe: --socket"},
			"there is no status pipe: %s", strerror(errno));
	else if (error == -ECONNREFUSED)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path,
				"a server was killed, and nothing serves in its place",
				"start the service; it takes the place over by itself"},
			"a status pipe is there, but nobody answers at it");
	else
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path,
				"the server cannot be asked, and a new one cannot put its pipe "
				"there",
				S_ISSOCK(status.st_mode)
					? "ask as root or as a member of status.group"
					: "remove it, or name another status.path"},
			"no status pipe that could be asked: %s", strerror(-error));
}

void doctor_check_pipe(struct doctor *doctor)
{
	if (doctor->status)
		doctor_note(doctor, "the server answers, pid %d", (int)doctor_server_pid(doctor));
	else if (doctor->socket)
		check_place(doctor, doctor->socket);
	else
		check_place(
			doctor, doctor->config ? doctor->config->status_path : status_path_service);
}

void doctor_check_state(struct doctor *doctor)
{
	int64_t wanted = number_of(doctor, "workers_wanted");
	int64_t living = number_of(doctor, "workers_living");
	const char *state = text_of(doctor, "state");

	if (strcmp(state, "degraded") == 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, "ftpctl status",
				"clients are refused, or nobody with an account can log in",
				"the log tells which process ends and why: journalctl -u ftpool"},
			"the service is degraded");
	else if (living < wanted)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "ftpctl workers",
				"there is room for fewer sessions while workers are replaced",
				"look again; if it stays so, the log tells why they end"},
			"%jd of %jd workers serve", (intmax_t)living, (intmax_t)wanted);
	else
		doctor_note(doctor, "%s, %jd workers, %jd sessions", state, (intmax_t)living,
			(intmax_t)number_of(doctor, "sessions"));
}

void doctor_check_version(struct doctor *doctor)
{
	const char *version = text_of(doctor, "version"), *file = text_of(doctor, "config");
	struct stat status;

	doctor_note(doctor, "%s", version);
	if (strcmp(version, FTPOOL_VERSION) != 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "ftpctl status",
				"what was mended since then is not mended there",
				"ftpctl upgrade, or restart the service"},
			"the server that runs is version %s, and ftpctl is %s", version,
			FTPOOL_VERSION);
	if (file[0] == '/' && stat(file, &status) == 0 &&
		status.st_mtim.tv_sec > number_of(doctor, "since_unix") &&
		status.st_mtim.tv_sec > number_of(doctor, "config_read_unix"))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, file,
				"what was changed does not hold yet",
				"ftpoold --check -c FILE, then reload or restart the service"},
			"the config has been changed since the server read it");
}
