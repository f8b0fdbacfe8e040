#include "client/doctor_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAY_SECONDS = 24 * 3600, DAYS_FEW = 21 };

/* A file of certificates: the first is the server's, the others vouch for it. */
struct chain {
	const char *file;
	X509 *leaf;
	STACK_OF(X509) * others;
};

static int chain_read(struct chain *chain, const char *file)
{
	FILE *in = fopen(file, "re");
	X509 *one;

	*chain = (struct chain){.file = file, .others = sk_X509_new_null()};
	if (!in)
		return -errno;
	chain->leaf = PEM_read_X509(in, NULL, NULL, NULL);
	while (chain->leaf && chain->others && (one = PEM_read_X509(in, NULL, NULL, NULL)))
		sk_X509_push(chain->others, one);
	ERR_clear_error();
	fclose(in);
	return chain->leaf ? 0 : -EINVAL;
}

static void chain_close(struct chain *chain)
{
	X509_free(chain->leaf);
	sk_X509_pop_free(chain->others, X509_free);
}

/* ---- days ---- */

static int64_t unix_time(const ASN1_TIME *when)
{
	struct tm broken;

	return ASN1_TIME_to_tm(when, &broken) ? timegm(&broken) : 0;
}

static void check_days(struct doctor *doctor, const struct chain *chain)
{
	int64_t now = time(NULL);
	int64_t left = unix_time(X509_get0_notAfter(chain->leaf)) - now;
	int64_t until = unix_time(X509_get0_notBefore(chain->leaf)) - now;

	if (left <= 0 || until > 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, chain->file,
				"clients refuse to talk to the server",
				until > 0 ? "look at the clock; or wait" : "renew it"},
			until > 0 ? "the certificate is not good yet, for %jd days"
				  : "the certificate has expired, %jd days ago",
			(intmax_t)((until > 0 ? until : -left) / DAY_SECONDS));
	else if (left < (int64_t)DAYS_FEW * DAY_SECONDS)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, chain->file,
				"after that, clients refuse to talk to the server",
				"renew it; the server reads the new one by itself"},
			"the certificate is good for %jd more days",
			(intmax_t)(left / DAY_SECONDS));
	else
		doctor_note(doctor, "%s is good for %jd days", chain->file,
			(intmax_t)(left / DAY_SECONDS));
}

/* ---- who vouches ---- */

static bool is_self_signed(X509 *certificate)
{
	return X509_NAME_cmp(
		       X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

/* With what the file has and what the system trusts: X509_V_OK or why not. Days are looked at
 * elsewhere. */
static int verify(const struct chain *chain)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int verdict = X509_V_ERR_UNSPECIFIED;

	if (store && context && X509_STORE_set_default_paths(store) == 1 &&
		X509_STORE_CTX_init(context, store, chain->leaf, chain->others) == 1) {
		X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME);
		verdict = X509_verify_cert(context) == 1 ? X509_V_OK
							 : X509_STORE_CTX_get_error(context);
	}
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return verdict;
}

static void check_chain(struct doctor *doctor, const struct chain *chain)
{
	int verdict = verify(chain);

	if (verdict == X509_V_OK)
		return;
	if (is_self_signed(chain->leaf))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, chain->file,
				"clients have to be told to trust it, each of them",
				"get one that an authority has signed"},
			"the certificate is signed by itself");
	else if (verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
		 verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		doctor_find(doctor,
			(struct doctor_finding){
				sk_X509_num(chain->others) > 0 ? DOCTOR_ADVICE : DOCTOR_FAULT,
				chain->file,
				"clients that do not know the one in between refuse to talk to the "
				"server",
				"put the intermediate certificates into the file, behind it"},
			"the chain does not lead to anybody whom this system trusts; it holds %d "
			"certificates",
			1 + sk_X509_num(chain->others));
	else
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, chain->file,
				"clients refuse to talk to the server",
				"openssl verify tells more; get a new one"},
			"the chain is not good: %s", X509_verify_cert_error_string(verdict));
}

/* ---- names ---- */

static void check_names(struct doctor *doctor, const struct chain *chain)
{
	const struct config_list *told = &doctor->config->passive_address;

	if (X509_get_ext_by_NID(chain->leaf, NID_subject_alt_name, -1) < 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, chain->file,
				"clients trust no certificate without one (RFC 6125)",
				"get one with subjectAltName; ftpctl cert self-signed makes such"},
			"the certificate names no host in subjectAltName");
	/* A name that clients know is one of passive.address. */
	for (size_t i = 0; i < told->count; i++) {
		const char *name = told->items[i];

		if (!strpbrk(name, "=/:") && strpbrk(name, "ghijklmnopqrstuvwxyz") &&
			X509_check_host(chain->leaf, name, strlen(name), 0, NULL) != 1)
			doctor_find(doctor,
				(struct doctor_finding){DOCTOR_ADVICE, chain->file,
					"clients that connect to that name refuse the certificate",
					"get one for that name too"},
				"the certificate is not for %s, which passive.address names", name);
	}
}

/* ---- the key ---- */

static void check_key(struct doctor *doctor, const struct chain *chain, const char *file)
{
	FILE *in = fopen(file, "re");
	EVP_PKEY *key = in ? PEM_read_PrivateKey(in, NULL, NULL, (void *)"") : NULL;
	struct stat status;
	bool open_to_all = in && fstat(fileno(in), &status) == 0 && (status.st_mode & 0007);

	if (in && (!key || X509_check_private_key(chain->leaf, key) != 1))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, file,
				"the server starts no more, or keeps the old certificate",
				"put the key beside the certificate it was made for"},
			key ? "the key does not fit the certificate %s"
			    : "holds no private key for %s that could be read",
			chain->file);
	if (open_to_all)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, file,
				"whoever can read it can pose as this server", "chmod o-rwx"},
			"the private key is open to everybody");
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (in)
		fclose(in);
}

static void check_one(struct doctor *doctor, const char *file, const char *key)
{
	struct chain chain;
	int error = chain_read(&chain, file);

	if (error == -EACCES)
		doctor_note(doctor, "%s can be read by root alone", file);
	else if (error < 0)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, file,
				"the server starts no more, or keeps the old certificate",
				"name a file in PEM form"},
			"no certificate: %s",
			error == -EINVAL ? "none is in that file" : strerror(-error));
	if (error == 0) {
		check_days(doctor, &chain);
		check_chain(doctor, &chain);
		check_names(doctor, &chain);
		check_key(doctor, &chain, key);
	}
	chain_close(&chain);
}

void doctor_check_certificates(struct doctor *doctor)
{
	const struct config_list *files = &doctor->config->tls_certificates;
	const struct config_list *keys = &doctor->config->tls_keys;

	for (size_t i = 0; i < files->count; i++)
		check_one(doctor, files->items[i],
			i < keys->count ? keys->items[i] : files->items[i]);
	if (files->count == 0)
		doctor_note(doctor, "no TLS");
}
