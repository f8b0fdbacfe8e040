#include "client/doctor_login.h"

#include "client/doctor_ftp.h"
#include "client/doctor_lgpq.h"
#include "common/rights.h"
#include "common/users_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the running server has it: it may have been started with other words than the config's. */
static bool find_address(const struct doctor *doctor, const struct config_listener *listener,
	struct address *address)
{
	const json_t *all = json_object_get(doctor->status, "listeners"), *one;

	for (size_t i = 0; (one = json_array_get(all, i)); i++) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *text = json_string_value(json_object_get(one, "address"));
		const char *colon = text ? strrchr(text, ':') : NULL;
		char host[ADDRESS_TEXT];

		if (!name || !colon || strcmp(name, listener->name) != 0)
			continue;
		snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
		if (host[0] == '[') {
			memmove(host, host + 1, strlen(host));
			host[strcspn(host, "]")] = '\0';
		}
		return address_parse(address, host, (uint16_t)atoi(colon + 1)) == 0;
	}
	return false;
}

static void note(const struct visit *visit)
{
	char all[2 * DOCTOR_PLACE];
	const json_t *checks = visit->doctor->checks;
	const char *said = json_string_value(
		json_object_get(json_array_get(checks, json_array_size(checks) - 1), "said"));

	snprintf(all, sizeof(all), "%.500s%s%s: %s", said ? said : "", said && said[0] ? "; " : "",
		visit->where, visit->did[0] ? visit->did : "nothing");
	doctor_note(visit->doctor, "%s", all);
}

/* What the users file tells of the account: its root and its rights. Of others, as PAM's, nothing
 * is known: what is refused tells, and what cannot be deleted stays and is told. */
static void find_account(struct visit *visit)
{
	const struct config *config = visit->doctor->config;
	struct complaints complaints = {.to = stderr};
	struct users_file file = {0};
	const struct user *user = NULL;
	struct stat status;

	visit->may = RIGHTS_ALL;
	if (config->users[0] != '\0' &&
		users_file_read(&file, config->users, &status, &complaints) == 0)
		user = users_file_find(&file, visit->user);
	if (user && user_root(visit->own_root, user->root[0] != '\0' ? user->root : config->root,
			    user->name) == 0) {
		visit->root = visit->own_root;
		visit->may = user->may;
	}
	users_file_free(&file);
}

/* Whoever is tried: the account that was named, or else anonymous. */
static bool choose_user(struct visit *visit)
{
	const struct doctor *doctor = visit->doctor;
	const struct config *config = doctor->config;

	if (doctor->user) {
		visit->user = doctor->user;
		visit->password = doctor->password;
		find_account(visit);
		return true;
	}
	visit->user = "anonymous";
	visit->password = "doctor@";
	visit->may = config->anonymous_may;
	visit->root = config->anonymous_root[0] != '\0' ? config->anonymous_root : config->root;
	return config->anonymous;
}

static void visit_ftp(struct doctor *doctor, const struct config_listener *listener,
	const struct address *address, bool tls)
{
	struct visit visit;

	visit_open(&visit, doctor, listener, address, tls);
	if (choose_user(&visit)) {
		doctor_ftp_visit(&visit);
		visit_close(&visit);
	} else {
		snprintf(visit.did, sizeof(visit.did), "not tried: name an account (--user)");
	}
	note(&visit);
}

static void visit_other(struct doctor *doctor, const struct config_listener *listener,
	const struct address *address)
{
	struct visit visit;

	visit_open(&visit, doctor, listener, address, listener->tls == TLS_IMPLICIT);
	if (listener->account[0] == '\0')
		visit.root = doctor->config->root;
	if (listener->protocol == PROTOCOL_LGPQ && listener->account[0] != '\0')
		snprintf(visit.did, sizeof(visit.did), "not tried: its probe would stay");
	else if (listener->protocol == PROTOCOL_LGPQ)
		doctor_lgpq_visit(&visit);
	else
		doctor_echo_visit(&visit);
	visit_close(&visit);
	note(&visit);
}

static void visit_listener(struct doctor *doctor, const struct config_listener *listener)
{
	struct address address;

	if (!find_address(doctor, listener, &address)) {
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, listener->name,
				"clients cannot connect there", "reload or restart the service"},
			"listener %s is in the config, and the running server has none such",
			listener->name);
		return;
	}
	if (listener->protocol != PROTOCOL_FTP) {
		visit_other(doctor, listener, &address);
		return;
	}
	if (listener->tls == TLS_OFF ||
		(listener->tls == TLS_EXPLICIT && listener->tls_require == TLS_REQUIRE_NONE))
		visit_ftp(doctor, listener, &address, false);
	if (listener->tls != TLS_OFF)
		visit_ftp(doctor, listener, &address, true);
}

void doctor_check_logins(struct doctor *doctor)
{
	const struct config *config = doctor->config;

	for (size_t i = 0; i < config->listener_count; i++) {
		bool asks = config->listeners[i].tls != TLS_OFF &&
			    config->tls_client_certificates == TLS_CLIENTS_REQUIRED;

		if (!asks)
			visit_listener(doctor, &config->listeners[i]);
	}
}
