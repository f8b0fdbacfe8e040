#include "client/doctor_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* ---- descriptors ---- */

/* "Max open files   1024   524288   files": the soft and the hard limit of a process. */
static bool limit_of(pid_t process, uint64_t *hard)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)process);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		char most[32];

		found = sscanf(line, "Max open files %*s %31s", most) == 1;
		if (found)
			*hard = strcmp(most, "unlimited") == 0 ? UINT64_MAX
							       : strtoull(most, NULL, 10);
	}
	if (file)
		fclose(file);
	return found;
}

void doctor_check_descriptors(struct doctor *doctor)
{
	enum { OF_A_SESSION = 4, OF_A_WORKER = 64 };
	const struct config *config = doctor->config;
	uint64_t share = (config->max_sessions + config->workers - 1) / config->workers;
	uint64_t needed = share + OF_A_WORKER, best = OF_A_SESSION * share + OF_A_WORKER, hard = 0;

	if (!limit_of(doctor_server_pid(doctor), &hard))
		return;
	if (hard < best)
		doctor_find(doctor,
			(struct doctor_finding){hard < needed ? DOCTOR_FAULT : DOCTOR_ADVICE,
				"LimitNOFILE=",
				hard < needed
					? "sessions are refused before their limit is reached"
					: "if all sessions transfer at once, some are refused",
				"systemctl edit ftpool: LimitNOFILE=; ulimit -n; or lower "
				"limits.sessions"},
			"a worker may open %ju descriptors; for its share of %u sessions it needs "
			"%ju, and %ju when all transfer",
			(uintmax_t)hard, config->max_sessions, (uintmax_t)needed, (uintmax_t)best);
	else
		doctor_note(doctor, "%ju for each worker", (uintmax_t)hard);
}

/* ---- the kernel ---- */

static bool has_openat2(void)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	long descriptor = syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

	if (descriptor >= 0)
		close((int)descriptor);
	return descriptor >= 0;
}

/* The version of Landlock's ABI (landlock_create_ruleset(2)); 0: there is none. */
static long landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	return version > 0 ? version : 0;
}

static bool has_seccomp(void)
{
	unsigned int action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool has_kernel_tls(void)
{
	char line[256] = "";
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_available_ulp", "re");

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	return strstr(line, "tls") != NULL;
}

static void check_confinement(struct doctor *doctor)
{
	if (landlock_version() == 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "landlock(7)",
				"a worker that is taken over is confined by its user's rights and "
				"seccomp alone",
				"boot with lsm=landlock,…; Linux 5.13 or later"},
			"the kernel has no Landlock, or it is not switched on");
	if (!has_seccomp())
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "seccomp(2)",
				"a worker that is taken over can make any system call",
				"use a kernel with CONFIG_SECCOMP_FILTER"},
			"the kernel filters no system calls");
}

void doctor_check_kernel(struct doctor *doctor)
{
	bool tls = doctor->config && doctor->config->tls_certificates.count > 0;

	if (!has_openat2())
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, "openat2(2)",
				"no client's path can be confined to the root, so nothing is "
				"served",
				"Linux 5.6 or later; containers: a seccomp profile that knows it"},
			"the kernel has no openat2, or something forbids it: %s", strerror(errno));
	check_confinement(doctor);
	if (tls && !has_kernel_tls())
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "tls.ko",
				"transfers by TLS take more of the processors",
				"modprobe tls, and a file in /etc/modules-load.d"},
			"kernel TLS is not there");
	doctor_note(doctor, "openat2, Landlock %ld%s", landlock_version(),
		tls && has_kernel_tls() ? ", kernel TLS" : "");
}

/* ---- the clock ---- */

void doctor_check_clock(struct doctor *doctor)
{
	enum { YEAR_OF_THE_CODE = 2025, EPOCH = 1970, YEAR_SECONDS = 31556952 };
	struct timex state = {0};
	int kept = adjtimex(&state);

	if (time(NULL) < (time_t)(YEAR_OF_THE_CODE - EPOCH) * YEAR_SECONDS)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, "date(1)",
				"certificates are not good yet, accounts never expire, files get "
				"wrong times",
				"set it, and have it kept right (timedatectl set-ntp true)"},
			"the clock is years behind");
	else if (kept >= 0 && (state.status & STA_UNSYNC))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "timedatectl(1)",
				"times of files, logs and expiry drift",
				"timedatectl set-ntp true; in a container, look at the host"},
			"nobody keeps the clock right");
	else
		doctor_note(doctor, "kept right");
}

/* ---- PAM ---- */

static uid_t owner_of(pid_t process)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d", (int)process);
	return process > 0 && stat(path, &status) == 0 ? status.st_uid : 0;
}

void doctor_check_pam(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	char path[300], place[DOCTOR_PLACE];
	struct stat status;

	if (!config_asks(config, "pam")) {
		doctor_note(doctor, "not asked");
		return;
	}
	snprintf(path, sizeof(path), "/etc/pam.d/%s", config->pam_service);
	if (stat(path, &status) < 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path,
				"PAM takes /etc/pam.d/other, which refuses everybody",
				"install the one that comes with ftpool, or name another service"},
			"%s: auth names pam, whose file is missing: %s",
			doctor_place(place, config, "", NULL, "auth"), strerror(errno));
	if (owner_of(doctor_server_pid(doctor)) != 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "User=",
				"passwords of /etc/shadow cannot be looked at, only asked for of "
				"others (LDAP, SSSD)",
				"the drop-in that ftpoold(8) shows under Accounts"},
			"the server does not run as root, and auth names pam");
}
