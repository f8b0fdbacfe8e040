#include "supervisor/bans_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LONGEST = 4 << 20 };

static const char file_name[] = "bans";

/* ---- reading ---- */

static char *next_word(char **line)
{
	char *word = *line;
	size_t length = strcspn(word, " ");

	*line = word + length + (word[length] == ' ');
	word[length] = '\0';
	return word;
}

static bool read_number(char **line, int64_t most, int64_t *number)
{
	const char *word = next_word(line);
	char *end;

	errno = 0;
	*number = strtoll(word, &end, 10);
	return isdigit((unsigned char)word[0]) && *end == '\0' && errno == 0 && *number <= most;
}

static bool is_one_line(const char *text)
{
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return *text == '\0';
}

static bool read_line(char *line, struct ban *ban)
{
	int64_t failures;

	*ban = (struct ban){0};
	if (network_parse(&ban->network, next_word(&line)) < 0 ||
		!read_number(&line, INT64_MAX, &ban->since_unix_ms) ||
		!read_number(&line, INT64_MAX, &ban->until_unix_ms) ||
		!read_number(&line, UINT32_MAX, &failures) || strlen(line) >= BAN_REASON ||
		!is_one_line(line))
		return false;
	ban->failures = (uint32_t)failures;
	strcpy(ban->reason, line);
	return true;
}

int bans_file_read(
	const struct state *state, struct bans *bans, int64_t now_unix_ms, uint32_t *faults)
{
	char *bytes = NULL, *rest = NULL;
	ssize_t got = state_read(state, file_name, FILE_LONGEST, &bytes);
	struct ban ban;
	int count = 0;

	*faults = 0;
	if (got < 0)
		return (int)got;
	for (char *line = strtok_r(bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!read_line(line, &ban))
			++*faults;
		else if (ban.until_unix_ms == 0 || ban.until_unix_ms > now_unix_ms)
			count += bans_set(bans, &ban) == 0;
	}
	free(bytes);
	return count;
}

/* ---- writing ---- */

static void print(FILE *out, const struct ban *ban)
{
	char text[NETWORK_TEXT];

	fprintf(out, "%s %" PRId64 " %" PRId64 " %u %s\n", network_format(&ban->network, text),
		ban->since_unix_ms, ban->until_unix_ms, ban->failures, ban->reason);
}

int bans_file_write(const struct state *state, const struct bans *bans)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	uint32_t place = 0;
	struct ban ban;
	int error;

	if (!out)
		return -ENOMEM;
	while (bans_next(bans, &place, &ban))
		print(out, &ban);
	error = fclose(out) == 0 ? state_replace(state, file_name, text, length) : -ENOMEM;
	free(text);
	return error;
}
