#include "worker/ftp/listing_output.h"

#include "worker/ftp/listing_line.h"

#include <string.h>

int listing_output_open(struct listing_output *output, struct listing_sink *sink)
{
	return listing_pieces_open(&output->pieces, sink);
}

void listing_output_close(struct listing_output *output)
{
	listing_order_free(output->order);
	output->order = NULL;
	listing_pieces_close(&output->pieces);
}

int listing_output_heading(struct listing_output *output, const char *base, size_t length)
{
	char *at = listing_pieces_room(&output->pieces);

	if (output->pieces.begun)
		at = mempcpy(at, "\r\n", 2);
	at = mempcpy(at, base, length);
	at = mempcpy(at, ":\r\n", 3);
	return listing_pieces_take(
		&output->pieces, (size_t)(at - listing_pieces_room(&output->pieces)));
}

/* Without memory for it, the lines go out as they come. */
void listing_output_gather(struct listing_output *output)
{
	if (output->sort != LISTING_UNSORTED)
		output->order =
			listing_order_new(output->sort, output->reverse, LISTING_ORDERED_BYTES);
}

int listing_output_gathered(struct listing_output *output)
{
	struct listing_order_line line;
	int error = 0;

	if (!output->order)
		return 0;
	listing_order_sort(output->order);
	while (error == 0 && listing_order_next(output->order, &line)) {
		memcpy(listing_pieces_room(&output->pieces), line.bytes, line.length);
		error = listing_pieces_take(&output->pieces, line.length);
	}
	listing_order_free(output->order);
	output->order = NULL;
	return error;
}

/* The line stands in the room of the pieces, where the next one is written. If memory does not
 * suffice for the order, it still does for the listing. */
static int gather(struct listing_output *output, const struct listing_order_line *line)
{
	char bytes[LISTING_PIECES_LINE];
	int error;

	if (listing_order_add(output->order, line) == 0)
		return 0;
	memcpy(bytes, line->bytes, line->length);
	error = listing_output_gathered(output);
	if (error < 0)
		return error;
	memcpy(listing_pieces_room(&output->pieces), bytes, line->length);
	return listing_pieces_take(&output->pieces, line->length);
}

/* What stands before the name. */
static size_t write_facts(const struct listing_output *output, char *at,
	const struct store_file *file, enum facts_place place)
{
	switch (output->form) {
	case LISTING_LONG: return listing_line_write(at, file, output->now);
	case LISTING_FACTS: return facts_write(at, output->facts, file, place);
	default: return 0;
	}
}

int listing_output_line(struct listing_output *output, const char *prefix, const char *name,
	const struct store_file *file, enum facts_place place)
{
	char *const line = listing_pieces_room(&output->pieces);
	char *const name_at = stpcpy(line + write_facts(output, line, file, place), prefix);
	char *const end = stpcpy(name_at, name);
	const struct listing_order_line ordered = {
		.key = output->sort == LISTING_BY_TIME ? file->mtime : file->size,
		.bytes = line,
		.length = (size_t)(end - line) + 2,
		.name = (size_t)(name_at - line),
		.name_length = (size_t)(end - name_at)};

	memcpy(end, "\r\n", 2);
	return output->order ? gather(output, &ordered)
			     : listing_pieces_take(&output->pieces, ordered.length);
}

int listing_output_end(struct listing_output *output)
{
	return listing_pieces_flush(&output->pieces);
}
