#include "worker/tls.h"

#include "worker/tls_alpn.h"
#include "worker/tls_pem.h"
#include "worker/tls_ticket.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Those of TLS 1.2 with forward secrecy and authenticated encryption (RFC 9325 4.2). */
static const char modern_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char curves[] = "X25519:P-256:P-384";

/* ---- which certificate (SNI, RFC 6066 3) ---- */

static int choose_identity(SSL *ssl, int *alert, void *argument)
{
	const struct tls *tls = argument;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (!name)
		return SSL_TLSEXT_ERR_NOACK;
	for (size_t i = 0; i < tls->count; i++) {
		X509 *certificate = SSL_CTX_get0_certificate(tls->identities[i].context);

		if (X509_check_host(certificate, name, 0, 0, NULL) == 1) {
			SSL_set_SSL_CTX(ssl, tls->identities[i].context);
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_NOACK;
}

/* ---- making a context ---- */

static void complain_about(const struct config *config, const char *option, const char *value,
	struct complaints *complaints)
{
	char reason[200];

	ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
	complain(complaints, config_origin(config, "tls", NULL, option), "%s = \"%s\": %s", option,
		value, reason);
}

static void set_modes(SSL_CTX *context, const struct config *config)
{
	bool newest = config->tls_min_version == TLS_1_3;

	SSL_CTX_set_min_proto_version(context, newest ? TLS1_3_VERSION : TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_ENABLE_KTLS);
	/* A parked session holds no buffers (SSL_CTX_set_mode(3)). */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set1_groups_list(context, curves);
}

static int set_ciphers(SSL_CTX *context, const struct config *config, struct complaints *complaints)
{
	const char *ciphers = config->tls_ciphers[0] ? config->tls_ciphers : modern_ciphers;

	if (SSL_CTX_set_cipher_list(context, ciphers))
		return 0;
	complain(complaints, config_origin(config, "tls", NULL, "ciphers"),
		"ciphers = \"%s\" names none that there is; openssl-ciphers(1) lists them",
		ciphers);
	return -EINVAL;
}

static int set_clients(SSL_CTX *context, const struct tls_material *material,
	const struct config *config, struct complaints *complaints)
{
	int how = SSL_VERIFY_PEER;

	if (config->tls_client_certificates == TLS_CLIENTS_NONE)
		return 0;
	if (config->tls_client_certificates == TLS_CLIENTS_REQUIRED)
		how |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(context, how, NULL);
	return tls_pem_use_authorities(context, material, config, complaints);
}

static int fill_context(SSL_CTX *context, struct tls *tls, const struct tls_material *material,
	size_t which, struct complaints *complaints)
{
	const struct config *config = tls->config;
	int error = set_ciphers(context, config, complaints);

	if (error == 0)
		error = tls_pem_use_identity(context, material, config, which, complaints);
	if (error == 0)
		error = set_clients(context, material, config, complaints);
	if (error < 0)
		return error;
	set_modes(context, config);
	tls_alpn_set_up(context);
	SSL_CTX_set_tlsext_servername_callback(context, choose_identity);
	SSL_CTX_set_tlsext_servername_arg(context, tls);
	if (tls_ticket_set_up(context, tls) == 0)
		return 0;
	complain_about(config, "certificate", tls->identities[which].file, complaints);
	return -EINVAL;
}

static int add_identity(struct tls *tls, const struct tls_material *material, const char *file,
	struct complaints *complaints)
{
	struct tls_identity *identity = &tls->identities[tls->count];

	identity->context = SSL_CTX_new(TLS_server_method());
	identity->file = strdup(file);
	tls->count++;
	if (!identity->context || !identity->file) {
		complain_about(tls->config, "certificate", file, complaints);
		return -ENOMEM;
	}
	return fill_context(identity->context, tls, material, tls->count - 1, complaints);
}

/* Asked of a socket that is not connected, a kernel that has it says ENOTCONN, and loads it, when
 * this is asked by root. */
static bool kernel_has_tls(void)
{
	int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has;

	if (probe < 0)
		return false;
	has = setsockopt(probe, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) == 0 ||
	      errno == ENOTCONN;
	close(probe);
	return has;
}

struct tls *tls_new(const struct config *config, const struct ticket_keys *tickets,
	const struct tls_material *material, struct complaints *complaints)
{
	const struct config_list *files = &config->tls_certificates;
	struct tls *tls = calloc(1, sizeof(*tls));
	int error = 0;

	if (!tls) {
		complain(complaints, (struct origin){config->file, 0}, "out of memory");
		return NULL;
	}
	assert(files->count <= TLS_NAMES_MOST);
	tls->config = config;
	tls->tickets = tickets;
	tls->kernel = kernel_has_tls();
	/* All of them, so that all that is wrong is told in one run. */
	for (size_t i = 0; i < files->count; i++) {
		int result = add_identity(tls, material, files->items[i], complaints);

		error = error < 0 ? error : result;
	}
	if (error == 0)
		return tls;
	tls_free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	for (size_t i = 0; i < tls->count; i++) {
		SSL_CTX_free(tls->identities[i].context);
		free(tls->identities[i].file);
	}
	free(tls);
}

int64_t tls_expires_unix(const struct tls *tls, const char **file)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < tls->count; i++) {
		X509 *certificate = SSL_CTX_get0_certificate(tls->identities[i].context);
		int64_t end = tls_pem_expires_unix(certificate);

		if (end >= first)
			continue;
		first = end;
		if (file)
			*file = tls->identities[i].file;
	}
	return first;
}
