#include "common/argon2_form.h"

#include "tests/unit/suite.h"

#define SALT "iwLRMFHRAK8WoEI+yhs1hw"
#define HASH "SnIODPwk0SRHdzRyzBhbXQBGkz75m3y3KO2uN6LWrns"

START_TEST(what_pure_ftpd_writes_is_one)
{
	ck_assert(argon2_form_is_hash("$argon2id$v=19$m=8192,t=511,p=1$" SALT "$" HASH));
	ck_assert(argon2_form_is_hash("$argon2i$v=19$m=65536,t=2,p=1$" SALT "$" HASH));
}
END_TEST

START_TEST(all_else_is_none)
{
	static const char *const others[] = {"", "$argon2id$", "$6$salt$hash",
		"$argon2d$v=19$m=8192,t=2,p=1$" SALT "$" HASH,
		"$argon2id$v=16$m=8192,t=2,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=8192,t=2,p=2$" SALT "$" HASH,
		"$argon2id$v=19$m=8192,t=0,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=9999999,t=2,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=99999999999,t=2,p=1$" SALT "$" HASH,
		"$argon2id$v=19$m=-1,t=2,p=1$" SALT "$" HASH, "$argon2id$v=19$m=8192,t=2,p=1$" SALT,
		"$argon2id$v=19$m=8192,t=2,p=1$" SALT "$",
		"$argon2id$v=19$m=8192,t=2,p=1$" SALT "$" HASH "$",
		"$argon2id$v=19$m=8192,t=2,p=1$" SALT "$" HASH "=",
		"$argon2id$v=19$m=8192,t=2,p=1$$" HASH, "$argon2id$v=19$m=65536"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!argon2_form_is_hash(others[i]), "%s", others[i]);
}
END_TEST

SUITE(argon2_form, what_pure_ftpd_writes_is_one, all_else_is_none)
