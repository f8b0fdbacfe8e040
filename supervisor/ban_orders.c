#include "supervisor/ban_orders.h"

#include "common/clock.h"
#include "supervisor/json_text.h"
#include "supervisor/master.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t longest_seconds = INT64_C(100) * 366 * 86400;

static json_t *refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

static json_t *refuse(const char *format, ...)
{
	char text[400];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	return json_pack("{s:s}", "error", text);
}

/* ---- bans ---- */

static json_t *ban_object(const struct ban *ban, int64_t now_unix_ms)
{
	char text[NETWORK_TEXT];
	json_t *object =
		json_pack("{s:s, s:I, s:I, s:o}", "address", network_format(&ban->network, text),
			"since_unix", (json_int_t)(ban->since_unix_ms / 1000), "failures",
			(json_int_t)ban->failures, "reason", json_text(ban->reason));

	if (ban->until_unix_ms == 0)
		return object;
	json_object_set_new(object, "until_unix", json_integer(ban->until_unix_ms / 1000));
	json_object_set_new(object, "seconds_left",
		json_real((double)(ban->until_unix_ms - now_unix_ms) / 1000));
	return object;
}

static int by_end(const void *a, const void *b)
{
	uint64_t one = (uint64_t)((const struct ban *)a)->until_unix_ms - 1;
	uint64_t other = (uint64_t)((const struct ban *)b)->until_unix_ms - 1;

	return (one > other) - (one < other); /* 0, for good, comes last */
}

json_t *report_bans(struct master *master)
{
	struct ban *all = calloc(BANS_MOST, sizeof(*all));
	json_t *array = json_array();
	int64_t now = clock_unix_ms();
	uint32_t place = 0;
	size_t count = 0;

	if (!all) {
		json_decref(array);
		return NULL;
	}
	while (count < BANS_MOST && bans_next(&master->banning.bans, &place, &all[count]))
		count++;
	qsort(all, count, sizeof(*all), by_end);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, ban_object(&all[i], now));
	free(all);
	return json_pack("{s:o}", "bans", array);
}

/* ---- ban ---- */

/* The address, or network, that a word names. */
static bool read_network(const char *word, struct network *network)
{
	struct address address;

	if (!strchr(word, '%') && address_parse(&address, word, 0) == 0) {
		*network = network_of_client(&address);
		return true;
	}
	return network_parse(network, word) == 0;
}

/* Cuts the first word off *text. */
static bool take_word(const char **text, char *word, size_t size)
{
	size_t length = strcspn(*text, " ");

	if (length == 0 || length >= size)
		return false;
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length + ((*text)[length] == ' ');
	return true;
}

static bool read_seconds(const char *word, int64_t *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtoll(word, &end, 10);
	return isdigit((unsigned char)word[0]) && *end == '\0' && errno == 0 &&
	       *seconds <= longest_seconds;
}

/* Goes to clients as it is. */
static bool is_fit_to_say(const char *reason)
{
	size_t length = strlen(reason), i = 0;

	while (i < length && !iscntrl((unsigned char)reason[i]) && (unsigned char)reason[i] != 0xff)
		i++;
	return i == length && length < BAN_REASON;
}

static const char *read_ban(const char *argument, struct ban *ban)
{
	char word[NETWORK_TEXT];
	int64_t seconds;

	if (!take_word(&argument, word, sizeof(word)) || !read_network(word, &ban->network))
		return "no address or network; 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32 would be";
	if (!take_word(&argument, word, sizeof(word)) || !read_seconds(word, &seconds))
		return "no time; a number of seconds, or 0 for good, would be";
	if (!is_fit_to_say(argument))
		return "the reason is longer than 95 bytes, or more than a line";
	ban->since_unix_ms = clock_unix_ms();
	ban->until_unix_ms = seconds == 0 ? 0 : ban->since_unix_ms + seconds * 1000;
	strcpy(ban->reason, argument);
	return NULL;
}

json_t *order_ban(struct master *master, const char *argument)
{
	struct ban ban = {0};
	char text[NETWORK_TEXT];
	const char *wrong = read_ban(argument, &ban);
	int error;

	if (wrong)
		return refuse("%s", wrong);
	error = banning_set(&master->banning, &ban);
	network_format(&ban.network, text);
	if (error == -EPERM)
		return refuse("%s is exempt from bans by ban.exempt", text);
	if (error == -ENOSPC)
		return refuse("there are %d bans, all there is room for; lift some", BANS_MOST);
	if (error < 0)
		return refuse("%s: %s", text, strerror(-error));
	return json_pack("{s:s, s:s}", "done", "banned", "address", text);
}

/* ---- unban ---- */

static json_t *refuse_unknown(const struct master *master, const struct network *network)
{
	char text[NETWORK_TEXT], wider[NETWORK_TEXT];
	struct ban ban;

	network_format(network, text);
	if (bans_find(&master->banning.bans, &network->base, &ban))
		return refuse("%s is not banned by itself but with %s; lift that", text,
			network_format(&ban.network, wider));
	return refuse("%s is not banned", text);
}

json_t *order_unban(struct master *master, const char *argument)
{
	struct network network;
	char text[NETWORK_TEXT];

	if (strcmp(argument, "all") == 0)
		return json_pack("{s:s, s:I}", "done", "lifted", "bans",
			(json_int_t)banning_lift_all(&master->banning));
	if (!read_network(argument, &network))
		return refuse("no address or network, nor all");
	if (banning_lift(&master->banning, &network) < 0)
		return refuse_unknown(master, &network);
	return json_pack("{s:s, s:s, s:i}", "done", "lifted", "address",
		network_format(&network, text), "bans", 1);
}
