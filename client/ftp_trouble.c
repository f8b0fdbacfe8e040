#include "client/ftp_trouble.h"

#include "client/ftp_link.h"
#include "client/language.h"
#include "client/trouble.h"

#include <errno.h>
#include <string.h>

static const char *words(const struct ftp_link *link)
{
	return *link->words ? link->words : curl_easy_strerror(link->code);
}

/* The system's word for what stopped a connect(2), else libcurl's. */
static const char *reason(const struct ftp_link *link)
{
	long error = 0;

	curl_easy_getinfo(link->curl, CURLINFO_OS_ERRNO, &error);
	return error ? strerror((int)error) : words(link);
}

static int not_connected(const struct ftp_link *link)
{
	if (link->reply.code == 0)
		return trouble_set(-ENOTCONN, _("cannot connect: %s"), reason(link));
	if (link->route.active)
		return trouble_set(
			-ENOTCONN, _("no data connection could be made: %s"), reason(link));
	return trouble_set(-ENOTCONN,
		_("no data connection could be made: %s (with --active the server makes it)"),
		reason(link));
}

static int timed_out(const struct ftp_link *link)
{
	int seconds =
		link->route.timeout_seconds ? link->route.timeout_seconds : ROUTE_PATIENCE_SECONDS;

	/* libcurl takes a server that closes for one that is silent. */
	if (link->reply.code == 421)
		return ftp_reply_trouble(&link->reply, link->putting);
	if (link->reply.code == 0)
		return trouble_set(-ENOTCONN, _("cannot connect: %s"), strerror(ETIMEDOUT));
	return trouble_set(-ENOTCONN,
		ngettext("the server has been silent for %d second",
			"the server has been silent for %d seconds", seconds),
		seconds);
}

static int denied(const struct ftp_link *link)
{
	if (!*link->route.location.user && link->reply.code == 530)
		return trouble_set(-EACCES, _("the server wants a user: ftp://USER@%s (530 %s)"),
			link->route.location.server.host, link->reply.text);
	return ftp_reply_trouble(&link->reply, link->putting);
}

/* The directory could not be entered. */
static int no_directory(const struct ftp_link *link)
{
	if (link->reply.code != 550)
		return ftp_reply_trouble(&link->reply, link->putting);
	return trouble_set(
		-ENOENT, _("the server has no such directory (550 %s)"), link->reply.text);
}

/* Not the server's word but libcurl's; 0 where only the reply tells more. */
static int trouble_of_code(const struct ftp_link *link)
{
	switch (link->code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return trouble_set(
			-ENOTCONN, _("cannot find the host %s"), link->route.location.server.host);
	case CURLE_COULDNT_CONNECT:
	case CURLE_FTP_CANT_GET_HOST:
	case CURLE_FTP_ACCEPT_FAILED:
	case CURLE_FTP_ACCEPT_TIMEOUT: return not_connected(link);
	case CURLE_OPERATION_TIMEDOUT: return timed_out(link);
	case CURLE_PEER_FAILED_VERIFICATION:
		return trouble_set(
			-ENOTCONN, _("the server's certificate is not trusted: %s"), words(link));
	case CURLE_SSL_CACERT_BADFILE:
		return trouble_set(-EINVAL, _("cannot read %s: %s"),
			link->route.cacert ? link->route.cacert : "", words(link));
	case CURLE_SSL_CONNECT_ERROR:
		return trouble_set(-ENOTCONN, _("no TLS connection could be made: %s"),
			strstr(words(link), "wrong version number")
				? _("the server does not speak TLS here")
				: words(link));
	case CURLE_USE_SSL_FAILED:
		return trouble_set(-ENOTCONN, _("the server does not offer TLS"));
	case CURLE_BAD_DOWNLOAD_RESUME:
		return trouble_set(-ERANGE, _("the server's file is shorter than the local part"));
	case CURLE_FTP_COULDNT_USE_REST:
		return trouble_set(-ERANGE, _("the server cannot go on in the middle of a file"));
	case CURLE_OUT_OF_MEMORY: return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	default: return 0;
	}
}

int ftp_trouble(const struct ftp_link *link)
{
	int result;

	if (link->code == CURLE_OK)
		return 0;
	result = trouble_of_code(link);
	if (!result && link->code == CURLE_LOGIN_DENIED)
		result = denied(link);
	if (!result && link->code == CURLE_REMOTE_ACCESS_DENIED)
		result = no_directory(link);
	if (!result)
		result = ftp_reply_trouble(&link->reply, link->putting);
	if (!result)
		result = trouble_set(-ENOTCONN, _("the connection is lost: %s"), words(link));
	return result;
}
