#include "supervisor/state.h"

#include "common/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_LONGEST = 64 };

static const char lock_name[] = "lock";

/* ---- the directory ---- */

/* Nothing is in it, or what this has put there before: systemd gives a state directory, and all in
 * it, to whom it starts the service as, which may be root. What is /var by a slip of the pen is
 * nobody's to give away. */
static bool may_be_given(int directory)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool empty = true, ours = false;

	if (!list) {
		if (copy >= 0)
			close(copy);
		return false;
	}
	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, lock_name) == 0)
			ours = entry->d_type == DT_REG;
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			empty = false;
	}
	closedir(list);
	return empty || ours;
}

static bool is_to_be_given(const struct state *state, const struct stat *status)
{
	return state->give && status->st_uid == 0 && may_be_given(state->directory);
}

/* NULL, or what is wrong with whose it is. */
static const char *check_owner(const struct state *state, struct stat *status)
{
	if (fstat(state->directory, status) < 0)
		return strerror(errno);
	if (status->st_mode & S_IWOTH)
		return "everybody may write there; chmod o-w";
	if (status->st_uid == state->uid || is_to_be_given(state, status))
		return NULL;
	return "it belongs to somebody else than the service's user; chown it, or name another";
}

static const char *take(const struct state *state)
{
	struct stat status;
	const char *wrong = check_owner(state, &status);

	if (wrong || status.st_uid == state->uid)
		return wrong;
	return fchown(state->directory, state->uid, state->gid) < 0 ? strerror(errno) : NULL;
}

static void open_directory(struct state *state, const struct config *config)
{
	*state = (struct state){
		.lock = -1, .give = config->change_user, .uid = config->uid, .gid = config->gid};
	state->directory =
		config->state_directory[0] == '\0'
			? -1
			: open(config->state_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static const char *lock(struct state *state)
{
	state->lock = state_open_file(state, lock_name, O_RDWR | O_CREAT);
	if (state->lock < 0)
		return strerror(-state->lock);
	if (flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return NULL;
	return errno == EWOULDBLOCK ? "another server has it; stop that one, or name another"
				    : strerror(errno);
}

static const char *try_open(struct state *state, const struct config *config, bool beside)
{
	const char *wrong;

	if (mkdir(config->state_directory, 0750) < 0 && errno != EEXIST)
		return strerror(errno);
	open_directory(state, config);
	if (state->directory < 0)
		return strerror(errno);
	wrong = take(state);
	return wrong || beside ? wrong : lock(state);
}

/* Is it the service's own idea, without which it serves as well? */
static bool may_fail(const struct config *config)
{
	return config->state_assumed && !config_has_events(config);
}

static void complain_of(
	const struct config *config, const char *wrong, struct complaints *complaints)
{
	complain(complaints, config_origin(config, "", NULL, "state_directory"),
		"state_directory = \"%s\": %s", config->state_directory, wrong);
}

static int open_or_complain(struct state *state, const struct config *config, bool beside,
	struct complaints *complaints)
{
	const char *wrong;

	*state = (struct state){.directory = -1, .lock = -1};
	if (config->state_directory[0] == '\0')
		return 0;
	wrong = try_open(state, config, beside);
	if (!wrong)
		return 0;
	state_close(state);
	if (may_fail(config)) {
		log_warning("state: nothing outlives the service", "directory=\"%s\" error=\"%s\"",
			config->state_directory, wrong);
		return 0;
	}
	complain_of(config, wrong, complaints);
	return -1;
}

void state_check(const struct config *config, struct complaints *complaints)
{
	struct state state;
	struct stat status;
	const char *wrong;

	if (config->state_directory[0] == '\0' || may_fail(config))
		return;
	open_directory(&state, config);
	if (state.directory >= 0)
		wrong = check_owner(&state, &status);
	else
		wrong = errno == ENOENT ? NULL : strerror(errno); /* it will be made */
	if (wrong)
		complain_of(config, wrong, complaints);
	state_close(&state);
}

int state_open(struct state *state, const struct config *config, struct complaints *complaints)
{
	return open_or_complain(state, config, false, complaints);
}

int state_open_beside(
	struct state *state, const struct config *config, struct complaints *complaints)
{
	return open_or_complain(state, config, true, complaints);
}

int state_open_errand(struct state *state, const struct config *config)
{
	open_directory(state, config);
	if (state->directory >= 0)
		return 0;
	return config->state_directory[0] == '\0' ? -ENOENT : -errno;
}

int state_open_below(struct state *below, const struct state *state, const char *name)
{
	*below = *state;
	below->directory = below->lock = -1;
	if (state->directory < 0)
		return -ENOENT;
	if (mkdirat(state->directory, name, 0750) < 0 && errno != EEXIST)
		return -errno;
	below->directory =
		openat(state->directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (below->directory < 0)
		return -errno;
	if (state->give && fchown(below->directory, state->uid, state->gid) < 0) {
		int error = -errno;

		state_close(below);
		return error;
	}
	return 0;
}

void state_close(struct state *state)
{
	if (state->lock >= 0)
		close(state->lock);
	if (state->directory >= 0)
		close(state->directory);
	state->lock = state->directory = -1;
}

/* ---- files ---- */

/* A file of the service's user stays one when root opens it, and another name that somebody gave a
 * file elsewhere gives that file to nobody. */
static int check_file(const struct state *state, int file)
{
	struct stat status;

	if (fstat(file, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
		return -EINVAL;
	if (state->give && status.st_uid != state->uid && fchown(file, state->uid, state->gid) < 0)
		return -errno;
	return 0;
}

int state_open_file(const struct state *state, const char *name, int flags)
{
	int file, error;

	if (state->directory < 0)
		return -ENOENT;
	file = openat(state->directory, name,
		flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (file < 0)
		return -errno;
	error = check_file(state, file);
	if (error < 0) {
		close(file);
		return error;
	}
	return file;
}

ssize_t state_read(const struct state *state, const char *name, size_t most, char **bytes)
{
	int file = state_open_file(state, name, O_RDONLY);
	char *read_bytes = file < 0 ? NULL : malloc(most + 2);
	size_t length = 0;
	ssize_t got = file < 0 ? file : -ENOMEM;

	if (read_bytes) {
		while ((got = read(file, read_bytes + length, most + 1 - length)) > 0)
			length += (size_t)got;
		got = got < 0 ? -errno : length > most ? -EFBIG : (ssize_t)length;
	}
	if (file >= 0)
		close(file);
	if (got < 0) {
		free(read_bytes);
		return got;
	}
	read_bytes[length] = '\0';
	*bytes = read_bytes;
	return got;
}

static int write_whole(int file, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, bytes, length);

		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return fdatasync(file) < 0 ? -errno : 0;
}

int state_replace(const struct state *state, const char *name, const void *bytes, size_t length)
{
	char fresh[NAME_LONGEST];
	int file, error;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", name) >= sizeof(fresh))
		return -ENAMETOOLONG;
	error = state_remove(state, fresh);
	file = error < 0 ? error : state_open_file(state, fresh, O_WRONLY | O_CREAT | O_EXCL);
	if (file < 0)
		return file;
	error = write_whole(file, bytes, length);
	close(file);
	if (error == 0 && renameat(state->directory, fresh, state->directory, name) < 0)
		error = -errno;
	if (error < 0)
		(void)unlinkat(state->directory, fresh, 0);
	else if (fsync(state->directory) < 0)
		error = -errno;
	return error;
}

int state_remove(const struct state *state, const char *name)
{
	if (state->directory < 0 || unlinkat(state->directory, name, 0) == 0 || errno == ENOENT)
		return 0;
	return -errno;
}
