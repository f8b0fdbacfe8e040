#include "worker/ftp/receive.h"

#include "worker/ftp/ascii.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/transfer.h"
#include "worker/ftp/zmode.h"
#include "worker/session_activity.h"
#include "worker/upload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much has to have come before a thread is woken for it: half of what a connection can have
 * under way at its beginning. */
enum { GATHERED = 32 * 1024, GATHER_FIRST_MS = 1000 };

/* An upload on its way from the data connection through MODE Z and ASCII to the disk. */
struct intake {
	struct transfer transfer;
	struct upload upload;
	struct ascii ascii;
	bool is_ascii;
	char *chunk; /* what a read may fill: */
	size_t chunk_size;
	char *decoded; /* behind it; in ASCII one byte more than the chunk */
};

/* Room for reads of that size. What the chunk held is gone. */
static int make_room(struct intake *intake, size_t size)
{
	char *chunk = malloc(size * (intake->is_ascii ? 2 : 1) + 1);

	if (!chunk)
		return -ENOMEM;
	free(intake->chunk);
	intake->chunk = chunk;
	intake->chunk_size = size;
	intake->decoded = chunk + size;
	return 0;
}

static int write_to_disk(struct intake *intake, const char *bytes, size_t length)
{
	return transfer_disk_error(&intake->transfer, upload_write(&intake->upload, bytes, length));
}

/* As zmode's sink: pieces of at most a chunk. */
static int take_plain(void *context, const char *bytes, size_t length)
{
	struct intake *intake = context;

	if (!intake->is_ascii)
		return write_to_disk(intake, bytes, length);
	length = ascii_decode(&intake->ascii, intake->decoded, bytes, length);
	return write_to_disk(intake, intake->decoded, length);
}

static int take(struct intake *intake, const char *bytes, size_t length)
{
	if (intake->transfer.zmode)
		return zmode_feed(intake->transfer.zmode, bytes, length, take_plain, intake);
	return take_plain(intake, bytes, length);
}

static int take_end(struct intake *intake)
{
	char last;
	int error = 0;

	if (intake->transfer.zmode)
		error = zmode_end(intake->transfer.zmode, take_plain, intake);
	if (error == 0 && intake->is_ascii && ascii_decode_end(&intake->ascii, &last) > 0)
		error = write_to_disk(intake, &last, 1);
	return error;
}

static int receive_all(struct intake *intake)
{
	int error = 0;
	ssize_t got;

	while ((got = transfer_read(&intake->transfer, intake->chunk, intake->chunk_size)) > 0) {
		error = take(intake, intake->chunk, (size_t)got);
		if (error < 0)
			return error;
		/* Large reads are for large files; if memory is short, small ones do. */
		if ((size_t)got == intake->chunk_size && got == TRANSFER_CHUNK)
			(void)make_room(intake, TRANSFER_UPLOAD_CHUNK);
	}
	return got < 0 ? (int)got : take_end(intake);
}

/* A small file, which the client sends once it has read 150, then comes as one: bytes and end. */
static int gather(struct stream *stream)
{
	if (stream->tls)
		return 0;
	stream_gather(stream, GATHERED);
	return stream_wait_input(stream, GATHER_FIRST_MS);
}

/* A small file takes a small chunk: the memory of a large one would go back to the kernel each
 * time. */
static int receive(struct intake *intake)
{
	int error = make_room(intake, TRANSFER_CHUNK);

	if (error < 0)
		return transfer_disk_error(&intake->transfer, error);
	error = gather(&intake->transfer.stream);
	if (error >= 0)
		error = receive_all(intake);
	free(intake->chunk);
	return error;
}

static enum config_sync sync_of(const struct intake *intake)
{
	return (enum config_sync)intake->transfer.ftp->session->engine->config->sync;
}

/* All of it, on the disk, and from a client that is still there. That is asked last: the two ends
 * of a client that was killed come one after the other, and the disk takes longer than they. */
static int receive_whole(struct intake *intake)
{
	int error = receive(intake);

	if (error == 0)
		error = transfer_disk_error(
			&intake->transfer, upload_settle(&intake->upload, sync_of(intake)));
	return error < 0 ? error : transfer_is_meant(&intake->transfer);
}

static int commit(struct intake *intake)
{
	int error = upload_commit(&intake->upload, sync_of(intake), NULL);

	return transfer_disk_error(&intake->transfer, error);
}

/* The upload is open; `text` is what 150 says, `other` the name it gets instead of the one that was
 * taken; NULL: it gets that. */
static int run(struct intake *intake, struct ftp *ftp, const char *verb, const char *name,
	const char *text, const char *other)
{
	struct transfer *transfer = &intake->transfer;
	char end[VPATH_NAME_LONGEST + 100];
	int error = transfer_open(transfer, ftp, TRANSFER_UPLOAD, verb, name, text);

	intake->is_ascii = ftp->type == TYPE_ASCII;
	if (error == 0)
		error = receive_whole(intake);
	snprintf(end, sizeof(end), "Transfer complete, %jd bytes stand in the file%s%s",
		(intmax_t)intake->upload.size, other ? " FILE: " : "", other ? other : "");
	if (error == 0)
		error = commit(intake);
	else
		upload_abandon(&intake->upload);
	return transfer_close(transfer, error, end);
}

/* In a drop box: the name was taken. 150 says so in the form of STOU's. */
static int run_renamed(
	struct intake *intake, struct ftp *ftp, const struct command_call *call, const char *verb)
{
	const char *other = upload_other_name(&intake->upload, &call->path);
	char text[VPATH_NAME_LONGEST + 20];
	struct vpath made;

	ftp->session->path = upload_path(&intake->upload, &call->path, &made)->text;
	snprintf(text, sizeof(text), "FILE: %s", other);
	return run(intake, ftp, verb, other, text, other);
}

static int store(struct ftp *ftp, const struct command_call *call, const char *verb, int64_t from)
{
	struct intake intake = {0};
	struct upload_wish wish = {.store = ftp->store,
		.session = ftp->session,
		.path = &call->path,
		.kind = UPLOAD_FTP,
		.from = from,
		.stop = transfer_is_given_up,
		.context = &intake.transfer};
	char text[VPATH_LONGEST + 100];
	int error;

	if (from > 0 && ftp->type == TYPE_ASCII)
		return reply(ftp, 501, "REST needs TYPE I");
	transfer_init(&intake.transfer, ftp, TRANSFER_UPLOAD, verb, call->argument);
	error = upload_open(&intake.upload, &wish);
	if (error < 0 && error != intake.transfer.given_up)
		(void)transfer_disk_error(&intake.transfer, error);
	if (error < 0)
		return transfer_refuse(&intake.transfer, error);
	if (upload_other_name(&intake.upload, &call->path))
		return run_renamed(&intake, ftp, call, verb);
	snprintf(text, sizeof(text), "Opening %s mode data connection for %s",
		ftp->type == TYPE_ASCII ? "ASCII" : "BINARY", call->argument);
	return run(&intake, ftp, verb, call->argument, text, NULL);
}

int receive_stor(struct ftp *ftp, const struct command_call *call)
{
	if (ftp->range_last >= 0)
		return reply(ftp, 501, "RANG goes with RETR and HASH");
	return store(ftp, call, "STOR", ftp->restart);
}

/* RFC 959 4.1.3: at the end of the file, or of what came of it before. */
int receive_appe(struct ftp *ftp, const struct command_call *call)
{
	return store(ftp, call, "APPE", UPLOAD_APPEND);
}

/* RFC 1123 4.1.2.9: the name in 150, in this form. Without a name ours is "upload". */
int receive_stou(struct ftp *ftp, const struct command_call *call)
{
	struct intake intake = {0};
	struct vpath wished = call->path, made;
	struct upload_wish wish = {
		.store = ftp->store, .session = ftp->session, .path = &wished, .kind = UPLOAD_FTP};
	char text[VPATH_LONGEST + 100];
	int error = 0;

	if (call->argument[0] == '\0')
		error = vpath_resolve(&wished, &call->path, "upload", 6);
	if (error == 0)
		error = upload_open_unique(&intake.upload, &wish, &made);
	if (error < 0)
		return reply_error(ftp, call->argument[0] ? call->argument : "STOU", error);
	ftp->session->path = made.text;
	snprintf(text, sizeof(text), "FILE: %s", vpath_name(&made));
	return run(&intake, ftp, "STOU", vpath_name(&made), text, NULL);
}
