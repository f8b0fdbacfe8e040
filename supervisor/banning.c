#include "supervisor/banning.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/bans_file.h"
#include "supervisor/birth.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SAVE_PAUSE_MS = 1000, SAVE_SECONDS = 60, TELL_FULL_MS = 60000 };

static const char too_many_failures[] = "too many failed logins";

/* ---- saving ---- */

static int save(const void *what)
{
	const struct banning *banning = what;
	struct state state;
	sigset_t none;
	int error;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(SAVE_SECONDS);
	prctl(PR_SET_NAME, "ftpool bans", 0, 0, 0);
	setproctitle("saves the bans");
	error = state_open_errand(&state, banning->config);
	if (error == 0)
		error = bans_file_write(&state, &banning->bans);
	if (error < 0)
		log_warning("ban: the bans cannot be saved", "directory=\"%s\" error=\"%s\"",
			banning->config->state_directory, strerror(-error));
	return error < 0;
}

static bool can_save(const struct banning *banning)
{
	return banning->state->directory >= 0;
}

static bool is_time_to_save(const struct banning *banning, int64_t now_ms)
{
	return banning->unsaved && banning->saver == 0 && can_save(banning) &&
	       (banning->saved_ms == 0 || now_ms - banning->saved_ms >= SAVE_PAUSE_MS);
}

static void begin_to_save(struct banning *banning, int64_t now_ms)
{
	pid_t pid = birth_fork_errand(save, banning, -1, -1);

	banning->saved_ms = now_ms;
	if (pid < 0) {
		log_warning("ban: the bans cannot be saved", "error=\"%s\"", strerror(-pid));
		return;
	}
	banning->saver = pid;
	banning->unsaved = false;
}

bool banning_bury(struct banning *banning, pid_t pid, int status)
{
	if (pid == 0 || pid != banning->saver)
		return false;
	banning->saver = 0;
	banning->unsaved |= status != 0;
	return true;
}

/* ---- changes ---- */

static void find_next_over(struct banning *banning)
{
	uint32_t place = 0;
	struct ban ban;

	banning->next_over_unix_ms = INT64_MAX;
	while (bans_next(&banning->bans, &place, &ban)) {
		if (ban.until_unix_ms != 0 && ban.until_unix_ms < banning->next_over_unix_ms)
			banning->next_over_unix_ms = ban.until_unix_ms;
	}
}

static void note_change(struct banning *banning)
{
	find_next_over(banning);
	banning->unsaved = true;
}

/* They end its sessions; who is at the door is seen in the table. */
static void tell_workers(const struct banning *banning, const struct ban *ban)
{
	char text[CHANNEL_TEXT], network[NETWORK_TEXT];

	snprintf(text, sizeof(text), "%s %s", network_format(&ban->network, network), ban->reason);
	for (uint32_t slot = 0; slot < banning->pool->slot_count; slot++)
		(void)pool_tell(banning->pool, slot, CHANNEL_BAN, text, -1);
}

/* The line that fail2ban and people look for; ftpool.conf(5) has its form. */
static void log_set(const struct ban *ban)
{
	char network[NETWORK_TEXT], reason[LOG_QUOTED];
	long long seconds = (ban->until_unix_ms - ban->since_unix_ms + 999) / 1000;

	log_warning("ban: set", "address=%s seconds=%lld failures=%u reason=%s",
		network_format(&ban->network, network), ban->until_unix_ms ? seconds : 0,
		ban->failures, log_quote(reason, ban->reason, strlen(ban->reason)));
}

static void log_end(const char *event, const struct ban *ban)
{
	char network[NETWORK_TEXT];

	log_info(event, "address=%s", network_format(&ban->network, network));
}

static int put(struct banning *banning, const struct ban *ban)
{
	int error = bans_set(&banning->bans, ban);

	if (error < 0)
		return error;
	log_set(ban);
	tell_workers(banning, ban);
	note_change(banning);
	return 0;
}

/* Of those that nobody ordered, the one that is over first gives way. */
static bool make_room(struct banning *banning)
{
	struct ban ban, first = {.until_unix_ms = INT64_MAX};
	uint32_t place = 0;

	while (bans_next(&banning->bans, &place, &ban)) {
		if (ban.failures > 0 && ban.until_unix_ms < first.until_unix_ms)
			first = ban;
	}
	if (first.failures == 0 || !bans_lift(&banning->bans, &first.network, NULL))
		return false;
	log_end("ban: gave way to another one", &first);
	return true;
}

int banning_set(struct banning *banning, const struct ban *ban)
{
	int error;

	if (config_exempts(banning->config, &ban->network.base))
		return -EPERM;
	error = put(banning, ban);
	if (error == -ENOSPC && make_room(banning))
		error = put(banning, ban);
	return error;
}

int banning_lift(struct banning *banning, const struct network *network)
{
	struct ban ban;

	if (!bans_lift(&banning->bans, network, &ban))
		return -ENOENT;
	if (banning->failures)
		failures_forget(banning->failures, network);
	log_end("ban: lifted", &ban);
	note_change(banning);
	return 0;
}

uint32_t banning_lift_all(struct banning *banning)
{
	uint32_t count = 0, place = 0;
	struct ban ban;

	/* What is lifted may make another one move up to where we have been. */
	while (bans_next(&banning->bans, &place, &ban)) {
		count += banning_lift(banning, &ban.network) == 0;
		place = 0;
	}
	return count;
}

static void lift_what_is_over(struct banning *banning)
{
	int64_t now = clock_unix_ms();
	uint32_t place = 0;
	struct ban ban;

	if (now < banning->next_over_unix_ms)
		return;
	while (bans_next(&banning->bans, &place, &ban)) {
		if (ban.until_unix_ms == 0 || now < ban.until_unix_ms)
			continue;
		(void)bans_lift(&banning->bans, &ban.network, NULL);
		log_end("ban: over", &ban);
		place = 0;
	}
	note_change(banning);
}

/* ---- reports ---- */

/* "ADDRESS ATTEMPT", the second one a number in hexadecimal. */
static bool read_report(const char *report, struct address *address, uint32_t *attempt)
{
	char host[ADDRESS_TEXT];
	size_t length = strcspn(report, " ");
	unsigned long number;
	char *end;

	/* The name of an interface would be looked up. */
	if (length >= sizeof(host) || report[length] == '\0' || memchr(report, '%', length))
		return false;
	memcpy(host, report, length);
	host[length] = '\0';
	number = strtoul(report + length + 1, &end, 16);
	*attempt = (uint32_t)number;
	return *end == '\0' && address_parse(address, host, 0) == 0;
}

static void ban_for_failures(
	struct banning *banning, const struct network *client, uint32_t failures)
{
	int64_t now = clock_unix_ms();
	struct ban ban = {.network = *client,
		.since_unix_ms = now,
		.until_unix_ms = now + (int64_t)banning->config->ban_seconds * 1000,
		.failures = failures};

	strcpy(ban.reason, too_many_failures);
	failures_forget(banning->failures, client);
	if (banning_set(banning, &ban) == 0)
		return;
	if (banning->told_full_ms == 0 || clock_ms() - banning->told_full_ms >= TELL_FULL_MS)
		log_warning("ban: there are too many to add another one", "bans=%u", BANS_MOST);
	banning->told_full_ms = clock_ms();
}

void banning_hear(struct banning *banning, const char *report)
{
	struct network client;
	struct address address;
	struct ban ban;
	uint32_t attempt, failures;

	if (!banning->failures || !read_report(report, &address, &attempt) ||
		config_exempts(banning->config, &address) ||
		bans_find(&banning->bans, &address, &ban))
		return;
	client = network_of_client(&address);
	failures = failures_add(banning->failures, &client, attempt, clock_ms());
	if (failures >= banning->config->ban_failures)
		ban_for_failures(banning, &client, failures);
}

/* ---- the master's loop ---- */

void banning_tend(struct banning *banning, int64_t now_ms)
{
	lift_what_is_over(banning);
	if (is_time_to_save(banning, now_ms))
		begin_to_save(banning, now_ms);
}

int banning_patience(const struct banning *banning, int patience)
{
	int64_t left = banning->next_over_unix_ms == INT64_MAX
			       ? patience
			       : banning->next_over_unix_ms - clock_unix_ms();

	return left >= patience ? patience : left > 0 ? (int)left : 0;
}

/* ---- life ---- */

static void read_file(struct banning *banning)
{
	uint32_t faults;
	int count = bans_file_read(banning->state, &banning->bans, clock_unix_ms(), &faults);

	if (count < 0 && count != -ENOENT)
		log_warning(
			"ban: the bans of before cannot be read", "error=\"%s\"", strerror(-count));
	if (faults > 0)
		log_warning("ban: lines that are no bans", "lines=%u", faults);
	if (count > 0)
		log_info("ban: still holding", "bans=%d", count);
	find_next_over(banning);
}

int banning_configure(struct banning *banning, const struct config *config)
{
	struct failures *failures = NULL;
	bool same = banning->config && config->ban_failures == banning->config->ban_failures &&
		    config->ban_within_seconds == banning->config->ban_within_seconds;

	if (!same && config->ban_failures > 0) {
		failures = failures_new(
			config->ban_failures, (int64_t)config->ban_within_seconds * 1000);
		if (!failures)
			return -ENOMEM;
	}
	if (!same) {
		failures_free(banning->failures);
		banning->failures = failures;
	}
	banning->config = config;
	return 0;
}

int banning_open(struct banning *banning, const struct config *config, const struct pool *pool,
	const struct state *state)
{
	int error;

	*banning = (struct banning){.pool = pool, .state = state, .bans = {.memory = -1}};
	error = bans_open(&banning->bans);
	if (error == 0)
		error = banning_configure(banning, config);
	if (error < 0) {
		banning_close(banning);
		return error;
	}
	read_file(banning);
	return 0;
}

void banning_close(struct banning *banning)
{
	int error = banning->unsaved && can_save(banning)
			    ? bans_file_write(banning->state, &banning->bans)
			    : 0;

	if (error < 0)
		log_warning("ban: the bans cannot be saved", "error=\"%s\"", strerror(-error));
	banning->unsaved = false;
	bans_close(&banning->bans);
	failures_free(banning->failures);
	banning->failures = NULL;
}

int banning_descriptor(const struct banning *banning)
{
	return banning->bans.memory;
}

int banning_adopt(struct banning *banning, int descriptor)
{
	int count = bans_adopt(&banning->bans, descriptor);

	note_change(banning);
	return count;
}

int banning_pack_failures(const struct banning *banning)
{
	return banning->failures ? failures_pack(banning->failures) : -ENOENT;
}

/* Where another number of them is too many now, they are forgotten, as by a reload. */
void banning_unpack_failures(struct banning *banning, int memory)
{
	if (banning->failures)
		(void)failures_unpack(banning->failures, memory);
}
