/* What an FTP server says on the control connection (RFC 959 4.2), line by line as libcurl shows
 * it: the last reply, and what FEAT and HASH have told. Pure but for ftp_reply_trouble. */
#ifndef FTPOOL_CLIENT_FTP_REPLY_H
#define FTPOOL_CLIENT_FTP_REPLY_H

#include "common/digest.h"

#include <stdbool.h>
#include <stddef.h>

/* What FEAT has listed (RFC 2389). */
struct ftp_features {
	bool known;         /* there was a list */
	bool mlst;          /* MLSD (RFC 3659 7) */
	bool hash;          /* HASH with SHA-256 … */
	bool hash_selected; /* … and that is what it will use */
};

enum { FTP_REPLY_TEXT = 512 };

struct ftp_reply {
	int code;                  /* of the last whole reply; 0: none has come */
	char text[FTP_REPLY_TEXT]; /* behind the code, cut to fit */
	char sum[DIGEST_TEXT];     /* of the last "213 SHA-256 …", in small letters; or empty */
	struct ftp_features features;
};

/* Takes one line, with its end or without. */
void ftp_reply_line(struct ftp_reply *reply, const char *line, size_t length);

/* The refusal that the last reply is, as an error with the trouble set; for a put, 550 means
 * something else than for a get. 0 if it is none. */
int ftp_reply_trouble(const struct ftp_reply *reply, bool put);

#endif
