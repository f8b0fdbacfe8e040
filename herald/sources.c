#include "herald/sources.h"

#include "common/log.h"
#include "herald/verdict.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void sources_open(struct sources *sources, int directory, struct journal *journal)
{
	const char *name;
	void *next;
	json_t *position;

	*sources = (struct sources){.directory = directory, .journal = journal};
	/* Files that were removed just before an end. */
	json_object_foreach_safe(journal->positions, next, name, position)
	{
		if (faccessat(directory, name, F_OK, 0) < 0 && errno == ENOENT)
			journal_forget(journal, name);
	}
	event_raw_boot(sources->boot);
}

void sources_close(struct sources *sources)
{
	struct source *source = sources->first, *next;

	for (; source; source = next) {
		next = source->next;
		source_close(source);
	}
	sources->first = NULL;
}

/* ---- which there are ---- */

static bool is_known(const struct sources *sources, const char *name)
{
	const struct source *source = sources->first;

	while (source && strcmp(source->name, name) != 0)
		source = source->next;
	return source != NULL;
}

static int add(struct sources *sources, const char *name)
{
	struct source *source = source_open(
		sources->directory, name, sources->boot, journal_position(sources->journal, name));

	if (!source)
		return -errno;
	source->next = sources->first;
	sources->first = source;
	return 0;
}

static int find_new(struct sources *sources)
{
	int copy = openat(sources->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int error = list ? 0 : -errno;

	if (!list) {
		if (copy >= 0)
			close(copy);
		return error;
	}
	while (error == 0 && (entry = readdir(list))) {
		if (event_raw_is_name(entry->d_name) && !is_known(sources, entry->d_name))
			error = add(sources, entry->d_name);
	}
	closedir(list);
	return error;
}

static int read_all(struct sources *sources)
{
	int error = 0;

	for (struct source *source = sources->first; source && error == 0; source = source->next)
		error = source_read(source);
	return error;
}

/* ---- telling ---- */

static int tell(struct sources *sources, struct source *source, const struct pending *pending,
	uint64_t position, bool recovered)
{
	const struct telling telling = {.event = &pending->event,
		.unix_ms = recovered ? pending->event.head.unix_ms : pending->unix_ms,
		.source = source->name,
		.position = position,
		.recovered = recovered};
	int error;

	if (position <= source->told)
		return 0;
	error = journal_add(sources->journal, &telling);
	if (error == 0)
		source->told = position;
	return error;
}

struct instant {
	int64_t tick_ns, unix_ms;
};

struct due {
	struct pending *pending; /* first, for pending_by_commit */
	struct source *source;
};

static size_t count_committed(const struct sources *sources)
{
	size_t count = 0;

	for (const struct source *source = sources->first; source; source = source->next) {
		for (const struct pending *p = source->pending; p; p = p->next)
			count += p->state == PENDING_COMMITTED;
	}
	return count;
}

/* Of one that was dead when the round began, all was. */
static bool is_due(
	const struct source *source, const struct pending *pending, const struct instant *until)
{
	return source->dead ||
	       pending->order <= (pending->old_boot ? until->unix_ms : until->tick_ns);
}

/* What was committed by then, in order. 1: something is left for later; 0; or -errno. */
static int tell_committed(struct sources *sources, const struct instant *until)
{
	size_t all = count_committed(sources), count = 0, left = 0;
	struct due *due = calloc(all ? all : 1, sizeof(*due));
	int error = due ? 0 : -ENOMEM;

	for (struct source *source = sources->first; source && due; source = source->next) {
		for (struct pending *p = source->pending; p; p = p->next) {
			if (p->state != PENDING_COMMITTED)
				continue;
			if (is_due(source, p, until))
				due[count++] = (struct due){p, source};
			else
				left++;
		}
	}
	if (count > 0)
		qsort(due, count, sizeof(*due), pending_by_commit);
	for (size_t i = 0; i < count && error == 0; i++)
		error = tell(
			sources, due[i].source, due[i].pending, due[i].pending->position, false);
	free(due);
	return error < 0 ? error : (int)(left > 0);
}

/* ---- what the dead have left ---- */

/* Somebody has announced the same file later: so he found it under its partial's name, and this one
 * never got the other. */
static bool is_superseded(const struct sources *sources, const struct pending *pending)
{
	for (const struct source *source = sources->first; source; source = source->next) {
		for (const struct pending *p = source->pending; p; p = p->next) {
			if (p != pending && pending_is_later(p, pending) &&
				event_same(
					&p->event.facts.identity, &pending->event.facts.identity))
				return true;
		}
	}
	return false;
}

/* The positions behind the file's end belong to what it left open, in order. */
static int judge(struct sources *sources, struct source *source)
{
	uint64_t position = (uint64_t)source->read_at;
	int error = 0;

	for (struct pending *p = source->pending; p && error == 0; p = p->next) {
		if (p->state != PENDING_OPEN)
			continue;
		position++;
		if (!verdict_stands(p))
			continue;
		/* Whoever has finished the same file since then has announced it before. */
		error = read_all(sources);
		if (error == 0 && !is_superseded(sources, p))
			error = tell(sources, source, p, position, true);
	}
	return error;
}

static bool has_committed(const struct source *source)
{
	const struct pending *pending = source->pending;

	while (pending &&
		(pending->state != PENDING_COMMITTED || pending->position <= source->told))
		pending = pending->next;
	return pending != NULL;
}

static int judge_dead(struct sources *sources)
{
	int error = 0;

	for (struct source *source = sources->first; source && error == 0; source = source->next) {
		if (source->dead && !has_committed(source))
			error = judge(sources, source);
	}
	return error;
}

/* Only when all that came of it is on the disk. */
static void remove_dead(struct sources *sources)
{
	struct source **place = &sources->first;

	while (*place) {
		struct source *source = *place;

		if (!source->dead || has_committed(source)) {
			place = &source->next;
			continue;
		}
		(void)unlinkat(sources->directory, source->name, 0);
		journal_forget(sources->journal, source->name);
		*place = source->next;
		source_close(source);
	}
}

/* ---- a round ---- */

static struct instant now(void)
{
	struct timespec tick, wall;

	clock_gettime(CLOCK_MONOTONIC, &tick);
	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct instant){(int64_t)tick.tv_sec * 1000000000 + tick.tv_nsec,
		(int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 - 1};
}

int sources_round(struct sources *sources)
{
	const struct instant until = now();
	int error = find_new(sources), left;

	for (struct source *source = sources->first; source; source = source->next)
		source_look(source);
	if (error == 0)
		error = read_all(sources);
	left = error < 0 ? error : tell_committed(sources, &until);
	error = left < 0 ? left : judge_dead(sources);
	if (error == 0)
		error = journal_sync(sources->journal);
	if (error < 0)
		return error;
	remove_dead(sources);
	for (struct source *source = sources->first; source; source = source->next) {
		source_settle(source);
		source_free_room(source);
	}
	return left;
}
