#include "worker/tls_pem.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

static int refuse(const struct config *config, const char *option, const char *file,
	const char *what, struct complaints *complaints)
{
	complain(complaints, config_origin(config, "tls", NULL, option), "%s = \"%s\": %s", option,
		file, what);
	return -EINVAL;
}

/* NULL only when memory is short, and then what is made of it is NULL as well. */
static BIO *open_text(const struct tls_text *text)
{
	ERR_clear_error();
	return BIO_new_mem_buf(text->bytes ? text->bytes : "", (int)text->length);
}

/* A key behind a passphrase would have the service wait for somebody to type it. */
static int no_passphrase(char *text, int size, int writing, void *nothing)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)nothing;
	return -1;
}

/* ---- the certificate ---- */

int64_t tls_pem_expires_unix(const X509 *certificate)
{
	struct tm end;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end))
		return 0;
	return timegm(&end);
}

static const char *fault_of_dates(const X509 *certificate)
{
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return "it has expired; renew it, or name another";
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		return "it is not good yet; is the clock right?";
	return NULL;
}

/* The server's own comes first, then those that vouch for it. NULL when all is well. */
static const char *use_chain(SSL_CTX *context, BIO *text)
{
	X509 *certificate = PEM_read_bio_X509_AUX(text, NULL, no_passphrase, NULL);
	const char *fault = NULL;

	if (!certificate)
		return "holds no certificate in PEM form";
	if (SSL_CTX_use_certificate(context, certificate) != 1)
		fault = "its key is too weak: 2048 bits (RSA) or 256 (EC) at least are right";
	else
		fault = fault_of_dates(certificate);
	X509_free(certificate);
	while (!fault && (certificate = PEM_read_bio_X509(text, NULL, no_passphrase, NULL))) {
		if (SSL_CTX_add0_chain_cert(context, certificate) == 1)
			continue;
		X509_free(certificate);
		fault = "a certificate of its chain cannot be used";
	}
	return fault;
}

/* ---- the key ---- */

static const char *use_key(SSL_CTX *context, BIO *text)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL);
	bool fits;

	if (!key)
		return "holds no private key in PEM form that has no passphrase";
	fits = X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1 &&
	       SSL_CTX_use_PrivateKey(context, key) == 1;
	EVP_PKEY_free(key);
	return fits ? NULL : "the key does not fit its certificate; are they in the same order?";
}

int tls_pem_use_identity(SSL_CTX *context, const struct tls_material *material,
	const struct config *config, size_t which, struct complaints *complaints)
{
	bool apart = config->tls_keys.count > 0;
	const char *file = config->tls_certificates.items[which];
	BIO *text = open_text(&material->certificates[which]);
	const char *fault = use_chain(context, text);

	BIO_free(text);
	if (fault)
		return refuse(config, "certificate", file, fault, complaints);
	text = open_text(apart ? &material->keys[which] : &material->certificates[which]);
	fault = use_key(context, text);
	BIO_free(text);
	ERR_clear_error(); /* the end of a text is an error to who reads on */
	if (fault)
		return refuse(config, apart ? "key" : "certificate",
			apart ? config->tls_keys.items[which] : file, fault, complaints);
	return 0;
}

/* ---- clients ---- */

static size_t add_authorities(SSL_CTX *context, BIO *text)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	X509 *certificate;
	size_t count = 0;

	while ((certificate = PEM_read_bio_X509(text, NULL, no_passphrase, NULL)) != NULL) {
		count += X509_STORE_add_cert(store, certificate) == 1 &&
			 SSL_CTX_add_client_CA(context, certificate) == 1;
		X509_free(certificate);
	}
	return count;
}

static size_t add_revocations(SSL_CTX *context, BIO *text)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	X509_CRL *list;
	size_t count = 0;

	while ((list = PEM_read_bio_X509_CRL(text, NULL, no_passphrase, NULL)) != NULL) {
		count += X509_STORE_add_crl(store, list) == 1;
		X509_CRL_free(list);
	}
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return count;
}

int tls_pem_use_authorities(SSL_CTX *context, const struct tls_material *material,
	const struct config *config, struct complaints *complaints)
{
	BIO *text = open_text(&material->ca);
	size_t count = add_authorities(context, text);

	BIO_free(text);
	if (count == 0)
		return refuse(config, "ca", config->tls_ca, "holds no certificate in PEM form",
			complaints);
	if (material->crl.length == 0)
		return 0;
	text = open_text(&material->crl);
	count = add_revocations(context, text);
	BIO_free(text);
	return count > 0 ? 0
			 : refuse(config, "crl", config->tls_crl,
				   "holds no revocation list in PEM form", complaints);
}
