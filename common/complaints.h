/* What is wrong with what an administrator wrote: every fault is told, each on a line of its own,
 * before anything is given up. */
#ifndef FTPOOL_COMMON_COMPLAINTS_H
#define FTPOOL_COMMON_COMPLAINTS_H

#include <stdio.h>

struct complaints {
	FILE *to;
	unsigned int count;
};

/* The place a value came from: a line of a file, or (line 0) the words of a command line. */
struct origin {
	const char *file;
	unsigned int line;
};

/* Writes "file:line: what is wrong; what would be right" and counts it. */
void complain(struct complaints *complaints, struct origin origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
