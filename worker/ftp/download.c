#include "worker/ftp/download.h"

#include "worker/ftp/ascii.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/transfer.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The part of the file that was asked for: all of it, from REST's offset on, or RANG's range. */
struct part {
	int64_t first;
	int64_t count;
};

/* 0, or -ERANGE when the file does not reach so far. */
static int find_part(const struct ftp *ftp, const struct store_file *file, struct part *part)
{
	int64_t end = file->size;

	part->first = ftp->restart;
	if (ftp->range_last >= 0) {
		part->first = ftp->range_first;
		if (ftp->range_last < end)
			end = ftp->range_last + 1;
	}
	if (part->first > file->size)
		return -ERANGE;
	part->count = end > part->first ? end - part->first : 0;
	return 0;
}

/* What may be the file's error as well as the connection's: that of a file system in user space
 * whose program has died, for one. */
static bool is_ambiguous(int error)
{
	switch (error) {
	case 0:
	case -ENODATA:
	case -ECANCELED:
	case -ESHUTDOWN:
	case -ETIMEDOUT:
	case -EPIPE:
	case -ECONNRESET: return false;
	default: return true;
	}
}

static bool is_readable(int file, int64_t at)
{
	char byte;

	return pread(file, &byte, 1, at) >= 0;
}

/* What the client reads meanwhile is what the kernel has cached: no byte comes up here. */
static int send_image(struct transfer *transfer, int file, const struct part *part)
{
	_Atomic uint64_t *progress = &transfer->ftp->session->row->bytes_done;
	int error = stream_send_file(&transfer->stream, file, part->first, part->count, progress);
	int64_t at = part->first + (int64_t)atomic_load(progress);

	if (error == -EIO || (is_ambiguous(error) && !is_readable(file, at)))
		return transfer_disk_error(transfer, error);
	return error;
}

/* Reads the next piece of the part. Its length; 0 never; -ENODATA, -errno. */
static ssize_t read_piece(
	struct transfer *transfer, int file, char *chunk, int64_t at, int64_t left)
{
	size_t want = left < TRANSFER_CHUNK ? (size_t)left : TRANSFER_CHUNK;
	ssize_t got;

	do {
		got = pread(file, chunk, want, at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return transfer_disk_error(transfer, -errno);
	return got == 0 ? -ENODATA : got;
}

/* In ASCII, or MODE Z, or both. chunk has room for a piece and for its encoding, twice as long. */
static int send_worked(
	struct transfer *transfer, int file, const struct part *part, char *chunk, bool is_ascii)
{
	struct ascii ascii = {0};
	char *encoded = chunk + TRANSFER_CHUNK;
	int64_t done = 0;
	int error = 0;

	while (done < part->count && error == 0) {
		ssize_t got =
			read_piece(transfer, file, chunk, part->first + done, part->count - done);

		if (got < 0)
			return (int)got;
		done += got;
		if (is_ascii)
			error = transfer_write(transfer, encoded,
				ascii_encode(&ascii, encoded, chunk, (size_t)got));
		else
			error = transfer_write(transfer, chunk, (size_t)got);
	}
	return error;
}

static int send_part(struct transfer *transfer, int file, const struct part *part)
{
	bool is_ascii = transfer->ftp->type == TYPE_ASCII;
	char *chunk;
	int error;

	if (!is_ascii && !transfer->zmode)
		return send_image(transfer, file, part);
	chunk = malloc(3 * TRANSFER_CHUNK);
	if (!chunk)
		return transfer_disk_error(transfer, -ENOMEM);
	error = send_worked(transfer, file, part, chunk, is_ascii);
	free(chunk);
	return error;
}

/* Clients take the number for what is going to come, and in ASCII nobody knows that yet. */
static void describe(
	char *text, size_t size, const struct ftp *ftp, const char *name, int64_t count)
{
	if (ftp->type == TYPE_ASCII)
		snprintf(text, size, "Opening ASCII mode data connection for %s", name);
	else
		snprintf(text, size, "Opening BINARY mode data connection for %s (%jd bytes)", name,
			(intmax_t)count);
}

static int send_file(struct ftp *ftp, const char *name, int file, const struct part *part)
{
	struct transfer transfer;
	char text[VPATH_LONGEST + 100];
	int error;

	describe(text, sizeof(text), ftp, name, part->count);
	if (ftp->type != TYPE_ASCII)
		session_expect(ftp->session, part->count);
	error = transfer_open(&transfer, ftp, TRANSFER_DOWNLOAD, "RETR", name, text);
	if (error == 0)
		error = send_part(&transfer, file, part);
	if (error == 0)
		error = transfer_finish(&transfer);
	return transfer_close(&transfer, error, "Transfer complete");
}

int download_retr(struct ftp *ftp, const struct command_call *call)
{
	struct store_file file;
	struct part part;
	int error;

	/* They were said in TYPE I, and mean bytes. */
	if (ftp->type == TYPE_ASCII && (ftp->restart > 0 || ftp->range_last >= 0))
		return reply(ftp, 501, "REST and RANG need TYPE I");
	error = store_open_file(ftp->store, &call->path, &file);
	if (error < 0)
		return reply_error(ftp, call->argument, error);
	error = find_part(ftp, &file, &part);
	if (error < 0)
		error = reply_error(ftp, call->argument, error);
	else
		error = send_file(ftp, call->argument, file.descriptor, &part);
	close(file.descriptor);
	return error;
}
