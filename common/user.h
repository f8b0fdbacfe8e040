/* An account, as one line of the users file tells it (ftpool-users(5)):
 *
 *     anna password=$y$j9T$… root=/srv/ftpool/%u may=list,get,put from=10.0.0.0/8
 * expires=2027-01-31
 *
 * A name, then what is known of it, with blanks between; a value with blanks stands in quotes. */
#ifndef FTPOOL_COMMON_USER_H
#define FTPOOL_COMMON_USER_H

#include "common/bandwidth.h"
#include "common/complaints.h"
#include "common/network.h"
#include "common/rights_at.h"

#include <limits.h>
#include <stdint.h>

enum { USER_NAME = 64 /* with its NUL */, USER_SESSIONS_MOST = 1000000 };

/* What was not said of an amount: then the config's holds. */
#define USER_UNSAID BANDWIDTH_UNSAID

/* 0: no limit, whatever the config says. */
struct user_amounts {
	struct bandwidth bandwidth;
	uint64_t upload_size; /* of one file */
	uint64_t quota_bytes, quota_files;
};

struct user_tls {
	uint32_t require;        /* enum config_tls_require, where the listener does not ask more */
	const char *certificate; /* whose logs in without a password (certificate_names.h); "" */
};

/* Its texts belong to the line it was read from. */
struct user {
	const char *name;
	const char *hash;     /* of crypt(3); "": no password is right */
	const char *root;     /* absolute, with %u in it or not; "": the service's own */
	uint32_t may;         /* RIGHT_list … of common/rights.h */
	uint32_t protocols;   /* 1 << enum config_protocol … */
	int64_t expires_unix; /* seconds, the first one that is too late; 0: never */
	struct network *from; /* where it may log in from; count 0: anywhere */
	size_t from_count;
	struct rights_at *at; /* by directory; NULL: everywhere the same */
	struct user_amounts amounts;
	struct user_tls tls;
	bool locked;
	int64_t sessions_most; /* at a time; 0: any number; -1: as many as the config says */
	unsigned int line;
};

/* What an account may do, and where it is known, when its line does not say so. */
extern const struct user user_standard;

/* Fit to name an account, and a directory: neither empty nor too long, no leading dot, no '/',
 * blank, quote or control byte, and nothing that would look like another thing in the file. */
bool user_name_is_sound(const char *name);

/* Reads a line that is not empty and no comment; cuts it up, and keeps pointers into it. false
 * after complaining: of such a line the name counts, if it is sound. user_close is due in any case.
 */
bool user_parse(struct user *user, char *line, struct origin origin, struct complaints *complaints);
void user_close(struct user *user);

/* Takes one "key=value" or "locked", which holds neither quote nor control byte. false after
 * complaining. */
bool user_take(struct user *user, char *item, struct origin origin, struct complaints *complaints);

/* Writes the line, such that it reads as the same account. */
void user_print(FILE *out, const struct user *user);

/* A root with %u replaced by the name of who logs in. 0, or -ENAMETOOLONG; -EINVAL when the name
 * could lead somewhere else. */
int user_root(char out[PATH_MAX], const char *root, const char *name);

#endif
