#include "worker/ftp/list.h"

#include "common/log.h"
#include "worker/ftp/control.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/facts.h"
#include "worker/ftp/listing.h"
#include "worker/ftp/listing_argument.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/transfer.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <string.h>

struct data_sink {
	struct listing_sink sink;
	struct transfer *transfer;
	int error; /* of the connection */
};

static int to_data(struct listing_sink *sink, const char *bytes, size_t length)
{
	struct data_sink *data = (struct data_sink *)sink;

	data->error = transfer_write(data->transfer, bytes, length);
	return data->error;
}

/* An error that is not the connection's is the disk's, whatever its number: a file system over the
 * network, or one in user space, has those of connections as well. */
static int run_listing(struct transfer *transfer, struct listing *listing)
{
	struct data_sink sink = {.sink.write = to_data, .transfer = transfer};
	int error = listing_run(listing, &sink.sink);

	return sink.error < 0 ? error : transfer_disk_error(transfer, error);
}

static void note_left_out(const struct ftp *ftp, const struct listing *listing)
{
	uint64_t left_out = listing_left_out(listing);
	const char *path = ftp->session->activity.path;
	char name[SESSION_NAME], quoted[LOG_QUOTED];

	if (left_out == 0)
		return;
	session_count(ftp->session, COUNT_names_left_out, left_out);
	log_warning("ftp: names with line ends are left out of a listing",
		"session=%s path=%s names=%ju", session_name(ftp->session, name),
		log_quote(quoted, path, strlen(path)), (uintmax_t)left_out);
}

/* A name may end in blanks. Where none does, they are a client's way to end a line. */
static int open_listing(struct listing **listing, const struct ftp *ftp, enum listing_form form,
	const struct vpath *directory, const char *argument)
{
	size_t length = strlen(argument);
	char trimmed[CONTROL_LINE];
	int error = listing_open(listing, ftp->store, form, directory, argument, ftp->facts);

	if (error != -ENOENT || form == LISTING_FACTS || length == 0 || argument[length - 1] != ' ')
		return error;
	while (length > 0 && argument[length - 1] == ' ')
		length--;
	memcpy(trimmed, argument, length);
	trimmed[length] = '\0';
	return listing_open(listing, ftp->store, form, directory, trimmed, ftp->facts);
}

/* What is listed, for replies: the argument without its options. */
static const char *subject_of(
	enum listing_form form, const struct vpath *directory, const char *argument)
{
	struct listing_argument wish = {.path = argument};

	if (form != LISTING_FACTS)
		listing_argument_read(&wish, argument);
	return wish.path[0] != '\0' ? wish.path : directory->text;
}

static int send_listing(
	struct ftp *ftp, const struct command_call *call, const char *verb, enum listing_form form)
{
	struct transfer transfer;
	struct listing *listing;
	struct vpath directory;
	const char *subject;
	int error;

	directory_current(ftp, &directory);
	subject = subject_of(form, &directory, call->argument);
	error = open_listing(&listing, ftp, form, &directory, call->argument);
	if (error == -ENOTDIR && form == LISTING_FACTS)
		return reply(ftp, 501, "%s: not a directory; MLST tells of a file", call->argument);
	if (error < 0)
		return reply_error(ftp, subject, error);
	error = transfer_open(&transfer, ftp, TRANSFER_LISTING, verb, subject,
		"Opening ASCII mode data connection for the listing");
	if (error == 0)
		error = run_listing(&transfer, listing);
	if (error == 0)
		error = transfer_finish(&transfer);
	note_left_out(ftp, listing);
	listing_close(listing);
	return transfer_close(&transfer, error, "Listing complete");
}

int list_list(struct ftp *ftp, const struct command_call *call)
{
	return send_listing(ftp, call, "LIST", LISTING_LONG);
}

int list_nlst(struct ftp *ftp, const struct command_call *call)
{
	return send_listing(ftp, call, "NLST", LISTING_NAMES);
}

int list_mlsd(struct ftp *ftp, const struct command_call *call)
{
	return send_listing(ftp, call, "MLSD", LISTING_FACTS);
}

/* ---- over the control connection ---- */

struct control_sink {
	struct listing_sink sink;
	struct ftp *ftp;
	bool inside; /* of a line */
	int error;   /* of the control connection */
};

static int to_control(struct listing_sink *sink, const char *bytes, size_t length)
{
	struct control_sink *control = (struct control_sink *)sink;

	control->error = reply_lines(control->ftp, bytes, length, &control->inside);
	return control->error;
}

/* The reply has begun: that the listing is not whole can only be said at its end. */
static int end_status(struct control_sink *sink, int code, int error)
{
	const char *words = "";
	int ignored;

	if (sink->error < 0)
		return sink->error;
	if (error < 0)
		words = reply_error_text(error, &ignored);
	return reply(sink->ftp, code, error < 0 ? "Not all of it: %s" : "End of status%s", words);
}

/* 213 for a file, 212 for a directory. */
int list_stat(struct ftp *ftp, const struct command_call *call)
{
	struct control_sink sink = {.sink.write = to_control, .ftp = ftp};
	struct listing *listing;
	struct vpath directory;
	const char *subject;
	int error, code;

	directory_current(ftp, &directory);
	subject = subject_of(LISTING_LONG, &directory, call->argument);
	error = open_listing(&listing, ftp, LISTING_LONG, &directory, call->argument);
	if (error < 0)
		return reply_error(ftp, subject, error);
	code = listing_is_of_file(listing) ? 213 : 212;
	sink.error = reply_first(ftp, code, "Status of %s:", subject);
	if (sink.error == 0)
		error = listing_run(listing, &sink.sink);
	note_left_out(ftp, listing);
	listing_close(listing);
	return end_status(&sink, code, error);
}

/* RFC 3659 7.3: the path as the client wrote it. */
int list_mlst(struct ftp *ftp, const struct command_call *call)
{
	struct store_file file;
	char facts[FACTS_TEXT];
	int error = store_look(ftp->store, &call->path, &file);

	if (error < 0)
		return reply_error(ftp, call->argument[0] ? call->argument : "MLST", error);
	(void)facts_write(facts, ftp->facts, &file, FACTS_CHILD);
	error = reply_first(ftp, 250, "Facts:");
	if (error == 0)
		error = reply_between(
			ftp, "%s%s", facts, call->argument[0] ? call->argument : call->path.text);
	return error < 0 ? error : reply(ftp, 250, "End of facts");
}
