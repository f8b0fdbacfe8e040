/* TYPE A (RFC 959 3.1.1.1): lines end in CR LF on the wire and in LF on the disk. Pure; chunk by
 * chunk, with the same result however the bytes are cut. `in` and `out` do not overlap. */
#ifndef FTPOOL_WORKER_FTP_ASCII_H
#define FTPOOL_WORKER_FTP_ASCII_H

#include <stdbool.h>
#include <stddef.h>

/* One for each transfer; zeroed at its beginning. */
struct ascii {
	bool after_cr; /* the last byte was a CR */
};

/* To the wire: LF becomes CR LF, unless a CR is before it already, so that a file with DOS line
 * ends does not get doubled ones. out holds 2 * length bytes. Returns how many it wrote. */
size_t ascii_encode(struct ascii *ascii, char *out, const char *in, size_t length);

/* From the wire: CR LF becomes LF; any other CR stays. out holds length + 1 bytes. */
size_t ascii_decode(struct ascii *ascii, char *out, const char *in, size_t length);

/* The end of what came: writes the CR that was held back, if there is one. out holds 1 byte. */
size_t ascii_decode_end(struct ascii *ascii, char *out);

#endif
