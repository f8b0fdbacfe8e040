/* UTF-8 as far as logs need it: is this one character, and a harmless one? */
#ifndef FTPOOL_COMMON_UTF8_H
#define FTPOOL_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character of more than one byte at p, or 0 if there is no well-formed one (RFC
 * 3629). C1 controls (U+0080 to U+009F) count as malformed: terminals obey them. */
size_t utf8_length(const unsigned char *p, size_t left);

/* Is such a character one that breaks a line (U+2028, U+2029) or turns the direction of what stands
 * behind it, so that a reader sees another text than there is? */
bool utf8_misleads(const unsigned char *p, size_t length);

#endif
