#include "supervisor/scrape.h"

#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/master.h"
#include "supervisor/metrics.h"
#include "supervisor/scrape_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16 };

void scrape_init(struct scrape *scrape)
{
	*scrape = (struct scrape){.socket = -1};
}

void scrape_close(struct scrape *scrape)
{
	if (scrape->socket >= 0)
		close(scrape->socket);
	scrape->socket = -1;
}

/* A listening socket, or -errno. */
static int listen_on(const struct address *address)
{
	struct sockaddr_storage place;
	socklen_t size = address_to_socket(address, &place);
	int one = 1, error;
	int listening = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (listening < 0)
		return -errno;
	(void)setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listening, (const struct sockaddr *)&place, size) == 0 &&
		listen(listening, BACKLOG) == 0)
		return listening;
	error = errno;
	close(listening);
	return -error;
}

/* Where the config wants it; family 0: nowhere. */
static struct address wished(const struct config *config)
{
	struct address address = {0};

	if (config->metrics_port != 0)
		(void)address_parse(&address, config->metrics_host, (uint16_t)config->metrics_port);
	return address;
}

static int listen_or_complain(
	const struct address *address, const struct config *config, struct complaints *complaints)
{
	char text[ADDRESS_TEXT];
	int listening = listen_on(address);

	if (listening < 0)
		complain(complaints, config_origin(config, "status", NULL, "metrics_port"),
			"the metrics at %s: %s", address_format(address, text),
			strerror(-listening));
	return listening;
}

int scrape_open(struct scrape *scrape, const struct config *config, struct complaints *complaints)
{
	struct address address = wished(config);
	int listening;

	if (address.family == 0)
		return 0;
	listening = listen_or_complain(&address, config, complaints);
	if (listening < 0)
		return -1;
	scrape->socket = listening;
	scrape->address = address;
	return 0;
}

int scrape_try(
	const struct config *config, const struct config *serving, struct complaints *complaints)
{
	struct address address = wished(config), has = wished(serving);
	int listening;

	if (address.family == 0 || address_equal(&address, &has))
		return 0;
	listening = listen_or_complain(&address, config, complaints);
	if (listening < 0)
		return -1;
	close(listening);
	return 0;
}

void scrape_obey(struct scrape *scrape, const struct config *config)
{
	struct address address = wished(config);
	char text[ADDRESS_TEXT];
	int listening;

	if (address_equal(&scrape->address, &address))
		return;
	listening = address.family ? listen_on(&address) : -1;
	if (address.family && listening < 0) {
		log_error("metrics: cannot listen", "address=%s error=\"%s\"",
			address_format(&address, text), strerror(-listening));
		return;
	}
	scrape_close(scrape);
	scrape->socket = listening;
	scrape->address = address;
}

static pid_t *free_place(const struct scrape *scrape)
{
	for (int i = 0; i < SCRAPES; i++) {
		if (scrape->children[i] == 0)
			return (pid_t *)&scrape->children[i];
	}
	return NULL;
}

struct pollfd scrape_watch(const struct scrape *scrape)
{
	return (struct pollfd){.fd = free_place(scrape) ? scrape->socket : -1, .events = POLLIN};
}

void scrape_hear(struct scrape *scrape, const struct master *master)
{
	pid_t *place = free_place(scrape), pid = 0;
	int client = place ? accept4(scrape->socket, NULL, NULL, SOCK_CLOEXEC) : -1;
	char *text = client >= 0 ? metrics_text(master) : NULL;

	if (text) {
		const struct scrape_errand errand = {master->config, client, text};

		pid = birth_fork_errand(scrape_answer, &errand, client, -1);
	}
	if (pid < 0)
		log_warning("metrics: cannot answer", "error=\"%s\"", strerror(-pid));
	if (pid > 0)
		*place = pid;
	free(text);
	if (client >= 0)
		close(client);
}

bool scrape_bury(struct scrape *scrape, pid_t pid)
{
	for (int i = 0; i < SCRAPES; i++) {
		if (scrape->children[i] == pid) {
			scrape->children[i] = 0;
			return true;
		}
	}
	return false;
}
