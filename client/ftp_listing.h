/* A listing as it comes over the data connection, in pieces of any size, becomes a catalogue. The
 * names of directories get a '/' at their end. */
#ifndef FTPOOL_CLIENT_FTP_LISTING_H
#define FTPOOL_CLIENT_FTP_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalogue;

enum ftp_listing_kind { FTP_LISTING_MLSD, FTP_LISTING_LIST, FTP_LISTING_NLST };

/* Longer lines hold no name that could be asked for, and are passed over. */
enum { FTP_LISTING_LINE = 8192 };

struct ftp_listing {
	enum ftp_listing_kind kind;
	struct catalogue *catalogue;
	int64_t now_unix_seconds;
	bool odd; /* a line was none of this kind of listing */
	bool overlong;
	size_t used;
	char line[FTP_LISTING_LINE];
};

/* The catalogue must be empty. */
void ftp_listing_begin(struct ftp_listing *listing, enum ftp_listing_kind kind,
	struct catalogue *catalogue, int64_t now_unix_seconds);

/* 0, or -ENOMEM with the trouble set. ftp_listing_end takes a last line that has no end. */
int ftp_listing_add(struct ftp_listing *listing, const char *bytes, size_t length);
int ftp_listing_end(struct ftp_listing *listing);

#endif
