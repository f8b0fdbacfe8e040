#include "client/ctl_top_list.h"

#include "client/ctl_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const top_order_names[TOP_ORDERS] = {
	"rate", "bytes", "session", "user", "peer", "command", "age"};
const char top_order_keys[TOP_ORDERS] = {'r', 'b', 's', 'u', 'p', 'c', 'a'};

/* ---- reading ---- */

static void copy_text(char *out, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(out, size, "%s", text ? text : "");
}

static void drop_port(char *peer)
{
	char *colon = strrchr(peer, ':');

	if (colon)
		*colon = '\0';
}

static void read_session(struct top_session *session, const json_t *object)
{
	const json_t *total = json_object_get(object, "bytes_total");

	*session = (struct top_session){0};
	copy_text(session->name, sizeof(session->name), object, "session");
	copy_text(session->user, sizeof(session->user), object, "user");
	copy_text(session->peer, sizeof(session->peer), object, "peer");
	copy_text(session->command, sizeof(session->command), object, "command");
	copy_text(session->path, sizeof(session->path), object, "path");
	drop_port(session->peer);
	(void)sscanf(session->name, "%u.%u", &session->slot, &session->number);
	session->since_unix = json_integer_value(json_object_get(object, "since_unix"));
	session->command_seconds = ctl_number(object, "command_seconds");
	session->bytes = ctl_number(object, "bytes");
	session->total = total ? json_number_value(total) : -1;
	session->rate = session->command[0] ? ctl_number(object, "bytes_per_second") : 0;
}

static int by_session(const void *a, const void *b)
{
	const struct top_session *one = a, *other = b;

	if (one->slot != other->slot)
		return one->slot < other->slot ? -1 : 1;
	return (one->number > other->number) - (one->number < other->number);
}

/* The rate since the last look, if it is the same command still; else the average is all there is.
 */
static void find_rate(struct top_session *session, const struct top_list *before, double seconds)
{
	const struct top_session *then = before->count > 0
						 ? bsearch(session, before->all, before->count,
							   sizeof(before->all[0]), by_session)
						 : NULL;

	if (then && seconds == 0 && then->since_unix == session->since_unix)
		session->rate = then->rate;
	else if (then && seconds > 0 && then->since_unix == session->since_unix &&
		 session->command_seconds >= seconds && session->bytes >= then->bytes)
		session->rate = ((session->bytes - then->bytes) / seconds + then->rate) / 2;
}

bool top_list_take(struct top_list *list, const json_t *answer, double at_seconds)
{
	const json_t *sessions = json_object_get(answer, "sessions");
	size_t count = json_array_size(sessions), kept = 0;
	struct top_session *all = calloc(count + 1, sizeof(*all));

	if (!all)
		return false;
	if (list->count > 0)
		qsort(list->all, list->count, sizeof(list->all[0]), by_session);
	for (size_t i = 0; i < count; i++) {
		read_session(&all[kept], json_array_get(sessions, i));
		find_rate(&all[kept], list, at_seconds - list->at_seconds);
		kept++;
	}
	free(list->all);
	list->all = all;
	list->count = kept;
	list->at_seconds = at_seconds;
	return true;
}

/* ---- order ---- */

static int compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

/* Numbers descend, names ascend; who does nothing comes last whatever the order. */
static int compare(const struct top_session *a, const struct top_session *b, enum top_order order)
{
	switch (order) {
	case TOP_RATE: return compare_numbers(b->rate, a->rate);
	case TOP_BYTES: return compare_numbers(b->bytes, a->bytes);
	case TOP_USER: return strcmp(a->user, b->user);
	case TOP_PEER: return strcmp(a->peer, b->peer);
	case TOP_COMMAND: return strcmp(a->command, b->command);
	case TOP_AGE: return compare_numbers((double)a->since_unix, (double)b->since_unix);
	default: return by_session(a, b);
	}
}

static int compare_in(const void *a, const void *b, void *context)
{
	const struct top_session *one = a, *other = b;
	const struct top_list *list = context;
	bool numbers =
		list->order == TOP_RATE || list->order == TOP_BYTES || list->order == TOP_COMMAND;
	int order;

	if (numbers && (one->command[0] == '\0') != (other->command[0] == '\0'))
		return one->command[0] == '\0' ? 1 : -1;
	order = compare(one, other, list->order);
	if (list->backwards)
		order = -order;
	return order ? order : by_session(a, b);
}

void top_list_sort(struct top_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->with_idle || list->all[i].command[0] != '\0')
			list->all[kept++] = list->all[i];
	}
	list->count = kept;
	if (kept > 0)
		qsort_r(list->all, kept, sizeof(list->all[0]), compare_in, list);
}

/* ---- the chosen one ---- */

void top_list_choose(struct top_list *list, size_t place)
{
	list->chosen[0] = '\0';
	if (list->count == 0)
		return;
	if (place >= list->count)
		place = list->count - 1;
	snprintf(list->chosen, sizeof(list->chosen), "%s", list->all[place].name);
	list->chosen_since = list->all[place].since_unix;
}

size_t top_list_chosen(struct top_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->all[i].name, list->chosen) == 0 &&
			list->all[i].since_unix == list->chosen_since)
			return i;
	}
	top_list_choose(list, 0);
	return 0;
}

void top_list_free(struct top_list *list)
{
	free(list->all);
	*list = (struct top_list){0};
}
