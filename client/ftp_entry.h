/* One line of an FTP server's listing: MLSD's facts (RFC 3659 7), what LIST writes (no standard: as
 * `ls -l` does it, or as MS-DOS did), or NLST's name alone. The server may be hostile: what is no
 * name within the directory that was listed is no entry. Pure. */
#ifndef FTPOOL_CLIENT_FTP_ENTRY_H
#define FTPOOL_CLIENT_FTP_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ftp_entry {
	const char *name; /* within the line; not terminated */
	size_t name_length;
	int64_t size;                  /* -1: unknown */
	int64_t modified_unix_seconds; /* -1: unknown */
	bool directory;
};

/* What a line turned out to be. */
enum ftp_entry_kind {
	FTP_ENTRY,      /* *entry is filled in */
	FTP_ENTRY_NONE, /* nothing of interest, or nothing to be trusted: the directory itself,
			 * "..", a name with a '/', a line "total 12" */
	FTP_ENTRY_ODD   /* not a line of this kind of listing */
};

/* The line comes without its end and without NULs in it. LIST tells no year of what is younger than
 * half a year, and no time zone: UTC is assumed, and the year that is next to the given now. */
enum ftp_entry_kind ftp_entry_mlsd(struct ftp_entry *entry, const char *line, size_t length);
enum ftp_entry_kind ftp_entry_list(
	struct ftp_entry *entry, const char *line, size_t length, int64_t now_unix_seconds);
enum ftp_entry_kind ftp_entry_nlst(struct ftp_entry *entry, const char *line, size_t length);

/* "20261125160122" or with a fraction behind it: UTC (RFC 3659 2.3). 0 or -EINVAL. */
int ftp_entry_time(int64_t *unix_seconds, const char *text, size_t length);

#endif
