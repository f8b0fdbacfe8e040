#include "client/import.h"

#include "common/rights.h"
#include "common/user.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MOST = 18, ITEMS_MOST = 16 };

/* The fields of pureftpd.passwd; the first seven are those of passwd(5) and of an AuthUserFile. */
enum field {
	NAME,
	HASH,
	UID,
	GID,
	COMMENT,
	HOME,
	UPLOAD_RATE, /* of an AuthUserFile: the shell */
	DOWNLOAD_RATE,
	UPLOAD_RATIO,
	DOWNLOAD_RATIO,
	SESSIONS,
	QUOTA_FILES,
	QUOTA_BYTES,
	LOCAL_ALLOWED,
	LOCAL_REFUSED,
	CLIENTS_ALLOWED,
	CLIENTS_REFUSED,
	HOURS
};

/* One account on its way. Its texts are items, which are kept until it is written. */
struct account {
	struct user user;
	char *items[ITEMS_MOST];
	size_t item_count;
	struct origin origin;
	struct complaints *notes;
};

/* Fields of pureftpd.passwd that an item of ours says. */
static const struct {
	enum field field;
	const char *key;
} same[] = {
	{UPLOAD_RATE, "session_upload"},
	{DOWNLOAD_RATE, "session_download"},
	{SESSIONS, "sessions"},
	{QUOTA_FILES, "quota_files"},
	{QUOTA_BYTES, "quota_bytes"},
	{CLIENTS_ALLOWED, "from"},
};

/* Those that none says, and what there is instead. */
static const struct {
	enum field field;
	const char *what, *instead;
} lost[] = {
	{UPLOAD_RATIO, "upload ratio", "there are no ratios"},
	{DOWNLOAD_RATIO, "download ratio", "there are no ratios"},
	{LOCAL_ALLOWED, "allowed local addresses", "every listener lets it in"},
	{LOCAL_REFUSED, "refused local addresses", "every listener lets it in"},
	{CLIENTS_REFUSED, "refused client addresses", "from= names those who may, or a firewall"},
	{HOURS, "hours", "it may log in at any time; expires= names a last day"},
};

static bool give(struct account *account, const char *key, const char *value)
{
	char *item = NULL;

	if (strchr(value, '"')) {
		complain(account->notes, account->origin, "%s: a value cannot hold a quote", key);
		return false;
	}
	if (account->item_count == ITEMS_MOST || asprintf(&item, "%s=%s", key, value) < 0)
		return false;
	account->items[account->item_count++] = item;
	return user_take(&account->user, item, account->origin, account->notes);
}

/* What would say who may come, and where to, has to be said before anybody comes. */
static void lock(struct account *account, const char *what)
{
	account->user.locked = true;
	complain(account->notes, account->origin, "%s: is locked, until %s is mended",
		account->user.name, what);
}

/* "!", "*" and nothing at all are no hashes: nobody can log in. */
static void give_password(struct account *account, const char *hash)
{
	bool none = hash[0] == '\0' || hash[0] == '!' || hash[0] == '*' || strcmp(hash, "x") == 0;

	if (!none && give(account, "password", hash))
		return;
	account->user.locked = true;
	complain(account->notes, account->origin,
		"%s: has no password that could be used here, and is locked; ftpctl user passwd "
		"gives it another",
		account->user.name);
}

/* What stands before "/./" is the root of a user who is confined to it. */
static void give_root(struct account *account, char *home)
{
	char *mark = strstr(home, "/./");
	size_t length;

	if (mark) {
		if (mark[3] != '\0')
			complain(account->notes, account->origin,
				"%s: begins in its root, not in /%s", account->user.name, mark + 3);
		mark[mark == home] = '\0';
	}
	length = strlen(home);
	while (length > 1 && home[length - 1] == '/')
		home[--length] = '\0';
	if (home[0] != '\0' && !give(account, "root", home))
		lock(account, "its root");
}

static bool is_said(const char *field)
{
	return field[0] != '\0' && strcmp(field, "0") != 0;
}

static void give_limits(struct account *account, char *const *fields)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		if (is_said(fields[same[i].field]) &&
			!give(account, same[i].key, fields[same[i].field]) &&
			same[i].field == CLIENTS_ALLOWED)
			lock(account, "from");
	}
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		if (is_said(fields[lost[i].field]))
			complain(account->notes, account->origin, "%s: %s %s: %s",
				account->user.name, lost[i].what, fields[lost[i].field],
				lost[i].instead);
	}
	if (is_said(fields[CLIENTS_REFUSED]))
		lock(account, "from");
}

static bool begin(
	struct account *account, const char *name, struct origin origin, struct complaints *notes)
{
	*account = (struct account){.user = user_standard, .origin = origin, .notes = notes};
	account->user.name = name;
	account->user.may = RIGHTS_ALL;
	if (!user_name_is_sound(name))
		complain(notes, origin, "the name can be no account's; see ftpool-users(5)");
	return user_name_is_sound(name);
}

static void end(struct account *account, FILE *out)
{
	user_print(out, &account->user);
	user_close(&account->user);
	for (size_t i = 0; i < account->item_count; i++)
		free(account->items[i]);
}

static size_t split(char *line, char *fields[FIELDS_MOST])
{
	char *rest = line;
	size_t count = 0;

	while (rest && count < FIELDS_MOST)
		fields[count++] = strsep(&rest, ":");
	return rest ? FIELDS_MOST + 1 : count;
}

/* Takes one line; `extended` is pureftpd.passwd. */
static void take_line(
	FILE *out, struct complaints *notes, char *line, struct origin origin, bool extended)
{
	static char nothing[] = "";
	char *fields[FIELDS_MOST];
	struct account account;
	size_t count;

	for (const char *at = line; *at; at++) {
		if (iscntrl((unsigned char)*at)) {
			complain(notes, origin, "is no account: it holds a control byte");
			return;
		}
	}
	count = split(line, fields);
	if (count < UPLOAD_RATE || count > (extended ? FIELDS_MOST : DOWNLOAD_RATE)) {
		complain(notes, origin, "is no account: it has another number of fields");
		return;
	}
	for (size_t i = count; i < FIELDS_MOST; i++)
		fields[i] = nothing;
	if (!begin(&account, fields[NAME], origin, notes))
		return;
	give_password(&account, fields[HASH]);
	give_root(&account, fields[HOME]);
	if (extended)
		give_limits(&account, fields);
	end(&account, out);
}

static void take_all(
	FILE *out, struct complaints *notes, char *text, const char *file, bool extended)
{
	struct origin origin = {file, 0};
	char *rest = text;

	fprintf(out, "# Accounts, made from %s by ftpctl import; see ftpool-users(5).\n", file);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		origin.line++;
		line[strcspn(line, "\r")] = '\0';
		if (line[0] != '\0' && line[0] != '#')
			take_line(out, notes, line, origin, extended);
	}
	complain(notes, (struct origin){file, 0},
		"uid and gid of all of them: every file belongs to the service's user; give him "
		"the directories (chown -R)");
}

void import_pureftpd(FILE *out, struct complaints *notes, char *text, const char *file)
{
	take_all(out, notes, text, file, true);
}

void import_authuserfile(FILE *out, struct complaints *notes, char *text, const char *file)
{
	take_all(out, notes, text, file, false);
}
