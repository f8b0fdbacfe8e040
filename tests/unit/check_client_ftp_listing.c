#include "client/ftp_listing.h"

#include "client/catalogue.h"
#include "tests/unit/suite.h"

#include <string.h>

static struct ftp_listing listing;
static struct catalogue catalogue;

/* The listing in pieces of so many bytes. */
static void read_all(enum ftp_listing_kind kind, const char *text, size_t length, size_t piece)
{
	catalogue_clear(&catalogue);
	ftp_listing_begin(&listing, kind, &catalogue, 0);
	for (size_t at = 0; at < length; at += piece) {
		size_t here = length - at < piece ? length - at : piece;

		ck_assert_int_eq(ftp_listing_add(&listing, text + at, here), 0);
	}
	ck_assert_int_eq(ftp_listing_end(&listing), 0);
}

START_TEST(pieces_of_any_size)
{
	static const char text[] = "type=file;size=1; a\r\n\r\ntype=dir; b\ntype=cdir; .\r\n"
				   "size=2; c";

	for (size_t piece = 1; piece < sizeof(text); piece++) {
		read_all(FTP_LISTING_MLSD, text, strlen(text), piece);
		ck_assert_uint_eq(catalogue.count, 3);
		ck_assert_str_eq(catalogue.entry[0].name, "a");
		ck_assert_str_eq(catalogue.entry[1].name, "b/");
		ck_assert_str_eq(catalogue.entry[2].name, "c");
		ck_assert_int_eq(catalogue.entry[2].size, 2);
		ck_assert(catalogue.detailed && !listing.odd);
	}
	catalogue_clear(&catalogue);
}
END_TEST

START_TEST(lines_too_long_are_passed_over)
{
	size_t length = 3 * FTP_LISTING_LINE;
	char *text = malloc(length + 16);

	for (size_t name = FTP_LISTING_LINE - 1; name <= FTP_LISTING_LINE + 1; name++) {
		memset(text, 'x', name);
		strcpy(text + name, "\nnext\n");
		read_all(FTP_LISTING_NLST, text, strlen(text), 1000);
		ck_assert_uint_eq(catalogue.count, name <= FTP_LISTING_LINE ? 2 : 1);
		ck_assert_str_eq(catalogue.entry[catalogue.count - 1].name, "next");
	}
	memset(text, 'x', length);
	read_all(FTP_LISTING_NLST, text, length, length);
	ck_assert_uint_eq(catalogue.count, 0);
	/* The longest line that is one, of a directory. */
	memset(text, 'x', FTP_LISTING_LINE);
	memcpy(text, "type=dir; ", 10);
	read_all(FTP_LISTING_MLSD, text, FTP_LISTING_LINE, 100);
	ck_assert_uint_eq(strlen(catalogue.entry[0].name), FTP_LISTING_LINE - 10 + 1);
	catalogue_clear(&catalogue);
	free(text);
}
END_TEST

START_TEST(odd_lines_are_told)
{
	static const char nul[] = "a\0b\nc\n";

	read_all(FTP_LISTING_LIST, "something else\n", 15, 15);
	ck_assert(listing.odd);
	ck_assert_uint_eq(catalogue.count, 0);
	read_all(FTP_LISTING_NLST, nul, sizeof(nul) - 1, 2);
	ck_assert_uint_eq(catalogue.count, 1);
	ck_assert_str_eq(catalogue.entry[0].name, "c");
	ck_assert(!catalogue.detailed);
	catalogue_clear(&catalogue);
}
END_TEST

SUITE(client_ftp_listing, pieces_of_any_size, lines_too_long_are_passed_over, odd_lines_are_told)
