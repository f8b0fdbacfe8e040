#include "worker/tls_ticket.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

/* A session with fewer than two may run dry: a client that uses each ticket once, as TLS 1.3 wants
 * it, and has two data connections at a time. */
enum { TICKETS_AT_ONCE = 2, REMEMBERED_MOST = 1024 };

static const struct tls_link *link_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

static int set_mac(EVP_MAC_CTX *context, struct ticket_key *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()};

	return EVP_MAC_CTX_set_params(context, parameters);
}

static int seal(struct ticket_key *key, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	return RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 &&
	       EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) &&
	       set_mac(mac, key);
}

static int unseal(
	struct ticket_key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	return EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) &&
	       set_mac(mac, key);
}

/* SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1 for a good ticket, 2 for a good one that should be
 * renewed, 0 for a full handshake instead, -1 for an error. */
static int take_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int sealing)
{
	const struct ticket_keys *keys = link_of(ssl)->tls->tickets;
	struct ticket_key key;
	bool newest = true;
	int done;

	if (sealing) {
		ticket_keys_newest(keys, &key);
		memcpy(name, key.name, sizeof(key.name));
		done = seal(&key, iv, cipher, mac) ? 1 : -1;
	} else if (ticket_keys_find(keys, name, &key, &newest)) {
		done = !unseal(&key, iv, cipher, mac) ? -1 : newest ? 1 : 2;
	} else {
		return 0;
	}
	explicit_bzero(&key, sizeof(key));
	return done;
}

static int put_mark(SSL *ssl, void *nothing)
{
	(void)nothing;
	return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), link_of(ssl)->mark, TLS_MARK);
}

/* A data connection with another's ticket is no better than one without. */
static SSL_TICKET_RETURN check_mark(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
	size_t name_length, SSL_TICKET_STATUS status, void *nothing)
{
	struct tls_link *link = SSL_get_app_data(ssl);
	/* TLS 1.3 clients use each ticket once (RFC 8446 C.4) and need another for it. */
	bool renew = status == SSL_TICKET_SUCCESS_RENEW || SSL_version(ssl) >= TLS1_3_VERSION;
	void *mark = NULL;
	size_t length = 0;

	(void)nothing;
	(void)name;
	(void)name_length;
	if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if (link->use == TLS_USE_FTP_DATA) {
		link->marked = SSL_SESSION_get0_ticket_appdata(session, &mark, &length) &&
			       length == TLS_MARK && CRYPTO_memcmp(mark, link->mark, TLS_MARK) == 0;
		if (!link->marked)
			return SSL_TICKET_RETURN_IGNORE_RENEW;
	}
	return renew ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

bool tls_ticket_is_ours(const struct tls_link *link)
{
	void *mark = NULL;
	size_t length = 0;

	if (!SSL_session_reused(link->ssl) || link->marked)
		return link->marked;
	return SSL_SESSION_get0_ticket_appdata(SSL_get_session(link->ssl), &mark, &length) &&
	       length == TLS_MARK && CRYPTO_memcmp(mark, link->mark, TLS_MARK) == 0;
}

/* A session that is remembered has the mark as well. 0: we keep no reference. */
static int mark_remembered(SSL *ssl, SSL_SESSION *session)
{
	SSL_SESSION_set1_ticket_appdata(session, link_of(ssl)->mark, TLS_MARK);
	return 0;
}

int tls_ticket_set_up(SSL_CTX *context, const struct tls *tls)
{
	static const unsigned char service[] = "ftpool";

	if (tls->config->tls_session_reuse == TLS_REUSE_OFF) {
		SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
		return SSL_CTX_set_num_tickets(context, 0) ? 0 : -EINVAL;
	}
	/* A client of TLS 1.2 that takes no tickets (curl is one) has its session remembered, by
	 * the one worker that its data connections come to anyway. All others have tickets. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(context, REMEMBERED_MOST);
	SSL_CTX_sess_set_new_cb(context, mark_remembered);
	SSL_CTX_set_timeout(context, TICKET_SECONDS);
	if (!SSL_CTX_set_session_id_context(context, service, sizeof(service) - 1) ||
		!SSL_CTX_set_tlsext_ticket_key_evp_cb(context, take_key) ||
		!SSL_CTX_set_session_ticket_cb(context, put_mark, check_mark, NULL) ||
		!SSL_CTX_set_num_tickets(context, TICKETS_AT_ONCE))
		return -EINVAL;
	return 0;
}
