#include "client/ctl_user.h"

#include "client/ctl_password.h"
#include "client/ctl_user_list.h"
#include "client/ctl_users.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_MOST = 16 };

struct user_wish {
	const char *file;
	const char *name;
	char *changes[CHANGES_MOST]; /* "root=/srv/ftpool" … */
	int change_count;
	bool from_stdin;
	bool no_password;
};

static enum ctl_exit refuse(const char *format, const char *what)
{
	fprintf(stderr, "ftpctl: ");
	fprintf(stderr, format, what);
	fputc('\n', stderr);
	return CTL_REFUSED;
}

/* ---- one account ---- */

/* An account on its way from the old line to the new one. */
struct edit {
	struct ctl_users users;
	struct ctl_users_line line;
	struct user user;
	char *copy; /* of the old line */
	char hash[CRYPT_OUTPUT_SIZE];
};

static void end_edit(struct edit *edit)
{
	user_close(&edit->user);
	if (edit->copy)
		explicit_bzero(edit->copy, strlen(edit->copy));
	free(edit->copy);
	explicit_bzero(edit->hash, sizeof(edit->hash));
	ctl_users_close(&edit->users);
}

/* Opens the file and reads the account. */
static enum ctl_exit begin_edit(struct edit *edit, const struct user_wish *wish)
{
	struct complaints complaints = {.to = stderr};
	size_t length;
	int found;

	*edit = (struct edit){.users.descriptor = -1};
	if (ctl_users_open(&edit->users, wish->file, false) < 0)
		return CTL_REFUSED;
	found = ctl_users_find(&edit->users, wish->name, &edit->line);
	if (found == 0)
		refuse("there is no account %s", wish->name);
	if (found <= 0)
		return CTL_REFUSED;
	length = edit->line.length;
	if (edit->users.text[edit->line.start + length - 1] == '\n')
		length--;
	edit->copy = strndup(edit->users.text + edit->line.start, length);
	if (!edit->copy)
		return refuse("%s", "out of memory");
	return user_parse(&edit->user, edit->copy,
		       (struct origin){edit->users.path, edit->line.number}, &complaints)
		       ? CTL_WELL
		       : CTL_REFUSED;
}

static enum ctl_exit write_edit(struct edit *edit)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	enum ctl_exit status = CTL_REFUSED;

	if (!out)
		return refuse("%s", "out of memory");
	user_print(out, &edit->user);
	if (fclose(out) == 0 && ctl_users_replace(&edit->users, &edit->line, text) == 0)
		status = CTL_WELL;
	if (text)
		explicit_bzero(text, size);
	free(text);
	return status;
}

static bool make_changes(struct user *user, const struct user_wish *wish)
{
	struct complaints complaints = {.to = stderr};

	for (int i = 0; i < wish->change_count; i++)
		user_take(user, wish->changes[i], (struct origin){"ftpctl", 0}, &complaints);
	return complaints.count == 0;
}

/* ---- commands ---- */

static bool ask_password(struct edit *edit, const struct user_wish *wish)
{
	if (ctl_password_new(wish->name, wish->from_stdin, edit->hash) < 0)
		return false;
	edit->user.hash = edit->hash;
	return true;
}

/* The file is locked only when there is nothing left to ask. */
static enum ctl_exit do_add(const struct user_wish *wish)
{
	struct edit edit = {.user = user_standard, .users.descriptor = -1};
	enum ctl_exit status = CTL_REFUSED;

	edit.user.name = wish->name;
	if (!user_name_is_sound(wish->name))
		return refuse("\"%s\" can be no account's name; see ftpool-users(5)", wish->name);
	if (make_changes(&edit.user, wish) && (wish->no_password || ask_password(&edit, wish)) &&
		ctl_users_open(&edit.users, wish->file, true) == 0) {
		int found = ctl_users_find(&edit.users, wish->name, &edit.line);

		if (found > 0)
			refuse("there is an account %s already", wish->name);
		edit.line = (struct ctl_users_line){.start = edit.users.size};
		if (found == 0)
			status = write_edit(&edit);
	}
	end_edit(&edit);
	return status;
}

static enum ctl_exit do_set(const struct user_wish *wish)
{
	struct edit edit;
	enum ctl_exit status = begin_edit(&edit, wish);

	if (status == CTL_WELL)
		status = make_changes(&edit.user, wish) ? write_edit(&edit) : CTL_REFUSED;
	end_edit(&edit);
	return status;
}

static enum ctl_exit do_passwd(const struct user_wish *wish)
{
	char hash[CRYPT_OUTPUT_SIZE];
	struct edit edit;
	enum ctl_exit status = begin_edit(&edit, wish);

	end_edit(&edit);
	if (status != CTL_WELL || ctl_password_new(wish->name, wish->from_stdin, hash) < 0)
		return CTL_REFUSED;
	status = begin_edit(&edit, wish);
	edit.user.hash = hash;
	if (status == CTL_WELL)
		status = write_edit(&edit);
	end_edit(&edit);
	explicit_bzero(hash, sizeof(hash));
	return status;
}

static enum ctl_exit do_del(const struct user_wish *wish)
{
	struct ctl_users users;
	struct ctl_users_line line;
	int found;

	if (ctl_users_open(&users, wish->file, false) < 0)
		return CTL_REFUSED;
	found = ctl_users_find(&users, wish->name, &line);
	if (found == 0)
		refuse("there is no account %s", wish->name);
	if (found > 0 && ctl_users_replace(&users, &line, "") < 0)
		found = -1;
	ctl_users_close(&users);
	return found > 0 ? CTL_WELL : CTL_REFUSED;
}

static enum ctl_exit set_locked(const struct user_wish *wish, bool locked)
{
	struct edit edit;
	enum ctl_exit status = begin_edit(&edit, wish);

	edit.user.locked = locked;
	if (status == CTL_WELL)
		status = write_edit(&edit);
	end_edit(&edit);
	return status;
}

static enum ctl_exit do_lock(const struct user_wish *wish)
{
	return set_locked(wish, true);
}

static enum ctl_exit do_unlock(const struct user_wish *wish)
{
	return set_locked(wish, false);
}

static enum ctl_exit do_list(const struct user_wish *wish)
{
	return ctl_user_list(wish->file, NULL);
}

static enum ctl_exit do_show(const struct user_wish *wish)
{
	return ctl_user_list(wish->file, wish->name);
}

/* ---- the command line ---- */

static const struct command {
	const char *name;
	enum ctl_exit (*run)(const struct user_wish *wish);
	bool named, changes; /* takes a name; and what shall be changed */
	const char *help;
} commands[] = {
	{"add", do_add, true, true, "a new account; asks for its password"},
	{"set", do_set, true, true, "change what is known of it"},
	{"passwd", do_passwd, true, false, "a new password"},
	{"lock", do_lock, true, false, "let nobody log in as it"},
	{"unlock", do_unlock, true, false, "let them again"},
	{"del", do_del, true, false, "remove it; its files stay"},
	{"show", do_show, true, false, "what is known of it"},
	{"list", do_list, false, false, "all accounts"},
};

enum { OPTION_FILE = 256, OPTION_STDIN, OPTION_NO_PASSWORD, OPTION_CHANGE };

static const struct option options[] = {
	{"file", required_argument, NULL, OPTION_FILE},
	{"stdin", no_argument, NULL, OPTION_STDIN},
	{"no-password", no_argument, NULL, OPTION_NO_PASSWORD},
	{"root", required_argument, NULL, OPTION_CHANGE},
	{"may", required_argument, NULL, OPTION_CHANGE},
	{"from", required_argument, NULL, OPTION_CHANGE},
	{"protocols", required_argument, NULL, OPTION_CHANGE},
	{"expires", required_argument, NULL, OPTION_CHANGE},
	{"sessions", required_argument, NULL, OPTION_CHANGE},
	{"session-download", required_argument, NULL, OPTION_CHANGE},
	{"session-upload", required_argument, NULL, OPTION_CHANGE},
	{"user-download", required_argument, NULL, OPTION_CHANGE},
	{"user-upload", required_argument, NULL, OPTION_CHANGE},
	{"tls", required_argument, NULL, OPTION_CHANGE},
	{"certificate", required_argument, NULL, OPTION_CHANGE},
	{"upload-size", required_argument, NULL, OPTION_CHANGE},
	{"quota-bytes", required_argument, NULL, OPTION_CHANGE},
	{"quota-files", required_argument, NULL, OPTION_CHANGE},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void print_usage(FILE *out)
{
	fputs("Usage: ftpctl user COMMAND [NAME] [OPTION ...]\n\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-6s %-4s %s\n", commands[i].name, commands[i].named ? "NAME" : "",
			commands[i].help);
	fputs("\n"
	      "  --file PATH       the users file (" FTPOOL_SYSCONFDIR "/ftpool/users)\n"
	      "  --stdin           read the password from standard input\n"
	      "  --no-password     with add: none, for an account that only listeners name, or\n"
	      "                    that logs in by certificate\n"
	      "  --root DIRECTORY  with add and set: what is served; %u stands for the name\n"
	      "  --may list,get    what it may do there; all, or some of: list get put overwrite\n"
	      "                    append resume rename delete mkdir rmdir chmod touch\n"
	      "  --may /DIR=put    what in that directory, instead; none is nothing\n"
	      "  --from NETWORKS   where it may log in from, such as 192.0.2.0/24,2001:db8::/32\n"
	      "  --protocols ftp   by which protocols\n"
	      "  --expires DATE    the day from which on it may not, such as 2027-01-31\n"
	      "  --sessions N      how many sessions at a time it may have; 0: any number\n"
	      "  --session-download 500K, --session-upload, --user-download, --user-upload\n"
	      "                    bytes a second, of a session or of all its sessions together\n"
	      "  --tls login       what it may not do without TLS: none, login or all\n"
	      "  --certificate cn:NAME\n"
	      "                    whose certificate logs in without a password\n"
	      "  --upload-size 2G  the largest file it may put\n"
	      "  --quota-bytes 10G, --quota-files 1000\n"
	      "                    how much may lie in its root\n"
	      "\n"
	      "An empty value takes back what was said. See ftpool-users(5).\n",
		out);
}

/* What an account has of which nothing is said; in a line, an empty list is nothing. */
static const char *standard_of(const char *key)
{
	if (strcmp(key, "may") == 0)
		return "list,get";
	return strcmp(key, "protocols") == 0 ? "all" : "";
}

static int take_change(struct user_wish *wish, const char *key)
{
	bool at = strcmp(key, "may") == 0 && optarg[0] == '/'; /* "/incoming=put" */
	const char *value = optarg[0] == '\0' ? standard_of(key) : optarg;
	char *change = NULL;

	if (wish->change_count == CHANGES_MOST ||
		asprintf(&change, at ? "%s:%s" : "%s=%s", key, value) < 0)
		return CTL_USAGE;
	wish->changes[wish->change_count++] = change;
	if (at)
		return -1;
	for (char *dash = change; (dash = strpbrk(dash, "-=")) != NULL && *dash == '-'; dash++)
		*dash = '_';
	return -1;
}

/* -1 to go on, else the exit status. */
static int take_option(struct user_wish *wish, int option, const char *key)
{
	switch (option) {
	case OPTION_FILE: wish->file = optarg; return -1;
	case OPTION_STDIN: wish->from_stdin = true; return -1;
	case OPTION_NO_PASSWORD: wish->no_password = true; return -1;
	case OPTION_CHANGE: return take_change(wish, key);
	case 'h': print_usage(stdout); return CTL_WELL;
	default: print_usage(stderr); return CTL_USAGE;
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static enum ctl_exit run(struct user_wish *wish, int argc, char **argv)
{
	const struct command *command = argc > 0 ? find_command(argv[0]) : NULL;

	if (!command || argc != (command->named ? 2 : 1) ||
		(wish->change_count > 0 && !command->changes)) {
		print_usage(stderr);
		return CTL_USAGE;
	}
	wish->name = command->named ? argv[1] : NULL;
	return command->run(wish);
}

enum ctl_exit ctl_user_run(int argc, char **argv)
{
	struct user_wish wish = {.file = FTPOOL_SYSCONFDIR "/ftpool/users"};
	enum ctl_exit status;
	int option, index = 0, ended = -1;

	while (ended < 0 && (option = getopt_long(argc, argv, "h", options, &index)) != -1)
		ended = take_option(&wish, option, options[index].name);
	status = ended >= 0 ? (enum ctl_exit)ended : run(&wish, argc - optind, argv + optind);
	for (int i = 0; i < wish.change_count; i++)
		free(wish.changes[i]);
	return status;
}
