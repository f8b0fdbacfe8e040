#include "client/get.h"

#include "client/figures.h"
#include "client/landing.h"
#include "client/language.h"
#include "client/localname.h"
#include "client/localsum.h"
#include "client/progress.h"
#include "client/remote.h"
#include "client/report.h"
#include "client/tally.h"
#include "client/trouble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fetch {
	struct receiver receiver; /* first: the receiver's functions get to the rest by it */
	struct remote *remote;
	const char *name;
	struct landing landing;
	struct digest *digest;
	int64_t offset; /* bytes that were here before */
	int64_t modified_unix_seconds;
	int64_t elapsed_ms;
	enum receipt_proof proof;
};

static int begin(struct receiver *receiver, int64_t length, int64_t modified_unix_seconds)
{
	struct fetch *fetch = (struct fetch *)receiver;

	fetch->modified_unix_seconds = modified_unix_seconds;
	progress_begin(fetch->name, fetch->offset, length < 0 ? -1 : fetch->offset + length);
	return 0;
}

static int take_bytes(struct receiver *receiver, const void *bytes, size_t length)
{
	struct fetch *fetch = (struct fetch *)receiver;
	int result = landing_write(&fetch->landing, bytes, length);

	if (result)
		return result;
	digest_add(fetch->digest, bytes, length);
	progress_add(length);
	return 0;
}

static int verify(struct fetch *fetch)
{
	struct receipt there;
	char here[DIGEST_TEXT];
	int result = remote_confirm(fetch->remote, fetch->name, fetch->landing.size, &there);

	if (result)
		return trouble_set(
			result, _("it came but could not be verified: %s"), trouble_text());
	digest_text(fetch->digest, here);
	result = receipt_prove(&there, fetch->landing.size, here);
	if (result >= 0) {
		fetch->proof = (enum receipt_proof)result;
		return 0;
	}
	return trouble_set(result, "%s",
		there.sum[0] ? _("what came differs from the server's file (its checksum)")
			     : _("what came differs from the server's file (its size)"));
}

/* Gets what is missing behind the bytes that are here. */
static int fetch_rest(struct fetch *fetch)
{
	int result;

	digest_free(fetch->digest);
	fetch->digest = digest_new();
	if (!fetch->digest)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	fetch->offset = fetch->landing.direct ? 0 : fetch->landing.size;
	result = localsum_add(fetch->digest, fetch->landing.file, fetch->offset);
	if (!result)
		result = remote_get(fetch->remote, fetch->name, fetch->offset, &fetch->receiver);
	if (!result && fetch->remote->protocol->confirm)
		result = verify(fetch);
	fetch->elapsed_ms = progress_end();
	return result;
}

/* What is here does not fit what is there, or was spoilt on its way: once more from the start. */
static int fetch_again(struct fetch *fetch)
{
	int result;

	report_note(_("%s: %s; getting it again, whole"), fetch->name, trouble_text());
	result = landing_restart(&fetch->landing);
	return result ? result : fetch_rest(fetch);
}

static int fetch_file(struct fetch *fetch)
{
	int result = fetch_rest(fetch);

	if (!fetch->landing.direct &&
		(result == -EBADMSG || (result == -ERANGE && fetch->offset > 0)))
		result = fetch_again(fetch);
	return result ? result : landing_commit(&fetch->landing, fetch->modified_unix_seconds);
}

static void tell(const struct fetch *fetch)
{
	static const char *const whole[] = {
		[RECEIPT_NOTHING] = N_("%s: received %s"),
		[RECEIPT_SIZE] = N_("%s: received %s, size checked"),
		[RECEIPT_SUM] = N_("%s: received %s, verified"),
	};
	static const char *const rest[] = {
		[RECEIPT_NOTHING] = N_("%s: received %s after the first %s"),
		[RECEIPT_SIZE] = N_("%s: received %s after the first %s, size checked"),
		[RECEIPT_SUM] = N_("%s: received %s after the first %s, verified"),
	};
	char tally[TALLY_TEXT], before[FIGURES_TEXT];

	tally_text(tally, fetch->landing.size - fetch->offset, fetch->elapsed_ms);
	figures_size(before, fetch->offset);
	if (fetch->offset > 0)
		report_note(_(rest[fetch->proof]), fetch->name, tally, before);
	else
		report_note(_(whole[fetch->proof]), fetch->name, tally);
}

int get_file(struct remote *remote, const struct get_wish *wish)
{
	bool resumes = remote->protocol->resumes;
	struct fetch fetch = {
		.receiver = {.begin = begin, .bytes = take_bytes},
		.remote = remote,
		.name = wish->name,
		.landing.file = -1,
	};
	char *path = NULL;
	int result = 0;

	if (wish->resume && !resumes)
		report_note(_("%s: this server cannot resume; getting it whole"), wish->name);
	if (!wish->to_standard_output)
		result = localname_choose(&path, wish->name, wish->path);
	if (!result)
		result = landing_open(&fetch.landing, path, wish->resume && resumes);
	if (!result)
		result = fetch_file(&fetch);
	if (!result)
		tell(&fetch);
	/* Bytes that failed the checksum, or can never be resumed, are not worth keeping. */
	if (landing_close(&fetch.landing, resumes && result != -EBADMSG) && result)
		trouble_set(
			result, _("%s; what came is kept, get -c goes on from it"), trouble_text());
	digest_free(fetch.digest);
	free(path);
	return result;
}
