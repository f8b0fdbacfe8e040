#include "supervisor/lookup.h"

#include "common/log.h"
#include "common/passive_address.h"
#include "supervisor/birth.h"
#include "worker/contain.h"

#include <bsd/unistd.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	AGAIN_MS = 300000,
	AGAIN_UNKNOWN_MS = 30000,
	TRY_SECONDS = 25, /* less than the pause after it: never two children for one name */
};

struct errand {
	const struct config *config;
	const struct board *board;
	const char *name;
	size_t item;
};

/* ---- the child ---- */

static void settle(const struct errand *errand)
{
	sigset_t none;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(TRY_SECONDS);
	/* So that three silent name servers are given up, and told of, before that. */
	setenv("RES_OPTIONS", "timeout:3 attempts:2", 1);
	prctl(PR_SET_NAME, "ftpool lookup", 0, 0, 0);
	setproctitle("lookup %s", errand->name);
}

/* The address to tell: the one told so far if the name still has it, so that a name with several
 * does not go back and forth; else the first one that can be told. false: it has none. */
static bool choose(
	const struct addrinfo *found, const struct errand *errand, struct address *chosen)
{
	struct address before = {0}, address;
	bool any = false;

	(void)board_name_read(errand->board, errand->item, &before);
	for (; found; found = found->ai_next) {
		struct sockaddr_storage storage = {0};

		memcpy(&storage, found->ai_addr, found->ai_addrlen);
		if (address_from_socket(&address, &storage) < 0 ||
			!passive_address_is_tellable(&address))
			continue;
		if (!any || address_same_host(&address, &before))
			*chosen = address;
		any = true;
	}
	return any;
}

static void note(const struct errand *errand, const struct address *address)
{
	struct address before;
	char text[ADDRESS_TEXT];

	if (board_name_read(errand->board, errand->item, &before) == 0 &&
		address_same_host(&before, address))
		return;
	board_name_write(errand->board, errand->item, address);
	log_info("passive: address looked up", "name=\"%s\" address=%s", errand->name,
		address_format_host(address, text));
}

static int look_up(const void *what)
{
	const struct errand *errand = what;
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct address address;
	const char *step;
	int error;

	settle(errand);
	if (contain_identity(errand->config, &step) < 0)
		return 1;
	/* Only now: a change of user takes it back (prctl(2)). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	error = getaddrinfo(errand->name, NULL, &hints, &found);
	if (error == 0 && choose(found, errand, &address)) {
		note(errand, &address);
		return 0;
	}
	log_warning("passive: address cannot be looked up", "name=\"%s\" error=\"%s\"",
		errand->name, error ? gai_strerror(error) : "it has no address to tell");
	return 1;
}

/* ---- the master ---- */

void lookup_init(struct lookup *lookup, const struct config *config, const struct board *board)
{
	*lookup = (struct lookup){config, board, 0};
}

/* The item, if it is a name. */
static const char *name_of(const struct lookup *lookup, size_t item)
{
	struct passive_address read;
	const char *wrong =
		passive_address_read(&read, lookup->config->passive_address.items[item]);

	return wrong ? NULL : read.name;
}

static void inherit_item(const struct lookup *lookup, size_t item, const struct lookup *before)
{
	const char *name = name_of(lookup, item), *other;
	struct address address;

	for (size_t i = 0; name && i < before->config->passive_address.count; i++) {
		other = name_of(before, i);
		if (other && strcmp(name, other) == 0 &&
			board_name_read(before->board, i, &address) == 0)
			board_name_write(lookup->board, item, &address);
	}
}

void lookup_inherit(const struct lookup *lookup, const struct lookup *before)
{
	for (size_t i = 0; i < lookup->config->passive_address.count; i++)
		inherit_item(lookup, i, before);
}

static bool knows_all(const struct lookup *lookup)
{
	struct address address;

	for (size_t i = 0; i < lookup->config->passive_address.count; i++) {
		if (name_of(lookup, i) && board_name_read(lookup->board, i, &address) < 0)
			return false;
	}
	return true;
}

static void begin(const struct lookup *lookup, size_t item)
{
	struct errand errand = {lookup->config, lookup->board, name_of(lookup, item), item};
	pid_t pid = errand.name ? birth_fork_errand(look_up, &errand, -1, -1) : 0;

	if (pid < 0)
		log_warning("passive: address cannot be looked up", "name=\"%s\" error=\"%s\"",
			errand.name, strerror(-pid));
}

void lookup_tend(struct lookup *lookup, int64_t now_ms)
{
	int64_t pause = knows_all(lookup) ? AGAIN_MS : AGAIN_UNKNOWN_MS;

	if (lookup->begun_ms != 0 && now_ms - lookup->begun_ms < pause)
		return;
	lookup->begun_ms = now_ms;
	for (size_t i = 0; i < lookup->config->passive_address.count; i++)
		begin(lookup, i);
}
