#include "worker/lgpq/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct library *library, const struct store_entry *entry)
{
	size_t length = strlen(entry->name);
	struct library_file *file = malloc(sizeof(*file) + length + 1);

	if (!file)
		return -ENOMEM;
	/* Grows when the count is a power of two. */
	if ((library->count & (library->count - 1)) == 0) {
		size_t room = library->count ? 2 * library->count : 1;
		struct library_file **grown =
			reallocarray(library->files, room, sizeof(library->files[0]));

		if (!grown) {
			free(file);
			return -ENOMEM;
		}
		library->files = grown;
	}
	file->size = entry->file.size;
	file->mtime = entry->file.mtime;
	memcpy(file->name, entry->name, length + 1);
	library->files[library->count++] = file;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct library_file *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

int library_read(struct library *library, const struct store *store)
{
	struct store_listing listing;
	struct store_entry entry;
	struct vpath root;
	int result;

	*library = (struct library){0};
	vpath_root(&root);
	result = store_list(&listing, store, &root);
	if (result < 0)
		return result;
	while ((result = store_list_next(&listing, &entry)) > 0) {
		if (entry.file.directory || entry.name[0] == '.')
			continue;
		result = add(library, &entry);
		if (result < 0)
			break;
	}
	store_list_close(&listing);
	if (library->count > 0)
		qsort(library->files, library->count, sizeof(library->files[0]), by_name);
	return result;
}

void library_free(struct library *library)
{
	for (size_t i = 0; i < library->count; i++)
		free(library->files[i]);
	free(library->files);
	*library = (struct library){0};
}
