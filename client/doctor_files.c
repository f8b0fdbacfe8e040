#include "client/doctor_files.h"

#include "common/rights.h"
#include "common/users_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FULL_PERCENT = 95, MIB = 1024 * 1024, BYTES_FEW_MIB = 256 };

/* ---- roots ---- */

/* An errno, for doctor_as_service; all of Linux's are below 200. */
static int try_to_list(const char *path)
{
	DIR *directory = opendir(path);

	return directory && (errno = 0, readdir(directory)) ? 0 : errno;
}

static int try_to_write(const char *path)
{
	return access(path, W_OK | X_OK) == 0 ? 0 : errno;
}

/* A root: the option that names it, and whether somebody may put there. */
struct root {
	const char *path, *place;
	bool written;
};

static void check_readable(struct doctor *doctor, const struct root *root)
{
	int error = doctor_as_service(doctor->config, try_to_list, root->path);

	if (error != 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, root->place,
				"clients can neither list nor get anything",
				"let that user in (chown, chmod, setfacl), each directory above it "
				"too"},
			"root %s cannot be read by uid %u, who serves it: %s", root->path,
			(unsigned int)doctor->config->uid, strerror(abs(error)));
}

static void check_writable(struct doctor *doctor, const struct root *root)
{
	int error = doctor_as_service(doctor->config, try_to_write, root->path);

	if (error != 0 && root->written)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, root->place,
				"every put there is refused, though the config allows it",
				"chown or chmod it for that user, or allow no put"},
			"root %s cannot be written by uid %u, who serves it: %s", root->path,
			(unsigned int)doctor->config->uid, strerror(abs(error)));
}

/* What the unit hides or makes read-only is so for the server alone. */
static void check_view(struct doctor *doctor, const struct root *root)
{
	char seen[DOCTOR_PATH];
	struct statvfs system;

	doctor_seen_path(doctor, root->path, seen);
	if (strcmp(seen, root->path) == 0)
		return;
	if (statvfs(seen, &system) < 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, root->place,
				"clients find nothing there",
				"systemctl edit ftpool: ProtectHome=, InaccessiblePaths= …"},
			"root %s is hidden from the running server: %s", root->path,
			strerror(errno));
	else if ((system.f_flag & ST_RDONLY) && root->written)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, root->place,
				"every put there is refused, though the config allows it",
				"systemctl edit ftpool, and add ReadWritePaths= with it"},
			"root %s is read-only for the running server", root->path);
}

static void check_root(struct doctor *doctor, const struct root *root)
{
	unsigned int faults = doctor->faults;

	check_readable(doctor, root);
	if (doctor->faults == faults)
		check_writable(doctor, root);
	if (doctor->faults == faults)
		check_view(doctor, root);
}

/* LGPQ without an account has all rights in the top root. */
static bool top_root_is_written(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].protocol == PROTOCOL_LGPQ &&
			config->listeners[i].account[0] == '\0')
			return true;
	}
	return config->anonymous && config->anonymous_root[0] == '\0' &&
	       (config->anonymous_may & RIGHT_put);
}

/* The config's user is of no use here: it is who asks, unless he is root. */
static bool is_the_servers_user(const struct doctor *doctor)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)doctor_server_pid(doctor));
	return doctor->status && stat(path, &status) == 0 && status.st_uid == geteuid();
}

void doctor_check_roots(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	char place[DOCTOR_PLACE];
	struct root root = {config->root, doctor_place(place, config, "", NULL, "root"),
		top_root_is_written(config)};

	check_root(doctor, &root);
	if (config->anonymous && config->anonymous_root[0] != '\0') {
		root = (struct root){config->anonymous_root,
			doctor_place(place, config, "anonymous", NULL, "root"),
			config->anonymous_may & RIGHT_put};
		check_root(doctor, &root);
	}
	for (size_t i = 0; i < config->account_roots.count; i++) {
		root = (struct root){config->account_roots.items[i],
			doctor_place(place, config, "", NULL, "account_roots"), false};
		check_view(doctor, &root);
	}
	for (size_t i = 0; i < config->zone_count; i++) {
		const struct config_zone *zone = &config->zones[i];

		root = (struct root){zone->from,
			doctor_place(place, config, "mount", zone->path, "from"),
			zone->may & RIGHT_put};
		if (zone->mount)
			check_root(doctor, &root);
	}
	if (geteuid() == 0 || is_the_servers_user(doctor))
		doctor_note(doctor, "as uid %u finds them", (unsigned int)config->uid);
	else
		doctor_note(doctor, "as uid %u sees them, not as the service's user; root can tell",
			(unsigned int)geteuid());
}

/* ---- disks ---- */

/* What others than root have left, in percent of what they could have. */
static int percent_used(uint64_t all, uint64_t free, uint64_t available)
{
	uint64_t used = all - free;

	return used + available > 0 ? (int)(used * 100 / (used + available)) : 0;
}

static void check_disk(struct doctor *doctor, const char *path)
{
	struct statvfs disk;
	uint64_t left_mib;
	int used, files;

	if (path[0] == '\0' || statvfs(path, &disk) < 0)
		return;
	left_mib = disk.f_bavail * disk.f_frsize / MIB;
	used = percent_used(disk.f_blocks, disk.f_bfree, disk.f_bavail);
	files = percent_used(disk.f_files, disk.f_ffree, disk.f_favail);
	if (used >= FULL_PERCENT || left_mib < BYTES_FEW_MIB)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path,
				"uploads end with 452, and half of them stay as partial files",
				"make room, or set limits and quotas"},
			"its disk is %d %% full, %ju MiB are left", used, (uintmax_t)left_mib);
	else if (disk.f_files > 0 && files >= FULL_PERCENT)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, path,
				"no file can be created, however many bytes there are left",
				"remove what is small and many, or make a file system with more "
				"inodes"},
			"%d %% of its disk's inodes are in use", files);
	else
		doctor_note(
			doctor, "%s: %d %% used, %ju MiB left", path, used, (uintmax_t)left_mib);
}

void doctor_check_disks(struct doctor *doctor)
{
	const struct config *config = doctor->config;

	check_disk(doctor, config->state_directory);
	check_disk(doctor, config->anonymous_root);
	check_disk(doctor, config->root);
}

/* ---- accounts ---- */

static int try_to_read(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	return file >= 0 ? 0 : errno;
}

static void read_users(struct doctor *doctor)
{
	char *text = NULL;
	size_t size = 0;
	struct users_file users = {0};
	struct stat status;
	struct complaints complaints = {.to = open_memstream(&text, &size)};
	int error;

	if (!complaints.to)
		return;
	error = users_file_read(&users, doctor->config->users, &status, &complaints);
	fclose(complaints.to);
	if (error == 0 && complaints.count == 0)
		doctor_note(doctor, "%s: %zu accounts", doctor->config->users, users.count);
	doctor_take_complaints(doctor, text, "that account, or everybody's password, is at stake",
		"chmod, ftpctl user, or an editor; see ftpool-users(5)");
	users_file_free(&users);
	free(text);
}

void doctor_check_users(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	int error;

	if (!config_asks(config, "file") || config->users[0] == '\0') {
		doctor_note(doctor, "no users file is asked");
		return;
	}
	error = doctor_as_service(config, try_to_read, config->users);
	if (error == ENOENT)
		doctor_note(doctor, "%s is not there: no accounts", config->users);
	else if (error != 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, config->users,
				"nobody with an account can log in",
				"chgrp it to the service's group, chmod 0640"},
			"cannot be read by uid %u, who serves: %s", (unsigned int)config->uid,
			strerror(abs(error)));
	else
		read_users(doctor);
}
