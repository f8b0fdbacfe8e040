#include "common/certificate_names.h"

#include "tests/unit/suite.h"

#include <string.h>

#define DIGITS "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define COLONS                                                                                     \
	"0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:D2:E1:F0:0F:1E:2D:3C:4B:5A:69:78:87:96:A5:B4:C3:"  \
	"D2:E1:F0"

START_TEST(names_have_kinds)
{
	static const char *const sound[] = {"cn:Anna Archer", "cn:*", "dns:a.example.org",
		"email:anna@example.org", "sha256:" DIGITS, "sha256:" COLONS};
	static const char *const unsound[] = {"", "anna", "cn:", "dns:", "uri:x", "CN:Anna",
		"sha256:", ("sha256:" DIGITS "0"), "sha256:0", ("sha256:x" DIGITS)};

	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
		ck_assert_msg(
			certificate_name_is_sound(sound[i], strlen(sound[i])), "%s", sound[i]);
	for (size_t i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++)
		ck_assert_msg(!certificate_name_is_sound(unsound[i], strlen(unsound[i])), "%s",
			unsound[i]);
}
END_TEST

START_TEST(one_of_those_listed_is_enough)
{
	static const char shown[] =
		"sha256:" DIGITS "\ncn:Anna Archer\ndns:a.example.org\nemail:anna@example.org\n";
	static const char *const fitting[] = {"cn:Anna Archer", "dns:A.Example.org",
		"email:ANNA@example.org", "sha256:" DIGITS, "sha256:" COLONS,
		"cn:Bert,dns:b.example.org,email:anna@example.org"};
	static const char *const others[] = {"", "cn:anna archer", "cn:Anna", "cn:Anna Archer ",
		"cn:a.example.org", "dns:example.org", "email:anna@example.org.evil",
		"cn:Bert,cn:Carl", ",", "cn:Anna Archer\ndns:a.example.org",
		("sha256:" DIGITS "0")};

	for (size_t i = 0; i < sizeof(fitting) / sizeof(fitting[0]); i++)
		ck_assert_msg(certificate_names_match(fitting[i], shown), "%s", fitting[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!certificate_names_match(others[i], shown), "%s", others[i]);
	ck_assert(!certificate_names_match("cn:Anna Archer", ""));
	ck_assert(!certificate_names_match("", ""));
}
END_TEST

START_TEST(half_a_fingerprint_is_none)
{
	char half[] = "sha256:" DIGITS;

	half[sizeof(half) - 2] = '1';
	ck_assert(!certificate_names_match(half, "sha256:" DIGITS "\n"));
}
END_TEST

SUITE(certificate_names, names_have_kinds, one_of_those_listed_is_enough,
	half_a_fingerprint_is_none)
