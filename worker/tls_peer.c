#include "worker/tls_peer.h"

#include <ctype.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { FINGERPRINT = 32 };

/* A session that is resumed tells of a certificate that was good when it began. */
static bool is_still_good(const struct tls_link *link, X509 *certificate)
{
	X509_STORE *authorities = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(link->ssl));
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	bool good = check && X509_STORE_CTX_init(check, authorities, certificate, NULL) &&
		    X509_STORE_CTX_set_default(check, "ssl_client") && X509_verify_cert(check) == 1;

	X509_STORE_CTX_free(check);
	return good;
}

/* Names that do not fit, or hold bytes with which they could pass for others, count for nothing. */
static void add(char names[CERTIFICATE_NAMES], const char *kind, const char *name, size_t length)
{
	size_t used = strlen(names), kind_length = strlen(kind);

	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)name[i]) || name[i] == ',')
			return;
	}
	if (used + kind_length + length + 2 > CERTIFICATE_NAMES)
		return;
	memcpy(names + used, kind, kind_length);
	memcpy(names + used + kind_length, name, length);
	memcpy(names + used + kind_length + length, "\n", 2);
}

static void add_fingerprint(char names[CERTIFICATE_NAMES], const X509 *certificate)
{
	unsigned char digest[FINGERPRINT];
	char digits[2 * FINGERPRINT + 1];
	unsigned int size = 0;

	if (!X509_digest(certificate, EVP_sha256(), digest, &size) || size != FINGERPRINT)
		return;
	for (size_t i = 0; i < FINGERPRINT; i++)
		snprintf(digits + 2 * i, 3, "%02x", digest[i]);
	add(names, "sha256:", digits, 2 * FINGERPRINT);
}

/* The last of several is the most specific one. */
static void add_common_name(char names[CERTIFICATE_NAMES], const X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int last = -1, next;
	unsigned char *text = NULL;
	int length;

	while ((next = X509_NAME_get_index_by_NID(subject, NID_commonName, last)) >= 0)
		last = next;
	if (last < 0)
		return;
	length = ASN1_STRING_to_UTF8(
		&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
	if (length > 0)
		add(names, "cn:", (const char *)text, (size_t)length);
	OPENSSL_free(text);
}

static void add_alternatives(char names[CERTIFICATE_NAMES], const X509 *certificate)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		const char *kind = one->type == GEN_DNS     ? "dns:"
				   : one->type == GEN_EMAIL ? "email:"
							    : NULL;

		if (kind)
			add(names, kind, (const char *)ASN1_STRING_get0_data(one->d.ia5),
				(size_t)ASN1_STRING_length(one->d.ia5));
	}
	GENERAL_NAMES_free(all);
}

bool tls_peer_names(const struct tls_link *link, char names[CERTIFICATE_NAMES])
{
	X509 *certificate = SSL_get0_peer_certificate(link->ssl);

	names[0] = '\0';
	if (!certificate || SSL_get_verify_result(link->ssl) != X509_V_OK)
		return false;
	if (SSL_session_reused(link->ssl) && !is_still_good(link, certificate))
		return false;
	add_fingerprint(names, certificate);
	add_common_name(names, certificate);
	add_alternatives(names, certificate);
	return true;
}
