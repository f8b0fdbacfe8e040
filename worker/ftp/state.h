/* What an FTP session remembers between commands. */
#ifndef FTPOOL_WORKER_FTP_STATE_H
#define FTPOOL_WORKER_FTP_STATE_H

#include "worker/ftp/sum.h"
#include "worker/account.h"
#include "worker/session.h"
#include "worker/tls_link.h"

enum ftp_type { TYPE_ASCII, TYPE_IMAGE };
enum ftp_mode { MODE_STREAM, MODE_ZLIB };

/* Where the second connection will come from. */
struct ftp_data {
	int listener;          /* kept from the first PASV or EPSV on; -1: there is none */
	struct address local;  /* our end of the control connection, and the listener's port */
	bool offered;          /* the client was told the port and has not used it yet */
	struct address active; /* what PORT or EPRT named; family 0: nothing */
	bool extended_only;    /* EPSV ALL: nothing but EPSV from now on (RFC 2428 4) */
};

/* What was said about TLS (RFC 4217). */
struct ftp_secure {
	bool sized;                   /* PBSZ */
	bool data;                    /* PROT P */
	unsigned char mark[TLS_MARK]; /* the control connection's, which may be clear again */
};

struct ftp {
	struct session *session;
	struct account *account;   /* NULL: anonymous, or nobody */
	const struct store *store; /* the account's; NULL: nobody has logged in */
	char *user;                /* what USER said; NULL: nothing yet */
	uint32_t failed_logins;
	int64_t refused_until_ms;        /* a login, whose answer is still to come; 0: none */
	char *directory;                 /* the current one; NULL: the root */
	char *rename_from;               /* RNFR's path; NULL: none */
	char *copy_from;                 /* SITE CPFR's */
	int64_t restart;                 /* REST's offset */
	bool restarting;                 /* REST was said, with whatever offset */
	int64_t range_first, range_last; /* RANG's, inclusive; last -1: none */
	enum ftp_type type;
	enum ftp_mode mode;
	int deflate_level;
	uint32_t facts; /* MLSD's, set of facts.h */
	enum sum_kind hash;
	struct ftp_data data;
	struct ftp_secure secure;
	bool skipping_line; /* the rest of a line that was too long */
};

static inline struct ftp *ftp_of(const struct session *session)
{
	return *(struct ftp *const *)(const void *)session->protocol_bytes;
}

#endif
