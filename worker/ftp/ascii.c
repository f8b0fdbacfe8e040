#include "worker/ftp/ascii.h"

#include <string.h>

/* The bytes before the next `wanted`, and all of them if there is none, are copied as one run:
 * memchr(3) and memcpy(3) go through them many at a time. */
static size_t run_length(const char *in, size_t length, char wanted)
{
	const char *found = memchr(in, wanted, length);

	return found ? (size_t)(found - in) : length;
}

size_t ascii_encode(struct ascii *ascii, char *out, const char *in, size_t length)
{
	bool after_cr = ascii->after_cr;
	char *to = out;

	for (size_t i = 0; i < length;) {
		size_t run = run_length(in + i, length - i, '\n');

		if (run > 0) {
			memcpy(to, in + i, run);
			to += run;
			i += run;
			after_cr = in[i - 1] == '\r';
		}
		if (i < length) {
			if (!after_cr)
				*to++ = '\r';
			*to++ = '\n';
			i++;
			after_cr = false;
		}
	}
	ascii->after_cr = after_cr;
	return (size_t)(to - out);
}

size_t ascii_decode(struct ascii *ascii, char *out, const char *in, size_t length)
{
	char *to = out;
	size_t i = 0;

	if (length == 0)
		return 0;
	if (ascii->after_cr && in[0] != '\n')
		*to++ = '\r';
	for (;;) {
		size_t run = run_length(in + i, length - i, '\r');

		memcpy(to, in + i, run);
		to += run;
		i += run + 1; /* behind the CR */
		if (i >= length)
			break;
		if (in[i] != '\n')
			*to++ = '\r';
	}
	/* A CR at the very end is held back until it is known what follows. */
	ascii->after_cr = i == length;
	return (size_t)(to - out);
}

size_t ascii_decode_end(struct ascii *ascii, char *out)
{
	if (!ascii->after_cr)
		return 0;
	ascii->after_cr = false;
	out[0] = '\r';
	return 1;
}
