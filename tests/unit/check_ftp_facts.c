#include "worker/ftp/facts.h"

#include "common/rights.h"
#include "tests/unit/suite.h"

#include <string.h>

static const struct store_file file = {.descriptor = -1,
	.mode = 0644,
	.device = 0xfd01,
	.inode = 0x2a3b,
	.size = 3,
	.mtime = 1767268800};

static const struct store_file directory = {.descriptor = -1,
	.directory = true,
	.mode = 01777,
	.device = 0,
	.inode = UINT64_MAX,
	.size = 4096,
	.mtime = 0};

static void expect(const char *wanted, uint32_t facts, const struct store_file *of,
	enum facts_place place, uint32_t may)
{
	char text[FACTS_TEXT];
	struct store_file file_for_who = *of;
	size_t length;

	file_for_who.may = may;
	length = facts_write(text, facts, &file_for_who, place);

	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(length, strlen(wanted));
}

START_TEST(all_facts_of_a_file)
{
	expect("type=file;size=3;modify=20260101120000;perm=adfrw;unique=fd01g2a3b;UNIX.mode=0644;"
	       " ",
		FACTS_ALL, &file, FACTS_CHILD, RIGHTS_ALL);
}
END_TEST

START_TEST(all_facts_of_a_directory)
{
	expect("type=dir;modify=19700101000000;perm=cdeflmp;unique=0gffffffffffffffff;"
	       "UNIX.mode=01777; ",
		FACTS_ALL, &directory, FACTS_CHILD, RIGHTS_ALL);
}
END_TEST

START_TEST(no_fact_is_a_blank)
{
	expect(" ", 0, &file, FACTS_CHILD, RIGHTS_ALL);
	expect(" ", FACT_SIZE, &directory, FACTS_CHILD, RIGHTS_ALL);
}
END_TEST

START_TEST(the_chosen_ones_alone)
{
	expect("size=3; ", FACT_SIZE, &file, FACTS_CHILD, 0);
	expect("type=file;perm=; ", FACT_PERM | FACT_TYPE, &file, FACTS_CHILD, 0);
	expect("unique=fd01g2a3b; ", FACT_UNIQUE, &file, FACTS_CHILD, 0);
}
END_TEST

START_TEST(the_type_tells_the_place)
{
	expect("type=cdir; ", FACT_TYPE, &directory, FACTS_SELF, 0);
	expect("type=pdir; ", FACT_TYPE, &directory, FACTS_PARENT, 0);
	expect("type=dir; ", FACT_TYPE, &directory, FACTS_CHILD, 0);
}
END_TEST

START_TEST(perm_tells_the_truth)
{
	static const struct {
		uint32_t may;
		const char *file, *directory;
	} rows[] = {{0, "perm=; ", "perm=e; "}, {RIGHT_list, "perm=; ", "perm=el; "},
		{RIGHT_get, "perm=r; ", "perm=e; "}, {RIGHT_put, "perm=; ", "perm=ce; "},
		{RIGHT_overwrite | RIGHT_append, "perm=; ", "perm=e; "},
		{RIGHT_put | RIGHT_overwrite, "perm=w; ", "perm=ce; "},
		{RIGHT_put | RIGHT_append, "perm=a; ", "perm=ce; "},
		{RIGHT_rename, "perm=f; ", "perm=ef; "}, {RIGHT_delete, "perm=d; ", "perm=ep; "},
		{RIGHT_mkdir, "perm=; ", "perm=em; "}, {RIGHT_rmdir, "perm=; ", "perm=de; "},
		{RIGHT_resume | RIGHT_chmod | RIGHT_touch, "perm=; ", "perm=e; "}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect(rows[i].file, FACT_PERM, &file, FACTS_CHILD, rows[i].may);
		expect(rows[i].directory, FACT_PERM, &directory, FACTS_CHILD, rows[i].may);
	}
}
END_TEST

START_TEST(modes_have_a_zero_before)
{
	struct store_file odd = file;

	odd.mode = 0;
	expect("UNIX.mode=0000; ", FACT_MODE, &odd, FACTS_CHILD, 0);
	odd.mode = 07;
	expect("UNIX.mode=0007; ", FACT_MODE, &odd, FACTS_CHILD, 0);
	odd.mode = 04755;
	expect("UNIX.mode=04755; ", FACT_MODE, &odd, FACTS_CHILD, 0);
}
END_TEST

START_TEST(the_longest_fits)
{
	struct store_file longest = file;
	char text[FACTS_TEXT];

	longest.size = INT64_MAX;
	longest.mtime = INT64_MIN;
	longest.device = longest.inode = UINT64_MAX;
	longest.mode = 07777;
	ck_assert_uint_lt(facts_write(text, FACTS_ALL, &longest, FACTS_PARENT), FACTS_TEXT);
	ck_assert_ptr_nonnull(strstr(text, ";size=9223372036854775807;modify=00000101000000;"));
}
END_TEST

START_TEST(names_for_feat_and_opts)
{
	char text[FACTS_TEXT];

	ck_assert_str_eq(facts_names(text, FACT_TYPE | FACT_MODE, true),
		"type*;size;modify;perm;unique;UNIX.mode*;");
	ck_assert_str_eq(facts_names(text, FACTS_ALL, true),
		"type*;size*;modify*;perm*;unique*;UNIX.mode*;");
	ck_assert_str_eq(facts_names(text, FACT_TYPE | FACT_MODE, false), "type;UNIX.mode;");
	ck_assert_str_eq(facts_names(text, 0, false), "");
}
END_TEST

START_TEST(reading_the_choice)
{
	ck_assert_uint_eq(facts_read("type;size;"), FACT_TYPE | FACT_SIZE);
	ck_assert_uint_eq(facts_read("TYPE;unix.MODE;"), FACT_TYPE | FACT_MODE);
	ck_assert_uint_eq(facts_read("size"), FACT_SIZE);
	ck_assert_uint_eq(facts_read(";;perm;;"), FACT_PERM);
	ck_assert_uint_eq(facts_read("charset;typ;types;media-type;unique;"), FACT_UNIQUE);
	ck_assert_uint_eq(facts_read("type size"), 0);
	ck_assert_uint_eq(facts_read(""), 0);
	ck_assert_uint_eq(facts_read(";"), 0);
	ck_assert_uint_eq(facts_read("type;size;modify;perm;unique;UNIX.mode;"), FACTS_ALL);
}
END_TEST

SUITE(ftp_facts, all_facts_of_a_file, all_facts_of_a_directory, no_fact_is_a_blank,
	the_chosen_ones_alone, the_type_tells_the_place, perm_tells_the_truth,
	modes_have_a_zero_before, the_longest_fits, names_for_feat_and_opts, reading_the_choice)
