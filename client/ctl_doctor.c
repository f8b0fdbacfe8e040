#include "client/ctl_doctor.h"

#include "client/ctl_print.h"
#include "client/doctor.h"
#include "client/doctor_files.h"
#include "client/doctor_login.h"
#include "client/doctor_machine.h"
#include "client/doctor_network.h"
#include "client/doctor_server.h"
#include "client/doctor_tls.h"
#include "common/status_path.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETTINGS_MOST = 100, PASSWORD_MOST = 1024 };

struct doctor_wish {
	const char *socket, *file, *user;
	const char *settings[SETTINGS_MOST];
	size_t setting_count;
	bool json;
	char password[PASSWORD_MOST];
};

/* clang-format off */
static const struct doctor_check checks[] = {
	{"pipe", "a server is there and can be asked", false, false, doctor_check_pipe},
	{"state", "it is not degraded", false, true, doctor_check_state},
	{"version", "it is the one that is installed and configured", false, true, doctor_check_version},
	{"roots", "its user can read and write what is served", true, false, doctor_check_roots},
	{"disks", "there is room", true, false, doctor_check_disks},
	{"users", "the users file is sound and private", true, false, doctor_check_users},
	{"passive-address", "clients can reach what they are told", true, false, doctor_check_passive_address},
	{"passive-ports", "there are enough, and nobody else has them", true, false, doctor_check_passive_ports},
	{"certificates", "chain, names, days left, key", true, false, doctor_check_certificates},
	{"descriptors", "as many as the sessions need", true, true, doctor_check_descriptors},
	{"kernel", "openat2, Landlock, seccomp, kernel TLS", false, false, doctor_check_kernel},
	{"clock", "it is right, and kept so", false, false, doctor_check_clock},
	{"pam", "its file is there", true, false, doctor_check_pam},
	{"logins", "each listener, by a real login with a probe file", true, true, doctor_check_logins},
};
/* clang-format on */

enum { CHECKS = sizeof(checks) / sizeof(checks[0]) };

static enum ctl_exit usage(FILE *out)
{
	fputs("Usage: ftpctl doctor [-c FILE] [-o OPTION=VALUE ...] [--socket PATH] [--json]\n"
	      "                     [--user NAME] [CHECK ...]\n\n",
		out);
	for (int i = 0; i < CHECKS; i++)
		fprintf(out, "  %-16s %s\n", checks[i].name, checks[i].help);
	fputs("\n"
	      "  -c, -o         as ftpoold has them; without -c, the config that the running\n"
	      "                 server has read\n"
	      "  --socket PATH  that server's status pipe\n"
	      "  --user NAME    logs in by FTP with that account, whose password is the first\n"
	      "                 line of standard input, and not as anonymous\n"
	      "  --json         prints all that was found as JSON\n"
	      "\n"
	      "Exit status: 0 well; 1 there is a fault; 2 usage; 3 no server.\n",
		out);
	return out == stdout ? CTL_WELL : CTL_USAGE;
}

static bool read_password(struct doctor_wish *wish)
{
	if (!fgets(wish->password, sizeof(wish->password), stdin)) {
		fputs("ftpctl: no password comes from standard input\n", stderr);
		return false;
	}
	wish->password[strcspn(wish->password, "\r\n")] = '\0';
	return true;
}

/* ---- the config ---- */

/* The file that the server has read, whose name counts from where the server was started; NULL:
 * the built-in config. */
static const char *server_file(const struct doctor *doctor, char path[DOCTOR_PATH])
{
	const char *file = json_string_value(json_object_get(doctor->status, "config"));
	char link[32];
	ssize_t length;

	if (!file || file[0] == '(')
		return NULL;
	if (file[0] == '/')
		return file;
	snprintf(link, sizeof(link), "/proc/%d/cwd", (int)doctor_server_pid(doctor));
	length = readlink(link, path, DOCTOR_PATH - 1);
	if (length < 0)
		return file;
	snprintf(path + length, (size_t)(DOCTOR_PATH - length), "/%s", file);
	return path;
}

/* The one that the user names, the one that the server has read, or the service's. */
static struct config_request choose_config(
	const struct doctor *doctor, const struct doctor_wish *wish, char path[DOCTOR_PATH])
{
	const char *root = json_string_value(json_object_get(doctor->status, "root"));
	struct config_request request = {
		.file = wish->file, .set = wish->settings, .set_count = wish->setting_count};

	if (!request.file && !doctor->status)
		request.file = FTPOOL_SYSCONFDIR "/ftpool/ftpool.conf";
	else if (!request.file)
		request.file = server_file(doctor, path);
	if (!request.file)
		request.root = root; /* or the built-in config would make one */
	request.service =
		request.file && strcmp(request.file, FTPOOL_SYSCONFDIR "/ftpool/ftpool.conf") == 0;
	return request;
}

static struct config *load(struct doctor *doctor, const struct doctor_wish *wish)
{
	char path[DOCTOR_PATH];
	struct config_request request = choose_config(doctor, wish, path);
	char *text = NULL;
	size_t size = 0;
	struct complaints complaints = {.to = open_memstream(&text, &size)};
	struct config *config;

	if (!complaints.to)
		return NULL;
	config = config_load(&request, &complaints);
	fclose(complaints.to);
	doctor->check = "config";
	doctor_take_complaints(doctor, text, "the server will not start again, and reloads nothing",
		"mend it; ftpoold --check -c FILE tells when it is fine");
	json_array_append_new(doctor->checks,
		json_pack("{s:s, s:s, s:s}", "name", "config", "grade", config ? "well" : "fault",
			"said", request.file ? request.file : "(built in)"));
	free(text);
	return config;
}

/* ---- what is shown ---- */

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void print_check(const json_t *check, const json_t *findings)
{
	const json_t *finding;

	printf("%-8s%-17s%s\n", member(check, "grade"), member(check, "name"),
		member(check, "said"));
	for (size_t i = 0; (finding = json_array_get(findings, i)); i++) {
		if (strcmp(member(finding, "check"), member(check, "name")) != 0)
			continue;
		printf("    %s: %s: %s\n", member(finding, "grade"), member(finding, "where"),
			member(finding, "what"));
		printf("        why: %s\n        do:  %s\n", member(finding, "why"),
			member(finding, "advice"));
	}
}

static void print_all(const struct doctor *doctor)
{
	const json_t *check;

	for (size_t i = 0; (check = json_array_get(doctor->checks, i)); i++)
		print_check(check, doctor->findings);
	printf("%u fault%s, %u piece%s of advice%s\n", doctor->faults,
		doctor->faults == 1 ? "" : "s", doctor->advices, doctor->advices == 1 ? "" : "s",
		doctor->status ? "" : "; no server answers");
}

static void show(const struct doctor *doctor, bool json)
{
	json_t *all;

	if (!json) {
		print_all(doctor);
		return;
	}
	all = json_pack("{s:b, s:i, s:i, s:O, s:O}", "server", doctor->status != NULL, "faults",
		(int)doctor->faults, "advices", (int)doctor->advices, "checks", doctor->checks,
		"findings", doctor->findings);
	ctl_print_json(stdout, all);
	json_decref(all);
}

/* ---- the whole ---- */

static bool is_wanted(const char *name, char *const *names)
{
	if (!*names)
		return true;
	for (; *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static bool are_known(char *const *names)
{
	for (; *names; names++) {
		bool known = false;

		for (int i = 0; i < CHECKS; i++)
			known |= strcmp(checks[i].name, *names) == 0;
		if (!known) {
			fprintf(stderr, "ftpctl: there is no check \"%s\"\n", *names);
			return false;
		}
	}
	return true;
}

static enum ctl_exit examine(struct doctor_wish *wish, char *const *names)
{
	struct doctor doctor = {
		.socket = wish->socket, .user = wish->user, .password = wish->password};
	struct config *config;
	enum ctl_exit status;

	if (doctor_open(&doctor) < 0)
		return CTL_REFUSED;
	(void)ctl_ask(wish->socket, "status", &doctor.status);
	config = load(&doctor, wish);
	doctor.config = config;
	for (int i = 0; i < CHECKS; i++) {
		if (is_wanted(checks[i].name, names))
			doctor_run(&doctor, &checks[i]);
	}
	show(&doctor, wish->json);
	status = !doctor.status ? CTL_NO_SERVER : doctor.faults > 0 ? CTL_REFUSED : CTL_WELL;
	config_free(config);
	doctor_close(&doctor);
	return fflush(stdout) == 0 ? status : CTL_REFUSED;
}

enum { OPTION_SOCKET = 256, OPTION_JSON, OPTION_USER };

/* -1 to go on, else the exit status. */
static int take_option(struct doctor_wish *wish, int option)
{
	switch (option) {
	case 'c': wish->file = optarg; return -1;
	case 'o':
		if (wish->setting_count == SETTINGS_MOST)
			return (int)usage(stderr);
		wish->settings[wish->setting_count++] = optarg;
		return -1;
	case OPTION_SOCKET: wish->socket = optarg; return -1;
	case OPTION_JSON: wish->json = true; return -1;
	case OPTION_USER: wish->user = optarg; return -1;
	case 'h': return (int)usage(stdout);
	default: return (int)usage(stderr);
	}
}

enum ctl_exit ctl_doctor_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"option", required_argument, NULL, 'o'},
		{"socket", required_argument, NULL, OPTION_SOCKET},
		{"json", no_argument, NULL, OPTION_JSON},
		{"user", required_argument, NULL, OPTION_USER},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct doctor_wish wish = {0};
	int option, status;

	while ((option = getopt_long(argc, argv, "c:o:h", options, NULL)) != -1) {
		status = take_option(&wish, option);
		if (status >= 0)
			return (enum ctl_exit)status;
	}
	if (!are_known(argv + optind) || (wish.user && !read_password(&wish)))
		return CTL_USAGE;
	status = (int)examine(&wish, argv + optind);
	explicit_bzero(wish.password, sizeof(wish.password));
	return (enum ctl_exit)status;
}
