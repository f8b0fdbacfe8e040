#include "worker/ftp/facts.h"
#include "worker/ftp/listing.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <time.h>

static struct store store;
static struct vpath here; /* where the client is */
static char root[PATH_MAX];

static void open_store(void)
{
	scratch_folder(root, "root");
	ck_assert_int_eq(store_open(&store, root), 0);
	vpath_root(&here);
}

static const char *below(const char *name)
{
	return scratch_path(root, name);
}

static void make_file(const char *name)
{
	scratch_write_text(below(name), "");
}

static void make_folder(const char *name)
{
	ck_assert_int_eq(mkdir(below(name), 0755), 0);
}

static void go_to(const char *path)
{
	ck_assert_int_eq(vpath_resolve(&here, NULL, path, strlen(path)), 0);
}

/* ---- a client that keeps what it gets ---- */

struct client {
	struct listing_sink sink;
	char *text;
	size_t length, room;
	size_t pieces, first_piece, largest_piece;
	size_t stop_after; /* pieces; 0: never */
};

static int take(struct listing_sink *sink, const char *bytes, size_t length)
{
	struct client *client = (struct client *)sink;

	ck_assert_uint_gt(length, 0);
	ck_assert_mem_eq(bytes + length - 2, "\r\n", 2);
	if (client->pieces++ == 0)
		client->first_piece = length;
	if (length > client->largest_piece)
		client->largest_piece = length;
	if (client->pieces == client->stop_after)
		return -EPIPE;
	if (client->length + length >= client->room) {
		client->room = 2 * (client->length + length);
		client->text = realloc(client->text, client->room);
		ck_assert_ptr_nonnull(client->text);
	}
	memcpy(client->text + client->length, bytes, length);
	client->length += length;
	client->text[client->length] = '\0';
	return 0;
}

static int open_error(enum listing_form form, const char *argument)
{
	struct listing *listing;
	int error = listing_open(&listing, &store, form, &here, argument, FACT_TYPE);

	if (error == 0)
		listing_close(listing);
	return error;
}

/* listing_run's result; the client's text is the caller's to free. */
static int run(struct client *client, enum listing_form form, const char *argument)
{
	struct listing *listing;
	int error;

	client->sink.write = take;
	error = listing_open(&listing, &store, form, &here, argument, FACT_TYPE);
	ck_assert_msg(error == 0, "'%s': %s", argument, strerror(-error));
	error = listing_run(listing, &client->sink);
	ck_assert_uint_eq(listing_left_out(listing), 0);
	listing_close(listing);
	return error;
}

/* All of it, in a buffer used again by the next call. */
static char *listed(enum listing_form form, const char *argument)
{
	static struct client client;

	free(client.text);
	client = (struct client){0};
	ck_assert_int_eq(run(&client, form, argument), 0);
	if (!client.text)
		client.text = calloc(1, 1);
	ck_assert_uint_eq(strlen(client.text), client.length);
	return client.text;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What stands before the name in LIST, of files whose size has at most 8 digits. */
enum { COLUMNS = sizeof("-rw-r--r--    1 ftp      ftp          1234 Nov 25 12:34 ") - 1 };

/* The names in the order of the lines, or sorted by their bytes, a blank behind each. */
static const char *joined(char *text, size_t columns, bool sort)
{
	static char result[4096];
	char *names[100], *at, *rest;
	size_t count = 0;

	for (at = strtok_r(text, "\r\n", &rest); at; at = strtok_r(NULL, "\r\n", &rest)) {
		ck_assert_uint_gt(strlen(at), columns);
		names[count++] = at + columns;
	}
	if (sort)
		qsort(names, count, sizeof(names[0]), compare_texts);
	result[0] = '\0';
	for (size_t i = 0, length = 0; i < count; i++)
		length +=
			(size_t)snprintf(result + length, sizeof(result) - length, "%s ", names[i]);
	return result;
}

static const char *nlst(const char *argument)
{
	return joined(listed(LISTING_NAMES, argument), 0, true);
}

static const char *list(const char *argument)
{
	return joined(listed(LISTING_LONG, argument), COLUMNS, true);
}

/* "type=cdir; . type=file; a " */
static const char *mlsd(const char *argument)
{
	return joined(listed(LISTING_FACTS, argument), 0, false);
}

/* ---- the forms ---- */

START_TEST(empty_directories_give_nothing)
{
	open_store();
	ck_assert_str_eq(nlst(""), "");
	ck_assert_str_eq(list(""), "");
	ck_assert_str_eq(list("-la"), "");
	ck_assert_str_eq(list("-t"), "");
	ck_assert_str_eq(mlsd(""), "type=cdir; . ");
}
END_TEST

START_TEST(list_is_as_ls_writes_it)
{
	const struct timespec times[2] = {{.tv_sec = 951825600}, {.tv_sec = 951825600}};
	struct timespec now;
	char today[20];

	open_store();
	scratch_write_text(below("a b"), "12345");
	ck_assert_int_eq(chmod(below("a b"), 0640), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, below("a b"), times, 0), 0);
	ck_assert_str_eq(listed(LISTING_LONG, ""),
		"-rw-r-----    1 ftp      ftp             5 Feb 29  2000 a b\r\n");
	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
	now.tv_sec -= 60;
	ck_assert_int_eq(utimensat(AT_FDCWD, below("a b"), (struct timespec[]){now, now}, 0), 0);
	strftime(today, sizeof(today), " %b %e %H:%M ", gmtime(&now.tv_sec));
	ck_assert_ptr_nonnull(strstr(listed(LISTING_LONG, ""), today));
}
END_TEST

START_TEST(names_alone_are_names_alone)
{
	open_store();
	make_file("b");
	make_folder("a c");
	make_file(".hidden");
	ck_assert_str_eq(nlst(""), "a c b ");
	ck_assert_str_eq(nlst("-1"), "a c b ");
	ck_assert_str_eq(nlst("-a"), ".hidden a c b ");
	ck_assert_ptr_nonnull(strstr(listed(LISTING_NAMES, "-l"), "ftp      ftp"));
	ck_assert_ptr_nonnull(strstr(listed(LISTING_LONG, "-1"), "ftp      ftp"));
}
END_TEST

START_TEST(facts_begin_with_the_directory_and_the_one_above)
{
	open_store();
	make_folder("dir");
	make_file("dir/.x");
	ck_assert_str_eq(mlsd(""), "type=cdir; . type=dir; dir ");
	ck_assert_str_eq(mlsd("dir"), "type=cdir; . type=pdir; .. type=file; .x ");
	ck_assert_str_eq(mlsd("/dir/"), "type=cdir; . type=pdir; .. type=file; .x ");
	go_to("/dir");
	ck_assert_str_eq(mlsd(""), "type=cdir; . type=pdir; .. type=file; .x ");
}
END_TEST

/* Options are LIST's: a directory may be called so. */
START_TEST(facts_know_no_options)
{
	open_store();
	make_folder("-la");
	make_file("a");
	ck_assert_str_eq(mlsd("-la"), "type=cdir; . type=pdir; .. ");
	ck_assert_int_eq(open_error(LISTING_FACTS, "a"), -ENOTDIR);
	ck_assert_int_eq(open_error(LISTING_FACTS, "none"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_FACTS, "*"), -ENOENT);
}
END_TEST

/* ---- what is listed ---- */

START_TEST(names_with_a_dot_are_shown_on_request)
{
	open_store();
	make_file(".a");
	make_file("b");
	make_file(".b.partial");
	ck_assert_str_eq(list(""), "b ");
	ck_assert_str_eq(list("-a"), ".a b ");
	ck_assert_str_eq(list("-la /"), ".a b ");
	ck_assert_str_eq(list(".*"), ".a ");
	ck_assert_int_eq(open_error(LISTING_LONG, ".b.partial"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_LONG, ".b.*"), -ENOENT);
}
END_TEST

START_TEST(a_file_is_listed_as_asked)
{
	open_store();
	make_folder("dir");
	make_file("dir/a");
	make_file("dir/.b");
	ck_assert_str_eq(list("dir/a"), "dir/a ");
	ck_assert_str_eq(list("-l /dir/../dir/.b"), "/dir/../dir/.b ");
	ck_assert_str_eq(nlst("dir/a"), "dir/a ");
	go_to("/dir");
	ck_assert_str_eq(nlst("a"), "a ");
	ck_assert_str_eq(nlst("-- a"), "a ");
	ck_assert_int_eq(open_error(LISTING_NAMES, "none"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_LONG, "a/none"), -ENOTDIR);
}
END_TEST

START_TEST(a_directory_is_listed_itself_on_request)
{
	open_store();
	make_folder("dir");
	make_file("dir/a");
	ck_assert_str_eq(list("-d dir"), "dir ");
	ck_assert_str_eq(list("-dR dir/"), "dir ");
	ck_assert_str_eq(nlst("-d"), ". ");
	ck_assert_str_eq(nlst("-d /"), "/ ");
	ck_assert_int_eq(listed(LISTING_LONG, "-d dir")[0], 'd');
}
END_TEST

START_TEST(names_of_a_path_can_be_asked_for_as_they_stand)
{
	open_store();
	make_folder("dir");
	make_file("dir/a");
	ck_assert_str_eq(nlst("dir"), "dir/a ");
	ck_assert_str_eq(nlst("dir/"), "dir/a ");
	ck_assert_str_eq(nlst("dir///"), "dir/a ");
	ck_assert_str_eq(nlst("/"), "/dir ");
	ck_assert_str_eq(nlst("/dir"), "/dir/a ");
	ck_assert_str_eq(nlst("./dir"), "./dir/a ");
	ck_assert_str_eq(nlst("."), "dir ");
	ck_assert_str_eq(nlst(".."), "../dir ");
	ck_assert_str_eq(list("dir"), "a ");
	ck_assert_str_eq(list("/"), "dir ");
}
END_TEST

START_TEST(patterns_choose_names)
{
	open_store();
	make_folder("dir");
	make_folder("x.d");
	make_file("dir/a.txt");
	make_file("dir/b.txt");
	make_file("dir/c");
	make_file("x.d/in");
	ck_assert_str_eq(nlst("dir/*.txt"), "dir/a.txt dir/b.txt ");
	ck_assert_str_eq(list("dir/*.txt"), "dir/a.txt dir/b.txt ");
	ck_assert_str_eq(nlst("/dir/?"), "/dir/c ");
	ck_assert_str_eq(nlst("*"), "dir x.d ");
	ck_assert_str_eq(nlst("/*.d"), "/x.d ");
	ck_assert_int_eq(open_error(LISTING_NAMES, "*.txt"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_NAMES, "dir/*.c"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_NAMES, "none/*"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_NAMES, "*/a.txt"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_NAMES, "dir/a.txt/*"), -ENOTDIR);
	go_to("/dir");
	ck_assert_str_eq(nlst("-a *.txt"), "a.txt b.txt ");
}
END_TEST

START_TEST(patterns_that_only_fit_what_is_not_served_fit_nothing)
{
	open_store();
	ck_assert_int_eq(mkfifo(below("pipe"), 0666), 0);
	ck_assert_int_eq(symlink("nowhere", below("piper")), 0);
	ck_assert_int_eq(open_error(LISTING_NAMES, "pipe*"), -ENOENT);
	ck_assert_int_eq(open_error(LISTING_LONG, "pipe*"), -ENOENT);
}
END_TEST

START_TEST(a_name_that_is_there_is_no_pattern)
{
	open_store();
	make_file("[a]");
	make_file("a");
	make_folder("*");
	make_file("*/in");
	ck_assert_str_eq(nlst("[a]"), "[a] ");
	ck_assert_str_eq(nlst("[a-b]"), "a ");
	ck_assert_str_eq(nlst("*"), "*/in ");
}
END_TEST

START_TEST(links_are_shown_as_what_they_lead_to)
{
	open_store();
	make_folder("dir");
	scratch_write_text(below("file"), "12345");
	ck_assert_int_eq(symlink("dir", below("to_dir")), 0);
	ck_assert_int_eq(symlink("file", below("to_file")), 0);
	ck_assert_int_eq(symlink("nowhere", below("to_nothing")), 0);
	ck_assert_int_eq(symlink("/etc/passwd", below("out")), 0);
	ck_assert_int_eq(mkfifo(below("pipe"), 0666), 0);
	ck_assert_str_eq(nlst(""), "dir file to_dir to_file ");
	ck_assert_str_eq(list(""), "dir file to_dir to_file ");
	ck_assert_int_eq(listed(LISTING_LONG, "to_d*")[0], 'd');
	ck_assert_ptr_nonnull(strstr(listed(LISTING_LONG, "to_f*"), "   5 "));
	ck_assert_str_eq(list("to_dir"), "");
}
END_TEST

START_TEST(names_pass_byte_for_byte)
{
	open_store();
	make_file("\xff\xfe\x01 \t\"%s");
	make_file("  lead and trail  ");
	ck_assert_str_eq(nlst(""), "  lead and trail   \xff\xfe\x01 \t\"%s ");
	ck_assert_str_eq(list(""), "  lead and trail   \xff\xfe\x01 \t\"%s ");
}
END_TEST

START_TEST(names_that_break_lines_are_left_out_and_counted)
{
	struct client client = {.sink.write = take};
	struct listing *listing;

	open_store();
	make_file("a");
	make_file("b\nc");
	make_file("d\r");
	make_folder("e\n");
	make_file("e\n/f");
	for (enum listing_form form = LISTING_LONG; form <= LISTING_FACTS; form++) {
		const char *options = form == LISTING_FACTS ? "" : "-R";

		ck_assert_int_eq(listing_open(&listing, &store, form, &here, options, 0), 0);
		ck_assert_int_eq(listing_run(listing, &client.sink), 0);
		ck_assert_uint_eq(listing_left_out(listing), 3);
		listing_close(listing);
	}
	ck_assert_ptr_null(strstr(client.text, "f\r\n"));
	free(client.text);
	ck_assert_int_eq(open_error(LISTING_NAMES, "e\n"), -EINVAL);
}
END_TEST

/* ---- orders ---- */

static void make_sized(const char *name, size_t size, time_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	static const char bytes[100];

	scratch_write(below(name), bytes, size);
	ck_assert_int_eq(utimensat(AT_FDCWD, below(name), times, 0), 0);
}

static const char *in_order(enum listing_form form, const char *argument)
{
	return joined(listed(form, argument), form == LISTING_LONG ? COLUMNS : 0, false);
}

START_TEST(orders_are_those_of_ls)
{
	open_store();
	make_sized("b", 10, 1000);
	make_sized("a", 10, 3000);
	make_sized("d", 30, 2000);
	make_sized("c", 20, 1000);
	ck_assert_str_eq(in_order(LISTING_LONG, "-t"), "a d b c ");
	ck_assert_str_eq(in_order(LISTING_LONG, "-tr"), "c b d a ");
	ck_assert_str_eq(in_order(LISTING_LONG, "-S"), "d c a b ");
	ck_assert_str_eq(in_order(LISTING_LONG, "-Sr"), "b a c d ");
	ck_assert_str_eq(in_order(LISTING_LONG, "-r"), "d c b a ");
	ck_assert_str_eq(in_order(LISTING_NAMES, "-t"), "a d b c ");
	ck_assert_str_eq(in_order(LISTING_NAMES, "-r"), "d c b a ");
	ck_assert_str_eq(in_order(LISTING_NAMES, "-S /[a-c]"), "/c /a /b ");
}
END_TEST

/* Names of 250 bytes, so that they need not be many. */
START_TEST(too_many_for_an_order_are_listed_whole)
{
	enum { COUNT = LISTING_ORDERED_BYTES / 270 + 3000 };
	static char seen[COUNT];
	char name[300], *at, *rest;
	int place, count = 0, ordered = 0, before = COUNT;

	open_store();
	place = open(root, O_PATH | O_CLOEXEC);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "%0250d", i);
		ck_assert_int_eq(mknodat(place, name, S_IFREG | 0644, 0), 0);
	}
	close(place);
	at = strtok_r(listed(LISTING_NAMES, "-r"), "\r\n", &rest);
	for (; at; at = strtok_r(NULL, "\r\n", &rest), count++) {
		ck_assert_int_eq(seen[atoi(at)]++, 0);
		if (count == ordered && atoi(at) < before) {
			before = atoi(at);
			ordered++;
		}
	}
	ck_assert_int_eq(count, COUNT);
	ck_assert_int_gt(ordered, COUNT / 2);
}
END_TEST

/* ---- trees ---- */

START_TEST(trees_have_headings)
{
	open_store();
	make_folder("a");
	make_folder("a/b");
	make_file("a/b/c");
	ck_assert_str_eq(
		listed(LISTING_NAMES, "-R"), ".:\r\na\r\n\r\n./a:\r\nb\r\n\r\n./a/b:\r\nc\r\n");
	ck_assert_str_eq(listed(LISTING_NAMES, "-R a/"), "a:\r\nb\r\n\r\na/b:\r\nc\r\n");
	ck_assert_str_eq(
		listed(LISTING_NAMES, "-R /"), "/:\r\na\r\n\r\n/a:\r\nb\r\n\r\n/a/b:\r\nc\r\n");
	ck_assert_str_eq(listed(LISTING_NAMES, "-R ?"), "a\r\n\r\na:\r\nb\r\n\r\na/b:\r\nc\r\n");
	ck_assert_str_eq(listed(LISTING_NAMES, "-R a/*"), "a/b\r\n\r\na/b:\r\nc\r\n");
	ck_assert_ptr_nonnull(strstr(listed(LISTING_LONG, "-lR"), " a\r\n\r\n./a:\r\nd"));
}
END_TEST

START_TEST(trees_end_where_links_begin)
{
	open_store();
	make_folder("a");
	ck_assert_int_eq(symlink("..", below("a/up")), 0);
	ck_assert_str_eq(listed(LISTING_NAMES, "-R"), ".:\r\na\r\n\r\n./a:\r\nup\r\n");
}
END_TEST

START_TEST(trees_hide_what_is_hidden)
{
	open_store();
	make_folder(".a");
	make_file(".a/in");
	make_folder("b");
	ck_assert_str_eq(listed(LISTING_NAMES, "-R"), ".:\r\nb\r\n\r\n./b:\r\n");
	ck_assert_ptr_nonnull(strstr(listed(LISTING_NAMES, "-aR"), "./.a:\r\nin\r\n"));
}
END_TEST

/* Siblings: back up, and on with the next. */
START_TEST(trees_are_listed_whole)
{
	char name[32], heading[40];
	const char *text;

	open_store();
	for (int i = 0; i < 9; i++) {
		for (int depth = 0; depth < 3; depth++) {
			snprintf(name, sizeof(name), "%d%.*s", i, 2 * depth, "/x/x");
			make_folder(name);
		}
	}
	text = listed(LISTING_NAMES, "-R");
	for (int i = 0; i < 9; i++) {
		snprintf(heading, sizeof(heading), "\r\n./%d/x/x:\r\n", i);
		ck_assert_ptr_nonnull(strstr(text, heading));
	}
	text = listed(LISTING_NAMES, "-Rr");
	ck_assert_ptr_nonnull(strstr(text, ".:\r\n8\r\n7\r\n"));
}
END_TEST

START_TEST(trees_are_bounded_and_say_so)
{
	char path[3 * LISTING_DEEPEST] = "d";
	struct client client = {0};

	open_store();
	make_folder(path);
	for (int depth = 1; depth < LISTING_DEEPEST; depth++)
		make_folder(strcat(path, "/d"));
	ck_assert_int_eq(run(&client, LISTING_NAMES, "-R"), 0);
	make_folder(strcat(path, "/e"));
	make_folder("f");
	client.length = 0;
	ck_assert_int_eq(run(&client, LISTING_NAMES, "-R"), -ELOOP);
	ck_assert_ptr_nonnull(strstr(client.text, "\r\ne\r\n"));
	ck_assert_ptr_null(strstr(client.text, "/e:"));
	ck_assert_ptr_nonnull(strstr(client.text, "\r\n./f:\r\n"));
	free(client.text);
}
END_TEST

START_TEST(what_may_not_be_read_is_passed_over_below)
{
	open_store();
	ck_assert_int_eq(mkdir(below("shut"), 0), 0);
	/* Root may read everything. */
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(open_error(LISTING_NAMES, "shut"), -EACCES);
	ck_assert_str_eq(listed(LISTING_NAMES, "-R"), ".:\r\nshut\r\n");
	/* The leak checker looks at a process of its own user. */
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

/* ---- pieces ---- */

START_TEST(the_first_piece_comes_early_and_later_ones_are_large)
{
	struct client client = {0};
	char name[300];

	open_store();
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "%0100d", i);
		make_file(name);
	}
	ck_assert_int_eq(run(&client, LISTING_NAMES, ""), 0);
	ck_assert_uint_eq(client.length, 2000 * 102);
	ck_assert_uint_le(client.first_piece, 4096 + 102);
	ck_assert_uint_le(client.largest_piece, 65536 + 102);
	client = (struct client){.stop_after = 2, .text = client.text, .room = client.room};
	ck_assert_int_eq(run(&client, LISTING_NAMES, ""), -EPIPE);
	ck_assert_uint_eq(client.pieces, 2);
	client = (struct client){.stop_after = 1, .text = client.text, .room = client.room};
	ck_assert_int_eq(run(&client, LISTING_NAMES, "-rR"), -EPIPE);
	ck_assert_uint_eq(client.pieces, 1);
	free(client.text);
}
END_TEST

/* The longest names below the longest path, with all facts. */
START_TEST(the_longest_lines_fit)
{
	char path[VPATH_LONGEST + 1] = "", name[VPATH_NAME_LONGEST + 1];
	struct client client = {0};
	int place;

	open_store();
	place = open(root, O_PATH | O_CLOEXEC);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 15; i++) {
		int down;

		ck_assert_int_eq(mkdirat(place, name, 0755), 0);
		down = openat(place, name, O_PATH | O_CLOEXEC);
		ck_assert_int_ge(down, 0);
		close(place);
		place = down;
		strcat(strcat(path, name), "/");
	}
	ck_assert_int_eq(mknodat(place, name, S_IFREG | 0644, 0), 0);
	close(place);
	memset(path + strlen(path), '/', VPATH_LONGEST - strlen(path));
	ck_assert_int_eq(run(&client, LISTING_NAMES, path), 0);
	ck_assert_uint_eq(client.length, 16 * 256 - 1 + 2);
	client.length = 0;
	memcpy(path + 15 * 256, "*", 2);
	ck_assert_int_eq(run(&client, LISTING_LONG, path), 0);
	ck_assert_uint_eq(client.length, COLUMNS + 16 * 256 - 1 + 2);
	client.length = 0;
	ck_assert_int_eq(run(&client, LISTING_LONG, "-R"), 0);
	free(client.text);
}
END_TEST

SUITE(ftp_listing, empty_directories_give_nothing, list_is_as_ls_writes_it,
	names_alone_are_names_alone, facts_begin_with_the_directory_and_the_one_above,
	facts_know_no_options, names_with_a_dot_are_shown_on_request, a_file_is_listed_as_asked,
	a_directory_is_listed_itself_on_request, names_of_a_path_can_be_asked_for_as_they_stand,
	patterns_choose_names, patterns_that_only_fit_what_is_not_served_fit_nothing,
	a_name_that_is_there_is_no_pattern, links_are_shown_as_what_they_lead_to,
	names_pass_byte_for_byte, names_that_break_lines_are_left_out_and_counted,
	orders_are_those_of_ls, too_many_for_an_order_are_listed_whole, trees_have_headings,
	trees_end_where_links_begin, trees_hide_what_is_hidden, trees_are_listed_whole,
	trees_are_bounded_and_say_so, what_may_not_be_read_is_passed_over_below,
	the_first_piece_comes_early_and_later_ones_are_large, the_longest_lines_fit)
