#include "client/ctl_cert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DAY_SECONDS = 24 * 3600, GOOD_DAYS = 365, LONGEST_NAME = 253 };

static enum ctl_exit usage(FILE *out)
{
	fputs("Usage: ftpctl cert self-signed NAME CERTIFICATE KEY\n"
	      "       ftpctl cert check CERTIFICATE [KEY]\n"
	      "\n"
	      "  self-signed  makes a certificate for a host's name or address, good for a year, "
	      "and\n"
	      "               its key, in new files; clients have to be told to trust it\n"
	      "  check        tells whom a certificate is for and how long it is good, and "
	      "whether\n"
	      "               the key fits; exit status 1 if anything is wrong\n",
		out);
	return out == stdout ? CTL_WELL : CTL_USAGE;
}

static enum ctl_exit fail(const char *what, const char *why)
{
	fprintf(stderr, "ftpctl: %s: %s\n", what, why);
	return CTL_REFUSED;
}

/* ---- self-signed ---- */

static bool is_address(const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
}

static bool add_name(X509 *certificate, const char *name)
{
	char value[LONGEST_NAME + 10];
	X509_EXTENSION *extension;
	bool added;

	snprintf(value, sizeof(value), "%s:%s", is_address(name) ? "IP" : "DNS", name);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	added = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

/* A number that no other certificate has (RFC 5280 4.1.2.2). */
static bool number(X509 *certificate)
{
	uint64_t serial = 0;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(certificate);

	return X509_set_version(certificate, X509_VERSION_3) == 1 && number(certificate) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), 0) &&
	       X509_gmtime_adj(X509_getm_notAfter(certificate), (long)GOOD_DAYS * DAY_SECONDS) &&
	       X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
		       (const unsigned char *)"ftpool, signed by itself", -1, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, subject) == 1 &&
	       X509_set_pubkey(certificate, key) == 1 && add_name(certificate, name) &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* A file that was not there before. NULL with errno. */
static FILE *create(const char *file, mode_t mode)
{
	int descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	return descriptor < 0 ? NULL : fdopen(descriptor, "w");
}

static enum ctl_exit write_both(
	const X509 *certificate, const EVP_PKEY *key, const char *file, const char *key_file)
{
	FILE *out = create(file, 0644);
	FILE *key_out = out ? create(key_file, 0600) : NULL;
	bool written;

	if (!key_out) {
		enum ctl_exit failed = fail(out ? key_file : file, strerror(errno));

		if (out) {
			fclose(out);
			unlink(file);
		}
		return failed;
	}
	written = PEM_write_X509(out, certificate) == 1 &&
		  PEM_write_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) == 1;
	written &= fclose(out) == 0;
	written &= fclose(key_out) == 0;
	return written ? CTL_WELL : fail(file, "cannot be written");
}

static enum ctl_exit self_signed(const char *name, const char *file, const char *key_file)
{
	EVP_PKEY *key;
	X509 *certificate;
	enum ctl_exit status = CTL_REFUSED;

	if (name[0] == '\0' || strlen(name) > LONGEST_NAME || strpbrk(name, ", \t\n"))
		return fail(name, "is no name of a host");
	key = EVP_EC_gen("P-256");
	certificate = X509_new();
	if (key && certificate && fill(certificate, key, name))
		status = write_both(certificate, key, file, key_file);
	else
		fail(name, "no certificate can be made for it");
	X509_free(certificate);
	EVP_PKEY_free(key);
	return status;
}

/* ---- check ---- */

static void print_names(X509 *certificate)
{
	int index = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
	BIO *out = BIO_new_fp(stdout, BIO_NOCLOSE);

	if (!out)
		return;
	BIO_puts(out, "subject    ");
	X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
	BIO_puts(out, "\nissuer     ");
	X509_NAME_print_ex(out, X509_get_issuer_name(certificate), 0, XN_FLAG_ONELINE);
	BIO_puts(out, "\nnames      ");
	if (index < 0 || !X509V3_EXT_print(out, X509_get_ext(certificate, index), 0, 0))
		BIO_puts(out, "none, so clients will not trust it");
	BIO_puts(out, "\n");
	BIO_free(out);
}

static enum ctl_exit check_dates(const X509 *certificate)
{
	struct tm end;
	int64_t left;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end))
		return fail("certificate", "its dates cannot be read");
	left = timegm(&end) - time(NULL);
	printf("good for   %jd days\n", (intmax_t)(left > 0 ? left / DAY_SECONDS : 0));
	if (left <= 0)
		return fail("certificate", "has expired");
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
		return fail("certificate", "is not good yet");
	return CTL_WELL;
}

static enum ctl_exit check_key(const X509 *certificate, const char *file)
{
	FILE *in = fopen(file, "re");
	EVP_PKEY *key = in ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : NULL;
	bool fits = key && X509_check_private_key(certificate, key) == 1;

	if (in)
		fclose(in);
	EVP_PKEY_free(key);
	if (!in)
		return fail(file, strerror(errno));
	if (!fits)
		return fail(file, key ? "does not fit the certificate" : "holds no private key");
	puts("key        fits");
	return CTL_WELL;
}

static enum ctl_exit check(const char *file, const char *key_file)
{
	FILE *in = fopen(file, "re");
	X509 *certificate = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
	enum ctl_exit dates, key = CTL_WELL;

	if (!in)
		return fail(file, strerror(errno));
	fclose(in);
	if (!certificate)
		return fail(file, "holds no certificate in PEM form");
	print_names(certificate);
	dates = check_dates(certificate);
	if (key_file)
		key = check_key(certificate, key_file);
	X509_free(certificate);
	return dates == CTL_WELL ? key : dates;
}

enum ctl_exit ctl_cert_run(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (strcmp(command, "--help") == 0)
		return usage(stdout);
	if (strcmp(command, "self-signed") == 0 && argc == 5)
		return self_signed(argv[2], argv[3], argv[4]);
	if (strcmp(command, "check") == 0 && (argc == 3 || argc == 4))
		return check(argv[2], argc == 4 ? argv[3] : NULL);
	return usage(stderr);
}
