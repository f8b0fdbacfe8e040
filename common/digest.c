#include "common/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>

/* The handle of libcrypto itself: the type here only keeps its header out of ours. */
static EVP_MD_CTX *inner(struct digest *digest)
{
	return (EVP_MD_CTX *)digest;
}

struct digest *digest_new(void)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return (struct digest *)context;
}

void digest_free(struct digest *digest)
{
	EVP_MD_CTX_free(inner(digest));
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
	int added = EVP_DigestUpdate(inner(digest), bytes, length);

	assert(added == 1);
}

char *digest_text(struct digest *digest, char text[DIGEST_TEXT])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int ended = EVP_DigestFinal_ex(inner(digest), sum, &size);

	assert(ended == 1 && size == (DIGEST_TEXT - 1) / 2);
	for (unsigned int i = 0; i < size; i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", sum[i]);
	return text;
}
