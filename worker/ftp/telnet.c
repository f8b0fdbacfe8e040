#include "worker/ftp/telnet.h"

#include <assert.h>
#include <stdbool.h>

/* RFC 854; those from LOWEST to SE - 1 are of RFC 1184. */
enum {
	TELNET_LOWEST = 236,
	TELNET_SE = 240,
	TELNET_SB = 250,
	TELNET_WILL,
	TELNET_WONT,
	TELNET_DO,
	TELNET_DONT,
	TELNET_IAC
};

/* What an IAC is the beginning of. */
struct command {
	size_t length; /* bytes that are no part of the line; 0: it has not come whole */
	bool byte;     /* and then a byte 255 is */
};

/* Up to and with IAC SE; 0 when that has not come. Each IAC in between goes with the byte after
 * it, so that IAC IAC SE is no end. */
static size_t subnegotiation_length(const unsigned char *at, size_t left)
{
	for (size_t i = 2; i + 1 < left; i++) {
		if (at[i] != TELNET_IAC)
			continue;
		if (at[i + 1] == TELNET_SE)
			return i + 2;
		i++;
	}
	return 0;
}

/* An IAC before what is no command. With nothing of the line before it, it is the rest of a Synch
 * whose data mark went another way (urgent data). Inside, somebody did not double a byte 255. */
static struct command command_read(const unsigned char *at, size_t left, bool line_begins)
{
	size_t length;

	if (left < 2)
		return (struct command){0};
	if (at[1] == TELNET_SB)
		return (struct command){.length = subnegotiation_length(at, left)};
	if (at[1] == TELNET_IAC)
		return (struct command){.length = 2, .byte = true};
	if (at[1] < TELNET_LOWEST)
		return (struct command){.length = 1, .byte = !line_begins};
	length = at[1] >= TELNET_WILL ? 3 : 2;
	return (struct command){.length = length <= left ? length : 0};
}

/* No option is ever agreed to (RFC 1123 4.1.2.12). WONT and DONT want no answer. */
static void refuse_option(struct telnet *telnet, const unsigned char *command)
{
	char *answer = telnet->answer + telnet->answer_length;

	if (command[1] != TELNET_WILL && command[1] != TELNET_DO)
		return;
	if (sizeof(telnet->answer) - telnet->answer_length < 3)
		return;
	answer[0] = (char)TELNET_IAC;
	answer[1] = (char)(command[1] == TELNET_WILL ? TELNET_DONT : TELNET_WONT);
	answer[2] = (char)command[2];
	telnet->answer_length += 3;
}

/* Bytes beyond the room are counted alone. */
static void add_byte(struct telnet *telnet, char *line, size_t size, unsigned char byte)
{
	if (telnet->length < size - 1)
		line[telnet->length] = (char)byte;
	telnet->length++;
}

static enum telnet_outcome end_line(struct telnet *telnet, char *line, size_t size, bool after_cr)
{
	bool fits;

	telnet->length -= after_cr;
	fits = telnet->length < size;
	if (!fits)
		telnet->length = size - 1;
	line[telnet->length] = '\0';
	return fits ? TELNET_LINE : TELNET_TOO_LONG;
}

enum telnet_outcome telnet_line(
	struct telnet *telnet, const char *raw, size_t length, char *line, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)raw;
	bool after_cr = false;

	assert(size > 0);
	telnet->length = telnet->answer_length = 0;
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == TELNET_IAC) {
			struct command command =
				command_read(bytes + i, length - i, telnet->length == 0);

			if (command.length == 0)
				break;
			if (command.length == 3)
				refuse_option(telnet, bytes + i);
			if (command.byte) {
				add_byte(telnet, line, size, TELNET_IAC);
				after_cr = false;
			}
			i += command.length - 1;
		} else if (bytes[i] == '\n') {
			telnet->taken = i + 1;
			return end_line(telnet, line, size, after_cr);
		} else {
			if (bytes[i] != '\0' || !after_cr)
				add_byte(telnet, line, size, bytes[i]);
			after_cr = bytes[i] == '\r';
		}
	}
	telnet->taken = telnet->length = telnet->answer_length = 0;
	return TELNET_UNFINISHED;
}
