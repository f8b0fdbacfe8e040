#include "common/user.h"

#include "common/config.h"
#include "common/rights.h"
#include "tests/unit/suite.h"
#include "tests/unit/told.h"

#include <errno.h>

#define HASH                                                                                       \
	"$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/"                                  \
	"jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"

static struct user user;
static char line[1000]; /* what it points into */

static char *line_of(const char *text)
{
	ck_assert_uint_lt(strlen(text), sizeof(line));
	return strcpy(line, text);
}

/* Reads a line nothing is wrong with. */
static void read_fine(const char *text)
{
	struct told told;

	told_open(&told);
	ck_assert(user_parse(&user, line_of(text), (struct origin){"users", 7}, &told.complaints));
	told_expect(&told, 0, NULL);
	told_close(&told);
}

static void expect_fault(const char *text, const char *words)
{
	struct told told;

	told_open(&told);
	ck_assert_msg(
		!user_parse(&user, line_of(text), (struct origin){"users", 7}, &told.complaints),
		"taken: %s", text);
	told_expect(&told, 1, words);
	told_expect(&told, 1, "users:7: ");
	ck_assert_msg(!strstr(told_text(&told), "oops"), "tells a secret: %s", told_text(&told));
	user_close(&user);
	told_close(&told);
}

START_TEST(a_name_alone_may_list_and_get)
{
	read_fine("anna");
	ck_assert_str_eq(user.name, "anna");
	ck_assert_str_eq(user.hash, "");
	ck_assert_str_eq(user.root, "");
	ck_assert_uint_eq(user.may, RIGHT_list | RIGHT_get);
	ck_assert_uint_eq(user.protocols, (1 << PROTOCOL_COUNT) - 1);
	ck_assert_uint_eq(user.from_count, 0);
	ck_assert_int_eq(user.expires_unix, 0);
	ck_assert_int_eq(user.sessions_most, -1);
	ck_assert_uint_eq(user.tls.require, TLS_REQUIRE_NONE);
	ck_assert_str_eq(user.tls.certificate, "");
	ck_assert(!user.locked);
}
END_TEST

START_TEST(everything_can_be_said)
{
	struct address address;

	read_fine("  anna\tpassword=" HASH " root=\"/srv/two words/%u\" may=put,touch "
		  "protocols=ftp from=192.0.2.0/24,2001:db8::/32 expires=2027-01-31 sessions=3 "
		  "tls=all certificate=\"cn:Anna Archer,dns:a.example.org\" locked ");
	ck_assert_uint_eq(user.tls.require, TLS_REQUIRE_ALL);
	ck_assert_str_eq(user.tls.certificate, "cn:Anna Archer,dns:a.example.org");
	ck_assert_int_eq(user.sessions_most, 3);
	ck_assert_str_eq(user.hash, HASH);
	ck_assert_str_eq(user.root, "/srv/two words/%u");
	ck_assert_uint_eq(user.may, RIGHT_put | RIGHT_touch);
	ck_assert_uint_eq(user.protocols, 1 << PROTOCOL_FTP);
	ck_assert_uint_eq(user.from_count, 2);
	ck_assert_int_eq(address_parse(&address, "2001:db8::1", 0), 0);
	ck_assert(network_contains(&user.from[1], &address));
	ck_assert_int_eq(user.expires_unix, 1801353600);
	ck_assert(user.locked);
	user_close(&user);
}
END_TEST

START_TEST(all_is_all_and_nothing_is_nothing)
{
	read_fine("anna may=all");
	ck_assert_uint_eq(user.may, RIGHTS_ALL);
	read_fine("anna may=");
	ck_assert_uint_eq(user.may, 0);
	read_fine("anna may=none");
	ck_assert_uint_eq(user.may, 0);
}
END_TEST

START_TEST(faults_are_told_without_secrets)
{
	expect_fault("anna password=oops", "`ftpctl user passwd anna`");
	expect_fault("anna root=srv", "not absolute");
	expect_fault("anna may=list,read", "\"read\" is no choice");
	expect_fault("anna protocols=gopher", "\"gopher\" is no choice");
	expect_fault("anna from=192.0.2.1/24", "no network");
	expect_fault("anna expires=31.1.2027", "no day");
	expect_fault("anna expires=2027-02-30", "no day");
	expect_fault("anna sessions=-1", "no number");
	expect_fault("anna sessions=3x", "no number");
	expect_fault("anna sessions=1000001", "no number");
	expect_fault("anna tls=yes", "no choice");
	expect_fault("anna certificate=anna", "\"anna\" names none");
	expect_fault("anna certificate=cn:a,,cn:b", "names none");
	expect_fault("anna may", "may=VALUE is right");
	expect_fault("anna mya=list", "there is no \"mya\"");
	expect_fault("anna root=/a root=/b", "root stands there twice");
	expect_fault("anna root=\"/a", "quote is not closed");
	expect_fault("anna locked\r", "control byte");
	ck_assert_str_eq(user.name, "anna");
	expect_fault("a/b may=list", "no name");
	expect_fault("\"anna\" may=list", "no name");
	expect_fault("an\"\"na may=list", "no name");
	expect_fault(".. may=list", "no name");
	expect_fault("password=oops", "no name");
}
END_TEST

START_TEST(names_are_sound_or_not)
{
	static const char *const sound[] = {"anna", "anna@example.org", "a.b-c_d", "änne"};
	static const char *const unsound[] = {"", ".", "..", ".anna", "#anna", "a b", "a/b", "a\"b",
		"a=b", "a:b", "a,b", "a\nb", "a\x7f"};
	char longest[USER_NAME + 1];

	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
		ck_assert_msg(user_name_is_sound(sound[i]), "%s", sound[i]);
	for (size_t i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++)
		ck_assert_msg(!user_name_is_sound(unsound[i]), "%s", unsound[i]);
	memset(longest, 'a', sizeof(longest));
	longest[USER_NAME] = '\0';
	ck_assert(!user_name_is_sound(longest));
	longest[USER_NAME - 1] = '\0';
	ck_assert(user_name_is_sound(longest));
}
END_TEST

START_TEST(what_is_printed_reads_the_same)
{
	static const char *const lines[] = {
		"anna password=" HASH " root=\"/srv/two words\" may=list,put protocols=ftp "
		"from=192.0.2.0/24 expires=2027-01-31 sessions=4 tls=login "
		"certificate=\"cn:Anna Archer\" locked\n",
		"bob may=all sessions=0\n", "carl root=/ may=none\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct told told;
		char *text = strndup(lines[i], strlen(lines[i]) - 1);

		told_open(&told);
		read_fine(text);
		user_print(told.complaints.to, &user);
		ck_assert_str_eq(told_text(&told), lines[i]);
		user_close(&user);
		told_close(&told);
		free(text);
	}
}
END_TEST

START_TEST(root_names_its_user)
{
	char out[PATH_MAX], name[PATH_MAX];

	ck_assert_int_eq(user_root(out, "/home/%u/files-of-%u", "anna"), 0);
	ck_assert_str_eq(out, "/home/anna/files-of-anna");
	ck_assert_int_eq(user_root(out, "/srv/100%", "anna"), 0);
	ck_assert_str_eq(out, "/srv/100%");
	ck_assert_int_eq(user_root(out, "/home/%u", ".."), -EINVAL);
	ck_assert_int_eq(user_root(out, "/home/%u", "a/b"), -EINVAL);
	ck_assert_int_eq(user_root(out, "/home/%u", ""), -EINVAL);
	ck_assert_int_eq(user_root(out, "/home", "a/b"), 0);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(user_root(out, "/%u", name), -ENAMETOOLONG);
	ck_assert_int_eq(user_root(out, "/%u", name + 2), 0);
}
END_TEST

static void expect_rights_at(const char *path, uint32_t wanted)
{
	const char *there;
	size_t offset = 0;
	uint32_t may;

	while (rights_at_next(user.at, &offset, &there, &may)) {
		if (strcmp(there, path) == 0) {
			ck_assert_uint_eq(may, wanted);
			return;
		}
	}
	ck_abort_msg("nothing at %s", path);
}

START_TEST(rights_by_directory)
{
	char *text = NULL;
	size_t length;
	FILE *out;

	read_fine("anna may=list may:/incoming=put \"may:/two words=get,list\" may:/a/b=all "
		  "may:/c=none may:/d=");
	ck_assert_uint_eq(user.may, RIGHT_list);
	expect_rights_at("/incoming", RIGHT_put);
	expect_rights_at("/two words", RIGHT_get | RIGHT_list);
	expect_rights_at("/a/b", RIGHTS_ALL);
	expect_rights_at("/c", 0);
	ck_assert(!rights_at_has(user.at, "/d"));
	out = open_memstream(&text, &length);
	user_print(out, &user);
	fclose(out);
	ck_assert_str_eq(text, "anna may=list may:/incoming=put \"may:/two words=list,get\" "
			       "may:/a/b=all may:/c=none\n");
	free(text);
	user_close(&user);
	ck_assert_ptr_null(user.at);
}
END_TEST

START_TEST(faulty_rights_by_directory_are_told)
{
	expect_fault("anna may:/a=putt", "may:/a: \"putt\" is no choice");
	expect_fault("anna may:/a=put may:/a=get", "may:/a stands there twice");
	expect_fault("anna may:incoming=put", "no path of a directory below the root");
	expect_fault("anna may:/=put", "no path of a directory below the root");
	expect_fault("anna may:/a/=put", "no path of a directory below the root");
	expect_fault("anna may:/a", "there is no \"may:/a\"");
}
END_TEST

SUITE(user, a_name_alone_may_list_and_get, everything_can_be_said,
	all_is_all_and_nothing_is_nothing, faults_are_told_without_secrets, names_are_sound_or_not,
	what_is_printed_reads_the_same, root_names_its_user, rights_by_directory,
	faulty_rights_by_directory_are_told)
