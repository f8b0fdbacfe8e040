#include "client/history_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The caller frees; NULL if there is no home. */
static char *file_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int length = -1;

	/* The XDG specification: a relative path is to be ignored. */
	if (state && *state == '/')
		length = asprintf(&path, "%s/ftpool/history", state);
	else if (home && *home == '/')
		length = asprintf(&path, "%s/.local/state/ftpool/history", home);
	return length < 0 ? NULL : path;
}

/* What cannot be made here shows when the file is written. */
static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

void history_file_load(History *lines)
{
	char *path = file_path();
	HistEvent event;

	if (path)
		history(lines, &event, H_LOAD, path);
	free(path);
}

static bool write_lines(History *lines, int file)
{
	FILE *stream = fdopen(file, "w");
	HistEvent event;
	bool written;

	if (!stream) {
		close(file);
		return false;
	}
	written = history(lines, &event, H_SAVE_FP, stream) >= 0;
	return fclose(stream) == 0 && written;
}

void history_file_save(History *lines)
{
	char *path = file_path(), *fresh = NULL;
	int file = -1;

	if (path) {
		make_directories(path);
		if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
			fresh = NULL;
	}
	if (fresh)
		file = mkstemp(fresh);
	if (file >= 0 && (!write_lines(lines, file) || rename(fresh, path) < 0))
		unlink(fresh);
	free(fresh);
	free(path);
}
