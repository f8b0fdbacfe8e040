/* What a server says about a file that went over, and what that proves. Pure. */
#ifndef FTPOOL_CLIENT_RECEIPT_H
#define FTPOOL_CLIENT_RECEIPT_H

#include "common/digest.h"

#include <stdint.h>

/* As much as the server can say. */
struct receipt {
	int64_t size;          /* -1: nothing */
	char sum[DIGEST_TEXT]; /* SHA-256; empty: nothing */
	char name[256]; /* that it got, since the one asked for was taken; empty: it got that */
};

enum receipt_proof { RECEIPT_NOTHING, RECEIPT_SIZE, RECEIPT_SUM };

/* How well it is proved that both ends have the same bytes, given the size and sum at this end; or
 * -EBADMSG: they have not. */
int receipt_prove(const struct receipt *there, int64_t size, const char sum[DIGEST_TEXT]);

#endif
