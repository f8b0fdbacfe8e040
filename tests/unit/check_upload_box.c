/* Uploads into a drop box: put without list, get and overwrite. */
#include "common/rights.h"
#include "worker/store_change.h"
#include "worker/upload.h"

#include "tests/unit/store_setup.h"

static struct upload upload;

static void open_box(uint32_t more)
{
	open_store();
	store.may = RIGHT_put | more;
}

static int begin(const char *path, enum upload_kind kind)
{
	return upload_open(
		&upload, &(struct upload_wish){.store = &store, .path = at(path), .kind = kind});
}

/* Puts a file; the name it got, or "" for the wished one. */
static const char *put(const char *path, enum upload_kind kind, const char *bytes)
{
	static char name[VPATH_NAME_LONGEST + 1];
	const char *other;
	struct vpath made;

	ck_assert_int_eq(begin(path, kind), 0);
	ck_assert_int_eq(upload_write(&upload, bytes, strlen(bytes)), 0);
	other = upload_other_name(&upload, at(path));
	strcpy(name, other ? other : "");
	ck_assert_str_eq(vpath_name(upload_path(&upload, at(path), &made)),
		other ? other : vpath_name(at(path)));
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	return name;
}

START_TEST(taken_names_are_made_unique)
{
	static const enum upload_kind kinds[] = {UPLOAD_FTP, UPLOAD_RESUMABLE, UPLOAD_SINGLE};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char name[10], one[12], two[12];

		if (i == 0)
			open_box(0);
		snprintf(name, sizeof(name), "/a%zu", i);
		snprintf(one, sizeof(one), "a%zu.1", i);
		snprintf(two, sizeof(two), "a%zu.2", i);
		ck_assert_str_eq(put(name, kinds[i], "first"), "");
		ck_assert_str_eq(put(name, kinds[i], "second"), one);
		ck_assert_str_eq(put(name, kinds[i], "third"), two);
		scratch_expect(below(name), "first");
		scratch_expect(below(one), "second");
		scratch_expect(below(two), "third");
	}
}
END_TEST

START_TEST(two_at_a_time_get_two_names)
{
	struct upload other;

	open_box(0);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP), 0);
	other = upload;
	ck_assert_str_eq(put("/a", UPLOAD_FTP, "second"), "a.1");
	ck_assert_int_eq(upload_write(&other, "first", 5), 0);
	ck_assert_int_eq(upload_commit(&other, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "first");
	scratch_expect(below("a.1"), "second");
}
END_TEST

START_TEST(what_breaks_off_goes_unless_it_can_be_resumed)
{
	open_box(0);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP), 0);
	ck_assert_int_eq(upload_write(&upload, "half", 4), 0);
	upload_abandon(&upload);
	ck_assert(!scratch_exists(below(".a.partial")));
	store.may |= RIGHT_resume;
	ck_assert_int_eq(begin("/a", UPLOAD_FTP), 0);
	ck_assert_int_eq(upload_write(&upload, "half", 4), 0);
	upload_abandon(&upload);
	scratch_expect(below(".a.partial"), "half");
}
END_TEST

START_TEST(with_one_right_more_it_is_no_box)
{
	static const struct {
		uint32_t right;
		int error;
	} rows[] = {{RIGHT_list, -EEXIST}, {RIGHT_get, -EEXIST}, {RIGHT_overwrite, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int error;

		if (i == 0)
			open_box(0);
		store.may = RIGHT_put | rows[i].right;
		make_file(i == 0 ? "l" : i == 1 ? "g" : "o", "there");
		error = begin(i == 0 ? "/l" : i == 1 ? "/g" : "/o", UPLOAD_FTP);
		ck_assert_int_eq(error, rows[i].error);
		if (error == 0)
			upload_abandon(&upload);
	}
}
END_TEST

START_TEST(exact_names_are_refused)
{
	int error;

	open_box(0);
	make_file("a", "there");
	error = upload_open(&upload,
		&(struct upload_wish){
			.store = &store, .path = at("/a"), .kind = UPLOAD_SINGLE, .exact = true});
	ck_assert_int_eq(error, -EEXIST);
	scratch_expect(below("a"), "there");
}
END_TEST

SUITE(upload_box, taken_names_are_made_unique, two_at_a_time_get_two_names,
	what_breaks_off_goes_unless_it_can_be_resumed, with_one_right_more_it_is_no_box,
	exact_names_are_refused)
