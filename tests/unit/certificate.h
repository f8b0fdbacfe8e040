/* Certificates that sign themselves, made for a test and written to files. */
#ifndef FTPOOL_TESTS_UNIT_CERTIFICATE_H
#define FTPOOL_TESTS_UNIT_CERTIFICATE_H

#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>

static inline void certificate_write_key(const char *file, EVP_PKEY *key, mode_t mode)
{
	FILE *out = fopen(file, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(out);
	ck_assert_int_eq(chmod(file, mode), 0);
}

/* A certificate for the name, good from a number of seconds before or after now to another one. */
static inline void certificate_make(
	const char *name, const char *file, const char *key_file, long from, long to)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);
	FILE *out = fopen(file, "w");

	ck_assert(key && certificate && out);
	X509_set_version(certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from);
	X509_gmtime_adj(X509_getm_notAfter(certificate), to);
	X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(certificate, subject);
	X509_set_pubkey(certificate, key);
	ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_X509(out, certificate), 1);
	fclose(out);
	certificate_write_key(key_file, key, 0600);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

#endif
