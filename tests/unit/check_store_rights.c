/* Every deed of the store with every right of rights.def: what it needs is enough, and without any
 * one of what it needs nothing happens. */
#include "common/rights.h"
#include "worker/store_change.h"
#include "worker/upload.h"

#include "tests/unit/store_setup.h"

static const struct {
	const char *name;
	uint32_t bit;
} rights[] = {
#define RIGHT(name, help) {#name, RIGHT_##name},
#include "common/rights.def"
#undef RIGHT
};

/* ---- the deeds ---- */

static int do_list(void)
{
	struct store_listing listing;
	int error = store_list(&listing, &store, at("/dir"));

	if (error == 0)
		store_list_close(&listing);
	return error;
}

static int do_look(void)
{
	struct store_file file;

	return store_look(&store, at("/file"), &file);
}

static int do_look_for(void)
{
	struct store_file file;

	return store_look_for(&store, at("/file"), RIGHT_rename, &file);
}

static int do_look_partial(void)
{
	struct store_file file;

	return store_look_partial(&store, at("/kept"), &file);
}

static int do_get(void)
{
	struct store_file file;
	int error = store_open_file(&store, at("/file"), &file);

	if (error == 0)
		close(file.descriptor);
	return error;
}

static int do_free_bytes(void)
{
	int64_t bytes = store_free_bytes(&store, at("/"));

	return bytes < 0 ? (int)bytes : 0;
}

static int do_remove_file(void)
{
	return store_remove_file(&store, at("/file"));
}
static int do_remove_partial(void)
{
	return store_remove_file(&store, at("/kept"));
}
static int do_make_directory(void)
{
	return store_make_directory(&store, at("/new"));
}
static int do_make_directories(void)
{
	return store_make_directories(&store, at("/new/er"));
}
static int do_make_link(void)
{
	return store_make_link(&store, "file", 4, at("/new"));
}
static int do_remove_directory(void)
{
	return store_remove_directory(&store, at("/empty"));
}
static int do_remove_tree(void)
{
	return store_remove_tree(&store, at("/dir"), NULL, NULL);
}
static int do_rename(void)
{
	return store_rename(&store, at("/file"), at("/new"));
}
static int do_rename_over(void)
{
	return store_rename(&store, at("/file"), at("/other"));
}
static int do_set_mode(void)
{
	return store_set_mode(&store, at("/file"), 0600);
}
static int do_set_mtime(void)
{
	return store_set_mtime(&store, at("/file"), 1);
}

static int do_copy(void)
{
	return store_copy(&store, at("/file"), at("/new"), NULL, NULL, NULL, NULL);
}

static int do_copy_over(void)
{
	return store_copy(&store, at("/file"), at("/other"), NULL, NULL, NULL, NULL);
}

static int put(const char *name, int64_t from)
{
	struct upload upload;
	int error = upload_open(&upload, &(struct upload_wish){.store = &store,
						 .path = at(name),
						 .kind = UPLOAD_FTP,
						 .from = from,
						 .exact = true});

	if (error == 0)
		error = upload_write(&upload, "bytes", 5);
	return error < 0 ? error : upload_commit(&upload, SYNC_NONE, NULL);
}

static int do_put(void)
{
	return put("/new", 0);
}
static int do_put_over(void)
{
	return put("/file", 0);
}
static int do_resume(void)
{
	return put("/kept", 4);
}
static int do_resume_file(void)
{
	return put("/file", 4);
}
static int do_append(void)
{
	return put("/file", UPLOAD_APPEND);
}

static int do_put_unique(void)
{
	struct upload upload;
	struct vpath made;
	int error = upload_open_unique(&upload,
		&(struct upload_wish){.store = &store, .path = at("/file"), .kind = UPLOAD_FTP},
		&made);

	return error < 0 ? error : upload_commit(&upload, SYNC_NONE, NULL);
}

static const struct deed {
	const char *name;
	int (*run)(void);
	uint32_t needs;
	uint32_t or_needs; /* if one of these is enough as well */
} deeds[] = {
	{"list", do_list, RIGHT_list, 0},
	{"look", do_look, RIGHT_list, RIGHT_get},
	{"look_for", do_look_for, RIGHT_rename, 0},
	{"get", do_get, RIGHT_get, 0},
	{"look_partial", do_look_partial, RIGHT_put, 0},
	{"free_bytes", do_free_bytes, RIGHT_put, 0},
	{"remove_file", do_remove_file, RIGHT_delete, 0},
	{"remove_partial", do_remove_partial, RIGHT_delete, 0},
	{"make_directory", do_make_directory, RIGHT_mkdir, 0},
	{"make_directories", do_make_directories, RIGHT_mkdir, 0},
	{"make_link", do_make_link, RIGHT_mkdir, 0},
	{"remove_directory", do_remove_directory, RIGHT_rmdir, 0},
	{"remove_tree", do_remove_tree, RIGHT_rmdir | RIGHT_delete, 0},
	{"rename", do_rename, RIGHT_rename, 0},
	{"rename_over", do_rename_over, RIGHT_rename | RIGHT_overwrite, 0},
	{"set_mode", do_set_mode, RIGHT_chmod, 0},
	{"set_mtime", do_set_mtime, RIGHT_touch, 0},
	{"copy", do_copy, RIGHT_get | RIGHT_put, 0},
	{"copy_over", do_copy_over, RIGHT_get | RIGHT_put | RIGHT_overwrite, 0},
	{"put", do_put, RIGHT_put, 0},
	{"put_over", do_put_over, RIGHT_put | RIGHT_overwrite, 0},
	{"put_unique", do_put_unique, RIGHT_put, 0},
	{"resume", do_resume, RIGHT_put | RIGHT_resume, 0},
	{"resume_file", do_resume_file, RIGHT_put | RIGHT_resume | RIGHT_overwrite, 0},
	{"append", do_append, RIGHT_put | RIGHT_append, 0},
};
enum { DEEDS = sizeof(deeds) / sizeof(deeds[0]) };

/* ---- each in a store of its own ---- */

static void open_fresh_store(void)
{
	static int serial;
	char name[20];

	snprintf(name, sizeof(name), "root%d", serial++);
	scratch_folder(root, name);
	ck_assert_int_eq(store_open(&store, root), 0);
	make_file("file", "text");
	make_file("other", "other");
	make_file(".kept.partial", "kept");
	make_folder("empty");
	make_folder("dir");
	make_file("dir/inside", "inside");
}

static const char *whole_tree(void)
{
	static char text[1000];
	static const char *const names[] = {
		"file", "other", ".kept.partial", "empty", "dir", "dir/inside", ".", "new"};
	size_t length = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat status;

		if (lstat(below(names[i]), &status) < 0)
			continue;
		length += (size_t)snprintf(text + length, sizeof(text) - length,
			"%s %ju %o %jd %jd.%09ld\n", names[i], (uintmax_t)status.st_ino,
			status.st_mode, (intmax_t)status.st_size, (intmax_t)status.st_mtim.tv_sec,
			status.st_mtim.tv_nsec);
	}
	return text;
}

static bool is_enough(const struct deed *deed, uint32_t may)
{
	return (deed->needs & ~may) == 0 || (deed->or_needs & may);
}

/* Tries it with those rights, and compares with what is right. */
static void try_deed(const struct deed *deed, uint32_t may)
{
	bool only_overwrite = (deed->needs & ~may) == RIGHT_overwrite;
	int expected = is_enough(deed, may) ? 0 : only_overwrite ? -EEXIST : -EPERM;
	char before[1000];
	int error;

	open_fresh_store();
	strcpy(before, whole_tree());
	store.may = may;
	error = deed->run();
	ck_assert_msg(error == expected, "%s with rights %x: %d, not %d", deed->name, may, error,
		expected);
	if (expected < 0)
		ck_assert_msg(strcmp(whole_tree(), before) == 0,
			"%s changed something with rights %x:\n%s%s", deed->name, may, before,
			whole_tree());
	store_close(&store);
}

START_TEST(what_is_needed_is_enough)
{
	for (size_t i = 0; i < DEEDS; i++) {
		try_deed(&deeds[i], deeds[i].needs);
		try_deed(&deeds[i], RIGHTS_ALL);
		if (deeds[i].or_needs)
			try_deed(&deeds[i], deeds[i].or_needs);
	}
}
END_TEST

START_TEST(each_right_that_is_needed_is_needed)
{
	for (size_t i = 0; i < DEEDS; i++) {
		try_deed(&deeds[i], 0);
		for (size_t r = 0; r < RIGHT_COUNT; r++)
			try_deed(&deeds[i], RIGHTS_ALL & ~rights[r].bit);
	}
}
END_TEST

START_TEST(no_right_implies_another)
{
	for (size_t i = 0; i < DEEDS; i++) {
		for (size_t r = 0; r < RIGHT_COUNT; r++)
			try_deed(&deeds[i], rights[r].bit);
	}
}
END_TEST

START_TEST(every_right_is_good_for_something)
{
	ck_assert_uint_eq(sizeof(rights) / sizeof(rights[0]), RIGHT_COUNT);
	for (size_t r = 0; r < RIGHT_COUNT; r++) {
		bool used = false;

		for (size_t i = 0; i < DEEDS; i++)
			used = used || (deeds[i].needs & rights[r].bit);
		ck_assert_msg(used, "nothing needs the right '%s'", rights[r].name);
	}
}
END_TEST

SUITE(store_rights, what_is_needed_is_enough, each_right_that_is_needed_is_needed,
	no_right_implies_another, every_right_is_good_for_something)
