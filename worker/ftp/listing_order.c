#include "worker/ftp/listing_order.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Lines lie one behind the other in blocks; a list goes through them, and sorting it moves no
 * line. qsort(3) would want an array beside them, memory of its own, and, in some C libraries, a
 * system call that the sandbox does not know. */
enum { BLOCK = 64 * 1024, LISTS = 40 };

struct held {
	struct held *next;
	int64_t key;
	uint32_t length, name, name_length;
	char bytes[];
};

struct block {
	struct block *before;
	size_t used;
	_Alignas(struct held) char bytes[BLOCK];
};

struct listing_order {
	enum listing_sort sort;
	bool reverse;
	size_t room; /* bytes that blocks may still take */
	struct block *block;
	struct held *first;
};

struct listing_order *listing_order_new(enum listing_sort sort, bool reverse, size_t most_bytes)
{
	struct listing_order *order = calloc(1, sizeof(*order));

	if (order) {
		order->sort = sort;
		order->reverse = reverse;
		order->room = most_bytes;
	}
	return order;
}

void listing_order_free(struct listing_order *order)
{
	if (!order)
		return;
	while (order->block) {
		struct block *before = order->block->before;

		free(order->block);
		order->block = before;
	}
	free(order);
}

static int add_block(struct listing_order *order)
{
	struct block *block;

	if (order->room < sizeof(*block))
		return -ENOBUFS;
	block = malloc(sizeof(*block));
	if (!block)
		return -ENOMEM;
	order->room -= sizeof(*block);
	block->before = order->block;
	block->used = 0;
	order->block = block;
	return 0;
}

int listing_order_add(struct listing_order *order, const struct listing_order_line *line)
{
	size_t align = _Alignof(struct held);
	size_t size = (sizeof(struct held) + line->length + align - 1) / align * align;
	struct held *held;

	assert(size <= BLOCK && line->name + line->name_length <= line->length);
	if (!order->block || BLOCK - order->block->used < size) {
		int error = add_block(order);

		if (error < 0)
			return error;
	}
	held = (struct held *)(void *)(order->block->bytes + order->block->used);
	order->block->used += size;
	held->next = order->first;
	held->key = line->key;
	held->length = (uint32_t)line->length;
	held->name = (uint32_t)line->name;
	held->name_length = (uint32_t)line->name_length;
	memcpy(held->bytes, line->bytes, line->length);
	order->first = held;
	return 0;
}

/* ---- sorting ---- */

static int compare_names(const struct held *a, const struct held *b)
{
	size_t shorter = a->name_length < b->name_length ? a->name_length : b->name_length;
	int difference = memcmp(a->bytes + a->name, b->bytes + b->name, shorter);

	return difference != 0
		       ? difference
		       : (a->name_length > b->name_length) - (a->name_length < b->name_length);
}

static bool comes_after(
	const struct listing_order *order, const struct held *a, const struct held *b)
{
	int difference = 0;

	if (order->sort != LISTING_BY_NAME)
		difference = (a->key < b->key) - (a->key > b->key);
	if (difference == 0)
		difference = compare_names(a, b);
	return order->reverse ? difference < 0 : difference > 0;
}

static struct held *merge(const struct listing_order *order, struct held *a, struct held *b)
{
	struct held *first = NULL, **end = &first;

	while (a && b) {
		struct held **from = comes_after(order, a, b) ? &b : &a;

		*end = *from;
		end = &(*from)->next;
		*from = (*from)->next;
	}
	*end = a ? a : b;
	return first;
}

/* Merges from the bottom up: sorted[i] is empty or a list of 2^i lines. */
void listing_order_sort(struct listing_order *order)
{
	struct held *sorted[LISTS] = {NULL};
	struct held *whole = NULL;

	while (order->first) {
		struct held *list = order->first;
		size_t i = 0;

		order->first = list->next;
		list->next = NULL;
		for (; sorted[i]; i++) {
			list = merge(order, sorted[i], list);
			sorted[i] = NULL;
		}
		sorted[i] = list;
	}
	for (size_t i = 0; i < LISTS; i++)
		whole = merge(order, sorted[i], whole);
	order->first = whole;
}

bool listing_order_next(struct listing_order *order, struct listing_order_line *line)
{
	const struct held *held = order->first;

	if (!held)
		return false;
	order->first = held->next;
	*line = (struct listing_order_line){.key = held->key,
		.bytes = held->bytes,
		.length = held->length,
		.name = held->name,
		.name_length = held->name_length};
	return true;
}
