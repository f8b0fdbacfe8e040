/* Any bytes as what an FTP server sends to the client: a line of each kind of listing gives a name
 * that lies within the line and leads nowhere else, and a whole listing and the replies are read
 * without harm. */
#include "tests/fuzz/fuzz.h"

#include "client/catalogue.h"
#include "client/ftp_entry.h"
#include "client/ftp_listing.h"
#include "client/ftp_reply.h"

#include <assert.h>
#include <string.h>

enum { NOW = 1795622400 };

static void check_entry(
	enum ftp_entry_kind kind, const struct ftp_entry *entry, const char *line, size_t length)
{
	if (kind != FTP_ENTRY)
		return;
	assert(entry->name_length > 0 && entry->name >= line);
	assert(entry->name + entry->name_length <= line + length);
	assert(!memchr(entry->name, '/', entry->name_length));
	assert(entry->name_length != 1 || entry->name[0] != '.');
	assert(entry->name_length != 2 || memcmp(entry->name, "..", 2) != 0);
	assert(entry->size >= -1);
}

static void check_line(const char *line, size_t length)
{
	struct ftp_entry entry;

	if (memchr(line, '\0', length))
		return;
	check_entry(ftp_entry_mlsd(&entry, line, length), &entry, line, length);
	check_entry(ftp_entry_list(&entry, line, length, NOW), &entry, line, length);
	check_entry(ftp_entry_nlst(&entry, line, length), &entry, line, length);
}

static void check_listing(enum ftp_listing_kind kind, const char *bytes, size_t length)
{
	static struct ftp_listing listing;
	struct catalogue catalogue = {0};
	size_t half = length / 2;

	ftp_listing_begin(&listing, kind, &catalogue, NOW);
	assert(ftp_listing_add(&listing, bytes, half) == 0);
	assert(ftp_listing_add(&listing, bytes + half, length - half) == 0);
	assert(ftp_listing_end(&listing) == 0);
	for (size_t i = 0; i < catalogue.count; i++) {
		const char *slash = strchr(catalogue.entry[i].name, '/');

		assert(catalogue.entry[i].name[0] && (!slash || !slash[1]));
	}
	catalogue_clear(&catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ftp_reply reply = {0};

	check_line((const char *)data, size);
	for (int kind = FTP_LISTING_MLSD; kind <= FTP_LISTING_NLST; kind++)
		check_listing((enum ftp_listing_kind)kind, (const char *)data, size);
	ftp_reply_line(&reply, (const char *)data, size);
	assert(memchr(reply.text, '\0', sizeof(reply.text)));
	assert(strlen(reply.sum) == 0 || strlen(reply.sum) == DIGEST_TEXT - 1);
	return 0;
}
