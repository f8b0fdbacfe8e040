#include "client/doctor.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const grade_names[] = {[DOCTOR_ADVICE] = "advice", [DOCTOR_FAULT] = "fault"};

int doctor_open(struct doctor *doctor)
{
	doctor->checks = json_array();
	doctor->findings = json_array();
	return doctor->checks && doctor->findings ? 0 : -ENOMEM;
}

void doctor_close(struct doctor *doctor)
{
	json_decref(doctor->checks);
	json_decref(doctor->findings);
	json_decref(doctor->status);
}

/* The one that is at work. */
static json_t *this_check(const struct doctor *doctor)
{
	return json_array_get(doctor->checks, json_array_size(doctor->checks) - 1);
}

static json_t *format_text(const char *format, va_list arguments)
{
	json_t *text = json_vsprintf(format, arguments);

	return text ? text : json_string("(what cannot be written as text)");
}

void doctor_find(struct doctor *doctor, struct doctor_finding finding, const char *format, ...)
{
	va_list arguments;
	json_t *what;

	va_start(arguments, format);
	what = format_text(format, arguments);
	va_end(arguments);
	json_array_append_new(doctor->findings,
		json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "check", doctor->check, "grade",
			grade_names[finding.grade], "where", finding.where, "what", what, "why",
			finding.why, "advice", finding.advice));
	*(finding.grade == DOCTOR_FAULT ? &doctor->faults : &doctor->advices) += 1;
}

void doctor_take_complaints(struct doctor *doctor, char *text, const char *why, const char *advice)
{
	char *rest = text;

	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		char *end = strstr(line, ": ");

		if (!end)
			continue;
		*end = '\0';
		doctor_find(doctor, (struct doctor_finding){DOCTOR_FAULT, line, why, advice}, "%s",
			end + 2);
	}
}

void doctor_note(struct doctor *doctor, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	json_object_set_new(this_check(doctor), "said", format_text(format, arguments));
	va_end(arguments);
}

void doctor_run(struct doctor *doctor, const struct doctor_check *check)
{
	unsigned int faults = doctor->faults, advices = doctor->advices;
	const char *missing = check->needs_config && !doctor->config   ? "no config"
			      : check->needs_server && !doctor->status ? "no server"
								       : NULL;
	const char *grade = "skipped";

	doctor->check = check->name;
	json_array_append_new(doctor->checks,
		json_pack("{s:s, s:s}", "name", check->name, "said", missing ? missing : ""));
	if (!missing) {
		check->run(doctor);
		grade = doctor->faults > faults     ? grade_names[DOCTOR_FAULT]
			: doctor->advices > advices ? grade_names[DOCTOR_ADVICE]
						    : "well";
	}
	json_object_set_new(this_check(doctor), "grade", json_string(grade));
}

char *doctor_place(char place[DOCTOR_PLACE], const struct config *config, const char *section,
	const char *listener, const char *name)
{
	struct origin origin = config_origin(config, section, listener, name);

	if (origin.line > 0)
		snprintf(place, DOCTOR_PLACE, "%s:%u", origin.file, origin.line);
	else
		snprintf(place, DOCTOR_PLACE, "%s", origin.file);
	return place;
}

static int become_service(const struct config *config)
{
	if (!config->change_user)
		return 0;
	return setgroups(0, NULL) == 0 && setgid(config->gid) == 0 && setuid(config->uid) == 0
		       ? 0
		       : -errno;
}

int doctor_as_service(
	const struct config *config, int (*function)(const char *path), const char *path)
{
	enum { EXIT_CANNOT = 255 };
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (child == 0)
		_exit(become_service(config) < 0 ? EXIT_CANNOT : function(path));
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) != EXIT_CANNOT ? WEXITSTATUS(status)
								       : -EPERM;
}

pid_t doctor_server_pid(const struct doctor *doctor)
{
	return (pid_t)json_integer_value(json_object_get(doctor->status, "pid"));
}

char *doctor_seen_path(const struct doctor *doctor, const char *path, char seen[DOCTOR_PATH])
{
	pid_t server = doctor_server_pid(doctor);
	char root[32];

	snprintf(root, sizeof(root), "/proc/%d/root", (int)server);
	snprintf(
		seen, DOCTOR_PATH, "%s%s", server > 0 && access(root, X_OK) == 0 ? root : "", path);
	return seen;
}
