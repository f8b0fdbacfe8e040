/* The arguments of FTP commands that are more than a path, read by the letter. Pure.
 *
 * Each returns 0, or -EINVAL for what is no such argument (501), or what it says; nothing is
 * written then. Blanks around an argument were taken off before. */
#ifndef FTPOOL_WORKER_FTP_ARGUMENT_H
#define FTPOOL_WORKER_FTP_ARGUMENT_H

#include "common/address.h"

#include <stdint.h>

/* PORT (RFC 959 4.1.2): "h1,h2,h3,h4,p1,p2", each of one to three digits; no port 0. */
int argument_port(struct address *address, const char *text);

/* EPRT (RFC 2428 2): "|1|192.0.2.1|6275|", "|2|2001:db8::1|5282|"; any printable delimiter. No
 * port 0, and no interface: the scope of a link-local address is the caller's to fill in.
 * -EAFNOSUPPORT for a well-formed one of another network protocol (522). */
int argument_eprt(struct address *address, const char *text);

/* EPSV (RFC 2428 3): "" (*family 0), "1" (AF_INET), "2" (AF_INET6), "ALL" (*family -1, in any
 * case). -EAFNOSUPPORT for another number (522). */
int argument_epsv(int *family, const char *text);

/* REST and the like (RFC 3659 5.3): decimal digits, at most INT64_MAX. */
int argument_number(int64_t *number, const char *text);

/* ALLO (RFC 959): "N" or "N R N"; only the first number counts. */
int argument_allo(int64_t *bytes, const char *text);

/* RANG (draft-bryan-ftp-range): "FIRST LAST", both inclusive, FIRST <= LAST; "1 0" resets:
 * *first 0, *last -1. */
int argument_range(int64_t *first, int64_t *last, const char *text);

/* RFC 3659 2.3: "YYYYMMDDHHMMSS" with an optional fraction, which is dropped; UTC, a real date.
 * Seconds since 1970, which may be negative. */
int argument_time(int64_t *unix_seconds, const char *text);

/* The other way: 14 digits. Years beyond 9999 or before 0 become the nearest that can be written.
 * Returns text. */
enum { ARGUMENT_TIME = 15 };
char *argument_time_text(int64_t unix_seconds, char text[ARGUMENT_TIME]);

/* MFMT, MFCT (draft-somers-ftp-mfxx): "TIME path". *path points into text. One blank ends the time;
 * those behind it are the path's. */
int argument_time_path(int64_t *unix_seconds, const char **path, const char *text);

/* HOST (RFC 7151 3.1): a name of letters, digits, - and dots, an IPv4 address, or an IPv6 address
 * in []. Only checked. */
int argument_host(const char *text);

/* SITE CHMOD: "MODE path" with one to four octal digits. *path points into text. */
int argument_mode_path(uint32_t *mode, const char **path, const char *text);

/* SITE UTIME, both forms: "YYYYMMDDhhmm[ss] path", and "path ATIME MTIME CTIME UTC" with 14-digit
 * times, of which MTIME counts; all in UTC. What may be either is the second. *path_length bytes at
 * *path, which points into text. */
int argument_utime(int64_t *unix_seconds, const char **path, size_t *path_length, const char *text);

#endif
