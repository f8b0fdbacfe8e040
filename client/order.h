/* What the user wants done: one command with its options and names, from the command line or from
 * the menu, and how it is done. */
#ifndef FTPOOL_CLIENT_ORDER_H
#define FTPOOL_CLIENT_ORDER_H

#include <stdbool.h>

struct remote;

enum order_verb { ORDER_LIST, ORDER_GET, ORDER_PUT, ORDER_QUIT, ORDER_HELP, ORDER_UNKNOWN };

/* How it went; the program's exit codes. A greater one is the worse. */
enum order_outcome {
	ORDER_WELL = 0,
	ORDER_FAILED = 1,        /* at least one file failed or was refused */
	ORDER_USAGE = 2,         /* nothing was tried */
	ORDER_NO_CONNECTION = 3, /* none could be made, or it was lost */
	ORDER_MISMATCH = 4       /* a checksum was wrong, and again when it was tried once more */
};

struct order {
	enum order_verb verb;
	char **name; /* the caller's, as everything here */
	int count;
	const char *output;
	bool resume;
	bool detailed;
	int age_ms; /* a list that came so lately, with the greeting, need not be asked for again */
};

/* The verb of a word, whole, or (in the menu) by its number or first letter, in any case. */
enum order_verb order_verb_of(const char *word, bool in_menu);

/* The verb's word, as it is typed. */
const char *order_word(enum order_verb verb);

/* Takes one option that getopt_long has found; false if it is none of an order's. */
bool order_option(struct order *order, int option, const char *value);

/* Reads a menu line's words (ends in NULL). 0, or -EINVAL with the trouble set. */
int order_parse(struct order *order, int count, char **words);

/* Whether options and names fit the verb and each other. 0, or -EINVAL with the trouble set. */
int order_check(const struct order *order);

/* Does it, for list, get and put, and tells the user. */
enum order_outcome order_run(const struct order *order, struct remote *remote);

/* The outcome that an error means. */
enum order_outcome order_outcome_of(int error);

#endif
