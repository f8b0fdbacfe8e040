#include "worker/ftp/sum.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 128 * 1024, CRC32_BYTES = 4 };

static const char *const names[] = {[SUM_SHA256] = "SHA-256",
	[SUM_SHA512] = "SHA-512",
	[SUM_SHA1] = "SHA-1",
	[SUM_MD5] = "MD5",
	[SUM_CRC32] = "CRC32"};

const char *sum_name(enum sum_kind kind)
{
	assert(kind < SUM_KINDS);
	return names[kind];
}

enum sum_kind sum_find(const char *name)
{
	enum sum_kind kind = 0;

	while (kind < SUM_KINDS && strcasecmp(name, names[kind]) != 0)
		kind++;
	return kind;
}

/* One that runs. */
struct sum {
	EVP_MD_CTX *digest; /* NULL: a CRC-32 */
	unsigned long crc;
};

static const EVP_MD *method_of(enum sum_kind kind)
{
	switch (kind) {
	case SUM_SHA256: return EVP_sha256();
	case SUM_SHA512: return EVP_sha512();
	case SUM_SHA1: return EVP_sha1();
	default: return EVP_md5();
	}
}

static int sum_begin(struct sum *sum, enum sum_kind kind)
{
	*sum = (struct sum){.crc = crc32(0, NULL, 0)};
	if (kind == SUM_CRC32)
		return 0;
	sum->digest = EVP_MD_CTX_new();
	if (!sum->digest)
		return -ENOMEM;
	/* libcrypto may have been told to do without the old ones. */
	return EVP_DigestInit_ex(sum->digest, method_of(kind), NULL) == 1 ? 0 : -EOPNOTSUPP;
}

static void sum_add(struct sum *sum, const unsigned char *bytes, size_t length)
{
	if (sum->digest) {
		int added = EVP_DigestUpdate(sum->digest, bytes, length);

		assert(added == 1);
	} else {
		sum->crc = crc32_z(sum->crc, bytes, length);
	}
}

static void sum_end(struct sum *sum, char text[SUM_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int size = CRC32_BYTES;

	if (sum->digest) {
		int ended = EVP_DigestFinal_ex(sum->digest, bytes, &size);

		assert(ended == 1 && 2 * size < SUM_TEXT);
	} else {
		for (unsigned int i = 0; i < CRC32_BYTES; i++)
			bytes[i] = (unsigned char)(sum->crc >> (24 - 8 * i));
	}
	for (unsigned int i = 0; i < size; i++) {
		*text++ = "0123456789abcdef"[bytes[i] >> 4];
		*text++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*text = '\0';
}

static int add_file(struct sum *sum, unsigned char *chunk, int file, int64_t first, int64_t end,
	int (*stop)(void *context), void *context)
{
	while (first < end) {
		size_t wanted = end - first < CHUNK ? (size_t)(end - first) : CHUNK;
		int told = stop ? stop(context) : 0;
		ssize_t got;

		if (told != 0)
			return told;
		got = pread(file, chunk, wanted, first);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -EIO;
		if (got > 0) {
			sum_add(sum, chunk, (size_t)got);
			first += got;
		}
	}
	return 0;
}

int sum_file(char text[SUM_TEXT], enum sum_kind kind, int file, int64_t first, int64_t end,
	int (*stop)(void *context), void *context)
{
	unsigned char *chunk = malloc(CHUNK);
	struct sum sum;
	int result;

	assert(kind < SUM_KINDS && first >= 0 && first <= end);
	result = sum_begin(&sum, kind);
	if (result == 0)
		result = chunk ? add_file(&sum, chunk, file, first, end, stop, context) : -ENOMEM;
	if (result == 0)
		sum_end(&sum, text);
	EVP_MD_CTX_free(sum.digest);
	free(chunk);
	return result;
}
