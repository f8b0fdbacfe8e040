#include "worker/tls_alpn.h"

#include "worker/tls_link.h"

#include <string.h>

/* In order of our liking. "ftp" is registered (RFC 7301 6); the others are what FileZilla says. */
static const char *const names[][4] = {
	[TLS_USE_FTP] = {"ftp", "x-filezilla-ftp", NULL},
	[TLS_USE_FTP_DATA] = {"ftp-data", "ftp", "x-filezilla-ftp", NULL},
	[TLS_USE_OTHER] = {"lgpq", NULL},
};

/* The offer is a list of texts, each with its length in one byte before it; OpenSSL has checked it.
 */
static const unsigned char *find(const unsigned char *offer, unsigned int size, const char *name)
{
	size_t length = strlen(name);

	for (unsigned int at = 0; at < size; at += offer[at] + 1u) {
		if (offer[at] == length && memcmp(offer + at + 1, name, length) == 0)
			return offer + at + 1;
	}
	return NULL;
}

static int choose(SSL *ssl, const unsigned char **out, unsigned char *length,
	const unsigned char *offer, unsigned int size, void *nothing)
{
	const struct tls_link *link = SSL_get_app_data(ssl);

	(void)nothing;
	for (const char *const *name = names[link->use]; *name; name++) {
		*out = find(offer, size, *name);
		*length = (unsigned char)strlen(*name);
		if (*out)
			return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void tls_alpn_set_up(SSL_CTX *context)
{
	SSL_CTX_set_alpn_select_cb(context, choose, NULL);
}
