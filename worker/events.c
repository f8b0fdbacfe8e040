#include "worker/events.h"

#include "common/clock.h"
#include "common/event.h"
#include "common/log.h"
#include "worker/session_activity.h"
#include "worker/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int events_open(struct events *events, int file)
{
	events->file = file;
	events->links = -1;
	if (file < 0)
		return 0;
	events->links = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return events->links < 0 ? -errno : 0;
}

/* Where the open directory is on the disk, however a client's path led there. */
static int find_directory(const struct events *events, int directory, char path[PATH_MAX])
{
	char link[16];
	ssize_t length;

	snprintf(link, sizeof(link), "%d", directory);
	length = readlinkat(events->links, link, path, PATH_MAX - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	return 0;
}

static void describe(struct event *event, const struct upload *upload)
{
	const struct session *session = upload->session;

	event->facts.duration_ms = clock_ms() - session->activity.command_since_ms;
	event->facts.slot = session->engine->slot;
	event->facts.session = session->activity.number;
	event->facts.protocol = session->protocol->name;
	event->facts.peer = session->activity.peer;
	event->texts[EVENT_USER] = session->user ? session->user : "";
	event->texts[EVENT_SHA256] = upload->sum;
	event->texts[EVENT_PATH] = session->path ? session->path : "";
	event->texts[EVENT_NAME] = upload->place.name;
	event->texts[EVENT_PARTIAL] = upload->partial;
}

static void log_trouble(const struct upload *upload, const char *event, int error)
{
	char name[SESSION_NAME];

	log_error(event, "session=%s error=\"%s\"", session_name(upload->session, name),
		strerror(-error));
}

int events_intend(
	struct events *events, const struct upload *upload, enum config_sync sync, uint64_t *number)
{
	struct event event = {.head.kind = EVENT_INTENT};
	char directory[PATH_MAX];
	int error;

	*number = 0;
	if (events->file < 0)
		return 0;
	error = event_identify_open(upload->descriptor, &event.facts.identity);
	if (error == 0)
		error = find_directory(events, upload->place.directory, directory);
	if (error < 0)
		return error;
	describe(&event, upload);
	event.texts[EVENT_DIRECTORY] = directory;
	event.head.number = atomic_fetch_add(&events->next, 1) + 1;
	error = event_write(events->file, &event);
	if (error == 0 && sync != SYNC_NONE && fdatasync(events->file) < 0)
		error = -errno;
	if (error < 0)
		log_trouble(
			upload, "events: an upload cannot be written down, and is refused", error);
	else
		*number = event.head.number;
	return error;
}

/* If it cannot be written down that the file has its name, the herald finds that out when this
 * worker has ended. */
void events_settle(
	const struct events *events, const struct upload *upload, uint64_t number, int error)
{
	struct event event = {
		.head = {.kind = error < 0 ? EVENT_ABORT : EVENT_COMMIT, .number = number}};

	if (number == 0)
		return;
	error = event_write(events->file, &event);
	if (error < 0)
		log_trouble(upload, "events: an upload is told of late", error);
}
