#include "worker/tls_files.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int refuse(const struct config *config, const char *option, const char *file,
	const char *what, struct complaints *complaints)
{
	complain(complaints, config_origin(config, "tls", NULL, option), "%s = \"%s\": %s", option,
		file, what);
	ERR_clear_error();
	return -EINVAL;
}

static int refuse_unreadable(const struct config *config, const char *option, const char *file,
	int error, struct complaints *complaints)
{
	complain(complaints, config_origin(config, "tls", NULL, option),
		"%s = \"%s\" cannot be read: %s; name a file that the user who starts the service "
		"can read",
		option, file, strerror(error));
	return -EINVAL;
}

/* ---- the certificate ---- */

int64_t tls_files_expires_unix(const X509 *certificate)
{
	struct tm end;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end))
		return 0;
	return timegm(&end);
}

static int check_dates(const struct config *config, const char *file, const X509 *certificate,
	struct complaints *complaints)
{
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return refuse(config, "certificate", file,
			"it has expired; renew it, or name another", complaints);
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		return refuse(config, "certificate", file,
			"it is not good yet; is the clock right?", complaints);
	return 0;
}

static int read_certificate(SSL_CTX *context, const struct config *config, const char *file,
	struct complaints *complaints)
{
	if (access(file, R_OK) < 0)
		return refuse_unreadable(config, "certificate", file, errno, complaints);
	if (SSL_CTX_use_certificate_chain_file(context, file) != 1)
		return refuse(config, "certificate", file,
			"holds no certificate that can be used; it has to be in PEM form, the "
			"server's own first, with a key of 2048 bits (RSA) or 256 (EC) at least",
			complaints);
	return check_dates(config, file, SSL_CTX_get0_certificate(context), complaints);
}

/* ---- the key ---- */

/* A key file may belong to root or to who starts the service; of others only the group may read,
 * for keys that several services share. */
static int check_mode(const struct config *config, const char *option, const char *file,
	struct complaints *complaints)
{
	struct stat status;

	if (stat(file, &status) < 0 || access(file, R_OK) < 0)
		return refuse_unreadable(config, option, file, errno, complaints);
	if (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP))
		return refuse(config, option, file,
			"the private key in it is open to others; chmod 600 (or 640) is right",
			complaints);
	return 0;
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

static int read_key(
	SSL_CTX *context, const struct config *config, size_t which, struct complaints *complaints)
{
	bool apart = config->tls_keys.count > 0;
	const char *option = apart ? "key" : "certificate";
	const char *file =
		apart ? config->tls_keys.items[which] : config->tls_certificates.items[which];
	int error = check_mode(config, option, file, complaints);

	if (error < 0)
		return error;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) != 1)
		return refuse(config, option, file,
			ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH
				? "the key does not fit its certificate; are they in the same "
				  "order?"
				: "holds no private key that can be used, in PEM form and without "
				  "a passphrase",
			complaints);
	if (SSL_CTX_check_private_key(context) != 1)
		return refuse(
			config, option, file, "the key does not fit its certificate", complaints);
	return 0;
}

int tls_files_read_identity(
	SSL_CTX *context, const struct config *config, size_t which, struct complaints *complaints)
{
	const char *file = config->tls_certificates.items[which];
	int error = read_certificate(context, config, file, complaints);

	ERR_clear_error();
	return error < 0 ? error : read_key(context, config, which, complaints);
}

/* ---- clients ---- */

static int read_crl(X509_STORE *store, const struct config *config, struct complaints *complaints)
{
	const char *file = config->tls_crl;
	X509_LOOKUP *lookup;

	if (access(file, R_OK) < 0)
		return refuse_unreadable(config, "crl", file, errno, complaints);
	lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	if (!lookup || X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) <= 0)
		return refuse(
			config, "crl", file, "holds no revocation list in PEM form", complaints);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return 0;
}

int tls_files_read_authorities(
	SSL_CTX *context, const struct config *config, struct complaints *complaints)
{
	const char *file = config->tls_ca;
	STACK_OF(X509_NAME) * names;

	if (access(file, R_OK) < 0)
		return refuse_unreadable(config, "ca", file, errno, complaints);
	names = SSL_load_client_CA_file(file);
	if (!names || SSL_CTX_load_verify_file(context, file) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return refuse(config, "ca", file, "holds no certificate in PEM form", complaints);
	}
	SSL_CTX_set_client_CA_list(context, names); /* which takes them over */
	return config->tls_crl[0] ? read_crl(SSL_CTX_get_cert_store(context), config, complaints)
				  : 0;
}
