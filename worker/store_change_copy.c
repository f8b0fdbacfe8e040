#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"
#include "worker/upload.h"

#include <unistd.h>

int store_copy(const struct store *store, const struct vpath *from, const struct vpath *to,
	int (*stop)(void *context), void *context, _Atomic uint64_t *progress,
	const struct session *session)
{
	const struct upload_wish wish = {.store = store,
		.path = to,
		.session = session,
		.kind = UPLOAD_SINGLE,
		.exact = true};
	struct store_file file;
	struct upload upload;
	struct zone source = store_walk_zone(store, from), target = store_walk_zone(store, to);
	int error = store_refusal_check(&source, RIGHT_get);

	if (error == 0)
		error = store_refusal_check(&target, RIGHT_put);
	if (error == 0)
		error = store_open_file(store, from, &file);
	if (error != 0)
		return error;
	error = upload_open(&upload, &wish);
	if (error == 0) {
		error = upload_fits(&upload, file.size);
		if (error == 0)
			error = upload_copy(
				&upload, file.descriptor, file.size, stop, context, progress);
		if (error == 0)
			error = upload_commit(&upload, SYNC_DATA, NULL);
		else
			upload_abandon(&upload);
	}
	close(file.descriptor);
	return error;
}
