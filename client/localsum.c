#include "client/localsum.h"

#include "client/interrupt.h"
#include "client/language.h"
#include "client/progress.h"
#include "client/trouble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

int localsum_add(struct digest *digest, int file, int64_t length)
{
	char *chunk = malloc(CHUNK);
	int result = 0;

	if (!chunk)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	progress_begin(_("checking what is here"), 0, length);
	for (int64_t at = 0; !result && at < length;) {
		size_t wanted = length - at < CHUNK ? (size_t)(length - at) : CHUNK;
		ssize_t got = pread(file, chunk, wanted, at);

		if (interrupt_pending()) {
			result = trouble_set(-ECANCELED, _("interrupted"));
		} else if (got < 0) {
			result = trouble_set(-errno, _("cannot read: %s"), strerror(errno));
		} else if (got == 0) {
			result = trouble_set(-ENODATA, _("the file has become shorter"));
		} else {
			digest_add(digest, chunk, (size_t)got);
			progress_add((size_t)got);
			at += got;
		}
	}
	progress_end();
	free(chunk);
	return result;
}
