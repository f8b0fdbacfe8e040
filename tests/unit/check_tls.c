#include "worker/tls.h"

#include "tests/unit/certificate.h"
#include "tests/unit/loading.h"
#include "tests/unit/suite.h"
#include "tests/unit/told.h"

#include <errno.h>
#include <time.h>

enum { DAY = 24 * 3600 };

static struct ticket_keys *tickets;
static struct config *volatile loaded; /* the tests change copies of it */
static char names[][12] = {"one.pem", "other.pem", "one.key", "other.key", "", "NONSENSE"};
static char *certificates[] = {names[0], names[1]}, *keys[] = {names[2], names[3]};

/* The files are named from the test's own directory, which a config's own text may not do. */
static struct config config_of(size_t count)
{
	struct config config;

	loaded = load_fine("listener one { }");
	config = *loaded;
	tickets = ticket_keys_new(0);
	certificate_make("one", "one.pem", "one.key", -DAY, 10 * DAY);
	certificate_make("other", "other.pem", "other.key", -DAY, 5 * DAY);
	config.tls_certificates = (struct config_list){certificates, count};
	config.tls_keys = (struct config_list){keys, count};
	return config;
}

static struct tls *make(const struct config *config, struct told *told)
{
	struct tls_material material;
	struct tls *tls;

	if (tls_material_read(&material, config, &told->complaints) < 0)
		return NULL;
	tls = tls_new(config, tickets, &material, &told->complaints);
	tls_material_wipe(&material);
	return tls;
}

static void expect_refused(const struct config *config, unsigned int count, const char *words)
{
	struct told told;

	told_open(&told);
	ck_assert_ptr_null(make(config, &told));
	told_expect(&told, count, words);
	told_close(&told);
}

START_TEST(what_is_fine_is_read)
{
	struct config config = config_of(2);
	const char *file;
	struct told told;
	struct tls *tls;
	int64_t end;

	told_open(&told);
	tls = make(&config, &told);
	told_expect(&told, 0, NULL);
	ck_assert_ptr_nonnull(tls);
	ck_assert_uint_eq(tls->count, 2);
	end = tls_expires_unix(tls, &file) - time(NULL);
	ck_assert_str_eq(file, "other.pem");
	ck_assert(end > 4 * DAY && end <= 5 * DAY);
	tls_free(tls);
	told_close(&told);
}
END_TEST

START_TEST(what_is_wrong_is_told)
{
	struct config config = config_of(1);

	certificate_make("one", "one.pem", "one.key", -DAY, -60);
	expect_refused(&config, 1, "has expired");
	certificate_make("one", "one.pem", "one.key", 60, DAY);
	expect_refused(&config, 1, "not good yet");
	certificate_make("one", "one.pem", "elsewhere.key", -DAY, DAY);
	expect_refused(&config, 1, "does not fit");
	ck_assert_int_eq(rename("elsewhere.key", "one.key"), 0);
	ck_assert_int_eq(chmod("one.key", 0644), 0);
	expect_refused(&config, 1, "open to others");
	ck_assert_int_eq(unlink("one.key"), 0);
	expect_refused(&config, 1, "key = \"one.key\" cannot be read: No such file");
	ck_assert_int_eq(unlink("one.pem"), 0);
	expect_refused(&config, 1, "certificate = \"one.pem\" cannot be read");
}
END_TEST

START_TEST(all_that_is_wrong_is_told)
{
	struct config config = config_of(2);

	ck_assert_int_eq(unlink("one.pem"), 0);
	ck_assert_int_eq(chmod("other.key", 0604), 0);
	expect_refused(&config, 2, "open to others");
}
END_TEST

static void append_file(const char *to, const char *from)
{
	FILE *out = fopen(to, "a"), *in = fopen(from, "r");
	char line[200];

	ck_assert(out && in);
	while (fgets(line, sizeof(line), in))
		fputs(line, out);
	fclose(in);
	fclose(out);
}

START_TEST(a_key_may_stand_with_its_certificate)
{
	struct config config = config_of(1);
	struct told told;
	struct tls *tls;

	append_file("one.pem", "one.key");
	ck_assert_int_eq(chmod("one.pem", 0600), 0);
	config.tls_keys.count = 0;
	told_open(&told);
	tls = make(&config, &told);
	told_expect(&told, 0, NULL);
	tls_free(tls);
	told_close(&told);
	ck_assert_int_eq(chmod("one.pem", 0644), 0);
	expect_refused(&config, 1, "certificate = \"one.pem\" holds a private key");
}
END_TEST

START_TEST(ciphers_and_authorities_are_looked_at)
{
	struct config config = config_of(1);

	config.tls_ciphers = names[5];
	expect_refused(&config, 1, "ciphers = \"NONSENSE\"");
	config.tls_ciphers = names[4];
	config.tls_client_certificates = TLS_CLIENTS_REQUIRED;
	config.tls_ca = keys[0];
	expect_refused(&config, 1, "ca = \"one.key\": holds no certificate");
	config.tls_ca = certificates[0];
	config.tls_crl = certificates[0];
	expect_refused(&config, 1, "crl = \"one.pem\": holds no revocation list");
}
END_TEST

START_TEST(what_is_packed_is_the_same_afterwards)
{
	struct config config = config_of(2);
	struct tls_material material, again;
	struct told told;
	int descriptor;

	told_open(&told);
	ck_assert_int_eq(tls_material_read(&material, &config, &told.complaints), 0);
	descriptor = tls_material_pack(&material);
	ck_assert_int_ge(descriptor, 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(tls_material_unpack(&again, descriptor), 0);
		ck_assert_str_eq(again.certificates[1].bytes, material.certificates[1].bytes);
		ck_assert_str_eq(again.keys[0].bytes, material.keys[0].bytes);
		ck_assert_ptr_null(again.ca.bytes);
		tls_material_wipe(&again);
	}
	ck_assert_int_eq(ftruncate(descriptor, 100), 0);
	ck_assert_int_eq(tls_material_unpack(&again, descriptor), -EIO);
	tls_material_wipe(&material);
	told_close(&told);
}
END_TEST

START_TEST(a_change_of_any_file_is_seen)
{
	struct config config = config_of(2);
	uint64_t before = tls_material_look(&config);

	ck_assert_uint_eq(tls_material_look(&config), before);
	certificate_make("other", "other.pem", "elsewhere.key", -DAY, DAY);
	ck_assert_uint_ne(tls_material_look(&config), before);
	before = tls_material_look(&config);
	ck_assert_int_eq(rename("elsewhere.key", "other.key"), 0);
	ck_assert_uint_ne(tls_material_look(&config), before);
}
END_TEST

SUITE(tls, what_is_packed_is_the_same_afterwards, a_change_of_any_file_is_seen,
	what_is_fine_is_read, what_is_wrong_is_told, all_that_is_wrong_is_told,
	a_key_may_stand_with_its_certificate, ciphers_and_authorities_are_looked_at)
