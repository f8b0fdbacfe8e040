#include "supervisor/birth.h"

#include "common/channel.h"
#include "common/ledger.h"
#include "common/log.h"
#include "supervisor/log_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int ascending(const void *a, const void *b)
{
	int one = *(const int *)a, other = *(const int *)b;

	return (one > other) - (one < other);
}

/* A worker that kept the others' channels would keep them from noticing the master's end. */
static void close_between(unsigned int first, unsigned int last)
{
	if (first <= last && close_range(first, last, 0) < 0)
		_exit(WORKER_CANNOT_START);
}

void birth_keep_only(int *kept, size_t count)
{
	unsigned int from = STDERR_FILENO + 1;

	qsort(kept, count, sizeof(kept[0]), ascending);
	for (size_t i = 0; i < count; i++) {
		unsigned int keep = (unsigned int)kept[i];

		if (keep > from)
			close_between(from, keep - 1);
		if (keep >= from)
			from = keep + 1;
	}
	close_between(from, ~0u);
}

static void close_the_masters(const struct birthright *birthright)
{
	size_t listeners = birthright->config->listener_count, count = 0;
	int *kept = calloc(listeners + 7, sizeof(kept[0]));

	if (!kept)
		_exit(WORKER_CANNOT_START);
	for (size_t i = 0; i < listeners; i++)
		kept[count++] = birthright->listeners[i];
	kept[count++] = birthright->channel;
	kept[count++] = log_descriptor();
	if (birthright->questions >= 0)
		kept[count++] = birthright->questions;
	if (birthright->words > 0)
		kept[count++] = birthright->words;
	if (birthright->xferlog >= 0)
		kept[count++] = birthright->xferlog;
	if (birthright->events >= 0)
		kept[count++] = birthright->events;
	if (birthright->ledger)
		kept[count++] = ledger_descriptor(birthright->ledger);
	birth_keep_only(kept, count);
	free(kept);
}

/* Forks with a channel in between, of which *theirs is the child's end and *channel ours. 0 in the
 * child; the pid, or -errno. */
static pid_t fork_with_channel(int *theirs, int *channel)
{
	int ends[2];
	int error = channel_pair(ends);
	pid_t pid;

	if (error < 0)
		return error;
	*theirs = ends[1];
	pid = fork();
	if (pid == 0)
		return 0;
	error = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -error;
	}
	*channel = ends[0];
	return pid;
}

pid_t birth_fork(struct birthright *birthright, int *channel)
{
	pid_t pid = fork_with_channel(&birthright->channel, channel);

	if (pid == 0) {
		close_the_masters(birthright);
		log_file_set_form(birthright->config);
		_exit(worker_main(birthright));
	}
	return pid;
}

pid_t birth_fork_authenticator(struct authenticator_birthright *birthright, int *channel)
{
	pid_t pid = fork_with_channel(&birthright->channel, channel);

	if (pid == 0) {
		int kept[] = {birthright->channel, birthright->questions, log_descriptor()};

		birth_keep_only(kept, sizeof(kept) / sizeof(kept[0]));
		log_file_set_form(birthright->config);
		_exit(authenticator_main(birthright));
	}
	return pid;
}

pid_t birth_fork_herald(struct herald_birthright *birthright, int *channel)
{
	pid_t pid = fork_with_channel(&birthright->channel, channel);

	if (pid == 0) {
		int kept[] = {birthright->channel, birthright->directory, log_descriptor()};

		birth_keep_only(kept, sizeof(kept) / sizeof(kept[0]));
		_exit(herald_main(birthright));
	}
	return pid;
}

pid_t birth_fork_errand(int (*errand)(const void *what), const void *what, int kept, int too)
{
	pid_t pid = fork();

	if (pid == 0) {
		int all_kept[] = {log_descriptor(), kept >= 0 ? kept : STDERR_FILENO,
			too >= 0 ? too : STDERR_FILENO};

		birth_keep_only(all_kept, 3);
		_exit(errand(what));
	}
	return pid < 0 ? -errno : pid;
}

pid_t birth_fork_double(int (*errand)(const void *what), const void *what)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(errand(what));
	return pid < 0 ? -errno : pid;
}
