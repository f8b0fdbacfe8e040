/* The sessions that `ftpctl top` shows: read from the server's answer, each with the rate of the
 * moment, which comes from what it had moved when it was looked at before; sorted, and one of them
 * chosen. */
#ifndef FTPOOL_CLIENT_CTL_TOP_LIST_H
#define FTPOOL_CLIENT_CTL_TOP_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum top_order {
	TOP_RATE,
	TOP_BYTES,
	TOP_SESSION,
	TOP_USER,
	TOP_PEER,
	TOP_COMMAND,
	TOP_AGE,
	TOP_ORDERS
};

/* "rate" …, and the key that chooses it. */
extern const char *const top_order_names[TOP_ORDERS];
extern const char top_order_keys[TOP_ORDERS];

enum {
	TOP_NAME = 24,
	TOP_USER_TEXT = 128,
	TOP_PEER_TEXT = 80,
	TOP_COMMAND_TEXT = 64,
	TOP_PATH_TEXT = 640
};

struct top_session {
	unsigned int slot, number;
	char name[TOP_NAME];
	char user[TOP_USER_TEXT];       /* "": nobody has logged in */
	char peer[TOP_PEER_TEXT];       /* without its port */
	char command[TOP_COMMAND_TEXT]; /* "": it idles */
	char path[TOP_PATH_TEXT];
	int64_t since_unix;
	double command_seconds;
	double bytes;
	double total; /* -1: not known */
	double rate;  /* bytes a second */
};

struct top_list {
	struct top_session *all;
	size_t count;
	double at_seconds; /* when they were read */
	enum top_order order;
	bool backwards;
	bool with_idle;
	char chosen[TOP_NAME]; /* "": none */
	int64_t chosen_since;
};

/* Takes an answer to the question "sessions", read at that time (in seconds of any clock). false:
 * out of memory. */
bool top_list_take(struct top_list *list, const json_t *answer, double at_seconds);

void top_list_sort(struct top_list *list);

/* The place of the chosen one; the first one is chosen when there is none or it is gone. 0 when the
 * list is empty. */
size_t top_list_chosen(struct top_list *list);
void top_list_choose(struct top_list *list, size_t place);

void top_list_free(struct top_list *list);

#endif
