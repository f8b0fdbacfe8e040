/* The connection to an FTP server: a libcurl handle that keeps it from one request to the next and
 * makes it again when it is gone. A request: ftp_link_begin, whatever options it needs of its own
 * (curl_easy_setopt on link->curl), ftp_link_run. */
#ifndef FTPOOL_CLIENT_FTP_LINK_H
#define FTPOOL_CLIENT_FTP_LINK_H

#include "client/ftp_reply.h"
#include "client/route.h"

#include <curl/curl.h>
#include <stdbool.h>

struct ftp_link {
	struct route route;
	CURLM *multi;
	CURL *curl;
	struct ftp_reply reply; /* the last that came, in this request */
	char words[CURL_ERROR_SIZE];
	bool putting;  /* the request sends a file */
	bool moved;    /* bytes of a file or list have gone over; for the callbacks to set */
	int failure;   /* why a callback stopped the request (with the trouble set); or 0 */
	CURLcode code; /* how the request went, in libcurl's terms */
	bool reused;   /* it went over a connection of an earlier one */
	bool fresh;    /* the next one wants a connection of its own */
};

/* 0 or -ENOMEM with the trouble set; *out is the caller's to free with ftp_link_free, which says
 * goodbye to a server that is still there. */
int ftp_link_new(struct ftp_link **out, const struct route *route);
void ftp_link_free(struct ftp_link *link);

/* Gives libcurl the password, in place of what stands in the URL or in ~/.netrc. */
int ftp_link_set_password(struct ftp_link *link, const char *password);

/* A new request, about the name (see location_url), with nothing left of the last one. 0 or -errno
 * with the trouble set. */
int ftp_link_begin(struct ftp_link *link, const char *name);

/* Does it: waits for libcurl, the user's ctrl-C and the progress bar. 0 or -errno with the trouble
 * set. */
int ftp_link_run(struct ftp_link *link);

/* The same with raw commands (the last is NULL) beside the request: CURLOPT_QUOTE before it,
 * CURLOPT_PREQUOTE in its directory. A '*' before a command: the request goes on if it is refused.
 */
int ftp_link_run_with(struct ftp_link *link, CURLoption when, const char *const *commands);

#endif
