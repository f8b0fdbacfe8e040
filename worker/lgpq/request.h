/* One request of LGPQ's framed mode, read from its line. Pure. */
#ifndef FTPOOL_WORKER_LGPQ_REQUEST_H
#define FTPOOL_WORKER_LGPQ_REQUEST_H

#include <stddef.h>
#include <stdint.h>

struct request {
	char letter;      /* L G P S Q */
	const char *name; /* decoded, inside the line; NULL for L and Q */
	size_t name_length;
	int64_t size;   /* P: of the whole file */
	int64_t offset; /* G and P: 0 when it was left out */
};

enum request_fault { REQUEST_FINE, REQUEST_BAD, REQUEST_BAD_NAME, REQUEST_BAD_OFFSET };

/* Reads a line without its \n. The line is changed: the name is decoded where it stands, and the
 * byte behind it becomes NUL; line[length] must be writable. */
enum request_fault request_parse(struct request *request, char *line, size_t length);

#endif
