#include "worker/ftp/argument.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { HOST_LONGEST = 253, LABEL_LONGEST = 63 }; /* RFC 1035 2.3.4 */

/* ---- numbers ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

/* Reads the digits at *at, one at least, and moves it behind them. 0, or -EINVAL. */
static int take_number(int64_t *number, const char **at)
{
	const char *digit = *at;
	int64_t value = 0;

	if (!is_digit(*digit))
		return -EINVAL;
	for (; is_digit(*digit); digit++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, *digit - '0', &value))
			return -EINVAL;
	}
	*number = value;
	*at = digit;
	return 0;
}

int argument_number(int64_t *number, const char *text)
{
	int64_t value;

	if (take_number(&value, &text) < 0 || *text)
		return -EINVAL;
	*number = value;
	return 0;
}

int argument_allo(int64_t *bytes, const char *text)
{
	int64_t value, record;

	if (take_number(&value, &text) < 0)
		return -EINVAL;
	if (*text) {
		const char *letter = skip_blanks(text);

		if (letter == text || (*letter != 'R' && *letter != 'r') || letter[1] != ' ' ||
			argument_number(&record, skip_blanks(letter + 1)) < 0)
			return -EINVAL;
	}
	*bytes = value;
	return 0;
}

int argument_range(int64_t *first, int64_t *last, const char *text)
{
	int64_t begin, end;

	if (take_number(&begin, &text) < 0 || *text != ' ' ||
		argument_number(&end, skip_blanks(text)) < 0)
		return -EINVAL;
	if (begin == 1 && end == 0) {
		begin = 0;
		end = -1;
	} else if (begin > end) {
		return -EINVAL;
	}
	*first = begin;
	*last = end;
	return 0;
}

/* ---- addresses ---- */

int argument_port(struct address *address, const char *text)
{
	uint8_t bytes[6];
	struct address found = {.family = AF_INET};

	for (size_t i = 0; i < sizeof(bytes); i++) {
		const char *begin = text;
		int64_t number;

		if (take_number(&number, &text) < 0 || text - begin > 3 || number > UINT8_MAX)
			return -EINVAL;
		if (*text != (i + 1 < sizeof(bytes) ? ',' : '\0'))
			return -EINVAL;
		text++;
		bytes[i] = (uint8_t)number;
	}
	memcpy(found.host, bytes, 4);
	found.port = (uint16_t)(bytes[4] << 8 | bytes[5]);
	if (found.port == 0)
		return -EINVAL;
	*address = found;
	return 0;
}

/* The text's three fields, "|net|host|port|". The host is copied. */
static int split_eprt(int64_t *net, char host[INET6_ADDRSTRLEN], int64_t *port, const char *text)
{
	char delimiter = *text;
	const char *end;

	if (delimiter < '!' || delimiter > '~')
		return -EINVAL;
	text++;
	if (take_number(net, &text) < 0 || *text++ != delimiter)
		return -EINVAL;
	end = strchr(text, delimiter);
	if (!end || end == text || end - text >= INET6_ADDRSTRLEN)
		return -EINVAL;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	text = end + 1;
	if (take_number(port, &text) < 0 || text[0] != delimiter || text[1])
		return -EINVAL;
	return 0;
}

int argument_eprt(struct address *address, const char *text)
{
	char host[INET6_ADDRSTRLEN];
	struct address found;
	int64_t net, port;

	if (split_eprt(&net, host, &port, text) < 0 || port < 1 || port > UINT16_MAX)
		return -EINVAL;
	if (net != 1 && net != 2)
		return -EAFNOSUPPORT;
	/* An interface's name would be looked up in the system. */
	if (!!strchr(host, ':') != (net == 2) || strchr(host, '%'))
		return -EINVAL;
	if (address_parse(&found, host, (uint16_t)port) < 0)
		return -EINVAL;
	*address = found;
	return 0;
}

int argument_epsv(int *family, const char *text)
{
	int64_t number;

	if (!*text) {
		*family = 0;
		return 0;
	}
	if (!strcasecmp(text, "ALL")) {
		*family = -1;
		return 0;
	}
	if (argument_number(&number, text) < 0)
		return -EINVAL;
	if (number != 1 && number != 2)
		return -EAFNOSUPPORT;
	*family = number == 1 ? AF_INET : AF_INET6;
	return 0;
}

/* Labels between dots, each of letters, digits and inner hyphens; the last dot may end it all. */
static bool is_host_name(const char *text)
{
	size_t label = 0, length = strlen(text);

	if (length == 0 || length > HOST_LONGEST)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool last = i + 1 == length;

		if (text[i] == '.') {
			if (label == 0 || text[i - 1] == '-')
				return false;
			label = 0;
		} else if (text[i] == '-') {
			if (label == 0 || last || ++label > LABEL_LONGEST)
				return false;
		} else if (!is_alphanumeric(text[i]) || ++label > LABEL_LONGEST) {
			return false;
		}
	}
	return true;
}

static bool is_bracketed_ipv6(const char *text)
{
	char host[INET6_ADDRSTRLEN];
	struct in6_addr address;
	size_t length = strlen(text);

	if (length < 2 || text[0] != '[' || text[length - 1] != ']' || length - 2 >= sizeof(host))
		return false;
	memcpy(host, text + 1, length - 2);
	host[length - 2] = '\0';
	return inet_pton(AF_INET6, host, &address) == 1;
}

int argument_host(const char *text)
{
	struct in_addr address;
	bool good;

	if (text[0] == '[')
		good = is_bracketed_ipv6(text);
	else if (strspn(text, "0123456789.") == strlen(text))
		good = inet_pton(AF_INET, text, &address) == 1;
	else
		good = is_host_name(text);
	return good ? 0 : -EINVAL;
}

/* ---- modes ---- */

int argument_mode_path(uint32_t *mode, const char **path, const char *text)
{
	size_t digits = strspn(text, "01234567");
	uint32_t value = 0;

	if (digits < 1 || digits > 4 || text[digits] != ' ' || !text[digits + 1])
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		value = value * 8 + (uint32_t)(text[i] - '0');
	*mode = value;
	*path = text + digits + 1;
	return 0;
}
