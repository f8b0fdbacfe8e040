/* The checksums of HASH (draft-bryan-ftp-hash) and of XCRC, XMD5, XSHA1, XSHA256, XSHA512:
 * libcrypto does them, and zlib the CRC-32. */
#ifndef FTPOOL_WORKER_FTP_SUM_H
#define FTPOOL_WORKER_FTP_SUM_H

#include <stdbool.h>
#include <stdint.h>

enum sum_kind { SUM_SHA256, SUM_SHA512, SUM_SHA1, SUM_MD5, SUM_CRC32, SUM_KINDS };

enum { SUM_TEXT = 129 };

/* "SHA-256" … "CRC32", as HASH names them. */
const char *sum_name(enum sum_kind kind);

/* The kind of a name in any case; SUM_KINDS: none of ours. */
enum sum_kind sum_find(const char *name);

/* The sum of the file's bytes from `first` up to but not with `end`, in lower-case hexadecimal
 * digits. Reads with pread(2). stop (may be NULL) is asked before each chunk of 128 KiB or so; what
 * it returns but 0 ends the work and is returned. 0; -EIO when the file is shorter; -EOPNOTSUPP
 * when libcrypto has been told to do without that kind; -ENOMEM; or -errno. */
int sum_file(char text[SUM_TEXT], enum sum_kind kind, int file, int64_t first, int64_t end,
	int (*stop)(void *context), void *context);

#endif
