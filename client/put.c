#include "client/put.h"

#include "client/figures.h"
#include "client/language.h"
#include "client/localname.h"
#include "client/localsum.h"
#include "client/progress.h"
#include "client/remote.h"
#include "client/report.h"
#include "client/tally.h"
#include "client/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct delivery {
	struct supplier supplier; /* first: the supplier's functions get to the rest by it */
	struct remote *remote;
	const char *name;
	int file;
	int64_t size;
	int64_t offset; /* where the server wanted to go on */
	int64_t at;
	struct digest *digest; /* of the bytes as they go out; NULL if the sum is known already */
	char sum[DIGEST_TEXT];
	int64_t elapsed_ms;
	enum receipt_proof proof;
};

static int begin(struct supplier *supplier, int64_t offset)
{
	struct delivery *delivery = (struct delivery *)supplier;

	delivery->offset = delivery->at = offset;
	progress_begin(delivery->name, offset, delivery->size);
	return 0;
}

/* A file that grows meanwhile is sent as long as it was. */
static ssize_t give_bytes(struct supplier *supplier, void *bytes, size_t room)
{
	struct delivery *delivery = (struct delivery *)supplier;
	int64_t left = delivery->size - delivery->at;
	ssize_t got;

	if (left == 0)
		return 0;
	if ((int64_t)room > left)
		room = (size_t)left;
	got = pread(delivery->file, bytes, room, delivery->at);
	if (got < 0)
		return trouble_set(-errno, _("cannot read: %s"), strerror(errno));
	if (got == 0)
		return trouble_set(-ENODATA, _("the file has become shorter"));
	if (delivery->digest)
		digest_add(delivery->digest, bytes, (size_t)got);
	delivery->at += got;
	progress_add((size_t)got);
	return got;
}

/* The server may go on at any offset up to `offset`; if that is not 0 the sum is taken beforehand,
 * for the server's patience is short once it waits for bytes. */
static int take_sum(struct delivery *delivery, int64_t offset)
{
	int result = 0;

	digest_free(delivery->digest);
	delivery->digest = digest_new();
	if (!delivery->digest)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	if (offset == 0)
		return 0;
	result = localsum_add(delivery->digest, delivery->file, delivery->size);
	if (!result)
		digest_text(delivery->digest, delivery->sum);
	digest_free(delivery->digest);
	delivery->digest = NULL;
	return result;
}

static int compare(struct delivery *delivery, const struct receipt *receipt)
{
	int result;

	if (delivery->digest)
		digest_text(delivery->digest, delivery->sum);
	result = receipt_prove(receipt, delivery->size, delivery->sum);
	if (result >= 0) {
		delivery->proof = (enum receipt_proof)result;
		return 0;
	}
	return trouble_set(result, "%s",
		receipt->sum[0]
			? _("what the server stored differs from the file here (its checksum)")
			: _("what the server stored differs from the file here (its size)"));
}

static int deliver(struct delivery *delivery, int64_t offset)
{
	struct receipt receipt = {.size = -1};
	int result = take_sum(delivery, offset);

	if (!result)
		result = remote_put(delivery->remote, delivery->name, delivery->size, offset,
			&delivery->supplier, &receipt);
	if (!result)
		result = compare(delivery, &receipt);
	delivery->elapsed_ms = progress_end();
	if (!result && receipt.name[0])
		report_note(_("%s: the name was taken; there it is called %s"), delivery->name,
			receipt.name);
	return result;
}

static int deliver_file(struct delivery *delivery, bool resume)
{
	int result = deliver(delivery, resume ? delivery->size : 0);

	if (result != -EBADMSG)
		return result;
	report_note(_("%s: %s; sending it again, whole"), delivery->name, trouble_text());
	return deliver(delivery, 0);
}

static int open_file(struct delivery *delivery, const char *path)
{
	struct stat status;

	delivery->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (delivery->file < 0 || fstat(delivery->file, &status) < 0)
		return trouble_set(-errno, _("cannot read: %s"), strerror(errno));
	if (S_ISDIR(status.st_mode))
		return trouble_set(-EISDIR, _("this is a directory"));
	if (!S_ISREG(status.st_mode))
		return trouble_set(-EINVAL, _("this is not a regular file"));
	delivery->size = status.st_size;
	return 0;
}

static void tell(const struct delivery *delivery)
{
	static const char *const whole[] = {
		[RECEIPT_NOTHING] = N_("%s: sent %s; this server does not confirm it"),
		[RECEIPT_SIZE] = N_("%s: sent %s, size checked"),
		[RECEIPT_SUM] = N_("%s: sent %s, verified"),
	};
	static const char *const rest[] = {
		[RECEIPT_NOTHING] =
			N_("%s: sent %s after the first %s; this server does not confirm it"),
		[RECEIPT_SIZE] = N_("%s: sent %s after the first %s, size checked"),
		[RECEIPT_SUM] = N_("%s: sent %s after the first %s, verified"),
	};
	char tally[TALLY_TEXT], before[FIGURES_TEXT];

	tally_text(tally, delivery->size - delivery->offset, delivery->elapsed_ms);
	figures_size(before, delivery->offset);
	if (delivery->offset > 0)
		report_note(_(rest[delivery->proof]), delivery->name, tally, before);
	else
		report_note(_(whole[delivery->proof]), delivery->name, tally);
}

int put_file(struct remote *remote, const struct put_wish *wish)
{
	bool resumes = remote->protocol->resumes;
	struct delivery delivery = {
		.supplier = {.begin = begin, .bytes = give_bytes},
		.remote = remote,
		.name = wish->name ? wish->name : localname_last(wish->path),
	};
	int result = open_file(&delivery, wish->path);

	if (!result && wish->resume && !resumes)
		report_note(_("%s: this server cannot resume; sending it whole"), wish->path);
	if (!result)
		result = deliver_file(&delivery, wish->resume && resumes);
	if (!result)
		tell(&delivery);
	if (resumes && (result == -ECANCELED || result == -ENOTCONN) && delivery.at > 0)
		trouble_set(result, _("%s; put -c goes on from what the server has kept"),
			trouble_text());
	digest_free(delivery.digest);
	if (delivery.file >= 0)
		close(delivery.file);
	return result;
}
