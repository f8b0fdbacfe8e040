#include "client/ftp.h"

#include "client/ftp_link.h"
#include "client/ftp_listing.h"
#include "client/ftp_login.h"
#include "client/language.h"
#include "client/remote.h"
#include "client/trouble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A server reads a file through for its checksum: so many bytes a second at least. */
enum { CHECKSUM_BYTES_PER_SECOND = 10 * 1000 * 1000, LONGEST_WAIT_SECONDS = 24 * 3600 };

/* libcurl sees to the connection by itself, and notices one that has been closed. */
static int prepare(struct remote *remote)
{
	(void)remote;
	return 0;
}

/* One that dies of its idleness while the request is on its way is not noticed. */
static bool again(struct remote *remote, int result)
{
	struct ftp_link *link = remote->ftp;

	if (result != -ENOTCONN || !link->reused || link->moved)
		return false;
	link->fresh = true;
	return true;
}

/* ---- list ---- */

struct inventory {
	struct ftp_link *link;
	struct ftp_listing listing;
};

static size_t take_listing(char *bytes, size_t size, size_t count, void *user)
{
	struct inventory *inventory = user;

	inventory->link->moved = true;
	inventory->link->failure = ftp_listing_add(&inventory->listing, bytes, size * count);
	return inventory->link->failure ? 0 : size * count;
}

static int list_as(
	struct inventory *inventory, enum ftp_listing_kind kind, struct catalogue *catalogue)
{
	struct ftp_link *link = inventory->link;
	int result = ftp_link_begin(link, "");

	if (result)
		return result;
	catalogue_clear(catalogue);
	ftp_listing_begin(&inventory->listing, kind, catalogue, time(NULL));
	curl_easy_setopt(link->curl, CURLOPT_WRITEFUNCTION, take_listing);
	curl_easy_setopt(link->curl, CURLOPT_WRITEDATA, inventory);
	if (kind == FTP_LISTING_MLSD)
		curl_easy_setopt(link->curl, CURLOPT_CUSTOMREQUEST, "MLSD");
	if (kind == FTP_LISTING_NLST)
		curl_easy_setopt(link->curl, CURLOPT_DIRLISTONLY, 1L);
	result = ftp_link_run(link);
	/* Many servers' way to say that there is nothing to list. */
	if (result == -ENOENT && kind == FTP_LISTING_NLST &&
		link->code == CURLE_FTP_COULDNT_RETR_FILE)
		result = 0;
	return result ? result : ftp_listing_end(&inventory->listing);
}

/* From the best that there is down to names alone. */
static int list(struct remote *remote, struct catalogue *catalogue)
{
	struct ftp_link *link = remote->ftp;
	struct inventory *inventory = malloc(sizeof(*inventory));
	bool facts = link->reply.features.mlst || !link->reply.features.known;
	int result = -EBADRQC;

	if (!inventory)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	inventory->link = link;
	if (facts)
		result = list_as(inventory, FTP_LISTING_MLSD, catalogue);
	if (result == -EBADRQC) {
		result = list_as(inventory, FTP_LISTING_LIST, catalogue);
		if (!result && inventory->listing.odd)
			result = list_as(inventory, FTP_LISTING_NLST, catalogue);
	}
	free(inventory);
	catalogue_sort(catalogue);
	return result;
}

/* ---- get ---- */

/* The request is about a file, which has a name. */
static int begin_file(struct ftp_link *link, const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || name[length - 1] == '/')
		return trouble_set(-EISDIR, _("this is a directory"));
	return ftp_link_begin(link, name);
}

struct download {
	struct ftp_link *link;
	struct receiver *receiver;
	bool begun;
};

static int begin_download(struct download *download)
{
	CURL *curl = download->link->curl;
	curl_off_t length = -1, modified = -1;

	download->begun = true;
	curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	curl_easy_getinfo(curl, CURLINFO_FILETIME_T, &modified);
	return download->receiver->begin(download->receiver, length, modified);
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
	struct download *download = user;
	int result = 0;

	download->link->moved = true;
	if (!download->begun)
		result = begin_download(download);
	if (!result)
		result = download->receiver->bytes(download->receiver, bytes, size * count);
	download->link->failure = result;
	return result ? 0 : size * count;
}

static int get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver)
{
	struct ftp_link *link = remote->ftp;
	struct download download = {.link = link, .receiver = receiver};
	int result = begin_file(link, name);

	if (result)
		return result;
	curl_easy_setopt(link->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(link->curl, CURLOPT_WRITEDATA, &download);
	curl_easy_setopt(link->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)offset);
	curl_easy_setopt(link->curl, CURLOPT_FILETIME, 1L);
	result = ftp_link_run(link);
	if (!result && !download.begun)
		result = begin_download(&download);
	return result;
}

/* ---- confirm ---- */

static long patience_for(const struct ftp_link *link, int64_t bytes)
{
	int64_t seconds =
		link->route.timeout_seconds ? link->route.timeout_seconds : ROUTE_PATIENCE_SECONDS;

	seconds += bytes / CHECKSUM_BYTES_PER_SECOND;
	return (long)(seconds < LONGEST_WAIT_SECONDS ? seconds : LONGEST_WAIT_SECONDS);
}

/* "*HASH NAME", for curl_slist: the star means that the request goes on if the command is refused.
 * The caller frees; NULL when memory is short. A byte 255 goes twice, as location_url has it. */
static char *hash_command(const char *name)
{
	static const char verb[] = "*HASH ";
	char *command = malloc(sizeof(verb) + 2 * strlen(name)), *at;

	if (!command)
		return NULL;
	at = stpcpy(command, verb);
	for (; *name; name++) {
		*at++ = *name;
		if ((unsigned char)*name == 255)
			*at++ = *name;
	}
	*at = '\0';
	return command;
}

/* SIZE, and HASH where there is one. */
static int ask_about(
	struct ftp_link *link, const char *name, int64_t size, bool sum, struct receipt *receipt)
{
	const char *last = strrchr(name, '/'), *commands[3] = {NULL}, **at = commands;
	char *hash = NULL;
	curl_off_t there = -1;
	int result = begin_file(link, name);

	*receipt = (struct receipt){.size = -1};
	if (result)
		return result;
	curl_easy_setopt(link->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(link->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, patience_for(link, size));
	if (sum && !(hash = hash_command(last ? last + 1 : name)))
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	if (hash && !link->reply.features.hash_selected)
		*at++ = "*OPTS HASH SHA-256";
	*at = hash;
	result = ftp_link_run_with(link, CURLOPT_PREQUOTE, commands);
	free(hash);
	if (result)
		return result;
	curl_easy_getinfo(link->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &there);
	receipt->size = there;
	memcpy(receipt->sum, link->reply.sum, DIGEST_TEXT);
	return 0;
}

static int confirm(struct remote *remote, const char *name, int64_t size, struct receipt *receipt)
{
	return ask_about(remote->ftp, name, size, remote->ftp->reply.features.hash, receipt);
}

/* ---- put ---- */

struct upload {
	struct ftp_link *link;
	struct supplier *supplier;
};

static size_t give_bytes(char *bytes, size_t size, size_t count, void *user)
{
	struct upload *upload = user;
	ssize_t got = upload->supplier->bytes(upload->supplier, bytes, size * count);

	upload->link->moved = true;
	if (got >= 0)
		return (size_t)got;
	upload->link->failure = (int)got;
	return CURL_READFUNC_ABORT;
}

/* libcurl wants to skip what the server has; the supplier has done so already. */
static int skip_bytes(void *user, curl_off_t offset, int origin)
{
	(void)user;
	(void)offset;
	return origin == SEEK_SET ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

/* How much of the file the server has, where that is a beginning of it; or -errno. */
static int64_t find_offset(struct ftp_link *link, const char *name, int64_t most)
{
	struct receipt there;
	int result = most > 0 ? ask_about(link, name, 0, false, &there) : -ENOENT;

	if (result == -ENOENT)
		return 0;
	if (result)
		return result;
	return there.size >= 0 && there.size <= most ? there.size : 0;
}

static int send_file(struct ftp_link *link, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier)
{
	struct upload upload = {.link = link, .supplier = supplier};
	int result = begin_file(link, name);

	if (!result)
		result = supplier->begin(supplier, offset);
	if (result || (offset == size && size > 0))
		return result;
	link->putting = true;
	curl_easy_setopt(link->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(link->curl, CURLOPT_READFUNCTION, give_bytes);
	curl_easy_setopt(link->curl, CURLOPT_READDATA, &upload);
	curl_easy_setopt(link->curl, CURLOPT_SEEKFUNCTION, skip_bytes);
	curl_easy_setopt(link->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
	curl_easy_setopt(link->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)offset);
	return ftp_link_run(link);
}

static int put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt)
{
	struct ftp_link *link = remote->ftp;
	int64_t from = find_offset(link, name, offset);
	int result = from < 0 ? (int)from : send_file(link, name, size, from, supplier);

	if (result)
		return result;
	result = confirm(remote, name, size, receipt);
	link->moved = true;
	return result ? trouble_set(result, _("it was sent but could not be verified: %s"),
				trouble_text())
		      : 0;
}

/* ---- the connection ---- */

static void close_link(struct remote *remote)
{
	ftp_link_free(remote->ftp);
	remote->ftp = NULL;
}

#define FTP_TITLED(words)                                                                          \
	{                                                                                          \
		.title = (words), .resumes = true, .prepare = prepare, .again = again,             \
		.list = list, .get = get, .confirm = confirm, .put = put, .close = close_link,     \
	}

static const struct protocol ftp_with_sums =
	FTP_TITLED(N_("FTP: transfers are verified and can be resumed"));

static const struct protocol ftp_without_sums =
	FTP_TITLED(N_("FTP: sizes are checked, transfers can be resumed"));

int ftp_open(struct remote *remote, const struct route *route)
{
	int result = ftp_link_new(&remote->ftp, route);

	if (result)
		return result;
	result = ftp_login(remote->ftp);
	if (result)
		close_link(remote);
	else
		remote->protocol =
			remote->ftp->reply.features.hash ? &ftp_with_sums : &ftp_without_sums;
	return result;
}
