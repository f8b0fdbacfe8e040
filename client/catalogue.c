#include "client/catalogue.h"

#include "client/trouble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void catalogue_clear(struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->count; i++)
		free(catalogue->entry[i].name);
	free(catalogue->entry);
	*catalogue = (struct catalogue){0};
}

static int grow(struct catalogue *catalogue)
{
	size_t room = catalogue->room ? 2 * catalogue->room : 64;
	struct catalogue_entry *entry = reallocarray(catalogue->entry, room, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	catalogue->entry = entry;
	catalogue->room = room;
	return 0;
}

int catalogue_add(struct catalogue *catalogue, const char *name, size_t length, int64_t size,
	int64_t modified_unix_seconds)
{
	char *copy = strndup(name, length);

	if (!copy || (catalogue->count == catalogue->room && grow(catalogue))) {
		free(copy);
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	}
	catalogue->entry[catalogue->count++] = (struct catalogue_entry){
		.name = copy, .size = size, .modified_unix_seconds = modified_unix_seconds};
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct catalogue_entry *)a)->name,
		((const struct catalogue_entry *)b)->name);
}

void catalogue_sort(struct catalogue *catalogue)
{
	if (catalogue->count > 0)
		qsort(catalogue->entry, catalogue->count, sizeof(*catalogue->entry), compare);
}
