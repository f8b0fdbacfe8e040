/* What the administrator wrote, checked once, whole, before anything is bound. Immutable from then
 * on: a worker is born with it and it never changes under it.
 *
 *     config_options.def  every option there is, one row each
 *     config_loading      a config being put together; config_setting: by -o
 *     config_origin       which value was written where
 *     config_token        the text as words, quoted texts and marks
 *     config_source       the text: which option stands on which line; faults of spelling
 *     config_value        one value: from text into its field
 *     config_check        what the values mean together and on this machine
 *     config_bans      the same for bans
 *     config_accounts     the same for what is about accounts
 *     config_state        the same for what is kept in the state directory
 *     config_check_zones  the same for directories and mounts
 *     config_print        the documented file and the manual's section, from the same rows */
#ifndef FTPOOL_COMMON_CONFIG_H
#define FTPOOL_COMMON_CONFIG_H

#include "common/address.h"
#include "common/bandwidth.h"
#include "common/complaints.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In the order of the words in config_options.def. */
enum config_protocol { PROTOCOL_LGPQ, PROTOCOL_ECHO, PROTOCOL_FTP, PROTOCOL_COUNT };
enum config_sync { SYNC_NONE, SYNC_DATA, SYNC_FULL };
enum config_tls { TLS_OFF, TLS_EXPLICIT, TLS_IMPLICIT };
enum config_tls_require { TLS_REQUIRE_NONE, TLS_REQUIRE_LOGIN, TLS_REQUIRE_ALL };
enum config_tls_version { TLS_1_2, TLS_1_3 };
enum config_tls_clients { TLS_CLIENTS_NONE, TLS_CLIENTS_OPTIONAL, TLS_CLIENTS_REQUIRED };
enum config_tls_reuse { TLS_REUSE_OFF, TLS_REUSE_PREFER, TLS_REUSE_REQUIRE };
enum config_tls_end { TLS_END_TOLERATE, TLS_END_REFUSE };
enum config_log_target { LOG_TO_STDERR, LOG_TO_FILE, LOG_TO_JOURNAL, LOG_TO_SYSLOG };
enum config_log_format { LOG_AS_TEXT, LOG_AS_JSON };

struct config_listener {
	char *name;
	char *host;
	uint32_t port;
	uint32_t protocol; /* enum config_protocol */
	uint32_t backlog;
	char *reply;
	char *account;          /* lgpq: who everybody there is; "": nobody, with the top root */
	uint32_t tls;           /* enum config_tls */
	uint32_t tls_require;   /* enum config_tls_require */
	struct address address; /* host and port, read */
};

/* Both 0: any port that the system gives. */
struct config_ports {
	uint16_t first, last;
};

struct config_list {
	char **items;
	size_t count;
};

/* Where in the tree that a client sees other things hold than above: `directory PATH` or `mount
 * PATH`. */
struct config_zone {
	char *path;
	bool mount;
	char *from;                  /* of a mount: what is served there */
	uint32_t may;                /* bits of common/rights.h */
	struct config_list accounts; /* for whom; empty: for everybody */
};

struct config {
	char *file; /* where it came from, for messages */
	int64_t read_unix;
	char *root;
	uint32_t workers; /* at least 1 once loaded */
	char *user;
	char *group;
	uint32_t sync; /* enum config_sync */
	bool sandbox;
	uint32_t idle_timeout_seconds;
	uint32_t transfer_timeout_seconds;
	uint32_t worker_timeout_seconds;
	uint32_t stop_timeout_seconds;
	uint32_t drain_timeout_seconds;
	uint32_t upgrade_timeout_seconds;
	uint32_t worker_max_age_seconds; /* 0: no limit, and so for these: */
	uint32_t worker_max_sessions;
	uint64_t worker_max_memory;
	char *state_directory; /* what outlives the service; "": nothing does */
	bool events;           /* see config_has_events */
	uint32_t events_keep_seconds;
	uint64_t events_size;
	struct config_list on_upload; /* a program and its arguments; empty: none */
	uint32_t on_upload_timeout_seconds;

	struct config_list auth; /* who is asked for an account: "file", "pam", in that order */
	char *users;             /* the users file; "": there is none */
	struct config_list account_roots; /* below them, or the root, lie all accounts' roots */
	char *pam_service;
	char *pam_root;   /* "": the user's home */
	uint32_t pam_may; /* bits of common/rights.h */

	bool anonymous;                                        /* may log in */
	char *anonymous_root;                                  /* "": the root above */
	uint32_t anonymous_may;                                /* bits of common/rights.h */
	uint32_t max_anonymous_sessions;                       /* 0: no limit */
	uint64_t anonymous_quota_bytes, anonymous_quota_files; /* 0: no limit */
	struct bandwidth anonymous_bandwidth; /* where 0 was written, bandwidth's */
	struct config_ports passive_ports;
	struct config_list
		passive_address; /* "ADDRESS", "NAME", "NETWORK=ADDRESS" or "NETWORK=NAME" */
	char *ftp_greeting;      /* "": the built-in one */
	bool ftp_active;         /* PORT and EPRT */
	uint32_t ftp_login_seconds;
	uint32_t ftp_data_seconds;

	struct config_list tls_certificates; /* empty: there is no TLS */
	struct config_list tls_keys;         /* empty: in the certificates' files */
	uint32_t tls_min_version;            /* enum config_tls_version */
	char *tls_ciphers;                   /* "": the built-in ones */
	uint32_t tls_client_certificates;    /* enum config_tls_clients */
	char *tls_ca;
	char *tls_crl;
	uint32_t tls_session_reuse; /* enum config_tls_reuse */
	uint32_t tls_unclean_end;   /* enum config_tls_end */

	uint32_t max_sessions;
	uint32_t max_sessions_per_address; /* 0: no limit */
	uint32_t max_sessions_per_user;    /* 0: no limit */
	uint32_t max_commands_per_second;  /* of a session; 0: no limit */
	uint32_t max_logins_per_session;
	uint32_t max_threads;
	uint64_t max_upload_bytes;         /* 0: no limit */
	uint64_t quota_bytes, quota_files; /* of every account; 0: no limit */

	/* Bytes a second; 0: no limit. */
	struct bandwidth bandwidth; /* of every session, and of every account */
	uint64_t total_bandwidth[BANDWIDTH_WAYS];
	uint32_t ban_failures; /* 0: nobody is banned for them */
	uint32_t ban_within_seconds;
	uint32_t ban_seconds;
	struct config_list ban_exempt; /* networks */

	uint32_t log_to; /* enum config_log_target */
	char *log_file;
	uint32_t log_level;    /* enum log_level */
	uint32_t log_format;   /* enum config_log_format */
	uint32_t log_facility; /* LOG_DAEMON and so on, in the order of the words */
	char *log_xferlog;     /* "": none is kept */

	char *status_path; /* never NULL once loaded */
	char *status_group;
	uint32_t status_mode;
	char *metrics_host;    /* a loopback address */
	uint32_t metrics_port; /* 0: nobody can scrape */

	struct config_listener *listeners;
	size_t listener_count;
	struct config_zone *zones;
	size_t zone_count;

	/* Worked out by the check. */
	bool change_user;   /* started as root: workers become uid and gid */
	bool state_assumed; /* nobody wrote the state directory: the service does without */
	bool root_made;     /* the built-in library was created by this start */
	uid_t uid;
	gid_t gid;
	gid_t status_gid;
	struct config_origins *origins; /* private: see config_origin */
};

/* What to load. */
struct config_request {
	const char *file;       /* NULL: the built-in config */
	const char *root;       /* overrides the option; NULL: none */
	const char *const *set; /* "OPTION=VALUE", after the file */
	size_t set_count;
	bool service; /* the status path left empty is the service's, not a person's */
};

/* Loads and checks. Returns the config, the caller's to free, or NULL after telling everything
 * that is wrong. Creates the built-in config's own library directory, nothing else. */
struct config *config_load(const struct config_request *request, struct complaints *complaints);

void config_free(struct config *config);

/* Where an option's value was written, for a message about it: `section` is "" or "limits" …,
 * `title` that of a section that has one, or NULL. An option that was not written counts as written
 * in the file as a whole. */
struct origin config_origin(
	const struct config *config, const char *section, const char *title, const char *name);

/* Prints etc/ftpool.conf: every option with its default and its meaning. */
void config_print_file(FILE *out);

/* Prints the options' section of ftpool.conf(5), in mdoc(7). */
void config_print_manual(FILE *out);

/* Is there somebody to ask for accounts, so that an authenticator is needed? */
bool config_has_accounts(const struct config *config);

/* Is that address one that is never banned (ban.exempt)? */
bool config_exempts(const struct config *config, const struct address *address);

/* Is each upload to be told of? */
bool config_has_events(const struct config *config);

/* Is that word among auth? */
bool config_asks(const struct config *config, const char *word);

/* The names in the config of the protocols and log levels: "lgpq", "info" … */
const char *config_protocol_name(uint32_t protocol);

#endif
