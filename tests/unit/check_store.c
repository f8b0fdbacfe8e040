#include "worker/partial_name.h"
#include "worker/store_place.h"
#include "worker/store_refusal.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct store store;
static char root[PATH_MAX];

static void open_store(void)
{
	scratch_folder(root, "root");
	ck_assert_int_eq(store_open(&store, root), 0);
}

static const char *below(const char *name)
{
	return scratch_path(root, name);
}

static struct vpath at(const char *text)
{
	struct vpath path;

	ck_assert_int_eq(vpath_resolve(&path, NULL, text, strlen(text)), 0);
	return path;
}

static void link_to(const char *target, const char *name)
{
	ck_assert_int_eq(symlink(target, below(name)), 0);
}

/* store_open_file's result; what it opened is compared with the text. */
static int open_file(const char *name, const char *text)
{
	struct vpath path = at(name);
	struct store_file file = {.descriptor = -1};
	char content[100];
	int error = store_open_file(&store, &path, &file);

	if (error < 0)
		return error;
	ck_assert_int_ge(file.descriptor, 0);
	ck_assert(fcntl(file.descriptor, F_GETFD) & FD_CLOEXEC);
	ck_assert(!file.directory);
	ck_assert_int_eq(file.size, (int64_t)strlen(text));
	ck_assert_int_eq(read(file.descriptor, content, sizeof(content)), (ssize_t)strlen(text));
	ck_assert_mem_eq(content, text, strlen(text));
	close(file.descriptor);
	return 0;
}

static int look(const char *name, struct store_file *file)
{
	struct vpath path = at(name);

	return store_look(&store, &path, file);
}

/* What a link outside must never lead to. */
static void write_secret(void)
{
	scratch_write_text("secret", "secret");
}

START_TEST(root_must_be_a_directory)
{
	struct store none;

	ck_assert_int_eq(store_open(&none, "/no/such"), -ENOENT);
	scratch_write_text("file", "");
	ck_assert_int_eq(store_open(&none, "file"), -ENOTDIR);
	open_store();
	store_close(&store);
	store_close(&store);
}
END_TEST

START_TEST(files_are_opened)
{
	struct store_file file;
	struct stat status;

	open_store();
	mkdir(below("dir"), 0755);
	scratch_write_text(below("a"), "one");
	scratch_write_text(below("dir/b c"), "two");
	scratch_write_text(below("empty"), "");
	ck_assert_int_eq(open_file("/a", "one"), 0);
	ck_assert_int_eq(open_file("/dir/b c", "two"), 0);
	ck_assert_int_eq(open_file("/empty", ""), 0);
	ck_assert_int_eq(look("/dir/b c", &file), 0);
	ck_assert_int_eq(stat(below("dir/b c"), &status), 0);
	ck_assert_int_eq(file.mtime, status.st_mtim.tv_sec);
	ck_assert_int_eq(file.size, 3);
	ck_assert_int_eq(file.descriptor, -1);
}
END_TEST

START_TEST(what_is_not_there_is_told)
{
	struct store_file file;

	open_store();
	scratch_write_text(below("a"), "");
	ck_assert_int_eq(open_file("/b", ""), -ENOENT);
	ck_assert_int_eq(open_file("/no/b", ""), -ENOENT);
	ck_assert_int_eq(open_file("/a/b", ""), -ENOTDIR);
	ck_assert_int_eq(look("/b", &file), -ENOENT);
}
END_TEST

START_TEST(directories_are_looked_at_but_no_files)
{
	struct store_file file;

	open_store();
	mkdir(below("dir"), 0755);
	ck_assert_int_eq(open_file("/dir", ""), -EISDIR);
	ck_assert_int_eq(open_file("/", ""), -EISDIR);
	ck_assert_int_eq(look("/dir", &file), 0);
	ck_assert(file.directory);
	ck_assert_int_eq(look("/", &file), 0);
	ck_assert(file.directory);
}
END_TEST

static void make_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);

	/* The working directory's path may be too long for it. */
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void expect_refusal(const char *expected)
{
	char text[STORE_REFUSAL_TEXT];

	ck_assert_pstr_eq(store_refusal_text(-EACCES, text), expected);
}

START_TEST(neither_file_nor_directory_is_denied_at_once)
{
	static const char *const names[] = {"/fifo", "/socket", "/link"};
	struct store_file file;

	open_store();
	ck_assert_int_eq(mkfifo(below("fifo"), 0666), 0);
	make_socket("root/socket");
	link_to("fifo", "link");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(open_file(names[i], ""), -EACCES);
		expect_refusal("neither a file nor a directory; nothing else is served");
		ck_assert_int_eq(look(names[i], &file), -EACCES);
		expect_refusal("neither a file nor a directory; nothing else is served");
	}
}
END_TEST

START_TEST(devices_are_denied)
{
	struct store_file file;
	struct vpath path = at("/null");

	ck_assert_int_eq(store_open(&store, "/dev"), 0);
	ck_assert_int_eq(store_open_file(&store, &path, &file), -EACCES);
	ck_assert_int_eq(store_look(&store, &path, &file), -EACCES);
}
END_TEST

START_TEST(links_inside_are_followed)
{
	struct store_file file;

	open_store();
	mkdir(below("dir"), 0755);
	mkdir(below("dir/deep"), 0755);
	scratch_write_text(below("dir/file"), "inside");
	link_to("dir/file", "plain");
	link_to("/dir/file", "absolute");
	link_to("dir", "directory");
	link_to("../file", "dir/deep/up");
	link_to("../../../../dir/file", "dir/deep/far_up");
	link_to("plain", "link_to_link");
	ck_assert_int_eq(open_file("/plain", "inside"), 0);
	ck_assert_int_eq(open_file("/absolute", "inside"), 0);
	ck_assert_int_eq(open_file("/directory/file", "inside"), 0);
	ck_assert_int_eq(open_file("/dir/deep/up", "inside"), 0);
	/* ".." at the root stays there, in links as well. */
	ck_assert_int_eq(open_file("/dir/deep/far_up", "inside"), 0);
	ck_assert_int_eq(open_file("/link_to_link", "inside"), 0);
	ck_assert_int_eq(look("/directory", &file), 0);
	ck_assert(file.directory);
}
END_TEST

START_TEST(links_never_lead_outside)
{
	static const char *const names[] = {
		"/up", "/absolute", "/dir/secret", "/magic", "/chain", "/elsewhere/passwd"};
	char secret[PATH_MAX + 10], here[PATH_MAX];
	struct store_file file;

	open_store();
	write_secret();
	snprintf(secret, sizeof(secret), "%s/secret", getcwd(here, sizeof(here)));
	link_to("../secret", "up");
	link_to(secret, "absolute");
	link_to("..", "dir");
	link_to("/proc/self/root/etc/passwd", "magic");
	link_to("dir/dir/secret", "chain");
	link_to("/etc", "elsewhere");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_msg(open_file(names[i], "") == -ENOENT, "%s", names[i]);
		ck_assert_msg(look(names[i], &file) == -ENOENT, "%s", names[i]);
	}
}
END_TEST

START_TEST(magic_links_are_refused)
{
	struct store_file file;
	struct vpath path = at("/self/root/etc/passwd");
	struct vpath link = at("/self/fd/0");

	ck_assert_int_eq(store_open(&store, "/proc"), 0);
	ck_assert_int_eq(store_open_file(&store, &path, &file), -ELOOP);
	ck_assert_int_eq(store_open_file(&store, &link, &file), -ELOOP);
}
END_TEST

START_TEST(loops_of_links_are_refused)
{
	open_store();
	link_to("b", "a");
	link_to("a", "b");
	ck_assert_int_eq(open_file("/a", ""), -ELOOP);
}
END_TEST

START_TEST(partials_cannot_be_named)
{
	struct store_file file;

	open_store();
	mkdir(below("dir"), 0755);
	scratch_write_text(below(".a.partial"), "x");
	scratch_write_text(below("dir/.b.7-1.partial"), "x");
	ck_assert_int_eq(open_file("/.a.partial", "x"), -ENOENT);
	ck_assert_int_eq(open_file("/dir/.b.7-1.partial", "x"), -ENOENT);
	ck_assert_int_eq(look("/.a.partial", &file), -ENOENT);
	ck_assert(partial_name_is(".a.partial"));
	/* These are names like any other. */
	ck_assert(!partial_name_is("a.partial"));
	ck_assert(!partial_name_is(".partial"));
	ck_assert(!partial_name_is(".a.partial2"));
	ck_assert(!partial_name_is(".a.PARTIAL"));
	ck_assert(!partial_name_is(""));
	ck_assert(!partial_name_is("."));
}
END_TEST

static int look_partial(const char *name, struct store_file *file)
{
	struct vpath path = at(name);

	return store_look_partial(&store, &path, file);
}

START_TEST(unfinished_uploads_are_found_where_no_file_stands)
{
	struct store_file file;

	open_store();
	mkdir(below("dir"), 0755);
	mkdir(below(".b.partial"), 0755);
	scratch_write_text(below("dir/.a.partial"), "half");
	link_to("/nowhere", "dir/link");
	scratch_write_text(below("dir/.link.partial"), "half a link");
	ck_assert_int_eq(look_partial("/dir/a", &file), 0);
	ck_assert_int_eq(file.size, 4);
	ck_assert_int_eq(file.descriptor, -1);
	ck_assert(!file.directory);
	ck_assert_int_eq(look_partial("/dir/link", &file), 0);
	ck_assert_int_eq(file.size, 11);
	ck_assert_int_eq(look_partial("/a", &file), -ENOENT);
	ck_assert_int_eq(look_partial("/b", &file), -ENOENT);
	ck_assert_int_eq(look_partial("/", &file), -ENOENT);
	ck_assert_int_eq(look_partial("/dir", &file), -ENOENT);
	ck_assert_int_eq(look_partial("/dir/.a.partial", &file), -ENOENT);
	scratch_write_text(below("dir/a"), "whole");
	ck_assert_int_eq(look_partial("/dir/a", &file), -ENOENT);
}
END_TEST

/* What a listing shows, each as "name " or "name/ ", in the order of the names. */
static const char *listed(const char *directory)
{
	static char text[1000];
	static char names[20][VPATH_NAME_LONGEST + 2];
	struct vpath path = at(directory);
	struct store_listing listing;
	struct store_entry entry;
	size_t count = 0, length = 0;
	int got;

	text[0] = '\0';
	ck_assert_int_eq(store_list(&listing, &store, &path), 0);
	while ((got = store_list_next(&listing, &entry)) == 1) {
		ck_assert_int_eq(entry.file.descriptor, -1);
		snprintf(names[count++], sizeof(names[0]), "%s%s", entry.name,
			entry.file.directory ? "/" : "");
	}
	ck_assert_int_eq(got, 0);
	ck_assert_int_eq(store_list_next(&listing, &entry), 0);
	store_list_close(&listing);
	qsort(names, count, sizeof(names[0]), (int (*)(const void *, const void *))strcmp);
	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s ", names[i]);
	return text;
}

START_TEST(listing_shows_files_and_directories)
{
	open_store();
	ck_assert_str_eq(listed("/"), "");
	mkdir(below("dir"), 0755);
	scratch_write_text(below("a"), "one");
	scratch_write_text(below(".hidden"), "one");
	scratch_write_text(below("dir/b"), "");
	ck_assert_str_eq(listed("/"), ".hidden a dir/ ");
	ck_assert_str_eq(listed("/dir"), "b ");
	mkdir(below("dir/empty"), 0755);
	ck_assert_str_eq(listed("/dir/empty"), "");
}
END_TEST

START_TEST(listing_leaves_out_what_is_not_served)
{
	open_store();
	write_secret();
	mkdir(below("dir"), 0755);
	scratch_write_text(below("a"), "");
	scratch_write_text(below(".a.partial"), "");
	mkfifo(below("fifo"), 0666);
	make_socket("root/socket");
	link_to("a", "link");
	link_to("dir", "dirlink");
	link_to("../secret", "outside");
	link_to("nowhere", "dangling");
	link_to("loop", "loop");
	link_to("fifo", "to_fifo");
	ck_assert_str_eq(listed("/"), "a dir/ dirlink/ link ");
}
END_TEST

/* A link's facts are its target's, found by the store's rules, from whichever directory. */
START_TEST(listing_follows_links_inside)
{
	struct store_listing listing;
	struct store_entry entry;
	struct vpath path = at("/dir");

	open_store();
	mkdir(below("dir"), 0755);
	scratch_write_text(below("file"), "12345");
	link_to("/file", "dir/absolute");
	ck_assert_int_eq(store_list(&listing, &store, &path), 0);
	ck_assert_int_eq(store_list_next(&listing, &entry), 1);
	ck_assert_str_eq(entry.name, "absolute");
	ck_assert_int_eq(entry.file.size, 5);
	ck_assert(!entry.file.directory);
	store_list_close(&listing);
}
END_TEST

/* Name by name: what the directory itself tells needs no look, and a look tells the same. */
START_TEST(listing_tells_kinds_before_a_look)
{
	static const char *const names = "afls";
	static const enum store_kind kinds[] = {
		STORE_DIRECTORY, STORE_FILE, STORE_LINK, STORE_LINK};
	struct store_listing listing;
	struct store_entry entry;
	struct vpath path = at("/");
	size_t seen = 0;

	open_store();
	mkdir(below("a"), 0755);
	scratch_write_text(below("f"), "12345");
	link_to("f", "l");
	link_to("nowhere", "s");
	mkfifo(below("pipe"), 0666);
	scratch_write_text(below(".f.partial"), "");
	ck_assert_int_eq(store_list(&listing, &store, &path), 0);
	for (; store_list_name(&listing, &entry) == 1; seen++) {
		const char *which = strchr(names, entry.name[0]);
		enum store_kind wanted = which ? kinds[which - names] : STORE_UNKNOWN;

		ck_assert_msg(which, "%s", entry.name);
		ck_assert(entry.kind == wanted || entry.kind == STORE_UNKNOWN);
		if (entry.name[0] == 's') {
			ck_assert_int_eq(store_list_look(&listing, &entry), -ENOENT);
			continue;
		}
		ck_assert_int_eq(store_list_look(&listing, &entry), 0);
		ck_assert_int_eq(entry.kind, wanted);
		ck_assert_int_eq(entry.file.directory, entry.name[0] == 'a');
	}
	ck_assert_uint_eq(seen, 4);
	store_list_rewind(&listing);
	for (seen = 0; store_list_next(&listing, &entry) == 1; seen++)
		;
	ck_assert_uint_eq(seen, 3);
	store_list_close(&listing);
}
END_TEST

START_TEST(only_directories_can_be_listed)
{
	struct store_listing listing;
	struct vpath file = at("/a"), none = at("/none");

	open_store();
	scratch_write_text(below("a"), "");
	ck_assert_int_eq(store_list(&listing, &store, &file), -ENOTDIR);
	ck_assert_int_eq(store_list(&listing, &store, &none), -ENOENT);
}
END_TEST

static struct store_place place;

static int open_place(const char *name)
{
	struct vpath path = at(name);

	return store_place_open(&place, &store, &path, 0);
}

START_TEST(place_is_a_directory_and_a_name)
{
	open_store();
	mkdir(below("dir"), 0755);
	scratch_write_text(below("file"), "");
	link_to("/dir", "link");
	ck_assert_int_eq(open_place("/dir/new"), 0);
	ck_assert_str_eq(place.name, "new");
	store_place_close(&place);
	store_place_close(&place);
	ck_assert_int_eq(open_place("/link/new"), 0);
	store_place_close(&place);
	ck_assert_int_eq(open_place("/"), -EISDIR);
	ck_assert_int_eq(open_place("/.x.partial"), -EINVAL);
	ck_assert_int_eq(open_place("/none/new"), -ENOENT);
	ck_assert_int_eq(open_place("/file/new"), -ENOTDIR);
}
END_TEST

START_TEST(place_tells_what_stands_there)
{
	struct stat status;

	open_store();
	mkdir(below("dir"), 0755);
	ck_assert_int_eq(open_place("/dir"), 0);
	ck_assert_int_eq(store_place_look(&place, &status), 0);
	ck_assert(S_ISDIR(status.st_mode));
	store_place_close(&place);
	ck_assert_int_eq(open_place("/file"), 0);
	ck_assert_int_eq(store_place_look(&place, &status), -ENOENT);
	scratch_write_text(below("file"), "");
	chmod(below("file"), 0604);
	ck_assert_int_eq(store_place_look(&place, &status), 0);
	ck_assert_uint_eq(status.st_mode, S_IFREG | 0604);
	store_place_close(&place);
}
END_TEST

START_TEST(place_makes_takes_and_removes_names)
{
	int file, other;

	open_store();
	scratch_write_text(below("target"), "old");
	ck_assert_int_eq(open_place("/target"), 0);
	file = store_place_create(&place, "fresh", STORE_PLACE_FRESH);
	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(store_place_create(&place, "fresh", STORE_PLACE_FRESH), -EEXIST);
	ck_assert_int_eq(write(file, "new", 3), 3);
	ck_assert(store_place_holds(&place, "fresh", file));
	ck_assert(!store_place_holds(&place, "target", file));
	ck_assert(!store_place_holds(&place, "none", file));
	other = store_place_create(&place, "fresh", STORE_PLACE_ANY);
	ck_assert(store_place_holds(&place, "fresh", other));
	close(other);
	ck_assert_int_eq(store_place_take_name(&place, place.directory, "fresh", true), 0);
	scratch_expect(below("target"), "new");
	ck_assert(!scratch_exists(below("fresh")));
	ck_assert(store_place_holds(&place, "target", file));
	ck_assert_int_eq(store_place_take_name(&place, place.directory, "fresh", true), -ENOENT);
	ck_assert_int_eq(store_place_remove(&place, "target"), 0);
	ck_assert(!store_place_holds(&place, "target", file));
	ck_assert_int_eq(store_place_remove(&place, "target"), -ENOENT);
	ck_assert_int_eq(store_place_sync(&place), 0);
	ck_assert_int_gt(store_place_free_bytes(&place), 0);
	close(file);
	store_place_close(&place);
}
END_TEST

START_TEST(place_makes_regular_files_only)
{
	open_store();
	write_secret();
	mkfifo(below("fifo"), 0666);
	mkdir(below("dir"), 0755);
	link_to("../secret", "link");
	ck_assert_int_eq(open_place("/x"), 0);
	ck_assert_int_eq(store_place_create(&place, "fifo", STORE_PLACE_ANY), -EINVAL);
	ck_assert_int_lt(store_place_create(&place, "dir", STORE_PLACE_ANY), 0);
	ck_assert_int_lt(store_place_create(&place, "link", STORE_PLACE_ANY), 0);
	store_place_close(&place);
	scratch_expect("secret", "secret");
}
END_TEST

static char partial[PARTIAL_NAME], other_partial[PARTIAL_NAME];

static void name_place(const char *bytes, size_t length)
{
	memset(&place, 0, sizeof(place));
	memcpy(place.name, bytes, length);
}

START_TEST(partial_s_name_is_hidden_and_known)
{
	name_place("report.pdf", 10);
	partial_name_make(partial, place.name, "");
	ck_assert_str_eq(partial, ".report.pdf.partial");
	ck_assert(partial_name_is(partial));
	partial_name_make(other_partial, place.name, ".12-3");
	ck_assert_str_ne(partial, other_partial);
	ck_assert(partial_name_is(other_partial));
}
END_TEST

START_TEST(long_names_have_partials_of_their_own)
{
	char name[VPATH_NAME_LONGEST];

	memset(name, 'x', sizeof(name));
	for (size_t length = 200; length <= VPATH_NAME_LONGEST; length++) {
		static const char *const tags[] = {"", ".ffffffff-ffffffff"};

		for (size_t t = 0; t < 2; t++) {
			name_place(name, length);
			partial_name_make(partial, place.name, tags[t]);
			ck_assert_uint_le(strlen(partial), VPATH_NAME_LONGEST);
			ck_assert(partial_name_is(partial));
			ck_assert_ptr_nonnull(strstr(partial, tags[t]));
			place.name[length - 1] = 'y';
			partial_name_make(other_partial, place.name, tags[t]);
			ck_assert_str_ne(partial, other_partial);
		}
	}
	/* The disk takes it. */
	open_store();
	memset(name, 'z', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(open_place(name), 0);
	partial_name_make(partial, place.name, "");
	ck_assert_int_ge(store_place_create(&place, partial, STORE_PLACE_FRESH), 0);
	ck_assert_int_eq(store_place_take_name(&place, place.directory, partial, true), 0);
	store_place_close(&place);
}
END_TEST

SUITE(store, root_must_be_a_directory, files_are_opened, what_is_not_there_is_told,
	directories_are_looked_at_but_no_files, neither_file_nor_directory_is_denied_at_once,
	devices_are_denied, links_inside_are_followed, links_never_lead_outside,
	magic_links_are_refused, loops_of_links_are_refused, partials_cannot_be_named,
	unfinished_uploads_are_found_where_no_file_stands, listing_shows_files_and_directories,
	listing_leaves_out_what_is_not_served, listing_follows_links_inside,
	listing_tells_kinds_before_a_look, only_directories_can_be_listed,
	place_is_a_directory_and_a_name, place_tells_what_stands_there,
	place_makes_takes_and_removes_names, place_makes_regular_files_only,
	partial_s_name_is_hidden_and_known, long_names_have_partials_of_their_own)
