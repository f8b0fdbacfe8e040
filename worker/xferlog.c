#include "worker/xferlog.h"

#include "common/clock.h"
#include "common/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIELD = 4096, LINE = FIELD + 600, USER_FIELD = 256, TIME_TEXT = 32 };

/* A field without blanks or anything else that is not printed. Returns out. */
static char *as_field(char *out, size_t size, const char *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t left = strlen(bytes), used = 0;

	while (left > 0 && used + 5 < size) {
		size_t length = utf8_length(p, left);

		if (length > 0)
			memcpy(out + used, p, length);
		else
			out[used] = *p > ' ' && *p < 0x7f ? (char)*p : '_';
		length = length > 0 ? length : 1;
		used += length;
		p += length;
		left -= length;
	}
	out[used] = '\0';
	return out;
}

/* As ctime(3) has it: local time, in English whatever the locale. */
static void format_now(char text[TIME_TEXT])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm parts = {0};

	(void)localtime_r(&now, &parts);
	snprintf(text, TIME_TEXT, "%.3s %.3s %2d %02d:%02d:%02d %d", days + 3 * parts.tm_wday,
		months + 3 * parts.tm_mon, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
		1900 + parts.tm_year);
}

/* In whole seconds; a transfer of none took one, as ever. */
static int64_t seconds_since(int64_t began_ms)
{
	int64_t seconds = (clock_ms() - began_ms + 500) / 1000;

	return seconds > 0 ? seconds : 1;
}

void xferlog_note(const struct session *session, const struct xferlog_entry *entry)
{
	int log = session->engine->xferlog;
	char line[LINE], path[FIELD], user[USER_FIELD], host[ADDRESS_TEXT], now[TIME_TEXT];
	int length;

	if (log < 0)
		return;
	format_now(now);
	length = snprintf(line, sizeof(line), "%s %jd %s %ju %s %c _ %c %c %s %s 0 * %c\n", now,
		(intmax_t)seconds_since(entry->began_ms),
		address_format_host(&session->activity.peer, host), (uintmax_t)entry->bytes,
		as_field(path, sizeof(path), entry->path), entry->ascii ? 'a' : 'b',
		entry->upload ? 'i' : 'o', entry->anonymous ? 'a' : 'r',
		entry->user[0] ? as_field(user, sizeof(user), entry->user) : "?",
		config_protocol_name(session->protocol->name), entry->complete ? 'c' : 'i');
	/* A log that cannot be written has nowhere to say so. */
	if (write(log, line, (size_t)length) < 0)
		return;
}
