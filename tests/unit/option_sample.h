/* A value other than the default for every option there is, and its field read back. */
#ifndef FTPOOL_TESTS_UNIT_OPTION_SAMPLE_H
#define FTPOOL_TESTS_UNIT_OPTION_SAMPLE_H

#include "common/config_table.h"

#include <check.h>
#include <string.h>

struct option_sample {
	const char *name;  /* as on the command line; a listener's without its name */
	const char *value; /* not the default, and right on every machine */
	const char *with;  /* what it needs beside it; NULL: nothing */
};

static const struct option_sample option_samples[] = {
	{"workers", "3", NULL},
	{"root", "/", NULL},
	{"user", "root", NULL},
	{"group", "root", NULL},
	{"sync", "full", NULL},
	{"sandbox", "false", NULL},
	{"idle_timeout", "2h", NULL},
	{"transfer_timeout", "5m", NULL},
	{"worker_timeout", "21s", NULL},
	{"stop_timeout", "0", NULL},
	{"drain_timeout", "0", NULL},
	{"upgrade_timeout", "7s", NULL},
	{"worker_max_age", "1d", NULL},
	{"worker_max_sessions", "7", NULL},
	{"worker_max_memory", "3G", NULL},
	{"listener.address", "::1", NULL},
	{"listener.port", "65535", NULL},
	{"listener.protocol", "echo", NULL},
	{"listener.backlog", "1", NULL},
	{"listener.reply", "Hello # \\\"there", "protocol = echo"},
	{"directory.may", "put", NULL},
	{"directory.accounts", "anna, bert", "may = put"},
	{"mount.from", "/tmp", NULL},
	{"mount.may", "get, put", "from = /"},
	{"mount.accounts", "anna", "from = /"},
	{"state_directory", "/var/no such", NULL},
	{"events", "true", NULL},
	{"events_keep", "1d", NULL},
	{"events_size", "1M", NULL},
	{"on_upload", "/bin/true %file", NULL},
	{"on_upload_timeout", "5s", NULL},
	{"auth", "pam", NULL},
	{"users", "/etc/no such/users", NULL},
	{"account_roots", "/ /tmp", NULL},
	{"listener.account", "anna", NULL},
	{"pam.service", "other", NULL},
	{"pam.root", "/%u", NULL},
	{"pam.may", "get", NULL},
	{"anonymous.enabled", "false", NULL},
	{"listener.tls", "implicit", NULL},
	{"listener.tls_require", "login", "protocol = ftp tls = explicit"},
	{"anonymous.root", "/", NULL},
	{"anonymous.may", "touch, put", NULL},
	{"anonymous.sessions", "40", NULL},
	{"passive.ports", "1024-65535", NULL},
	{"passive.address", "10.0.0.0/8=10.1.2.3 192.0.2.1", NULL},
	{"ftp.greeting", "Good day", NULL},
	{"ftp.active", "false", NULL},
	{"ftp.login_timeout", "90s", NULL},
	{"ftp.data_timeout", "1", NULL},
	{"tls.certificate", "/etc/one.pem, /etc/other.pem", NULL},
	{"tls.key", "/etc/one.key", "certificate = /etc/one.pem"},
	{"tls.min_version", "1.3", NULL},
	{"tls.ciphers", "ECDHE+AESGCM:!AES128", NULL},
	{"tls.client_certificates", "optional", "ca = /etc/ca.pem"},
	{"tls.ca", "/etc/other.pem", "client_certificates = required"},
	{"tls.crl", "/etc/crl.pem", "client_certificates = required ca = /etc/ca.pem"},
	{"tls.session_reuse", "require", NULL},
	{"tls.unclean_end", "refuse", NULL},
	{"limits.sessions", "1000000", NULL},
	{"limits.sessions_per_address", "17", NULL},
	{"limits.sessions_per_user", "9", NULL},
	{"limits.logins_per_session", "5", NULL},
	{"limits.commands_per_second", "20", NULL},
	{"limits.threads", "4", NULL},
	{"anonymous.quota_bytes", "11M", NULL},
	{"anonymous.quota_files", "12", NULL},
	{"limits.quota_bytes", "13M", NULL},
	{"limits.quota_files", "14", NULL},
	{"anonymous.session_download", "1M", NULL},
	{"anonymous.session_upload", "2M", NULL},
	{"anonymous.user_download", "3M", NULL},
	{"anonymous.user_upload", "4M", NULL},
	{"rates.session_download", "5M", NULL},
	{"rates.session_upload", "6M", NULL},
	{"rates.user_download", "7M", NULL},
	{"rates.user_upload", "8M", NULL},
	{"rates.total_download", "9M", NULL},
	{"rates.total_upload", "10M", NULL},
	{"limits.upload_size", "3T", NULL},
	{"ban.failures", "3", NULL},
	{"ban.within", "1h", NULL},
	{"ban.time", "2h", NULL},
	{"ban.exempt", "10.0.0.0/8 2001:db8::/32", NULL},
	{"log.to", "file", "file = /dev/null"},
	{"log.file", "/var/log/a file", NULL},
	{"log.level", "debug", NULL},
	{"log.format", "json", NULL},
	{"log.facility", "local7", NULL},
	{"log.xferlog", "/var/log/xferlog", NULL},
	{"status.path", "/run/elsewhere/status", NULL},
	{"status.group", "root", NULL},
	{"status.mode", "0600", NULL},
	{"status.metrics_port", "9021", NULL},
	{"status.metrics_address", "::1", NULL},
};

enum { OPTION_SAMPLES = sizeof(option_samples) / sizeof(option_samples[0]) };

/* The option of a sample. */
static inline const struct config_option *option_of(const struct option_sample *sample)
{
	const char *dot = strchr(sample->name, '.');
	char section[20] = "";
	const struct config_option *option;

	if (dot)
		memcpy(section, sample->name, (size_t)(dot - sample->name));
	option = config_option_find(
		dot ? config_section_find(section) : SECTION_TOP, dot ? dot + 1 : sample->name);
	ck_assert_msg(option, "there is no option %s", sample->name);
	return option;
}

/* The struct that has the option's field: the config, or the first one of the sections with titles
 * that has it. NULL: there is none. */
static inline const void *option_holder(
	const struct config *config, const struct config_option *option)
{
	if (option->section == SECTION_LISTENER)
		return config->listeners;
	if (!config_section_is_titled(option->section))
		return config;
	for (size_t i = 0; i < config->zone_count; i++) {
		if (config->zones[i].mount == (option->section == SECTION_MOUNT))
			return &config->zones[i];
	}
	return NULL;
}

static inline bool option_lists_equal(const struct config_list *a, const struct config_list *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count && strcmp(a->items[i], b->items[i]) == 0)
		i++;
	return i == a->count && i == b->count;
}

/* Is the option's field the same in both structs? */
static inline bool option_field_equal(
	const struct config_option *option, const void *one, const void *other)
{
	const char *a = (const char *)one + option->offset,
		   *b = (const char *)other + option->offset;

	switch (option->kind) {
	case KIND_TEXT:
	case KIND_PATH: return strcmp(*(char *const *)a, *(char *const *)b) == 0;
	case KIND_LIST: return option_lists_equal((const void *)a, (const void *)b);
	case KIND_PORTS: return memcmp(a, b, sizeof(struct config_ports)) == 0;
	case KIND_BYTES: return memcmp(a, b, sizeof(uint64_t)) == 0;
	case KIND_SWITCH: return memcmp(a, b, sizeof(bool)) == 0;
	default: return memcmp(a, b, sizeof(uint32_t)) == 0;
	}
}

#endif
