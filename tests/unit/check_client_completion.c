#include "client/completion.h"

#include "client/remote.h"
#include "common/clock.h"
#include "tests/unit/suite.h"

#include <locale.h>
#include <string.h>

/* A remote whose names are known already. */
static struct remote remote;

static void set_up(void)
{
	static const char *const names[] = {"other", "over", "中文", "中国", "a b", "new\nline"};

	setlocale(LC_CTYPE, "C.UTF-8");
	remote.catalogue_known = true;
	remote.catalogue_ms = clock_ms() + 1000000; /* too young to be asked for again */
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_int_eq(
			catalogue_add(&remote.catalogue, names[i], strlen(names[i]), -1, -1), 0);
	ck_assert_int_eq(mkdir("directory", 0700), 0);
	ck_assert_int_eq(mkdir("directory/.hidden", 0700), 0);
	ck_assert_int_eq(mkdir("directory/inner one", 0700), 0);
}

/* What the line becomes, and how many candidates there are. */
static void becomes(const char *line, enum prompt_subject subject, const char *wanted, size_t count)
{
	struct completion completion;
	char text[256];

	ck_assert_int_eq(completion_find(&completion, &remote, line, subject), 0);
	ck_assert_uint_eq(completion.count, count);
	if (count > 0) {
		snprintf(text, sizeof(text), "%.*s%s", (int)completion.word_start, line,
			completion.word);
		ck_assert_str_eq(text, wanted);
	}
	completion_free(&completion);
}

START_TEST(commands)
{
	set_up();
	becomes("", PROMPT_COMMAND, "", 5);
	becomes("g", PROMPT_COMMAND, "get ", 1);
	becomes("x", PROMPT_COMMAND, "", 0);
	becomes("list ", PROMPT_COMMAND, "", 0);
}
END_TEST

START_TEST(remote_names)
{
	set_up();
	becomes("get o", PROMPT_COMMAND, "get o", 2);
	becomes("2 ov", PROMPT_COMMAND, "2 over ", 1);
	becomes("get -c x ot", PROMPT_COMMAND, "get -c x other ", 1);
	becomes("get a", PROMPT_COMMAND, "get a\\ b ", 1);
	becomes("get \"a ", PROMPT_COMMAND, "get a\\ b ", 1);
	becomes("get new", PROMPT_COMMAND, "get new\\nline ", 1);
	becomes("ov", PROMPT_REMOTE_NAME, "over ", 1);
	becomes("put -o ov", PROMPT_COMMAND, "put -o over ", 1);
}
END_TEST

START_TEST(a_common_beginning_ends_with_a_whole_character)
{
	set_up();
	/* 文 and 国 begin with different bytes; 中 must not be cut either way. */
	becomes("get 中", PROMPT_COMMAND, "get 中", 2);
	ck_assert_int_eq(catalogue_add(&remote.catalogue, "z\344\270\255", 4, -1, -1), 0);
	ck_assert_int_eq(catalogue_add(&remote.catalogue, "z\344\270\256", 4, -1, -1), 0);
	becomes("get z", PROMPT_COMMAND, "get z", 2);
}
END_TEST

START_TEST(local_names)
{
	set_up();
	becomes("put d", PROMPT_COMMAND, "put directory/", 1);
	becomes("put directory/", PROMPT_COMMAND, "put directory/inner\\ one/", 1);
	becomes("put directory/.", PROMPT_COMMAND, "put directory/.hidden/", 1);
	becomes("put nowhere/x", PROMPT_COMMAND, "", 0);
	becomes("get -o dir", PROMPT_COMMAND, "get -o directory/", 1);
	becomes("directory/i", PROMPT_LOCAL_NAME, "directory/inner\\ one/", 1);
}
END_TEST

SUITE(client_completion, commands, remote_names, a_common_beginning_ends_with_a_whole_character,
	local_names)
