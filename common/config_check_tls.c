#include "common/config_table.h"

/* What the files hold is looked at by worker/tls, which uses them. */

static void check_absolute(const struct config *config, const char *name,
	const struct config_list *list, struct complaints *complaints)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i][0] != '/')
			complain(complaints, config_origin(config, "tls", NULL, name),
				"%s = \"%s\" is not absolute; write it from / on", name,
				list->items[i]);
	}
}

static void check_files(const struct config *config, struct complaints *complaints)
{
	const struct config_list *certificates = &config->tls_certificates;
	const struct config_list *keys = &config->tls_keys;

	check_absolute(config, "certificate", certificates, complaints);
	check_absolute(config, "key", keys, complaints);
	if (keys->count > 0 && keys->count != certificates->count)
		complain(complaints, config_origin(config, "tls", NULL, "key"),
			"key has %zu files and certificate has %zu; one key for each certificate, "
			"in the same order, is right, or none when the keys stand with them",
			keys->count, certificates->count);
}

static void check_clients(const struct config *config, struct complaints *complaints)
{
	bool asked = config->tls_client_certificates != TLS_CLIENTS_NONE;

	if (asked && config->tls_ca[0] == '\0')
		complain(complaints, config_origin(config, "tls", NULL, "client_certificates"),
			"client_certificates needs to know who may vouch for clients; add for "
			"example: ca = \"/etc/ftpool/clients-ca.pem\"");
	if (!asked && config->tls_ca[0] != '\0')
		complain(complaints, config_origin(config, "tls", NULL, "ca"),
			"ca vouches for clients, and none is asked for a certificate; add "
			"client_certificates = optional, or required");
	if (config->tls_crl[0] != '\0' && config->tls_ca[0] == '\0')
		complain(complaints, config_origin(config, "tls", NULL, "crl"),
			"crl goes with ca and client_certificates");
}

static void check_listener(const struct config *config, const struct config_listener *listener,
	struct complaints *complaints)
{
	bool is_ftp = listener->protocol == PROTOCOL_FTP;

	if (listener->tls != TLS_OFF && config->tls_certificates.count == 0)
		complain(complaints, config_origin(config, "listener", listener->name, "tls"),
			"tls needs a certificate; add for example: tls { certificate = "
			"\"/etc/ftpool/server.pem\" }");
	if (listener->tls == TLS_EXPLICIT && !is_ftp)
		complain(complaints, config_origin(config, "listener", listener->name, "tls"),
			"tls = explicit is FTP's AUTH TLS; with protocol %s, implicit is right",
			config_protocol_name(listener->protocol));
	if (listener->tls_require != TLS_REQUIRE_NONE && !(is_ftp && listener->tls != TLS_OFF))
		complain(complaints,
			config_origin(config, "listener", listener->name, "tls_require"),
			"tls_require goes with protocol = ftp and with tls = explicit or implicit");
}

void config_check_tls(const struct config *config, struct complaints *complaints)
{
	check_files(config, complaints);
	check_clients(config, complaints);
	for (size_t i = 0; i < config->listener_count; i++)
		check_listener(config, &config->listeners[i], complaints);
}
