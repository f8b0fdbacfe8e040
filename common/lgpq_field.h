/* The fields of LGPQ's framed mode: names as they stand on the wire. A name may hold any byte but
 * NUL; TAB, LF and % are written %09 %0A %25 (NUL would be %00, which no file name can hold).
 * Pure; shared by the server and the client so that both mean the same. */
#ifndef FTPOOL_COMMON_LGPQ_FIELD_H
#define FTPOOL_COMMON_LGPQ_FIELD_H

#include <stddef.h>
#include <stdint.h>

/* Room that an encoded name of `length` bytes needs at most, its NUL included. */
#define LGPQ_FIELD_ENCODED(length) (3 * (length) + 1)

/* Writes the name as a field, ending in NUL. Returns the field's length. */
size_t lgpq_field_encode(char *field, const char *name, size_t length);

/* Turns a field of `length` bytes into the name, ending in NUL; needs room for length + 1 bytes and
 * may work in place. Returns the name's length, or -EINVAL: a % without two hexadecimal digits, a
 * NUL (plain or %00), or nothing at all. */
int lgpq_field_decode(char *name, const char *field, size_t length);

/* A whole decimal number without sign, up to INT64_MAX. 0, or -EINVAL. */
int lgpq_field_number(int64_t *number, const char *field, size_t length);

#endif
