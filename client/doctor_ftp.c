#include "client/doctor_ftp.h"

#include "common/rights.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

/* One connection, and what the server said last. */
struct ftp_visit {
	struct visit *visit;
	CURL *curl;
	char base[ADDRESS_TEXT + 16];
	char reply[256];
	char words[CURL_ERROR_SIZE];
	/* Of a transfer. */
	size_t moved;
	bool seen;                 /* the listing has the probe file */
	bool different;            /* what came is not what was put */
	char line[VISIT_NAME + 1]; /* of the listing, so far as it has come */
	size_t listed;
};

static size_t take_reply(char *line, size_t size, size_t count, void *user)
{
	struct ftp_visit *ftp = user;
	size_t length = size * count;

	snprintf(ftp->reply, sizeof(ftp->reply), "%.*s", (int)strcspn(line, "\r\n"), line);
	return length;
}

/* A name a line, however they are cut; of a longer one than ours its beginning will do. */
static size_t take_listing(char *bytes, size_t size, size_t count, void *user)
{
	struct ftp_visit *ftp = user;
	size_t length = size * count;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\r' && bytes[i] != '\n' && ftp->listed < sizeof(ftp->line) - 1) {
			ftp->line[ftp->listed++] = bytes[i];
			continue;
		}
		ftp->line[ftp->listed] = '\0';
		ftp->seen |= strcmp(ftp->line, ftp->visit->name) == 0;
		if (bytes[i] == '\n')
			ftp->listed = 0;
	}
	return length;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
	struct ftp_visit *ftp = user;
	size_t length = size * count;

	if (length > VISIT_BYTES - ftp->moved ||
		memcmp(bytes, ftp->visit->bytes + ftp->moved, length) != 0)
		ftp->different = true;
	else
		ftp->moved += length;
	return length;
}

static size_t give_bytes(char *bytes, size_t size, size_t count, void *user)
{
	struct ftp_visit *ftp = user;
	size_t left = VISIT_BYTES - ftp->moved;
	size_t length = size * count < left ? size * count : left;

	memcpy(bytes, ftp->visit->bytes + ftp->moved, length);
	ftp->moved += length;
	return length;
}

/* A new request about the name. The connection stays, but where each data connection has to resume
 * the control connection's TLS session: libcurl has a ticket of TLS 1.3 for one alone. */
static bool begin(struct ftp_visit *ftp, const char *name)
{
	char url[sizeof(ftp->base) + VISIT_NAME];
	bool anew = ftp->visit->tls &&
		    ftp->visit->doctor->config->tls_session_reuse == TLS_REUSE_REQUIRE;
	CURL *curl;

	if (anew && ftp->curl) {
		curl_easy_cleanup(ftp->curl);
		ftp->curl = NULL;
	}
	curl = ftp->curl = ftp->curl ? ftp->curl : curl_easy_init();
	if (!curl) {
		visit_fail(ftp->visit, VISIT_LOGIN, "libcurl cannot be used");
		return false;
	}
	curl_easy_reset(curl);
	snprintf(url, sizeof(url), "%s%s", ftp->base, name);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)VISIT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_USERNAME, ftp->visit->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, ftp->visit->password);
	if (ftp->visit->tls)
		curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, ftp->words);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_reply);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ftp);
	ftp->words[0] = ftp->reply[0] = '\0';
	ftp->moved = 0;
	return true;
}

/* Does it. The server's own words are better than libcurl's, if it said no. */
static bool run(struct ftp_visit *ftp, enum visit_step step)
{
	CURLcode code = curl_easy_perform(ftp->curl);
	bool refused = ftp->reply[0] == '4' || ftp->reply[0] == '5';

	if (code == CURLE_OK)
		return true;
	if (code == CURLE_LOGIN_DENIED || code == CURLE_COULDNT_CONNECT ||
		code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
		code == CURLE_WEIRD_SERVER_REPLY)
		step = VISIT_LOGIN;
	visit_fail(ftp->visit, step, "%s",
		refused         ? ftp->reply
		: ftp->words[0] ? ftp->words
				: curl_easy_strerror(code));
	return false;
}

static bool list(struct ftp_visit *ftp)
{
	if (!begin(ftp, ""))
		return false;
	curl_easy_setopt(ftp->curl, CURLOPT_WRITEFUNCTION, take_listing);
	curl_easy_setopt(ftp->curl, CURLOPT_WRITEDATA, ftp);
	curl_easy_setopt(ftp->curl, CURLOPT_DIRLISTONLY, 1L);
	if (!run(ftp, VISIT_LIST))
		return false;
	if (ftp->visit->put && !ftp->seen) {
		visit_fail(ftp->visit, VISIT_LIST, "the probe file is there and not in the list");
		return false;
	}
	visit_did(ftp->visit, "list");
	return true;
}

static bool put(struct ftp_visit *ftp)
{
	if (!begin(ftp, ftp->visit->name))
		return false;
	curl_easy_setopt(ftp->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(ftp->curl, CURLOPT_READFUNCTION, give_bytes);
	curl_easy_setopt(ftp->curl, CURLOPT_READDATA, ftp);
	curl_easy_setopt(ftp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)VISIT_BYTES);
	ftp->visit->tried = true;
	ftp->visit->put = run(ftp, VISIT_PUT);
	if (ftp->visit->put)
		visit_did(ftp->visit, "put");
	return ftp->visit->put;
}

static bool get(struct ftp_visit *ftp)
{
	if (!begin(ftp, ftp->visit->name))
		return false;
	curl_easy_setopt(ftp->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(ftp->curl, CURLOPT_WRITEDATA, ftp);
	if (!run(ftp, VISIT_GET))
		return false;
	if (ftp->different || ftp->moved != VISIT_BYTES) {
		visit_fail(ftp->visit, VISIT_GET, "the probe file comes back as something else");
		return false;
	}
	visit_did(ftp->visit, "get");
	return true;
}

static void delete (struct ftp_visit *ftp)
{
	char command[VISIT_NAME + 8];
	struct curl_slist *commands;

	snprintf(command, sizeof(command), "DELE %s", ftp->visit->name);
	commands = curl_slist_append(NULL, command);
	if (begin(ftp, "") && curl_easy_setopt(ftp->curl, CURLOPT_NOBODY, 1L) == CURLE_OK &&
		curl_easy_setopt(ftp->curl, CURLOPT_QUOTE, commands) == CURLE_OK &&
		run(ftp, VISIT_DELETE)) {
		ftp->visit->put = ftp->visit->tried = false;
		visit_did(ftp->visit, "delete");
	}
	curl_slist_free_all(commands);
}

static void go_through(struct ftp_visit *ftp)
{
	uint32_t may = ftp->visit->may;

	if (may & RIGHT_put)
		put(ftp);
	else if (may & RIGHT_get)
		(void)visit_place(ftp->visit);
	/* The login is tried in any case. */
	if ((may & RIGHT_put && !ftp->visit->put) || !list(ftp))
		return;
	if (ftp->visit->put && (may & RIGHT_get) && !get(ftp))
		return;
	if (ftp->visit->put && (may & RIGHT_put) && (may & RIGHT_delete))
		delete (ftp);
}

void doctor_ftp_visit(struct visit *visit)
{
	struct ftp_visit ftp = {.visit = visit};
	char address[ADDRESS_TEXT];

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		visit_fail(visit, VISIT_LOGIN, "libcurl cannot be used");
		return;
	}
	snprintf(ftp.base, sizeof(ftp.base), "%s://%s/",
		visit->listener->tls == TLS_IMPLICIT ? "ftps" : "ftp",
		address_format(&visit->address, address));
	go_through(&ftp);
	curl_easy_cleanup(ftp.curl);
}
