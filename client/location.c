#include "client/location.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *prefix;
	enum location_scheme scheme;
	uint16_t port;
} schemes[] = {
	{"ftp://", LOCATION_FTP, 21},
	{"ftps://", LOCATION_FTPS, 990},
};

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX. Refuses control characters: no FTP command can carry them, and a line end would
 * smuggle in another command. */
static int decode(char *out, size_t room, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c == '%') {
			int high = i + 2 < length ? digit_of(text[i + 1]) : -1;
			int low = i + 2 < length ? digit_of(text[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (iscntrl((unsigned char)c) || used + 1 >= room)
			return -EINVAL;
		out[used++] = c;
	}
	out[used] = '\0';
	return 0;
}

/* [USER[:PASSWORD]@]HOST[:PORT] */
static int take_authority(struct location *location, const char *text, size_t length)
{
	const char *at = memrchr(text, '@', length);
	const char *host = at ? at + 1 : text;
	const char *colon = at ? memchr(text, ':', (size_t)(at - text)) : NULL;
	char server[HOSTPORT_HOST + 16];

	if (at) {
		const char *end = colon ? colon : at;

		if (end == text ||
			decode(location->user, LOCATION_USER, text, (size_t)(end - text)))
			return -EINVAL;
	}
	if (colon) {
		location->password_given = true;
		if (decode(location->password, LOCATION_USER, colon + 1, (size_t)(at - colon - 1)))
			return -EINVAL;
	}
	/* An IPv6 address may have its zone behind a %25 (RFC 6874). */
	if (decode(server, sizeof(server), host, length - (size_t)(host - text)))
		return -EINVAL;
	return hostport_parse(&location->server, server);
}

static int take_directory(struct location *location, const char *text)
{
	char *directory = location->directory;
	size_t length;

	if (decode(directory, LOCATION_DIRECTORY, text, strlen(text)))
		return -EINVAL;
	length = strlen(directory);
	while (length > 1 && directory[length - 1] == '/')
		directory[--length] = '\0';
	return 0;
}

int location_parse(struct location *location, const char *text)
{
	*location = (struct location){.scheme = LOCATION_LGPQ};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		const char *authority = text + strlen(schemes[i].prefix);
		size_t length;

		if (strncasecmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) != 0)
			continue;
		location->scheme = schemes[i].scheme;
		length = strcspn(authority, "/?#");
		if (authority[length] && authority[length] != '/')
			return -EINVAL;
		if (take_authority(location, authority, length))
			return -EINVAL;
		if (!location->server.port_given)
			location->server.port = schemes[i].port;
		return authority[length] ? take_directory(location, authority + length + 1) : 0;
	}
	if (strstr(text, "://"))
		return -EPROTONOSUPPORT;
	return hostport_parse(&location->server, text);
}

struct writer {
	char *at;
	size_t left; /* one is for the end */
	int error;
};

static void write_byte(struct writer *writer, char c)
{
	if (writer->left <= 1) {
		writer->error = -ENAMETOOLONG;
		return;
	}
	*writer->at++ = c;
	writer->left--;
}

static void write_text(struct writer *writer, const char *text)
{
	while (*text)
		write_byte(writer, *text++);
}

/* RFC 3986's unreserved characters and those of `plain` stay. */
static void write_encoded(struct writer *writer, const char *text, const char *plain)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (iscntrl(c))
			writer->error = -EINVAL;
		if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) || strchr(plain, c)) {
			write_byte(writer, (char)c);
			continue;
		}
		/* The control connection speaks telnet, where 255 says that a command follows, and
		 * twice that it is a byte (RFC 854). */
		for (int times = c == 255 ? 2 : 1; times > 0; times--) {
			write_byte(writer, '%');
			write_byte(writer, digits[c >> 4]);
			write_byte(writer, digits[c & 15]);
		}
	}
}

static void write_path(struct writer *writer, const char *path)
{
	/* The first '/' of the URL only parts; an absolute path brings one of its own. */
	if (*path == '/') {
		write_text(writer, "%2F");
		path++;
	}
	write_encoded(writer, path, "/");
}

static void write_server(struct writer *writer, const struct location *location)
{
	const struct hostport *server = &location->server;
	bool brackets = strchr(server->host, ':') != NULL;
	char port[16];

	write_text(writer, location->scheme == LOCATION_FTPS ? "ftps://" : "ftp://");
	if (*location->user) {
		write_encoded(writer, location->user, "");
		write_byte(writer, '@');
	}
	write_text(writer, brackets ? "[" : "");
	write_encoded(writer, server->host, ":");
	write_text(writer, brackets ? "]" : "");
	snprintf(port, sizeof(port), ":%u/", server->port);
	write_text(writer, port);
}

int location_url(const struct location *location, const char *name, char url[LOCATION_URL])
{
	struct writer writer = {.at = url, .left = LOCATION_URL};
	const char *directory = location->directory;
	size_t length = strlen(directory);

	write_server(&writer, location);
	if (*name == '/') {
		write_path(&writer, name);
	} else {
		write_path(&writer, directory);
		if (length > 0 && directory[length - 1] != '/')
			write_byte(&writer, '/');
		write_encoded(&writer, name, "/");
	}
	*writer.at = '\0';
	return writer.error;
}
