#include "client/import_rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool on(const struct import *import, const char *name, bool standard)
{
	return import_is_on(import, name, standard);
}

/* One of ours from one of theirs, if theirs was said. */
static void take(struct import *import, const char *theirs, const char *ours)
{
	const char *value = import_value(import, theirs, NULL);

	if (value)
		import_set(import, ours, value, import_origin(import, theirs));
}

/* ---- TLS ---- */

/* By default vsftpd lets nobody with an account log in, or send data, without TLS. */
static const char *required(const struct import *import)
{
	if (on(import, "force_local_data_ssl", true) || on(import, "force_anon_data_ssl", false))
		return "all";
	if (on(import, "force_local_logins_ssl", true) ||
		on(import, "force_anon_logins_ssl", false))
		return "login";
	return "none";
}

static void finish_clients(struct import *import)
{
	bool required_ = on(import, "require_cert", false);

	if (!required_ && !on(import, "ssl_request_cert", true))
		return;
	if (!import_kept(import, "ca_certs_file"))
		return;
	take(import, "ca_certs_file", "tls.ca");
	import_set(import, "tls.client_certificates", required_ ? "required" : "optional",
		import_origin(import, required_ ? "require_cert" : "ca_certs_file"));
}

static void finish_tls(struct import *import)
{
	const char *ciphers = import_value(import, "ssl_ciphers", "HIGH");
	const char *certificate =
		import_value(import, "rsa_cert_file", "/usr/share/ssl/certs/vsftpd.pem");

	import_set(import, "tls.certificate", certificate, import_origin(import, "rsa_cert_file"));
	take(import, "rsa_private_key_file", "tls.key");
	if (strcmp(ciphers, "HIGH") != 0)
		take(import, "ssl_ciphers", "tls.ciphers");
	if (!on(import, "ssl_tlsv1_2", true))
		import_set(import, "tls.min_version", "1.3", import_origin(import, "ssl_tlsv1_2"));
	import_set(import, "tls.session_reuse",
		on(import, "require_ssl_reuse", true) ? "require" : "prefer",
		import_origin(import, "require_ssl_reuse"));
	if (on(import, "strict_ssl_read_eof", false))
		import_set(import, "tls.unclean_end", "refuse",
			import_origin(import, "strict_ssl_read_eof"));
	finish_clients(import);
}

/* ---- listeners ---- */

static void add_listener(struct import *import, const char *name, const char *address)
{
	bool tls = on(import, "ssl_enable", false);
	const struct {
		const char *option, *value;
	} values[] = {{"protocol", "ftp"}, {"address", address},
		{"port", import_value(import, "listen_port", NULL)},
		{"tls", !tls                                ? NULL
			: on(import, "implicit_ssl", false) ? "implicit"
							    : "explicit"},
		{"tls_require", tls ? required(import) : NULL}};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char option[64];

		snprintf(option, sizeof(option), "listener.%s.%s", name, values[i].option);
		if (values[i].value)
			import_set(
				import, option, values[i].value, import_origin(import, "listen"));
	}
}

static void finish_listeners(struct import *import)
{
	bool both = on(import, "listen_ipv6", false);

	add_listener(import, "ftp", import_value(import, "listen_address", "0.0.0.0"));
	if (both)
		add_listener(import, "ftp6", import_value(import, "listen_address6", "::"));
	if (!both && !on(import, "listen", true))
		complain(import->notes, import_origin(import, "listen"),
			"listen NO: nobody starts the service for a connection; a listener on port "
			"21 is written, and ftpool.socket can hold it");
}

/* ---- who, and what they may ---- */

/* Words with blanks between, as far as each is allowed. */
static void add_word(char words[256], bool allowed, const char *more)
{
	size_t used = strlen(words);

	if (allowed)
		snprintf(words + used, 256 - used, "%s%s", used ? " " : "", more);
}

static void anonymous_may(const struct import *import, char may[256])
{
	bool write = on(import, "write_enable", false);

	may[0] = '\0';
	add_word(may, on(import, "dirlist_enable", true), "list");
	add_word(may, on(import, "download_enable", true), "get");
	add_word(may, write && on(import, "anon_upload_enable", false), "put resume");
	add_word(may, write && on(import, "anon_mkdir_write_enable", false), "mkdir");
	add_word(may, write && on(import, "anon_other_write_enable", false),
		"overwrite append rename delete rmdir");
}

/* A guest may no more than anonymous, unless that is said. */
static void local_may(const struct import *import, char may[256])
{
	bool write = on(import, "write_enable", false);

	if (on(import, "guest_enable", false) && !on(import, "virtual_use_local_privs", false)) {
		anonymous_may(import, may);
		return;
	}
	may[0] = '\0';
	add_word(may, on(import, "dirlist_enable", true), "list");
	add_word(may, on(import, "download_enable", true), "get");
	add_word(may, write, "put overwrite append resume rename delete mkdir rmdir");
	add_word(may, write && on(import, "chmod_enable", true), "chmod");
	add_word(may, write && on(import, "mdtm_write", true), "touch");
}

static void finish_anonymous(struct import *import, const char *root)
{
	bool enabled = on(import, "anonymous_enable", true);
	char may[256];

	import_set(import, "anonymous.enabled", enabled ? "true" : "false",
		import_origin(import, "anonymous_enable"));
	if (!enabled)
		return;
	if (import_kept(import, "anon_root"))
		import_set(import, "anonymous.root", root, import_origin(import, "anon_root"));
	anonymous_may(import, may);
	import_set(import, "anonymous.may", may, import_origin(import, "write_enable"));
}

/* "/srv/ftp/$USER" becomes "/srv/ftp/%u", below "/srv/ftp". */
static void finish_local_root(struct import *import)
{
	const char *theirs = import_value(import, "local_root", "");
	const char *token = import_value(import, "user_sub_token", "");
	const char *found = token[0] != '\0' ? strstr(theirs, token) : NULL;
	struct origin origin = import_origin(import, "local_root");
	char root[1024], above[1024];
	size_t length;

	snprintf(root, sizeof(root), "%s", theirs);
	if (found)
		snprintf(root, sizeof(root), "%.*s%%u%s", (int)(found - theirs), theirs,
			found + strlen(token));
	import_set(import, "pam.root", root, origin);
	snprintf(above, sizeof(above), "%.*s", (int)strcspn(root, "%"), root);
	length = strlen(above);
	if (length > 1 && above[length - 1] == '/')
		above[length - 1] = '\0';
	import_set(import, "account_roots", above, origin);
}

/* Whom PAM lets in is let in. Where a list says who is, nobody is until PAM has that list. */
static void finish_auth(struct import *import)
{
	struct origin origin = import_origin(import, "local_enable");

	if (on(import, "userlist_enable", false) && !on(import, "userlist_deny", true)) {
		complain(import->notes, import_origin(import, "userlist_deny"),
			"userlist_deny NO: auth is left empty, and lets nobody in; give PAM that "
			"list (pam_listfile), then set auth = {\"pam\"}");
		import_set(import, "auth", "", origin);
		return;
	}
	import_set(import, "auth", "pam", origin);
	complain(import->notes, origin,
		"local_enable YES: for passwords of this system PAM has to be asked as root; "
		"ftpoold(8), Accounts, has the drop-in");
}

static void finish_local(struct import *import)
{
	char may[256];

	if (!on(import, "local_enable", false))
		return;
	finish_auth(import);
	import_set(import, "pam.service", import_value(import, "pam_service_name", "ftp"),
		import_origin(import, "pam_service_name"));
	if (import_kept(import, "local_root"))
		finish_local_root(import);
	else
		import_set(import, "account_roots", "/home", import_origin(import, "local_enable"));
	local_may(import, may);
	import_set(import, "pam.may", may, import_origin(import, "write_enable"));
}

/* ---- the rest ---- */

static void finish_ports(struct import *import)
{
	int first = atoi(import_value(import, "pasv_min_port", "0"));
	int last = atoi(import_value(import, "pasv_max_port", "0"));
	char ports[32];

	if (first == 0 && last == 0)
		return;
	snprintf(ports, sizeof(ports), "%d-%d", first ? first : 1024, last ? last : 65535);
	import_set(import, "passive.ports", ports,
		import_origin(import, first ? "pasv_min_port" : "pasv_max_port"));
}

static void finish_rate(struct import *import, const char *theirs, const char *section)
{
	static const char *const ways[] = {"session_download", "session_upload"};
	const char *value = import_value(import, theirs, "0");
	char option[64];

	for (int i = 0; i < 2 && strcmp(value, "0") != 0; i++) {
		snprintf(option, sizeof(option), "%s.%s", section, ways[i]);
		import_set(import, option, value, import_origin(import, theirs));
	}
}

static void finish_log(struct import *import)
{
	bool transfers = on(import, "xferlog_enable", false);
	bool standard = on(import, "xferlog_std_format", false);
	struct origin origin = import_origin(import, "xferlog_enable");

	if (on(import, "log_ftp_protocol", false))
		import_set(import, "log.level", "debug", import_origin(import, "log_ftp_protocol"));
	if (on(import, "syslog_enable", false)) {
		import_set(import, "log.to", "syslog", import_origin(import, "syslog_enable"));
		return;
	}
	if (transfers && (standard || on(import, "dual_log_enable", false)))
		import_set(import, "log.xferlog",
			import_value(import, "xferlog_file", "/var/log/xferlog"), origin);
	if (transfers && !standard && import_kept(import, "vsftpd_log_file")) {
		import_set(import, "log.to", "file", origin);
		take(import, "vsftpd_log_file", "log.file");
	}
}

static void finish(struct import *import)
{
	const char *root = import_value(import, "anon_root", "/srv/ftp");
	const char *clients = import_value(import, "max_clients", "0");

	import_set(import, "root", root, import_origin(import, "anon_root"));
	finish_local(import);
	finish_listeners(import);
	finish_anonymous(import, root);
	finish_ports(import);
	if (on(import, "ssl_enable", false))
		finish_tls(import);
	if (strcmp(clients, "0") != 0)
		take(import, "max_clients", "limits.sessions");
	finish_rate(import, "anon_max_rate", "anonymous");
	finish_rate(import, "local_max_rate", "rates");
	finish_log(import);
}

static void take_line(struct import *import, char *line, struct origin origin)
{
	char *equals = strchr(line, '=');
	size_t length;

	line += strspn(line, " \t");
	length = strlen(line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return;
	if (!equals) {
		complain(import->notes, origin, "is no OPTION=VALUE");
		return;
	}
	*equals = '\0';
	import_rows_obey(import, &import_vsftpd_rows, "", line, equals + 1, origin);
}

void import_vsftpd(struct import *import, char *text, const char *file)
{
	unsigned int number = 1;
	char *rest = text;

	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		take_line(import, line, (struct origin){file, number++});
	finish(import);
}
