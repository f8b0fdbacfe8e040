#include "worker/ftp/listing_line.h"

#include "worker/ftp/argument.h"

#include <string.h>
#include <sys/stat.h>

/* Half a mean year (365.2425 days), as ls has it. */
enum { RECENT_SECONDS = 31556952 / 2 };

static char *put(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	return at + length;
}

/* Right-aligned behind a blank; a number too wide for its column moves what follows, as ls does. */
static char *put_number(char *at, uint64_t number, unsigned int width)
{
	char digits[20];
	unsigned int first = sizeof(digits);

	do
		digits[--first] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	*at++ = ' ';
	for (unsigned int count = sizeof(digits) - first; count < width; count++)
		*at++ = ' ';
	return put(at, digits + first, sizeof(digits) - first);
}

/* The letter of an execute bit; `special` stands in its place with set-ID and sticky bits. */
static char execute_letter(bool execute, bool is_special, const char special[2])
{
	return is_special ? special[execute] : execute ? 'x' : '-';
}

static char *put_mode(char *at, const struct store_file *file)
{
	mode_t mode = file->mode;

	*at++ = file->directory ? 'd' : '-';
	for (int i = 0; i < 9; i++)
		at[i] = mode & (0400u >> i) ? "rwxrwxrwx"[i] : '-';
	if (mode & (S_ISUID | S_ISGID | S_ISVTX)) {
		at[2] = execute_letter(mode & 0100, mode & S_ISUID, "Ss");
		at[5] = execute_letter(mode & 0010, mode & S_ISGID, "Ss");
		at[8] = execute_letter(mode & 0001, mode & S_ISVTX, "Tt");
	}
	return at + 9;
}

/* "Nov  5 12:34" or "Nov  5  2019". */
static char *put_time(char *at, int64_t seconds, int64_t now)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char digits[ARGUMENT_TIME]; /* YYYYMMDDHHMMSS */
	int month;

	argument_time_text(seconds, digits);
	month = (digits[4] - '0') * 10 + digits[5] - '0' - 1;
	at = put(at, months + (size_t)month * 3, 3);
	*at++ = ' ';
	*at++ = digits[6] == '0' ? ' ' : digits[6];
	*at++ = digits[7];
	*at++ = ' ';
	if (seconds <= now && seconds > now - RECENT_SECONDS) {
		at = put(at, digits + 8, 2);
		*at++ = ':';
		return put(at, digits + 10, 2);
	}
	*at++ = ' ';
	return put(at, digits, 4);
}

size_t listing_line_write(char text[LISTING_LINE], const struct store_file *file, int64_t now)
{
	static const char owners[] = " ftp      ftp     ";
	char *at = put_mode(text, file);

	at = put_number(at, file->links, 4);
	at = put(at, owners, sizeof(owners) - 1);
	at = put_number(at, (uint64_t)file->size, 8);
	*at++ = ' ';
	at = put_time(at, file->mtime, now);
	*at++ = ' ';
	return (size_t)(at - text);
}

bool listing_line_holds(const char *name)
{
	return name[strcspn(name, "\r\n")] == '\0';
}
