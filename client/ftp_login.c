#include "client/ftp_login.h"

#include "client/ftp_link.h"
#include "client/language.h"
#include "client/password.h"
#include "client/trouble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Logs in, asks what the server can do, and enters the directory. */
static int greet(struct ftp_link *link)
{
	static const char *const commands[] = {"*FEAT", NULL};
	int result = ftp_link_begin(link, "");

	link->reply.features = (struct ftp_features){0};
	curl_easy_setopt(link->curl, CURLOPT_NOBODY, 1L);
	return result ? result : ftp_link_run_with(link, CURLOPT_QUOTE, commands);
}

/* libcurl reads it, and finds the password there or not. */
static bool has_netrc(void)
{
	const char *home = getenv("HOME");
	char *path;
	bool readable;

	if (!home || asprintf(&path, "%s/.netrc", home) < 0)
		return false;
	readable = access(path, R_OK) == 0;
	free(path);
	return readable;
}

static int ask_password(struct ftp_link *link)
{
	const struct location *location = &link->route.location;
	char question[LOCATION_USER + HOSTPORT_HOST + 64], password[LOCATION_USER];
	int result;

	snprintf(question, sizeof(question), _("password of %s@%s: "), location->user,
		location->server.host);
	result = password_ask(question, password, sizeof(password));
	if (!result)
		result = ftp_link_set_password(link, password);
	explicit_bzero(password, sizeof(password));
	return result;
}

int ftp_login(struct ftp_link *link)
{
	const struct location *location = &link->route.location;
	bool unknown = *location->user && !location->password_given;
	int result = unknown && !has_netrc() ? ask_password(link) : 0;

	if (!result || result == -ENOTTY)
		result = greet(link);
	if (unknown && !location->password_given && link->code == CURLE_LOGIN_DENIED) {
		int asked = ask_password(link);

		if (asked == -ENOTTY)
			return trouble_set(result,
				_("no password of %s is in ~/.netrc, and there is no terminal to "
				  "ask for it"),
				location->user);
		result = asked ? asked : greet(link);
	}
	return result;
}
