#include "common/digest.h"

#include "tests/unit/suite.h"

#include <string.h>

static void expect_sum(const void *bytes, size_t length, size_t piece, const char *sum)
{
	struct digest *digest = digest_new();
	char text[DIGEST_TEXT];

	ck_assert_ptr_nonnull(digest);
	for (size_t done = 0; done < length; done += piece)
		digest_add(digest, (const char *)bytes + done,
			length - done < piece ? length - done : piece);
	ck_assert_ptr_eq(digest_text(digest, text), text);
	ck_assert_str_eq(text, sum);
	digest_free(digest);
}

/* FIPS 180-4's examples, and the empty one. */
START_TEST(published_vectors)
{
	static const struct {
		const char *bytes, *sum;
	} vectors[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
		 "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
			"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t length = strlen(vectors[i].bytes);

		expect_sum(vectors[i].bytes, length, length + 1, vectors[i].sum);
		expect_sum(vectors[i].bytes, length, 1, vectors[i].sum);
		expect_sum(vectors[i].bytes, length, 7, vectors[i].sum);
	}
}
END_TEST

START_TEST(million_letters_in_any_pieces)
{
	static const char sum[] =
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	static char letters[1000000];

	memset(letters, 'a', sizeof(letters));
	expect_sum(letters, sizeof(letters), sizeof(letters), sum);
	expect_sum(letters, sizeof(letters), 4097, sum);
	expect_sum(letters, sizeof(letters), 63, sum);
}
END_TEST

START_TEST(nothing_to_free)
{
	digest_free(NULL);
	digest_free(digest_new());
}
END_TEST

SUITE(digest, published_vectors, million_letters_in_any_pieces, nothing_to_free)
