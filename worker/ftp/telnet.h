/* The telnet side of the control connection (RFC 959 4.1.3 and 8, RFC 854, RFC 1123 4.1.2.12): what
 * came, as lines without telnet's commands. Pure. */
#ifndef FTPOOL_WORKER_FTP_TELNET_H
#define FTPOOL_WORKER_FTP_TELNET_H

#include <stddef.h>

enum { TELNET_ANSWER = 48 };

enum telnet_outcome {
	TELNET_LINE,       /* a whole line */
	TELNET_UNFINISHED, /* none yet; nothing is taken */
	TELNET_TOO_LONG    /* it does not fit; what is taken of it is to be forgotten */
};

struct telnet {
	size_t taken;  /* bytes of raw that are used up, the line's end among them */
	size_t length; /* of the line, without its end */
	/* Refusals of the options that the peer wanted (IAC DONT x, IAC WONT x), to be sent back;
	 * those over the room are left out. */
	size_t answer_length;
	char answer[TELNET_ANSWER];
};

/* Takes the first line of what came. Its end is LF, with or without a CR before it; CR NUL is CR
 * (RFC 854). Telnet's commands are left out wherever they stand, also when an option's number is
 * that of LF; a doubled 255 is one byte 255 of the line. An LF inside of no command always ends the
 * line. The line is written to `line`, size bytes with the NUL that is put behind it; a NUL that
 * came in it is in `length`.
 *
 * A 255 before what is no command is left out where the line begins (the rest of a Synch whose data
 * mark was lost as urgent data), and is a byte of the line elsewhere (a name whose client does not
 * double it).
 *
 * With `raw` as long as the caller's buffer ever gets and no end in it, TELNET_UNFINISHED says so;
 * TELNET_TOO_LONG is for a line that is whole and longer than `size` - 1: it is taken, and as much
 * as fits of it is in `line`. */
enum telnet_outcome telnet_line(
	struct telnet *telnet, const char *raw, size_t length, char *line, size_t size);

#endif
