#include "client/receipt.h"

#include <errno.h>
#include <string.h>

int receipt_prove(const struct receipt *there, int64_t size, const char sum[DIGEST_TEXT])
{
	if (there->size >= 0 && there->size != size)
		return -EBADMSG;
	if (there->sum[0])
		return strcmp(there->sum, sum) == 0 ? RECEIPT_SUM : -EBADMSG;
	return there->size >= 0 ? RECEIPT_SIZE : RECEIPT_NOTHING;
}
