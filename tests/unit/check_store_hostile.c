/* What somebody may do who wants out: names of every byte there is, and links that take the place
 * of directories just while a path is walked. */
#include "worker/store_change.h"
#include "worker/upload.h"

#include "tests/unit/store_setup.h"

#include <pthread.h>

static char outside[PATH_MAX];

/* What must stay as it is. */
static void make_outside(void)
{
	scratch_folder(outside, "outside");
	scratch_write_text(scratch_path(outside, "file"), "secret");
	ck_assert_int_eq(mkdir(scratch_path(outside, "sub"), 0755), 0);
	ck_assert_int_eq(chmod(scratch_path(outside, "file"), 0604), 0);
}

static void expect_outside_untouched(void)
{
	DIR *stream = opendir(outside);
	struct stat status;
	int count = 0;

	while (readdir(stream))
		count++;
	closedir(stream);
	ck_assert_int_eq(count, 4);
	scratch_expect(scratch_path(outside, "file"), "secret");
	ck_assert_int_eq(stat(scratch_path(outside, "file"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0604);
	ck_assert_int_ne(status.st_mtim.tv_sec, 1);
	ck_assert(scratch_exists(scratch_path(outside, "sub")));
}

/* ---- a link and a directory that change places again and again ---- */

struct swap {
	pthread_t thread;
	atomic_bool over;
	char one[PATH_MAX], other[PATH_MAX];
};

static void *swap_on(void *argument)
{
	struct swap *swap = argument;

	while (!atomic_load(&swap->over))
		(void)renameat2(AT_FDCWD, swap->one, AT_FDCWD, swap->other, RENAME_EXCHANGE);
	return NULL;
}

static void swap_begin(struct swap *swap, const char *one, const char *other)
{
	strcpy(swap->one, below(one));
	strcpy(swap->other, below(other));
	atomic_store(&swap->over, false);
	ck_assert_int_eq(pthread_create(&swap->thread, NULL, swap_on, swap), 0);
}

static void swap_end(struct swap *swap)
{
	atomic_store(&swap->over, true);
	ck_assert_int_eq(pthread_join(swap->thread, NULL), 0);
}

static void get(const char *name)
{
	struct store_file file;
	char content[20] = "";

	if (store_open_file(&store, at(name), &file) < 0)
		return;
	ck_assert_int_ge(read(file.descriptor, content, sizeof(content) - 1), 0);
	ck_assert_str_ne(content, "secret");
	close(file.descriptor);
}

static void put(const char *name, int64_t from)
{
	struct upload upload;
	int error = upload_open(&upload,
		&(struct upload_wish){
			.store = &store, .path = at(name), .kind = UPLOAD_FTP, .from = from});

	if (error < 0)
		return;
	ck_assert_int_eq(upload_write(&upload, "ours", 4), 0);
	(void)upload_commit(&upload, SYNC_NONE, NULL);
}

static void list(const char *name)
{
	struct store_listing listing;
	struct store_entry entry;

	if (store_list(&listing, &store, at(name)) < 0)
		return;
	while (store_list_next(&listing, &entry) == 1)
		ck_assert_str_ne(entry.name, "sub");
	store_list_close(&listing);
}

/* Everything that can be asked of a path. What comes of each is of no matter. A copy waits for the
 * disk, and is an upload like the others. */
static void do_everything(void)
{
	get("/dir/file");
	list("/dir");
	put("/dir/file", 0);
	put("/dir/file", UPLOAD_APPEND);
	get("/dir/file");
	(void)store_set_mode(&store, at("/dir/file"), 0666);
	(void)store_set_mtime(&store, at("/dir/file"), 1);
	(void)store_rename(&store, at("/dir/file"), at("/dir/moved"));
	(void)store_remove_file(&store, at("/dir/file"));
	(void)store_make_link(&store, "/mine", 5, at("/dir/link"));
	(void)store_make_directory(&store, at("/dir/new"));
	(void)store_make_directories(&store, at("/dir/x/y/z"));
	(void)store_remove_directory(&store, at("/dir/sub"));
	(void)store_remove_tree(&store, at("/dir/x"), NULL, NULL);
}

/* There is no time limit on the swapping thread, so that this holds however it is scheduled. */
static void walk_while_swapping(const char *target)
{
	struct swap swap;

	open_store();
	make_outside();
	make_folder("dir");
	link_to(target[0] == '/' ? outside : target, "trap");
	swap_begin(&swap, "dir", "trap");
	for (int i = 0; i < 200; i++)
		do_everything();
	swap_end(&swap);
	expect_outside_untouched();
}

START_TEST(link_to_outside_by_a_relative_way)
{
	walk_while_swapping("../outside");
}
END_TEST

START_TEST(link_to_outside_by_an_absolute_way)
{
	walk_while_swapping("/");
}
END_TEST

/* A directory that is moved up while ".." is followed in it. */
START_TEST(directory_that_is_moved_while_a_link_leads_up)
{
	struct swap swap;

	open_store();
	make_outside();
	make_folder("shallow");
	make_folder("a");
	make_folder("a/b");
	make_folder("a/b/c");
	make_folder("a/b/c/deep");
	link_to("../../../../outside", "shallow/up");
	link_to("../../../../outside", "a/b/c/deep/up");
	link_to("shallow/up", "dir");
	swap_begin(&swap, "shallow", "a/b/c/deep");
	for (int i = 0; i < 200; i++) {
		do_everything();
		get("/a/b/c/deep/up/file");
	}
	swap_end(&swap);
	expect_outside_untouched();
}
END_TEST

/* It may change from link to directory while it is being removed. */
static void remove_until_gone(const char *name)
{
	while (scratch_exists(below(name))) {
		(void)store_remove_file(&store, at(name));
		(void)store_remove_tree(&store, at(name), NULL, NULL);
	}
}

/* The thread can do nothing until the tree is whole and there is a hook. */
START_TEST(tree_in_which_directories_become_links_while_it_is_removed)
{
	struct swap swap;

	open_store();
	make_outside();
	swap_begin(&swap, "tree/sub", "hook");
	for (int i = 0; i < 1000; i++) {
		make_folder("tree");
		make_folder("tree/sub");
		make_file("tree/sub/file", "");
		link_to("../../outside", "hook");
		(void)store_remove_tree(&store, at("/tree"), NULL, NULL);
		remove_until_gone("hook");
		remove_until_gone("tree");
	}
	swap_end(&swap);
	expect_outside_untouched();
}
END_TEST

/* ---- uploads that run at the same time ---- */

enum { WRITERS = 4, ROUNDS = 500, UNIQUE_ROUNDS = 120, LENGTH = 4096 };

/* Files all of one letter. */
static void *write_on(void *argument)
{
	char bytes[LENGTH];
	const char *letter = argument;
	struct vpath path;

	memset(bytes, *letter, sizeof(bytes));
	ck_assert_int_eq(vpath_resolve(&path, NULL, "/file", 5), 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct upload upload;
		const struct upload_wish wish = {
			.store = &store, .path = &path, .kind = UPLOAD_FTP};

		ck_assert_int_eq(upload_open(&upload, &wish), 0);
		for (size_t half = 0; half < 2; half++)
			ck_assert_int_eq(upload_write(&upload, bytes, LENGTH / 2), 0);
		if (i % 3 == 0)
			upload_abandon(&upload);
		else
			ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	}
	return NULL;
}

static void expect_one_letter(void)
{
	char content[LENGTH + 1];

	ck_assert_uint_eq(scratch_read(below("file"), content, sizeof(content)), LENGTH);
	for (size_t i = 1; i < LENGTH; i++)
		ck_assert_int_eq(content[i], content[0]);
}

START_TEST(writers_of_one_name_never_mix)
{
	static char letters[] = "abcd";
	pthread_t threads[WRITERS];

	open_store();
	make_file("file", "");
	put("/file", 0);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_on, &letters[i]), 0);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	expect_one_letter();
	/* All that may be left is what the next one can go on with. */
	unlink(below("file"));
	(void)store_remove_file(&store, at("/file"));
	ck_assert_int_eq(rmdir(root), 0);
}
END_TEST

static void *write_unique(void *argument)
{
	char *made = argument;
	struct vpath path, name;
	struct upload upload;

	ck_assert_int_eq(vpath_resolve(&path, NULL, "/u", 2), 0);
	for (int i = 0; i < UNIQUE_ROUNDS; i++, made += 20) {
		const struct upload_wish wish = {
			.store = &store, .path = &path, .kind = UPLOAD_FTP};

		ck_assert_int_eq(upload_open_unique(&upload, &wish, &name), 0);
		ck_assert_int_eq(upload_write(&upload, name.text, name.length), 0);
		ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
		ck_assert_int_lt(snprintf(made, 20, "%s", name.text), 20);
	}
	return NULL;
}

START_TEST(unique_names_are_given_once)
{
	static char made[WRITERS][UNIQUE_ROUNDS][20];
	pthread_t threads[WRITERS];

	open_store();
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_unique, made[i]), 0);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < WRITERS; i++) {
		for (int round = 0; round < UNIQUE_ROUNDS; round++) {
			scratch_expect(below(made[i][round]), made[i][round]);
			ck_assert_int_eq(unlink(below(made[i][round])), 0);
		}
	}
	ck_assert_int_eq(rmdir(root), 0);
}
END_TEST

/* ---- names ---- */

static bool is_listed(const char *name)
{
	struct store_listing listing;
	struct store_entry entry;
	bool found = false;

	ck_assert_int_eq(store_list(&listing, &store, at("/")), 0);
	while (store_list_next(&listing, &entry) == 1)
		found = found || strcmp(entry.name, name) == 0;
	store_list_close(&listing);
	return found;
}

static void live_by_the_name(const char *name)
{
	struct store_file file;

	put(name, 0);
	ck_assert(is_listed(name));
	ck_assert_int_eq(store_look(&store, at(name), &file), 0);
	ck_assert_int_eq(file.size, 4);
	scratch_expect(below(name), "ours");
	put(name, UPLOAD_APPEND);
	scratch_expect(below(name), "oursours");
	ck_assert_int_eq(store_set_mode(&store, at(name), 0600), 0);
	ck_assert_int_eq(store_make_link(&store, name, strlen(name), at("/link")), 0);
	ck_assert_int_eq(store_open_file(&store, at("/link"), &file), 0);
	close(file.descriptor);
	ck_assert_int_eq(store_remove_file(&store, at("/link")), 0);
	ck_assert_int_eq(store_copy(&store, at(name), at("/other"), NULL, NULL, NULL, NULL), 0);
	ck_assert_int_eq(store_remove_file(&store, at(name)), 0);
	ck_assert_int_eq(store_rename(&store, at("/other"), at(name)), 0);
	ck_assert_int_eq(store_remove_file(&store, at(name)), 0);
	ck_assert_int_eq(store_make_directory(&store, at(name)), 0);
	ck_assert(is_listed(name));
	ck_assert_int_eq(store_remove_tree(&store, at(name), NULL, NULL), 0);
	ck_assert(!scratch_exists(below(name)));
}

START_TEST(every_byte_can_be_in_a_name)
{
	open_store();
	for (int byte = 1; byte < 256; byte++) {
		const char alone[] = {(char)byte, '\0'};
		const char within[] = {'x', (char)byte, 'y', '\0'};

		if (byte == '/')
			continue;
		live_by_the_name(within);
		if (byte != '.')
			live_by_the_name(alone);
	}
}
END_TEST

START_TEST(odd_names_are_names)
{
	static const char *const names[] = {"...", ".partial", "a.partial", " ", "-", "-rf", "~",
		"*", "\xff\xfe", "\xc3\x28", "a\nb", "\r\n", ".a.partial ", "con", "a\\b", "%00"};

	open_store();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		live_by_the_name(names[i]);
}
END_TEST

SUITE(store_hostile, link_to_outside_by_a_relative_way, link_to_outside_by_an_absolute_way,
	directory_that_is_moved_while_a_link_leads_up,
	tree_in_which_directories_become_links_while_it_is_removed, writers_of_one_name_never_mix,
	unique_names_are_given_once, every_byte_can_be_in_a_name, odd_names_are_names)
