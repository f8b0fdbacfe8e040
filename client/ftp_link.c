#include "client/ftp_link.h"

#include "client/ftp_trouble.h"
#include "client/interrupt.h"
#include "client/language.h"
#include "client/progress.h"
#include "client/trouble.h"
#include "common/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TICK_MS = 100,
	CHUNK = 256 * 1024,
	GOODBYE_SECONDS = 1,
	LAST_WORDS_MS = 1000,
};

static int patience_seconds(const struct ftp_link *link)
{
	return link->route.timeout_seconds ? link->route.timeout_seconds : ROUTE_PATIENCE_SECONDS;
}

/* Every line that the server sends. */
static size_t take_line(char *line, size_t size, size_t count, void *user)
{
	struct ftp_link *link = user;

	ftp_reply_line(&link->reply, line, size * count);
	return size * count;
}

static size_t drop_bytes(char *bytes, size_t size, size_t count, void *user)
{
	(void)bytes;
	(void)user;
	return size * count;
}

/* libcurl waits for some replies by itself; this is what it calls meanwhile. */
static int look_around(void *user, curl_off_t download_total, curl_off_t downloaded,
	curl_off_t upload_total, curl_off_t uploaded)
{
	(void)user;
	(void)download_total;
	(void)downloaded;
	(void)upload_total;
	(void)uploaded;
	progress_tick();
	return interrupt_pending();
}

/* A passive data connection goes to another port. */
static bool is_control(const struct ftp_link *link, int socket)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} peer = {0};
	socklen_t length = sizeof(peer);

	if (getpeername(socket, &peer.any, &length) < 0)
		return false;
	return ntohs(peer.any.sa_family == AF_INET6 ? peer.v6.sin6_port : peer.v4.sin_port) ==
	       link->route.location.server.port;
}

/* A server that breaks an upload off says why, but libcurl gives the connection up without looking.
 * In TLS, nothing can be read any more. */
static void hear_last_words(struct ftp_link *link, int socket)
{
	struct pollfd watched = {.fd = socket, .events = POLLIN};
	char words[FTP_REPLY_TEXT], *line = words, *end;
	ssize_t got = 0;

	if (poll(&watched, 1, LAST_WORDS_MS) > 0)
		got = recv(socket, words, sizeof(words), MSG_DONTWAIT);
	for (; got > 0; got -= end + 1 - line, line = end + 1) {
		end = memchr(line, '\n', (size_t)got);
		if (!end)
			break;
		ftp_reply_line(&link->reply, line, (size_t)(end - line));
	}
}

/* The end of an upload. A socket that is closed while the server still says something, as the
 * tickets of TLS 1.3, is reset, and what the server has not read yet is lost: so the server closes
 * first. */
static void await_server(const struct ftp_link *link, int socket)
{
	struct pollfd watched[] = {
		{.fd = socket, .events = POLLIN},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	int64_t deadline_ms = clock_ms() + 1000 * patience_seconds(link);
	char dropped[4096];
	ssize_t got = 1;

	shutdown(socket, SHUT_WR);
	while (got != 0 && !interrupt_pending() && clock_left_ms(deadline_ms) > 0) {
		if (poll(watched, 2, TICK_MS) > 0)
			got = recv(socket, dropped, sizeof(dropped), MSG_DONTWAIT);
		if (got < 0 && errno != EAGAIN)
			break;
		progress_tick();
	}
}

static int close_socket(void *user, curl_socket_t socket)
{
	struct ftp_link *link = user;

	if (link->putting && link->moved && !link->failure && !interrupt_pending()) {
		if (is_control(link, socket))
			hear_last_words(link, socket);
		else
			await_server(link, socket);
	}
	return close(socket);
}

int ftp_link_new(struct ftp_link **out, const struct route *route)
{
	struct ftp_link *link = calloc(1, sizeof(*link));

	*out = link;
	if (link && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
		link->route = *route;
		link->multi = curl_multi_init();
		link->curl = curl_easy_init();
		if (link->multi && link->curl)
			return 0;
	}
	ftp_link_free(link);
	*out = NULL;
	return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
}

static void set_connection(struct ftp_link *link)
{
	const struct route *route = &link->route;
	long connect_seconds =
		route->timeout_seconds ? route->timeout_seconds : ROUTE_CONNECT_TIMEOUT_SECONDS;
	CURL *curl = link->curl;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "ftp,ftps");
	/* As with LGPQ: straight to the server, whatever the environment says about proxies. */
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, link->fresh ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds);
	curl_easy_setopt(curl, CURLOPT_ACCEPTTIMEOUT_MS, 1000L * connect_seconds);
	curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)patience_seconds(link));
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)patience_seconds(link));
	curl_easy_setopt(curl, CURLOPT_FTPPORT, route->active ? "-" : NULL);
	if (route->tls)
		curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, route->insecure ? 0L : 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, route->insecure ? 0L : 2L);
	if (route->cacert) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, route->cacert);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
}

static void set_login(struct ftp_link *link)
{
	const struct location *location = &link->route.location;

	if (location->password_given) {
		curl_easy_setopt(link->curl, CURLOPT_USERNAME, location->user);
		curl_easy_setopt(link->curl, CURLOPT_PASSWORD, location->password);
	} else {
		curl_easy_setopt(link->curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	}
}

static void set_callbacks(struct ftp_link *link)
{
	CURL *curl = link->curl;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, link->words);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, link);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_around);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, link);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)CHUNK);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)CHUNK);
}

int ftp_link_begin(struct ftp_link *link, const char *name)
{
	struct location where = link->route.location;
	char url[LOCATION_URL];
	int result;

	/* A user in the URL has its password looked for in ~/.netrc; one that is given beside the
	 * URL has it given too. */
	if (where.password_given)
		where.user[0] = '\0';
	result = location_url(&where, name, url);
	if (result == -EINVAL)
		return trouble_set(
			result, _("this server cannot be told a name with control characters"));
	if (result)
		return trouble_set(result, "%s", strerror(-result));
	curl_multi_remove_handle(link->multi, link->curl);
	curl_easy_reset(link->curl);
	set_connection(link);
	set_login(link);
	set_callbacks(link);
	curl_easy_setopt(link->curl, CURLOPT_URL, url);
	curl_easy_setopt(link->curl, CURLOPT_PATH_AS_IS, 1L);
	/* One CWD, kept for the next request, and then a name: whatever stands in the name, no
	 * server takes it for a path or an option. */
	curl_easy_setopt(link->curl, CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_SINGLECWD);
	link->reply.code = 0;
	link->reply.sum[0] = '\0';
	link->words[0] = '\0';
	link->putting = link->moved = false;
	link->failure = 0;
	return 0;
}

/* libcurl's result; -1: the user's ctrl-C. */
static int perform(struct ftp_link *link)
{
	struct curl_waitfd bell = {.fd = interrupt_descriptor(), .events = CURL_WAIT_POLLIN};
	int running = 1, left;
	CURLMsg *message;

	for (;;) {
		CURLMcode code = curl_multi_perform(link->multi, &running);

		if (code == CURLM_OK && running)
			code = curl_multi_poll(link->multi, &bell, 1, TICK_MS, NULL);
		if (interrupt_pending())
			return -1;
		if (code != CURLM_OK)
			return CURLE_OUT_OF_MEMORY;
		if (!running)
			break;
		progress_tick();
	}
	message = curl_multi_info_read(link->multi, &left);
	return message ? (int)message->data.result : CURLE_OUT_OF_MEMORY;
}

int ftp_link_run(struct ftp_link *link)
{
	long connects = 0;
	int code;

	if (curl_multi_add_handle(link->multi, link->curl) != CURLM_OK)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	code = perform(link);
	/* Cut the connection off at once; otherwise the handle stays, to be asked for its socket.
	 */
	if (code < 0)
		curl_multi_remove_handle(link->multi, link->curl);
	curl_easy_getinfo(link->curl, CURLINFO_NUM_CONNECTS, &connects);
	link->reused = connects == 0;
	link->fresh = false;
	link->code = code < 0 ? CURLE_ABORTED_BY_CALLBACK : (CURLcode)code;
	if (link->failure)
		return link->failure;
	if (link->code != CURLE_OK && interrupt_pending())
		return trouble_set(-ECANCELED, _("interrupted"));
	return ftp_trouble(link);
}

int ftp_link_run_with(struct ftp_link *link, CURLoption when, const char *const *commands)
{
	struct curl_slist *list = NULL;
	int result = 0;

	for (; !result && *commands; commands++) {
		struct curl_slist *longer = curl_slist_append(list, *commands);

		if (!longer)
			result = trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
		else
			list = longer;
	}
	curl_easy_setopt(link->curl, when, list);
	if (!result)
		result = ftp_link_run(link);
	curl_easy_setopt(link->curl, when, NULL);
	curl_slist_free_all(list);
	return result;
}

int ftp_link_set_password(struct ftp_link *link, const char *password)
{
	struct location *location = &link->route.location;

	if (strlen(password) >= sizeof(location->password))
		return trouble_set(-ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	strcpy(location->password, password);
	location->password_given = true;
	return 0;
}

/* The connection is there, and quiet. */
static bool at_rest(struct ftp_link *link)
{
	struct pollfd watched = {.events = POLLIN | POLLRDHUP};
	curl_socket_t socket = CURL_SOCKET_BAD;

	curl_easy_getinfo(link->curl, CURLINFO_ACTIVESOCKET, &socket);
	watched.fd = socket;
	return socket != CURL_SOCKET_BAD && poll(&watched, 1, 0) == 0;
}

/* A request that asks for nothing, after which libcurl says QUIT by the rules of this handle; left
 * to its clean-up, a server that does not answer would hold up the program. What becomes of it is
 * no trouble: the last one stays as it is. */
static void say_goodbye(struct ftp_link *link)
{
	if (interrupt_pending() || !at_rest(link) || ftp_link_begin(link, "/"))
		return;
	/* An absolute path, and no CWD to it: nothing is sent but QUIT. */
	curl_easy_setopt(link->curl, CURLOPT_FTP_FILEMETHOD, (long)CURLFTPMETHOD_NOCWD);
	curl_easy_setopt(link->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(link->curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(link->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)GOODBYE_SECONDS);
	if (curl_multi_add_handle(link->multi, link->curl) == CURLM_OK)
		perform(link);
}

void ftp_link_free(struct ftp_link *link)
{
	if (!link)
		return;
	if (link->multi && link->curl)
		say_goodbye(link);
	curl_multi_remove_handle(link->multi, link->curl);
	curl_easy_cleanup(link->curl);
	curl_multi_cleanup(link->multi);
	explicit_bzero(link, sizeof(*link));
	free(link);
	curl_global_cleanup();
}
