/* Any text as the argument of any command: what is read can be written again and is then read
 * alike, paths lie inside the text, and what is refused has written nothing. */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/argument.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNTOUCHED = -77, AGAIN = 128 };

static void check_addresses(const char *text)
{
	static const struct address untouched = {.family = 12345};
	struct address address = untouched, twin;
	char host[ADDRESS_TEXT], again[AGAIN];
	int result = argument_port(&address, text);

	if (result == 0) {
		snprintf(again, sizeof(again), "%u,%u,%u,%u,%u,%u", address.host[0],
			address.host[1], address.host[2], address.host[3], address.port >> 8,
			address.port & 255);
		assert(argument_port(&twin, again) == 0 && address_equal(&address, &twin));
	} else {
		assert(result == -EINVAL && address.family == untouched.family);
	}
	address = untouched;
	result = argument_eprt(&address, text);
	if (result == 0) {
		snprintf(again, sizeof(again), "|%d|%.60s|%u|", address.family == AF_INET ? 1 : 2,
			address_format_host(&address, host), address.port);
		assert(argument_eprt(&twin, again) == 0 && address_equal(&address, &twin));
		assert(address.port > 0 && address.scope == 0);
	} else {
		assert(result == -EINVAL || result == -EAFNOSUPPORT);
		assert(address.family == untouched.family);
	}
}

static void check_numbers(const char *text)
{
	int64_t number = UNTOUCHED, last = UNTOUCHED, twin, twin_last;
	char again[AGAIN];

	if (argument_number(&number, text) == 0) {
		assert(number >= 0 && number == strtoll(text, NULL, 10));
		assert(strspn(text, "0123456789") == strlen(text));
		assert(argument_allo(&twin, text) == 0 && twin == number);
	} else {
		assert(number == UNTOUCHED);
	}
	if (argument_allo(&number, text) == 0)
		assert(number == strtoll(text, NULL, 10));
	number = UNTOUCHED;
	if (argument_range(&number, &last, text) < 0) {
		assert(number == UNTOUCHED && last == UNTOUCHED);
		return;
	}
	assert(number >= 0 && (number <= last || (number == 0 && last == -1)));
	snprintf(again, sizeof(again), "%" PRId64 " %" PRId64, last < 0 ? 1 : number,
		last < 0 ? 0 : last);
	assert(argument_range(&twin, &twin_last, again) == 0);
	assert(twin == number && twin_last == last);
}

static void check_written_time(int64_t seconds)
{
	char again[ARGUMENT_TIME];
	int64_t twin;

	assert(strlen(argument_time_text(seconds, again)) == ARGUMENT_TIME - 1);
	assert(argument_time(&twin, again) == 0);
	assert(twin == seconds || seconds > 253402300799 || seconds < -62167219200);
}

static void check_path(const char *text, const char *path, size_t length)
{
	assert(length > 0 && path >= text && path + length <= text + strlen(text));
}

static void check_times(const char *text)
{
	int64_t seconds = UNTOUCHED;
	const char *path = NULL;
	size_t length = 0;

	if (argument_time(&seconds, text) == 0)
		check_written_time(seconds);
	if (argument_time_path(&seconds, &path, text) == 0) {
		check_written_time(seconds);
		check_path(text, path, strlen(path));
	}
	seconds = UNTOUCHED;
	path = NULL;
	if (argument_utime(&seconds, &path, &length, text) == 0) {
		check_written_time(seconds);
		check_path(text, path, length);
	} else {
		assert(seconds == UNTOUCHED && !path && length == 0);
	}
}

static void check_others(const char *text)
{
	const char *path = NULL;
	uint32_t mode = 0;
	int family = UNTOUCHED;

	if (argument_mode_path(&mode, &path, text) == 0) {
		check_path(text, path, strlen(path));
		assert(mode <= 07777 && mode == strtoul(text, NULL, 8));
	}
	if (argument_epsv(&family, text) == 0)
		assert(family == 0 || family == AF_INET || family == AF_INET6 || family == -1);
	else
		assert(family == UNTOUCHED);
	if (argument_host(text) == 0)
		assert(strlen(text) <= 253 &&
			strspn(text, "[]:.-0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	int64_t seconds;

	check_addresses(text);
	check_numbers(text);
	check_times(text);
	check_others(text);
	if (size >= sizeof(seconds)) {
		memcpy(&seconds, data, sizeof(seconds));
		check_written_time(seconds);
	}
	free(text);
	return 0;
}
