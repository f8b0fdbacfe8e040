#include "worker/root_probe.h"

#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

static struct config *config;
static char root[PATH_MAX];

/* The worker's user is nobody when root runs this, else oneself. */
static int probe(mode_t mode, bool *writable)
{
	config = load_fine("listener a { }\n");
	free(config->root);
	config->root = strdup(scratch_folder(root, "root"));
	ck_assert_int_eq(chmod(root, mode), 0);
	return root_probe(config, config->root, writable);
}

START_TEST(writable_root)
{
	bool writable = false;

	ck_assert_int_eq(probe(0777, &writable), 0);
	ck_assert(writable);
	config_free(config);
}
END_TEST

START_TEST(read_only_root)
{
	bool writable = true;

	ck_assert_int_eq(probe(0555, &writable), 0);
	ck_assert(!writable);
	config_free(config);
}
END_TEST

START_TEST(root_closed_to_the_user)
{
	bool writable;

	ck_assert_int_eq(probe(0, &writable), -EACCES);
	config_free(config);
}
END_TEST

START_TEST(root_of_the_user_s_own)
{
	bool writable = false;

	if (geteuid() != 0)
		suite_skip("only root can give a directory away");
	ck_assert_int_eq(probe(0700, &writable), -EACCES);
	ck_assert_int_eq(chown(root, config->uid, config->gid), 0);
	ck_assert_int_eq(root_probe(config, config->root, &writable), 0);
	ck_assert(writable);
	config_free(config);
}
END_TEST

/* The way there may be closed to him: the master opens the root before he changes his user. */
START_TEST(root_behind_a_closed_directory)
{
	bool writable = false;
	char inner[PATH_MAX + 10];

	if (geteuid() != 0)
		suite_skip("only root opens what is behind a closed directory");
	ck_assert_int_eq(probe(0700, &writable), -EACCES);
	snprintf(inner, sizeof(inner), "%s/inner", root);
	ck_assert_int_eq(mkdir(inner, 0755), 0);
	ck_assert_int_eq(chmod(inner, 0777), 0);
	free(config->root);
	config->root = strdup(inner);
	ck_assert_int_eq(root_probe(config, config->root, &writable), 0);
	ck_assert(writable);
	config_free(config);
}
END_TEST

START_TEST(no_root_at_all)
{
	bool writable;

	ck_assert_int_eq(probe(0777, &writable), 0);
	ck_assert_int_eq(rmdir(root), 0);
	ck_assert_int_eq(root_probe(config, config->root, &writable), -ENOENT);
	scratch_write_text(root, "");
	ck_assert_int_eq(root_probe(config, config->root, &writable), -ENOTDIR);
	config_free(config);
}
END_TEST

START_TEST(one_who_asks_stays_who_he_is)
{
	bool writable;
	uid_t uid = geteuid();

	ck_assert_int_eq(probe(0777, &writable), 0);
	ck_assert_uint_eq(geteuid(), uid);
	config_free(config);
}
END_TEST

SUITE(root_probe, writable_root, read_only_root, root_closed_to_the_user, root_of_the_user_s_own,
	root_behind_a_closed_directory, no_root_at_all, one_who_asks_stays_who_he_is)
