#include "common/config_change.h"
#include "common/config_pack.h"
#include "common/config.h"

#include "common/log.h"
#include "common/rights.h"
#include "common/status_path.h"
#include "tests/unit/loading.h"
#include "tests/unit/option_sample.h"
#include "tests/unit/suite.h"

#include <grp.h>
#include <pwd.h>
#include <sys/un.h>

#define ZONES "directory /one { }\nmount /one { from = / }\n"
#define LISTENER "listener one {\n}\n"

/* Refused, with so many complaints and these words among them. */
static void expect_refused(const char *text, unsigned int count, const char *words)
{
	struct told told;

	told_open(&told);
	ck_assert_msg(!load_text(text, &told), "taken: %s", text);
	told_expect(&told, count, words);
	told_close(&told);
}

/* What the option's field holds when this text is its value. */
static void fill_field(const struct config_option *option, void *target, const char *value)
{
	struct complaints complaints = {stderr, 0};

	ck_assert(
		config_value_set(option, target, value, (struct origin){"sample", 0}, &complaints));
}

static union {
	struct config config;
	struct config_listener listener;
	struct config_zone zone;
} wanted;

/* What the check works out of a value left empty is not what was written. */
static bool is_worked_out(const struct config_option *option)
{
	return !strcmp(option->name, "workers") || !strcmp(option->name, "port") ||
	       (option->section == SECTION_TOP && !strcmp(option->name, "root")) ||
	       (option->section == SECTION_MOUNT && !strcmp(option->name, "from")) ||
	       (option->section == SECTION_STATUS && !strcmp(option->name, "path"));
}

static const char *title_of(const struct config_option *option)
{
	if (option->section == SECTION_LISTENER)
		return "one";
	return config_section_is_titled(option->section) ? "/one" : NULL;
}

START_TEST(every_option_has_its_default)
{
	struct config *config = load_fine(LISTENER ZONES);

	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		if (is_worked_out(option))
			continue;
		memset(&wanted, 0, sizeof(wanted));
		fill_field(option, &wanted, option->standard);
		ck_assert_msg(option_field_equal(option, option_holder(config, option), &wanted),
			"%s has not its default", option->name);
		config_value_free(option, &wanted);
	}
	ck_assert_uint_ge(config->workers, 1);
	ck_assert_uint_eq(config->listeners[0].port, 8888);
	ck_assert_str_eq(config->file, "test.conf");
	config_free(config);
}
END_TEST

START_TEST(defaults_are_what_the_manual_says)
{
	struct config *config = load_fine(LISTENER);

	ck_assert_uint_eq(config->sync, SYNC_DATA);
	ck_assert(config->sandbox);
	ck_assert_uint_eq(config->idle_timeout_seconds, 900);
	ck_assert_uint_eq(config->transfer_timeout_seconds, 120);
	ck_assert_uint_eq(config->stop_timeout_seconds, 30);
	ck_assert_uint_eq(config->max_sessions, 10000);
	ck_assert_uint_eq(config->max_sessions_per_address, 0);
	ck_assert_uint_eq(config->max_upload_bytes, 0);
	ck_assert_uint_eq(config->log_to, LOG_TO_STDERR);
	ck_assert_uint_eq(config->log_level, LOG_LEVEL_INFO);
	ck_assert_uint_eq(config->status_mode, 0660);
	ck_assert_str_eq(config->listeners[0].name, "one");
	ck_assert_str_eq(config->listeners[0].host, "0.0.0.0");
	ck_assert_uint_eq(config->listeners[0].protocol, PROTOCOL_LGPQ);
	config_free(config);
}
END_TEST

START_TEST(no_option_lacks_a_sample)
{
	ck_assert_uint_eq(OPTION_SAMPLES, config_option_count);
	for (size_t i = 0; i < OPTION_SAMPLES; i++) {
		const struct config_option *option = option_of(&option_samples[i]);

		ck_assert_str_ne(option->standard, option_samples[i].value);
		for (size_t j = 0; j < i; j++)
			ck_assert_ptr_ne(option_of(&option_samples[j]), option);
	}
}
END_TEST

/* The file that has this one option, and the line it stands on. */
static unsigned int write_sample(char *text, size_t size, const struct option_sample *sample)
{
	const struct config_option *option = option_of(sample);
	const char *section = config_section_names[option->section];
	const char *with = sample->with ? sample->with : "";

	if (option->section == SECTION_TOP)
		snprintf(text, size, LISTENER "\n%s = \"%s\"\n", option->name, sample->value);
	else if (option->section == SECTION_DIRECTORY || option->section == SECTION_MOUNT)
		snprintf(text, size, LISTENER "%s /one {\n\t%s %s = \"%s\"\n}\n", section, with,
			option->name, sample->value);
	else if (option->section == SECTION_LISTENER)
		snprintf(text, size,
			"listener one {\n%s\n\n%s = \"%s\"\n}\ntls { certificate = /c.pem }\n",
			with, option->name, sample->value);
	else
		snprintf(text, size, LISTENER "%s {\n\t%s %s = \"%s\"\n}\n", section, with,
			option->name, sample->value);
	return 4;
}

/* The sample's value, its \" turned into " as the file's quotes do. */
static void unescape(char *out, const char *value)
{
	for (; *value; value++) {
		if (*value != '\\')
			*out++ = *value;
	}
	*out = '\0';
}

static void expect_sample(const struct config *config, const struct option_sample *sample)
{
	const struct config_option *option = option_of(sample);
	char value[100];

	unescape(value, sample->value);
	memset(&wanted, 0, sizeof(wanted));
	fill_field(option, &wanted, value);
	ck_assert_msg(option_field_equal(option, option_holder(config, option), &wanted),
		"%s is not what was written", sample->name);
	config_value_free(option, &wanted);
}

/* What another process takes out of memory is the same. */
static void expect_packed(const struct config *config, const struct option_sample *sample)
{
	struct config_changes changes;
	int packed = config_pack(config);
	struct config *copy = config_unpack(packed);

	ck_assert_ptr_nonnull(copy);
	expect_sample(copy, sample);
	ck_assert_int_eq(config_changes_find(&changes, config, copy), 0);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_str_eq(copy->file, config->file);
	ck_assert_uint_eq(copy->uid, config->uid);
	ck_assert_uint_eq(copy->status_gid, config->status_gid);
	config_free(copy);
	close(packed);
}

START_TEST(every_option_can_be_written)
{
	for (size_t i = 0; i < OPTION_SAMPLES; i++) {
		const struct config_option *option = option_of(&option_samples[i]);
		const char *section = config_section_names[option->section];
		const char *title = title_of(option);
		struct config_request request = {.file = "test.conf", .service = true};
		char text[300];
		unsigned int line = write_sample(text, sizeof(text), &option_samples[i]);
		struct config *config;
		struct origin origin;
		struct told told;

		/* The standard root need not be there. */
		request.root = strcmp(option_samples[i].name, "root") ? "." : NULL;
		told_open(&told);
		scratch_write_text(request.file, text);
		config = config_load(&request, &told.complaints);
		told_expect(&told, 0, NULL);
		expect_sample(config, &option_samples[i]);
		expect_packed(config, &option_samples[i]);
		origin = config_origin(config, section, title, option->name);
		ck_assert_str_eq(origin.file, "test.conf");
		ck_assert_msg(origin.line == line, "%s stands on line %u, not %u",
			option_samples[i].name, line, origin.line);
		config_free(config);
		told_close(&told);
	}
}
END_TEST

START_TEST(every_option_can_be_set_on_the_command_line)
{
	for (size_t i = 0; i < OPTION_SAMPLES; i++) {
		const struct config_option *option = option_of(&option_samples[i]);
		const char *title = title_of(option);
		char setting[100], where[110], value[60];
		bool tls = strncmp(option_samples[i].name, "listener.tls", 12) == 0;
		bool account = strcmp(option_samples[i].name, "listener.account") == 0;
		const char *const set[] = {"root=/tmp",
			tls       ? "listener.one.protocol=ftp"
			: account ? "listener.one.protocol=lgpq"
				  : "listener.one.protocol=echo",
			"log.file=/dev/null", "tls.certificate=/c.pem",
			"tls.client_certificates=required", "tls.ca=/ca.pem",
			tls ? "listener.one.tls=explicit" : "listener.one.tls=off", setting};
		struct config_request request = {.file = "test.conf",
			.set = set,
			.set_count = sizeof(set) / sizeof(set[0]),
			.service = true};
		struct config *config;
		struct told told;

		unescape(value, option_samples[i].value);
		snprintf(setting, sizeof(setting), "%s%s%s%s%s=%s",
			config_section_names[option->section],
			option->section != SECTION_TOP ? "." : "", title ? title : "",
			title ? "." : "", option->name, value);
		told_open(&told);
		scratch_write_text(request.file, LISTENER ZONES);
		config = config_load(&request, &told.complaints);
		told_expect(&told, 0, NULL);
		expect_sample(config, &option_samples[i]);
		snprintf(where, sizeof(where), "-o %s", setting);
		ck_assert_str_eq(config_origin(config, config_section_names[option->section], title,
					 option->name)
					 .file,
			where);
		config_free(config);
		told_close(&told);
	}
}
END_TEST

START_TEST(command_line_wins_over_the_file)
{
	const char *const set[] = {"workers=2", "workers=3", "limits.sessions=5",
		"listener.one.port=81", "listener.two.port=82"};
	struct config_request request = {
		.file = "test.conf", .root = ".", .set = set, .set_count = 5};
	struct told told;
	struct config *config;

	told_open(&told);
	scratch_write_text(request.file,
		"workers = 1\nlimits { sessions = 4 }\nlistener one { port = 80 }\n"
		"listener two { port = 80 }\n");
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	ck_assert_uint_eq(config->workers, 3);
	ck_assert_uint_eq(config->max_sessions, 5);
	ck_assert_uint_eq(config->listener_count, 2);
	ck_assert_uint_eq(config->listeners[0].port, 81);
	ck_assert_str_eq(config->listeners[1].name, "two");
	ck_assert_uint_eq(config->listeners[1].port, 82);
	ck_assert_uint_eq(config->listeners[1].address.port, 82);
	config_free(config);
	told_close(&told);
}
END_TEST

START_TEST(wrong_settings_are_told_with_their_words)
{
	static const char *const wrong[] = {"workers", "wrkers=1", "limits.sesions=1",
		"nolimits.x=1", "=1", "", ".=1", "listener.=1", "listener.one=1",
		"listener..port=1", "listener.one.prt=1", "workers=", "workers=x",
		"listener.port=80", "listener.two.port=80", "workers.x=1"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct config_request request = {
			.file = "test.conf", .root = ".", .set = &wrong[i], .set_count = 1};
		struct told told;
		char words[100];

		told_open(&told);
		scratch_write_text(request.file, LISTENER);
		ck_assert_msg(!config_load(&request, &told.complaints), "taken: -o %s", wrong[i]);
		snprintf(words, sizeof(words), "-o %s: ", wrong[i]);
		told_expect(&told, 1, words);
		told_close(&told);
	}
}
END_TEST

START_TEST(what_was_not_written_counts_as_the_file_s)
{
	struct config *config = load_fine(LISTENER);
	struct origin origin = config_origin(config, "limits", NULL, "threads");

	ck_assert_str_eq(origin.file, "test.conf");
	ck_assert_uint_eq(origin.line, 0);
	origin = config_origin(config, "listener", "one", "port");
	ck_assert_str_eq(origin.file, "test.conf");
	config_free(config);
}
END_TEST

START_TEST(listeners_keep_their_own)
{
	struct config *config = load_fine("listener a { port = 1 }\n"
					  "listener b {\n protocol = echo\n reply = \"x\"\n}\n"
					  "listener c { address = ::1 protocol = echo }\n");

	ck_assert_uint_eq(config->listener_count, 3);
	ck_assert_uint_eq(config->listeners[0].port, 1);
	ck_assert_str_eq(config->listeners[0].reply, "");
	ck_assert_uint_eq(config->listeners[1].port, 7);
	ck_assert_str_eq(config->listeners[1].reply, "x");
	ck_assert_uint_eq(config->listeners[2].address.family, AF_INET6);
	ck_assert_uint_eq(config_origin(config, "listener", "b", "reply").line, 4);
	ck_assert_uint_eq(config_origin(config, "listener", "c", "address").line, 6);
	ck_assert_uint_eq(config_origin(config, "listener", "a", "address").line, 0);
	config_free(config);
}
END_TEST

START_TEST(lists_are_written_in_braces_or_in_quotes)
{
	static const char *const lists[] = {"{list, put}", "{ \"put\", 'list', }", "\"list put\"",
		"'put,list'", "{\nlist, # both\n put }", "{\"list put\"}"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char text[100];
		struct config *config;

		snprintf(text, sizeof(text), LISTENER "anonymous {\nmay = %s }\n", lists[i]);
		config = load_fine(text);
		ck_assert_msg(config->anonymous_may == (RIGHT_list | RIGHT_put), "%s became %x",
			lists[i], config->anonymous_may);
		ck_assert_uint_eq(config_origin(config, "anonymous", NULL, "may").line, 4);
		config_free(config);
	}
}
END_TEST

START_TEST(empty_list_is_no_default)
{
	struct config *config = load_fine(LISTENER "anonymous { may = {} }\n");

	ck_assert_uint_eq(config->anonymous_may, 0);
	config_free(config);
	config = load_fine(LISTENER);
	ck_assert_uint_eq(config->anonymous_may, RIGHT_list | RIGHT_get);
	ck_assert_str_eq(config->anonymous_root, "");
	config_free(config);
}
END_TEST

START_TEST(broken_lists_are_told_where_they_are)
{
	static const char *const broken[] = {"{list get}", "{list,, get}", "{,}", "{{list}}",
		"{list = get}", "{list {get}, put}"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char text[100];

		snprintf(text, sizeof(text), "root = /\n" LISTENER "anonymous {\nmay = %s }\n",
			broken[i]);
		expect_refused(text, 1, "test.conf:5: may is no list; { first, second }");
	}
}
END_TEST

START_TEST(passive_addresses_are_checked)
{
	static const char *const wrong[] = {"0.0.0.0", "10.0.0.0/8=0.0.0.0", "10.0.0.1/8=192.0.2.1",
		"192.0.2", "::1", "192.0.2.1 192.0.2.2", "10.0.0.0/8=a.org 10.0.0.0/8=192.0.2.2"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text),
			"root = /\n" LISTENER "passive {\naddress = \"%s\" }\n", wrong[i]);
		expect_refused(text, 1, "test.conf:5: address: \"");
	}
	expect_refused(
		"root = /\n" LISTENER "passive { address = \"0.0.0.0 ::1 -\" }\n", 3, "\"-\"");
	config_free(load_fine(LISTENER "passive { address = {192.0.2.1, \"192.0.2.1=a.b\",\n"
				       "\"10.0.0.0/8=ftp.example.org\"} }\n"));
}
END_TEST

START_TEST(passive_addresses_are_not_too_many)
{
	char text[2000] = "root = /\n" LISTENER "passive { address = \"";
	size_t length = strlen(text);

	for (int i = 0; i < 33; i++)
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "10.0.0.%d=192.0.2.1 ", i);
	snprintf(text + length, sizeof(text) - length, "\" }\n");
	expect_refused(text, 1, "33 items; 32 at most");
}
END_TEST

START_TEST(all_faults_are_told_in_one_run)
{
	expect_refused("workers = 2000\nroot = /\nsync = maybe\nno_such = 1\n"
		       "limits { sessions = 0 }\nlistener a { address = here }\n",
		5, "test.conf:6: ");
}
END_TEST

/* And nothing untrue behind it, such as that there is no listener. */
START_TEST(syntax_error_is_told_where_it_is)
{
	static const char *const wrong[] = {"workers == 7", "workers = {7}", "}", "workers 7",
		", workers = 7", "\"\" workers = 7", "sync none workers = 7", "workers += 7"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct told told;
		char text[100];

		snprintf(text, sizeof(text), "root = /\n" LISTENER "%s\n", wrong[i]);
		told_open(&told);
		ck_assert_msg(!load_text(text, &told), "taken: %s", text);
		for (char *line = strtok((char *)told_text(&told), "\n"); line;
			line = strtok(NULL, "\n"))
			ck_assert_msg(!strncmp(line, "test.conf:4: ", 13), "%s", line);
		ck_assert_uint_ge(told.complaints.count, 1);
		told_close(&told);
	}
}
END_TEST

/* Not the default one's fault on top. */
START_TEST(faulty_root_is_told_once)
{
	struct config_request request = {.root = "missing"};
	struct told told;

	expect_refused("root = relative\n" LISTENER, 1, "test.conf:1: root = \"relative\"");
	told_open(&told);
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	told_expect(&told, 1, "missing: ");
	told_close(&told);
}
END_TEST

START_TEST(listeners_that_collide_are_refused)
{
	expect_refused("root = /\nlistener a { }\nlistener b { }\n", 1, "a and b both want");
	expect_refused("root = /\nlistener a { address = 127.0.0.1 }\nlistener b { }\n", 1, "both");
	expect_refused(
		"root = /\nlistener a { address = ::1 }\nlistener b { address = :: }\n", 1, "both");
	config_free(load_fine("listener a { address = 127.0.0.1 }\n"
			      "listener b { address = 127.0.0.2 }\n"
			      "listener c { address = :: }\nlistener d { port = 1 }\n"));
}
END_TEST

START_TEST(values_that_mean_nothing_together_are_refused)
{
	expect_refused("root = /\n", 1, "there is no listener");
	expect_refused("", 2, "there is no listener");
	expect_refused("root = /\nlistener a {\nreply = x\n}\n", 1, "test.conf:3: reply belongs");
	expect_refused("root = /\n" LISTENER "log { to = file }\n", 1, "needs the file's name");
	expect_refused("root = \"\"\n" LISTENER, 1, "root is empty");
	expect_refused("root = /no/such\n" LISTENER, 1, "test.conf:1: root = \"/no/such\"");
	expect_refused("root = /dev/null\n" LISTENER, 1, "no directory");
	expect_refused("root = /\n" LISTENER "anonymous {\nroot = /dev/null }\n", 1,
		"test.conf:5: root = \"/dev/null\" is no directory");
	expect_refused("root = /\nuser = no-such-user\n" LISTENER, 1, "no user \"no-such-user\"");
	expect_refused("root = /\ngroup = no-such-group\n" LISTENER, 1, "no group");
	expect_refused("root = /\n" LISTENER "status {\ngroup = no-such-group }\n", 1, "group");
}
END_TEST

START_TEST(files_that_cannot_be_read_are_told)
{
	struct config_request request = {.file = "none.conf"};
	struct told told;

	told_open(&told);
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	told_expect(&told, 1, "none.conf: cannot be opened");
	request.file = ".";
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	told_expect(&told, 2, ".: cannot be read");
	request.file = "nul.conf";
	scratch_write(request.file, "root = /\n\0" LISTENER, 20);
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	told_expect(&told, 3, "NUL");
	told_close(&told);
}
END_TEST

START_TEST(built_in_config_serves_its_own_library)
{
	struct config_request request = {.service = false};
	char folder[PATH_MAX], library[PATH_MAX + 10];
	struct config *config;
	struct told told;
	struct stat status;

	ck_assert_int_eq(chdir(scratch_folder(folder, "built_in")), 0);
	snprintf(library, sizeof(library), "%s/library", folder);
	told_open(&told);
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	ck_assert_str_eq(config->root, library);
	ck_assert_int_eq(stat(library, &status), 0);
	ck_assert_uint_eq(status.st_uid, config->uid);
	ck_assert_uint_eq(config->listener_count, 3);
	for (size_t i = 0; i < config->listener_count; i++)
		ck_assert_uint_ge(config->listeners[i].port, 1024);
	ck_assert_uint_eq(config->anonymous_may, RIGHTS_ALL);
	config_free(config);
	/* A second start finds it. */
	config_free(config_load(&request, &told.complaints));
	told_expect(&told, 0, NULL);
	told_close(&told);
}
END_TEST

START_TEST(refused_built_in_config_makes_nothing)
{
	const char *const set[] = {"workers=x"};
	struct config_request request = {.set = set, .set_count = 1};
	char folder[PATH_MAX];
	struct told told;

	ck_assert_int_eq(chdir(scratch_folder(folder, "nothing")), 0);
	told_open(&told);
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	ck_assert(!scratch_exists("library"));
	told_close(&told);
}
END_TEST

START_TEST(root_of_the_command_line_becomes_absolute)
{
	struct config_request request = {.root = "there"};
	char folder[PATH_MAX];
	struct config *config;
	struct told told;

	told_open(&told);
	scratch_folder(folder, "there");
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	ck_assert_str_eq(config->root, folder);
	config_free(config);
	told_close(&told);
}
END_TEST

START_TEST(status_path_left_empty_is_worked_out)
{
	struct config_request request = {.root = "/"};
	char personal[STATUS_PATH];
	struct config *config;
	struct told told;

	told_open(&told);
	config = config_load(&request, &told.complaints);
	ck_assert_str_eq(config->status_path, status_path_personal(personal));
	config_free(config);
	request.service = true;
	config = config_load(&request, &told.complaints);
	ck_assert_str_eq(config->status_path, status_path_service);
	config_free(config);
	told_expect(&told, 0, NULL);
	told_close(&told);
}
END_TEST

START_TEST(status_path_must_fit_a_socket_s_address)
{
	enum { LONGEST = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };
	char path[LONGEST + 2] = "", setting[LONGEST + 20];
	const char *const set[] = {setting};
	struct config_request request = {.root = "/", .set = set, .set_count = 1};
	struct config *config;
	struct told told;

	memset(path, 'x', LONGEST);
	path[0] = '/';
	snprintf(setting, sizeof(setting), "status.path=%s", path);
	told_open(&told);
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	ck_assert_str_eq(config->status_path, path);
	config_free(config);
	path[LONGEST] = 'x';
	snprintf(setting, sizeof(setting), "status.path=%s", path);
	ck_assert_ptr_null(config_load(&request, &told.complaints));
	told_expect(&told, 1, "a socket's path has at most");
	told_close(&told);
}
END_TEST

START_TEST(identity_is_worked_out)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct config *config = load_fine("user = nobody\n" LISTENER);

	ck_assert(config->change_user == (geteuid() == 0));
	if (geteuid() == 0) {
		ck_assert_uint_eq(config->uid, nobody->pw_uid);
		ck_assert_uint_eq(config->gid, nobody->pw_gid);
	} else {
		ck_assert_uint_eq(config->uid, geteuid());
	}
	ck_assert_uint_eq(config->status_gid, config->gid);
	config_free(config);
	config = load_fine("status { group = root }\n" LISTENER);
	ck_assert_uint_eq(config->status_gid, 0);
	if (geteuid() == 0)
		ck_assert_uint_ne(config->uid, 0);
	config_free(config);
}
END_TEST

START_TEST(protocols_have_names)
{
	ck_assert_str_eq(config_protocol_name(PROTOCOL_LGPQ), "lgpq");
	ck_assert_str_eq(config_protocol_name(PROTOCOL_ECHO), "echo");
	ck_assert_str_eq(config_protocol_name(PROTOCOL_FTP), "ftp");
}
END_TEST

START_TEST(directories_and_mounts)
{
	struct config *config =
		load_fine(LISTENER "directory \"/in coming\" { may = {put} }\n"
				   "mount /pub { from = / accounts = {anna, bert} }\n"
				   "directory /pub { may = {list} }\n");

	ck_assert_uint_eq(config->zone_count, 3);
	ck_assert_str_eq(config->zones[0].path, "/in coming");
	ck_assert(!config->zones[0].mount && config->zones[1].mount);
	ck_assert_uint_eq(config->zones[0].may, RIGHT_put);
	ck_assert_uint_eq(config->zones[1].may, RIGHT_list | RIGHT_get);
	ck_assert_str_eq(config->zones[1].from, "/");
	ck_assert_uint_eq(config->zones[1].accounts.count, 2);
	ck_assert_uint_eq(config->zones[2].may, RIGHT_list);
	config_free(config);
}
END_TEST

START_TEST(faulty_directories_and_mounts_are_told)
{
	expect_refused("root = /\n" LISTENER "directory { may = {put} }\n", 1,
		"write \"directory \"/PATH\" {\"");
	expect_refused("root = /\n" LISTENER "directory /a/ { may = {put} }\n", 1,
		"no path of a directory");
	expect_refused(
		"root = /\n" LISTENER "directory / { may = {put} }\n", 1, "no path of a directory");
	expect_refused("root = /\n" LISTENER "mount /a { may = {put} }\n", 1,
		"needs what is to be served there");
	expect_refused(
		"root = /\n" LISTENER "mount /a { from = \"/no such\" }\n", 1, "No such file");
	expect_refused(
		"root = /\n" LISTENER "mount /a { from = /dev/null }\n", 1, "is no directory");
	expect_refused("root = /\n" LISTENER "mount /a { from = a }\n", 1, "is not absolute");
	expect_refused("root = /\n" LISTENER "mount /a { from = / }\nmount /a { from = / }\n", 1,
		"stands on line");
	expect_refused("root = /\n" LISTENER "directory /a { from = / }\n", 1,
		"no option \"from\" in directory");
}
END_TEST

SUITE(config, every_option_has_its_default, defaults_are_what_the_manual_says,
	no_option_lacks_a_sample, every_option_can_be_written,
	every_option_can_be_set_on_the_command_line, command_line_wins_over_the_file,
	wrong_settings_are_told_with_their_words, what_was_not_written_counts_as_the_file_s,
	listeners_keep_their_own, lists_are_written_in_braces_or_in_quotes,
	empty_list_is_no_default, broken_lists_are_told_where_they_are,
	passive_addresses_are_checked, passive_addresses_are_not_too_many,
	all_faults_are_told_in_one_run, syntax_error_is_told_where_it_is, faulty_root_is_told_once,
	listeners_that_collide_are_refused, values_that_mean_nothing_together_are_refused,
	files_that_cannot_be_read_are_told, built_in_config_serves_its_own_library,
	refused_built_in_config_makes_nothing, root_of_the_command_line_becomes_absolute,
	status_path_left_empty_is_worked_out, status_path_must_fit_a_socket_s_address,
	identity_is_worked_out, protocols_have_names, directories_and_mounts,
	faulty_directories_and_mounts_are_told)
