#include "supervisor/handover_parts.h"

#include "supervisor/master.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- what the program was started with ---- */

/* No text of ours: may be anything, and JSON has to be UTF-8. So each byte is a number. */
static json_t *write_arguments(char **argv)
{
	json_t *array = json_array();

	for (; *argv; argv++) {
		json_t *bytes = json_array();

		for (const char *byte = *argv; *byte; byte++)
			json_array_append_new(bytes, json_integer((unsigned char)*byte));
		json_array_append_new(array, bytes);
	}
	return array;
}

static json_t *write_limits(void)
{
	json_t *array = json_array();
	struct rlimit limit;

	for (int i = 0; i < (int)RLIMIT_NLIMITS; i++) {
		if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
			json_array_append_new(
				array, json_pack("[i, I, I]", i, (json_int_t)limit.rlim_cur,
					       (json_int_t)limit.rlim_max));
	}
	return array;
}

void handover_note_self(json_t *state, char **argv)
{
	json_object_set_new(state, "arguments", write_arguments(argv));
	json_object_set_new(state, "limits", write_limits());
}

/* Those that the other program has changed, as far as they can be. */
static void restore_limits(const json_t *state)
{
	const json_t *array = json_object_get(state, "limits");
	json_int_t current, most;
	int resource;

	for (size_t i = 0; i < json_array_size(array); i++) {
		if (json_unpack(
			    json_array_get(array, i), "[i, I, I]", &resource, &current, &most) == 0)
			(void)setrlimit((__rlimit_resource_t)resource,
				&(struct rlimit){(rlim_t)current, (rlim_t)most});
	}
}

/* ---- going back ---- */

static bool lives(const struct pool *pool, const json_t *slot)
{
	uint32_t number = (uint32_t)json_integer_value(json_object_get(slot, "slot"));
	pid_t pid = (pid_t)json_integer_value(json_object_get(slot, "pid"));

	if (pid == 0)
		return true;
	return number < pool->slot_count && pool->slots[number].pid == pid;
}

/* A slot whose process is gone is vacant. */
static void forget_the_dead(const json_t *state, const struct pool *pool)
{
	const json_t *slots = json_object_get(state, "slots");

	for (size_t i = 0; i < json_array_size(slots); i++) {
		json_t *slot = json_array_get(slots, i);

		if (lives(pool, slot))
			continue;
		json_object_set_new(slot, "pid", json_integer(0));
		json_object_set_new(slot, "channel", json_integer(-1));
	}
}

static char *read_argument(const json_t *bytes)
{
	size_t length = json_array_size(bytes);
	char *text = calloc(length + 1, 1);

	for (size_t i = 0; text && i < length; i++)
		text[i] = (char)json_integer_value(json_array_get(bytes, i));
	return text;
}

static void free_arguments(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}

/* NULL: no memory. */
static char **read_arguments(const json_t *state)
{
	const json_t *array = json_object_get(state, "arguments");
	char **argv = calloc(json_array_size(array) + 1, sizeof(argv[0]));

	for (size_t i = 0; argv && i < json_array_size(array); i++) {
		argv[i] = read_argument(json_array_get(array, i));
		if (!argv[i]) {
			free_arguments(argv);
			return NULL;
		}
	}
	return argv;
}

/* Becomes the program that handed over. Comes back only if that cannot be. */
static void leap_back(const struct handover *handover, char **argv)
{
	int memory = handover_store(handover->state);

	if (memory < 0)
		return;
	handover_keep_open(handover->state, true);
	handover_name(memory);
	restore_limits(handover->state);
	(void)execveat(handover->old, "", argv, environ, AT_EMPTY_PATH);
	log_error("upgrade: there is no way back", "error=\"%s\"", strerror(errno));
}

void handover_return(struct handover *handover, const struct pool *pool, const char *why)
{
	char **argv = handover->old < 0 ? NULL : read_arguments(handover->state);

	if (!argv)
		return;
	if (pool)
		forget_the_dead(handover->state, pool);
	json_object_set_new(handover->state, "back", json_string(why));
	leap_back(handover, argv);
	free_arguments(argv);
}
