/* The end of a file in LGPQ's bare mode: "##", sent alone after a pause. The file may hold the same
 * bytes, so the last two are kept back until what follows tells what they were. Pure. */
#ifndef FTPOOL_CLIENT_ENDMARK_H
#define FTPOOL_CLIENT_ENDMARK_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ENDMARK_PAUSE_MS = 50,  /* bytes that come after such a silence may be the mark alone */
	ENDMARK_ALONE_MS = 300, /* the silence that proves a mark that came alone */
	ENDMARK_GLUED_MS = 3000 /* … and one that came with the last bytes, as on a slow line */
};

/* All zero at the file's beginning. */
struct endmark {
	int kept; /* 0 to 2 bytes '#' that were kept back */
	bool alone;
};

/* Takes the bytes that came in, after_pause or not. Returns how many of the kept bytes belong to
 * the file, to be written before these; *length becomes how many of these do. */
int endmark_take(struct endmark *mark, const char *bytes, size_t *length, bool after_pause);

/* The silence after which the kept bytes are the mark; 0: they cannot be. */
int endmark_wait_ms(const struct endmark *mark);

#endif
