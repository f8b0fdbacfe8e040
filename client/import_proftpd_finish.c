#include "client/import_proftpd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what one says of one ---- */

/* The first word of a value, "none" apart. */
static void take_word(struct import *import, const char *theirs, const char *ours)
{
	const char *value = import_value(import, theirs, "none");
	char word[1024];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(value, " "), value);
	if (strcasecmp(word, "none") != 0)
		import_set(import, ours, word, import_origin(import, theirs));
}

static void finish_words(struct import *import)
{
	static const struct {
		const char *theirs, *ours;
	} pairs[] = {
		{"MaxClients", "limits.sessions"},
		{PROFTPD_ANONYMOUS "MaxClients", "anonymous.sessions"},
		{"MaxConnectionsPerHost", "limits.sessions_per_address"},
		{"MaxClientsPerHost", "limits.sessions_per_address"},
		{"MaxClientsPerUser", "limits.sessions_per_user"},
		{"TransferLog", "log.xferlog"},
		{"AuthPAMConfig", "pam.service"},
		{"TLSRSACertificateFile", "tls.certificate"},
		{"TLSRSACertificateKeyFile", "tls.key"},
		{"TLSCACertificateFile", "tls.ca"},
		{"TLSCARevocationFile", "tls.crl"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		take_word(import, pairs[i].theirs, pairs[i].ours);
}

/* ---- TLS ---- */

static bool has_word(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

static const char *tls_of(const struct import *import)
{
	if (!import_is_on(import, "TLSEngine", false))
		return NULL;
	return has_word(import_value(import, "TLSOptions", ""), "UseImplicitSSL") ? "implicit"
										  : "explicit";
}

static const char *required_of(const struct import *import)
{
	const char *value = import_value(import, "TLSRequired", "off");

	if (strcasecmp(value, "off") == 0 || strcasecmp(value, "data") == 0 || value[0] == '!')
		return "none";
	return strcasecmp(value, "ctrl") == 0 || strcasecmp(value, "auth") == 0 ||
			       has_word(value, "!data")
		       ? "login"
		       : "all";
}

/* A second certificate, of another kind of key, stands beside the first. */
static void finish_pair(struct import *import)
{
	const char *rsa = import_value(import, "TLSRSACertificateFile", "");
	const char *rsa_key = import_value(import, "TLSRSACertificateKeyFile", "");
	const char *ec = import_value(import, "TLSECCertificateFile", "");
	const char *ec_key = import_value(import, "TLSECCertificateKeyFile", "");
	struct origin origin = import_origin(import, "TLSECCertificateFile");
	char files[2048], keys[2048];

	if (ec[0] == '\0')
		return;
	snprintf(files, sizeof(files), "%s %s", rsa, ec);
	snprintf(keys, sizeof(keys), "%s %s", rsa_key, ec_key);
	import_set(import, "tls.certificate", files, origin);
	import_set(import, "tls.key", keys, origin);
}

static void finish_tls(struct import *import)
{
	const char *options = import_value(import, "TLSOptions", "");
	const char *protocol = import_value(import, "TLSProtocol", "TLSv1.2 TLSv1.3");
	const char *verify = import_value(import, "TLSVerifyClient", "off");

	if (!tls_of(import))
		return;
	finish_pair(import);
	import_set(import, "tls.session_reuse",
		has_word(options, "NoSessionReuseRequired") ? "prefer" : "require",
		import_origin(import, "TLSOptions"));
	if (has_word(protocol, "1.3") && !has_word(protocol, "1.2") && !has_word(protocol, "ALL"))
		import_set(import, "tls.min_version", "1.3", import_origin(import, "TLSProtocol"));
	if (strcasecmp(verify, "optional") == 0 || strcasecmp(verify, "on") == 0)
		import_set(import, "tls.client_certificates",
			verify[1] == 'p' || verify[1] == 'P' ? "optional" : "required",
			import_origin(import, "TLSVerifyClient"));
}

/* ---- listeners ---- */

static void add_listener(struct import *import, const char *name, const char *address)
{
	const char *tls = tls_of(import);
	const struct {
		const char *option, *value;
	} values[] = {{"protocol", "ftp"}, {"address", address},
		{"port", import_value(import, "Port", NULL)}, {"tls", tls},
		{"tls_require", tls ? required_of(import) : NULL}};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char option[64];

		snprintf(option, sizeof(option), "listener.%s.%s", name, values[i].option);
		if (values[i].value)
			import_set(import, option, values[i].value, import_origin(import, "Port"));
	}
}

static void finish_listeners(struct import *import)
{
	add_listener(import, "ftp", import_value(import, "DefaultAddress", "0.0.0.0"));
	if (import_is_on(import, "UseIPv6", false) && !import_kept(import, "DefaultAddress"))
		add_listener(import, "ftp6", "::");
}

static void finish_ports(struct import *import)
{
	const char *value = import_value(import, "PassivePorts", NULL);
	unsigned int first, last;
	char ports[32];

	if (!value)
		return;
	if (sscanf(value, "%u %u", &first, &last) != 2) {
		complain(import->notes, import_origin(import, "PassivePorts"),
			"PassivePorts %s: two numbers are right", value);
		return;
	}
	snprintf(ports, sizeof(ports), "%u-%u", first, last);
	import_set(import, "passive.ports", ports, import_origin(import, "PassivePorts"));
}

/* ---- accounts ---- */

static void finish_auth(struct import *import, uint32_t may)
{
	const char *order = import_value(import, "AuthOrder", NULL);
	bool file = import_kept(import, "AuthUserFile") != NULL;
	bool pam = import_is_on(import, "AuthPAM", true);
	const char *file_at = order ? strstr(order, "mod_auth_file") : NULL;
	const char *pam_at = order ? strstr(order, "mod_auth_pam") : NULL;

	if (order && !pam_at)
		pam_at = strstr(order, "mod_auth_unix");
	if (order) {
		file = file && file_at;
		pam = pam && pam_at;
	}
	if (!(may & PROFTPD_LOGIN))
		file = pam = false;
	import_set(import, "auth",
		file && pam ? (pam_at && file_at && pam_at < file_at ? "pam file" : "file pam")
		: file      ? "file"
		: pam       ? "pam"
			    : "",
		import_origin(import, order ? "AuthOrder" : "AuthPAM"));
	if (import_kept(import, "AuthUserFile"))
		complain(import->notes, import_origin(import, "AuthUserFile"),
			"AuthUserFile: `ftpctl import %s` writes its accounts, for %s",
			import_value(import, "AuthUserFile", ""), "/etc/ftpool/users");
	if (pam)
		complain(import->notes, import_origin(import, "AuthPAM"),
			"for passwords of this system PAM has to be asked as root; ftpoold(8), "
			"Accounts, has the drop-in");
}

/* "~" is the home, as pam.root is when nothing is said. */
static void finish_roots(struct import *import)
{
	const char *value = import_value(import, "DefaultRoot", NULL);
	struct origin origin = import_origin(import, "DefaultRoot");
	char root[1024], above[1024];
	const char *user;

	if (!value) {
		complain(import->notes, origin,
			"DefaultRoot is not said: here everybody is confined to his home");
		value = "~";
	}
	snprintf(root, sizeof(root), "%.*s", (int)strcspn(value, " "), value);
	if (value[strlen(root)] != '\0')
		complain(import->notes, origin, "DefaultRoot %s: groups have no roots of their own",
			value);
	if (root[0] == '~') {
		if (root[1] != '\0')
			complain(import->notes, origin, "DefaultRoot %s: becomes the home", value);
		import_set(import, "account_roots", "/home", origin);
		return;
	}
	user = strstr(root, "%u");
	snprintf(above, sizeof(above), "%.*s", user ? (int)(user - root) : (int)strlen(root), root);
	if (strlen(above) > 1 && above[strlen(above) - 1] == '/')
		above[strlen(above) - 1] = '\0';
	import_set(import, "pam.root", root, origin);
	import_set(import, "account_roots", above, origin);
}

/* ---- the rest ---- */

/* "RETR,STOR 100:4096": kibibytes a second. */
static void finish_rate(struct import *import, const char *context, const char *section)
{
	char name[64], option[64], value[64];
	const char *said;
	unsigned long kibibytes = 0;
	const char *number;

	snprintf(name, sizeof(name), "%sTransferRate", context);
	said = import_value(import, name, NULL);
	number = said ? strchr(said, ' ') : NULL;
	if (number)
		kibibytes = strtoul(number, NULL, 10);
	if (kibibytes == 0)
		return;
	snprintf(value, sizeof(value), "%luK", kibibytes);
	for (int up = 0; up < 2; up++) {
		bool meant = up ? has_word(said, "STOR") || has_word(said, "APPE")
				: has_word(said, "RETR");

		snprintf(option, sizeof(option), "%s.session_%s", section,
			up ? "upload" : "download");
		if (meant)
			import_set(import, option, value, import_origin(import, name));
	}
}

/* "10 Mb", "512 Kb"; for some users: told. */
static void finish_size(struct import *import)
{
	const char *said = import_value(import, "MaxStoreFileSize", NULL);
	char value[64];
	unsigned long number;
	char unit[8] = "";

	if (!said || strcmp(said, "*") == 0)
		return;
	if (sscanf(said, "%lu %7s", &number, unit) < 1)
		number = 0;
	snprintf(value, sizeof(value), "%lu%.1s", number, strcasecmp(unit, "B") ? unit : "");
	import_set(import, "limits.upload_size", value, import_origin(import, "MaxStoreFileSize"));
}

static void finish_log(struct import *import)
{
	const char *file = import_value(import, "SystemLog", "none");
	const char *facility = import_value(import, "SyslogFacility", "");

	if (strcasecmp(file, "none") != 0) {
		import_set(import, "log.to", "file", import_origin(import, "SystemLog"));
		import_set(import, "log.file", file, import_origin(import, "SystemLog"));
	}
	if (strncasecmp(facility, "LOCAL", 5) == 0) {
		char small[] = "local0";

		small[5] = facility[5];
		import_set(import, "log.to", "syslog", import_origin(import, "SyslogFacility"));
		import_set(import, "log.facility", small, import_origin(import, "SyslogFacility"));
	}
}

void proftpd_finish(struct import *import, uint32_t may)
{
	const char *ident = import_value(import, "ServerIdent", "");
	char words[PROFTPD_WORDS];

	import_set(import, "root", import_value(import, PROFTPD_ANONYMOUS "root", "/srv/ftp"),
		import_origin(import, PROFTPD_ANONYMOUS "root"));
	finish_auth(import, may);
	finish_roots(import);
	finish_listeners(import);
	import_set(import, "pam.may", proftpd_words(proftpd_given(import, "", may), words),
		import_origin(import, "AllowOverwrite"));
	finish_words(import);
	finish_ports(import);
	finish_tls(import);
	if (strncasecmp(ident, "on ", 3) == 0)
		import_set(import, "ftp.greeting", ident + 3, import_origin(import, "ServerIdent"));
	finish_rate(import, "", "rates");
	finish_rate(import, PROFTPD_ANONYMOUS, "anonymous");
	finish_size(import);
	finish_log(import);
}
