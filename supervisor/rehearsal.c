#include "supervisor/rehearsal.h"

#include "common/config_pack.h"
#include "common/packet.h"
#include "supervisor/birth.h"
#include "supervisor/inspect.h"
#include "supervisor/log_file.h"
#include "supervisor/scrape.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 60, TEXT = 900, LISTENERS_MOST = 4096, COMPLAINTS_LONGEST = 1 << 16 };

enum word { WORD_COMPLAINT, WORD_CONFIG, WORD_CERTIFICATES, WORD_LISTENER, WORD_DONE };

struct packet {
	uint32_t word;
	uint32_t index;  /* of the listener */
	char text[TEXT]; /* a piece of the complaints */
};

struct errand {
	const struct rehearsal_order *order;
	int channel;
};

/* ---- the child ---- */

static void settle(void)
{
	sigset_t none;

	signal(SIGALRM, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(PATIENCE_SECONDS);
	prctl(PR_SET_NAME, "ftpool config", 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setproctitle("looks at a new config");
}

/* Waits while the master has not read what came before. false: it is gone. */
static bool tell(const struct errand *errand, enum word word, uint32_t index, const char *text,
	int descriptor)
{
	struct packet packet = {.word = word, .index = index};

	snprintf(packet.text, sizeof(packet.text), "%s", text);
	return packet_send(errand->channel, &packet, sizeof(packet), descriptor, 0) == 0;
}

static int tell_complaints(const struct errand *errand, int written)
{
	char piece[TEXT];
	off_t at = 0;
	ssize_t got;

	while ((got = pread(written, piece, sizeof(piece) - 1, at)) > 0) {
		piece[got] = '\0';
		at += got;
		if (!tell(errand, WORD_COMPLAINT, 0, piece, -1))
			return 1;
	}
	return !tell(errand, WORD_DONE, 0, "", -1);
}

static int tell_sockets(const struct errand *errand, const struct listeners *listeners,
	const struct listeners *kept)
{
	for (size_t i = 0; i < listeners->count; i++) {
		if (kept->sockets[i] < 0 &&
			!tell(errand, WORD_LISTENER, (uint32_t)i, "", listeners->sockets[i]))
			return 1;
	}
	return 0;
}

/* The kept ones are numbers here, for the child has closed them. */
static int bind_and_tell(
	const struct errand *errand, const struct config *config, struct complaints *complaints)
{
	const struct generation *serving = errand->order->serving;
	struct listeners listeners, kept;

	if (listeners_inherit(&kept, config, &serving->listeners, serving->config) < 0 ||
		listeners_inherit(&listeners, config, &serving->listeners, serving->config) < 0)
		return 1;
	if (listeners_bind_missing(&listeners, config, complaints) < 0 ||
		scrape_try(config, serving->config, complaints) < 0)
		return 0;
	return tell_sockets(errand, &listeners, &kept);
}

static int tell_config(const struct errand *errand, const struct config *config,
	const struct certificates *certificates)
{
	int packed = config_pack(config);

	if (packed < 0 || !tell(errand, WORD_CONFIG, 0, "", packed))
		return 1;
	if (certificates->packed >= 0 &&
		!tell(errand, WORD_CERTIFICATES, 0, "", certificates->packed))
		return 1;
	return !tell(errand, WORD_DONE, 0, "", -1);
}

static int look(const void *what)
{
	const struct errand *errand = what;
	struct certificates certificates;
	/* No memory of its own: children of this child write there, too. */
	int written = memfd_create("ftpool complaints", MFD_CLOEXEC);
	struct complaints complaints = {.to = written < 0 ? NULL : fdopen(dup(written), "w")};
	struct config *config;

	settle();
	if (!complaints.to)
		return 1;
	config = config_load(errand->order->request, &complaints);
	if (config) {
		inspect_config(config, &certificates, errand->order->tickets, &complaints);
		log_file_try(config, &complaints);
		if (complaints.count == 0 && bind_and_tell(errand, config, &complaints) != 0)
			return 1;
	}
	fflush(complaints.to);
	if (complaints.count > 0 || !config)
		return tell_complaints(errand, written);
	return tell_config(errand, config, &certificates);
}

/* ---- the master ---- */

void rehearsal_init(struct rehearsal *rehearsal)
{
	*rehearsal = (struct rehearsal){.channel = -1, .config = -1, .certificates = -1};
}

int rehearsal_begin(struct rehearsal *rehearsal, const struct rehearsal_order *order)
{
	int ends[2];
	struct errand errand = {.order = order};
	pid_t pid;

	rehearsal_init(rehearsal);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	errand.channel = ends[1];
	pid = birth_fork_errand(look, &errand, ends[1], -1);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return pid;
	}
	rehearsal->pid = pid;
	rehearsal->channel = ends[0];
	return 0;
}

static void take_complaint(struct rehearsal *rehearsal, const char *text)
{
	size_t used = rehearsal->complaints ? strlen(rehearsal->complaints) : 0;
	size_t length = strnlen(text, TEXT - 1);
	char *grown = used + length < COMPLAINTS_LONGEST
			      ? realloc(rehearsal->complaints, used + length + 1)
			      : NULL;

	if (!grown)
		return;
	memcpy(grown + used, text, length);
	grown[used + length] = '\0';
	rehearsal->complaints = grown;
}

/* Takes the descriptor over, or leaves it to the caller: then false. */
static bool take_listener(struct rehearsal *rehearsal, uint32_t index, int descriptor)
{
	struct listeners *brought = &rehearsal->brought;
	int *grown;

	if (index >= LISTENERS_MOST || index < brought->count || descriptor < 0)
		return false;
	grown = reallocarray(brought->sockets, index + 1, sizeof(grown[0]));
	if (!grown)
		return false;
	for (size_t i = brought->count; i < index; i++)
		grown[i] = -1;
	grown[index] = descriptor;
	brought->sockets = grown;
	brought->count = index + 1;
	return true;
}

static void keep(int *place, int *descriptor)
{
	if (*place >= 0)
		return;
	*place = *descriptor;
	*descriptor = -1;
}

static void take_packet(struct rehearsal *rehearsal, const struct packet *packet, int descriptor)
{
	if (packet->word == WORD_COMPLAINT)
		take_complaint(rehearsal, packet->text);
	if (packet->word == WORD_CONFIG)
		keep(&rehearsal->config, &descriptor);
	if (packet->word == WORD_CERTIFICATES)
		keep(&rehearsal->certificates, &descriptor);
	if (packet->word == WORD_LISTENER && take_listener(rehearsal, packet->index, descriptor))
		descriptor = -1;
	if (packet->word == WORD_DONE)
		rehearsal->done = true;
	if (descriptor >= 0)
		close(descriptor);
}

void rehearsal_hear(struct rehearsal *rehearsal)
{
	struct pollfd ready = {.fd = rehearsal->channel, .events = POLLIN};
	struct packet packet;
	int descriptor, got;

	while (!rehearsal->over && poll(&ready, 1, 0) > 0) {
		got = packet_receive(rehearsal->channel, &packet, sizeof(packet), &descriptor);
		if (got > 0)
			take_packet(rehearsal, &packet, descriptor);
		rehearsal->over = got <= 0 || rehearsal->done;
	}
}

static void close_one(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void rehearsal_close(struct rehearsal *rehearsal)
{
	if (rehearsal->pid > 0 && !rehearsal->done)
		kill(rehearsal->pid, SIGKILL); /* the pool's reaping buries it */
	close_one(&rehearsal->channel);
	close_one(&rehearsal->config);
	close_one(&rehearsal->certificates);
	listeners_close(&rehearsal->brought);
	free(rehearsal->complaints);
	rehearsal->complaints = NULL;
}
