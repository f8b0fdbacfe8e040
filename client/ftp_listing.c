#include "client/ftp_listing.h"

#include "client/catalogue.h"
#include "client/ftp_entry.h"

#include <string.h>

void ftp_listing_begin(struct ftp_listing *listing, enum ftp_listing_kind kind,
	struct catalogue *catalogue, int64_t now_unix_seconds)
{
	listing->kind = kind;
	listing->catalogue = catalogue;
	listing->now_unix_seconds = now_unix_seconds;
	listing->odd = listing->overlong = false;
	listing->used = 0;
	catalogue->detailed = kind != FTP_LISTING_NLST;
}

static enum ftp_entry_kind read_line(const struct ftp_listing *listing, struct ftp_entry *entry)
{
	switch (listing->kind) {
	case FTP_LISTING_MLSD: return ftp_entry_mlsd(entry, listing->line, listing->used);
	case FTP_LISTING_LIST:
		return ftp_entry_list(
			entry, listing->line, listing->used, listing->now_unix_seconds);
	default: return ftp_entry_nlst(entry, listing->line, listing->used);
	}
}

static int end_line(struct ftp_listing *listing)
{
	struct ftp_entry entry;
	enum ftp_entry_kind kind = FTP_ENTRY_NONE;
	char name[FTP_LISTING_LINE + 1];

	if (listing->used > 0 && listing->line[listing->used - 1] == '\r')
		listing->used--;
	if (!listing->overlong && listing->used > 0 && !memchr(listing->line, '\0', listing->used))
		kind = read_line(listing, &entry);
	listing->used = 0;
	listing->overlong = false;
	listing->odd = listing->odd || kind == FTP_ENTRY_ODD;
	if (kind != FTP_ENTRY)
		return 0;
	memcpy(name, entry.name, entry.name_length);
	if (entry.directory)
		name[entry.name_length++] = '/';
	return catalogue_add(listing->catalogue, name, entry.name_length, entry.size,
		entry.modified_unix_seconds);
}

int ftp_listing_add(struct ftp_listing *listing, const char *bytes, size_t length)
{
	int result = 0;

	while (!result && length > 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t here = end ? (size_t)(end - bytes) : length;
		size_t room = FTP_LISTING_LINE - listing->used;

		if (here > room)
			listing->overlong = true;
		memcpy(listing->line + listing->used, bytes, here < room ? here : room);
		listing->used += here < room ? here : room;
		if (end) {
			result = end_line(listing);
			here++;
		}
		bytes += here;
		length -= here;
	}
	return result;
}

int ftp_listing_end(struct ftp_listing *listing)
{
	return listing->used > 0 || listing->overlong ? end_line(listing) : 0;
}
