#include "common/argon2_form.h"
#include "common/user.h"

#include "common/config.h"
#include "common/rights.h"
#include "common/user_amounts.h"
#include "common/user_rights.h"
#include "common/user_tls.h"
#include "common/user_words.h"

#include <crypt.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char blanks[] = " \t";

const struct user user_standard = {.name = "",
	.hash = "",
	.root = "",
	.may = RIGHT_list | RIGHT_get,
	.protocols = (1 << PROTOCOL_COUNT) - 1,
	.sessions_most = -1,
	.tls = {.certificate = ""},
	.amounts = {.bandwidth = {{USER_UNSAID, USER_UNSAID}, {USER_UNSAID, USER_UNSAID}},
		.upload_size = USER_UNSAID,
		.quota_bytes = USER_UNSAID,
		.quota_files = USER_UNSAID}};

bool user_name_is_sound(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= USER_NAME || strchr(".#", name[0]))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)name[i]) || strchr(" /\"\\=:,", name[i]))
			return false;
	}
	return true;
}

/* ---- values ---- */

struct taking {
	struct user *user;
	struct origin origin;
	struct complaints *complaints;
	const char *key;
};

/* Any two letters are a salt of the oldest method, whose hashes have 13: a password that was
 * written there in clear shall not be taken for one. */
static bool is_hash(const char *text)
{
	int verdict = crypt_checksalt(text);

	if (argon2_form_is_hash(text))
		return true;
	return verdict != CRYPT_SALT_INVALID && verdict != CRYPT_SALT_METHOD_DISABLED &&
	       (strchr("$_", text[0]) || strlen(text) == 13);
}

/* The hash is not repeated: what is told may be read by others. */
static bool take_password(const struct taking *to, char *value)
{
	if (value[0] != '\0' && !is_hash(value)) {
		complain(to->complaints, to->origin,
			"password is no hash of crypt(3) or argon2; `ftpctl user passwd %s` writes "
			"one",
			to->user->name);
		return false;
	}
	to->user->hash = value;
	return true;
}

static bool take_root(const struct taking *to, char *value)
{
	if (value[0] != '/' && value[0] != '\0') {
		complain(to->complaints, to->origin,
			"root = \"%s\" is not absolute; write it from / on", value);
		return false;
	}
	to->user->root = value;
	return true;
}

static bool take_words(
	const struct taking *to, enum user_words kind, const char *key, char *value, uint32_t *bits)
{
	const char *unknown = user_words_read(kind, value, bits);

	if (unknown)
		complain(to->complaints, to->origin,
			"%s: \"%s\" is no choice; ftpool-users(5) lists all there are", key,
			unknown);
	return !unknown;
}

static bool take_may(const struct taking *to, char *value)
{
	if (strcmp(value, "none") == 0) {
		to->user->may = 0;
		return true;
	}
	return take_words(to, USER_RIGHTS, "may", value, &to->user->may);
}

static bool take_protocols(const struct taking *to, char *value)
{
	return take_words(to, USER_PROTOCOLS, "protocols", value, &to->user->protocols);
}

static bool add_network(const struct taking *to, const char *text)
{
	struct user *user = to->user;
	struct network network, *grown;

	if (network_parse(&network, text) < 0) {
		complain(to->complaints, to->origin,
			"from: \"%s\" is no network; 192.0.2.0/24 or 2001:db8::/32 would be", text);
		return false;
	}
	grown = reallocarray(user->from, user->from_count + 1, sizeof(*grown));
	if (!grown) {
		complain(to->complaints, to->origin, "out of memory");
		return false;
	}
	user->from = grown;
	user->from[user->from_count++] = network;
	return true;
}

static bool take_from(const struct taking *to, char *value)
{
	char *rest = NULL;

	to->user->from_count = 0;
	for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
		if (!add_network(to, item))
			return false;
	}
	return true;
}

/* The day of that date is the first one on which nobody is let in (UTC), as with usermod -e. */
static bool take_expires(const struct taking *to, char *value)
{
	struct tm day = {0};
	const char *end = strptime(value, "%Y-%m-%d", &day);
	int written = day.tm_mday; /* timegm makes of a day that is none another one */
	time_t time = end && *end == '\0' && strlen(value) == 10 ? timegm(&day) : -1;

	if (value[0] == '\0') {
		to->user->expires_unix = 0;
		return true;
	}
	if (time <= 0 || day.tm_mday != written) {
		complain(to->complaints, to->origin,
			"expires = \"%s\" is no day; one such as 2027-01-31 is right", value);
		return false;
	}
	to->user->expires_unix = time;
	return true;
}

static bool take_sessions(const struct taking *to, char *value)
{
	char *end;
	unsigned long long most = strtoull(value, &end, 10);

	if (value[0] == '\0') {
		to->user->sessions_most = -1;
		return true;
	}
	if (!isdigit((unsigned char)value[0]) || *end != '\0' || most > USER_SESSIONS_MOST) {
		complain(to->complaints, to->origin,
			"sessions = \"%s\" is no number from 0 (no limit) to %d", value,
			USER_SESSIONS_MOST);
		return false;
	}
	to->user->sessions_most = (int64_t)most;
	return true;
}

static bool take_amount(const struct taking *to, char *value)
{
	return user_amounts_take(&to->user->amounts, to->key, value, to->origin, to->complaints);
}

static bool take_tls(const struct taking *to, char *value)
{
	return user_tls_take(&to->user->tls, to->key, value, to->origin, to->complaints);
}

static const struct key {
	const char *name;
	bool (*take)(const struct taking *to, char *value);
} keys[] = {{"password", take_password}, {"root", take_root}, {"may", take_may},
	{"protocols", take_protocols}, {"from", take_from}, {"expires", take_expires},
	{"sessions", take_sessions}, {"session_download", take_amount},
	{"session_upload", take_amount}, {"user_download", take_amount},
	{"user_upload", take_amount}, {"upload_size", take_amount}, {"quota_bytes", take_amount},
	{"quota_files", take_amount}, {"tls", take_tls}, {"certificate", take_tls}};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static const struct key *key_named(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static bool has_control_bytes(const char *line)
{
	while (*line != '\0' && (*line == '\t' || !iscntrl((unsigned char)*line)))
		line++;
	return *line != '\0';
}

/* In a line none of that is left when it comes here. */
static bool fits_into_line(const char *item, struct origin origin, struct complaints *complaints)
{
	if (!strchr(item, '"') && !has_control_bytes(item))
		return true;
	complain(complaints, origin,
		"%.*s: a quote or a control byte, which no account's line holds",
		(int)strcspn(item, "=\"\n"), item);
	return false;
}

bool user_take(struct user *user, char *item, struct origin origin, struct complaints *complaints)
{
	struct taking to = {user, origin, complaints, item};
	char *equals = strchr(item, '=');
	const struct key *key;

	if (!fits_into_line(item, origin, complaints))
		return false;
	if (strcmp(item, "locked") == 0) {
		user->locked = true;
		return true;
	}
	if (equals)
		*equals = '\0';
	if (equals && user_rights_is_key(item))
		return user_rights_take(user, item, equals + 1, origin, complaints);
	key = key_named(item);
	if (!key)
		complain(complaints, origin,
			"there is no \"%s\"; ftpool-users(5) lists what there is, such as "
			"root=/srv "
			"or locked",
			item);
	else if (!equals)
		complain(complaints, origin, "\"%s\" has no value; %s=VALUE is right", item, item);
	else
		return key->take(&to, equals + 1);
	return false;
}

/* ---- lines ---- */

/* Cuts the next word off *line: up to a blank that stands in no quotes, which are taken out of it.
 * NULL at the end; *open when a quote was not closed. */
static char *next_word(char **line, bool *open)
{
	char *in = *line + strspn(*line, blanks), *word = in, *out = in;

	*open = false;
	if (*in == '\0')
		return NULL;
	for (; *in != '\0' && (*open || !strchr(blanks, *in)); in++) {
		if (*in == '"')
			*open = !*open;
		else
			*out++ = *in;
	}
	*line = in + (*in != '\0');
	*out = '\0';
	return word;
}

/* Each key once: of two, which one was meant? */
static bool is_repeated(const char *item, uint32_t *seen)
{
	size_t length = strcspn(item, "=");

	for (size_t i = 0; i < KEYS; i++) {
		if (strlen(keys[i].name) == length && memcmp(keys[i].name, item, length) == 0) {
			bool repeated = *seen >> i & 1;

			*seen |= UINT32_C(1) << i;
			return repeated;
		}
	}
	return false;
}

static bool take_items(
	struct user *user, char *line, struct origin origin, struct complaints *complaints)
{
	uint32_t seen = 0;
	bool open, fine = true;

	for (char *item; (item = next_word(&line, &open)) != NULL;) {
		if (open) {
			complain(complaints, origin, "a quote is not closed");
			return false;
		}
		if (user_rights_is_key(item) ? user_rights_has(user, item)
					     : is_repeated(item, &seen)) {
			complain(complaints, origin, "%.*s stands there twice; keep one of them",
				(int)strcspn(item, "="), item);
			fine = false;
		} else if (!user_take(user, item, origin, complaints)) {
			fine = false;
		}
	}
	return fine;
}

bool user_parse(struct user *user, char *line, struct origin origin, struct complaints *complaints)
{
	bool has_control = has_control_bytes(line);
	bool open, has_quote = memchr(line, '"', strcspn(line, blanks)) != NULL;

	*user = user_standard;
	user->line = origin.line;
	user->name = next_word(&line, &open);
	if (has_control) {
		complain(complaints, origin, "a control byte (a CR of another system's line end?)");
		return false;
	}
	if (!user->name || open || has_quote || !user_name_is_sound(user->name)) {
		complain(complaints, origin,
			"no name for an account; at most %d bytes, no leading dot, and none of / "
			"\" "
			"\\ = : , are right",
			USER_NAME - 1);
		return false;
	}
	return take_items(user, line, origin, complaints);
}

void user_close(struct user *user)
{
	free(user->from);
	user->from = NULL;
	user->from_count = 0;
	free(user->at);
	user->at = NULL;
}

/* ---- the root ---- */

int user_root(char out[PATH_MAX], const char *root, const char *name)
{
	size_t used = 0, length = strlen(name);

	if (strstr(root, "%u") && (name[0] == '\0' || name[0] == '.' || strchr(name, '/')))
		return -EINVAL;
	while (*root != '\0' && used + length + 1 < PATH_MAX) {
		if (root[0] == '%' && root[1] == 'u') {
			memcpy(out + used, name, length);
			used += length;
			root += 2;
		} else {
			out[used++] = *root++;
		}
	}
	out[used] = '\0';
	return *root == '\0' ? 0 : -ENAMETOOLONG;
}
