#include "worker/lgpq/bare_end.h"

#include "tests/unit/suite.h"

#include <string.h>

enum { LONGEST = 1 << 16, SOON = 5, PAUSE = BARE_CLIENT_PAUSE_MS };

/* An upload under way: what came out of it so far. */
static struct {
	struct bare_end end;
	int64_t now_ms;
	char content[LONGEST];
	size_t length;
	bool over;
	char request[BARE_HELD];
	size_t request_length;
} up;

static void begin(void)
{
	up.now_ms = 1000000;
	up.length = 0;
	up.over = false;
	up.request_length = 0;
	bare_end_begin(&up.end, up.now_ms);
}

static void append(const char *bytes, size_t length)
{
	ck_assert_uint_le(up.length + length, sizeof(up.content));
	if (length > 0)
		memcpy(up.content + up.length, bytes, length);
	up.length += length;
}

static void take(const struct bare_piece *piece)
{
	append(piece->first, piece->first_length);
	append(piece->second, piece->second_length);
	up.over = piece->over;
	up.request_length = piece->over ? piece->request_length : 0;
	if (up.request_length > 0)
		memcpy(up.request, piece->request, up.request_length);
}

/* Lets time pass as the worker does: it looks when it was told to. */
static void silence(int64_t ms)
{
	int wait = bare_end_wait_ms(&up.end, up.now_ms);
	int64_t until = up.now_ms + ms;
	struct bare_piece piece;

	if (wait >= 0 && up.now_ms + wait <= until) {
		up.now_ms += wait;
		piece = bare_end_silence(&up.end, up.now_ms);
		take(&piece);
		ck_assert(up.over);
	}
	up.now_ms = until;
}

static void burst_bytes(int64_t after_ms, const char *bytes, size_t length)
{
	struct bare_piece piece;

	silence(after_ms);
	ck_assert_msg(!up.over, "over before all came");
	piece = bare_end_add(&up.end, bytes, length, up.now_ms);
	take(&piece);
}

static void burst(int64_t after_ms, const char *text)
{
	burst_bytes(after_ms, text, strlen(text));
}

static void expect(bool over, const char *content, const char *request)
{
	ck_assert_msg(up.over == over, over ? "not over" : "over too early");
	ck_assert_uint_eq(up.length, strlen(content));
	ck_assert_mem_eq(up.content, content, up.length);
	ck_assert_uint_eq(up.request_length, strlen(request));
	ck_assert_mem_eq(up.request, request, up.request_length);
}

START_TEST(mark_after_a_pause_ends_at_once)
{
	begin();
	burst(SOON, "content");
	expect(false, "content", "");
	burst(PAUSE, "##");
	expect(true, "content", "");
}
END_TEST

START_TEST(request_glued_to_the_mark_is_the_next_one)
{
	static const char *const requests[] = {"L", "Q", "G a", "P a", "P 文件.txt", "G a#b"};
	char both[50];

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		begin();
		burst(SOON, "content");
		snprintf(both, sizeof(both), "##%s", requests[i]);
		burst(PAUSE, both);
		expect(true, "content", requests[i]);
	}
}
END_TEST

START_TEST(junk_behind_the_mark_makes_it_content)
{
	static const char *const bursts[] = {"##x", "##L ", "##LL", "##G", "##G ", "##G a b",
		"##P  a", "###", "####x", "##G a\n", "##q", "##\n", "## L"};

	for (size_t i = 0; i < sizeof(bursts) / sizeof(bursts[0]); i++) {
		size_t length = strlen(bursts[i]);

		begin();
		burst(SOON, "content");
		burst(PAUSE, bursts[i]);
		ck_assert_msg(!up.over, "%s", bursts[i]);
		/* At most a possible mark at its tail is kept back. */
		ck_assert_uint_ge(up.length, strlen("content") + length - 2);
		burst(SOON, "more");
		ck_assert_uint_eq(up.length, strlen("content") + length + strlen("more"));
		ck_assert(!up.over);
	}
}
END_TEST

START_TEST(mark_without_a_pause_needs_silence)
{
	begin();
	burst(SOON, "content");
	burst(SOON, "##");
	expect(false, "content", "");
	silence(BARE_SILENCE_MS - 1);
	expect(false, "content", "");
	silence(1);
	expect(true, "content", "");
}
END_TEST

START_TEST(mark_as_tail_of_a_burst_needs_silence)
{
	begin();
	burst(SOON, "content##");
	expect(false, "content", "");
	silence(BARE_SILENCE_MS - 1);
	ck_assert(!up.over);
	silence(1);
	expect(true, "content", "");
}
END_TEST

START_TEST(request_in_an_unclear_burst_needs_silence_too)
{
	begin();
	burst(SOON, "content");
	burst(SOON, "##P b");
	expect(false, "content", "");
	silence(BARE_SILENCE_MS);
	expect(true, "content", "P b");
}
END_TEST

START_TEST(more_content_behind_a_possible_mark_gives_it_back)
{
	begin();
	burst(SOON, "content##");
	burst(SOON, "more");
	expect(false, "content##more", "");
	burst(SOON, "##");
	burst(SOON, "tail");
	expect(false, "content##more##tail", "");
	burst(PAUSE, "##");
	expect(true, "content##more##tail", "");
}
END_TEST

/* The content may end in #; the mark makes it ###. */
START_TEST(content_that_ends_in_marks)
{
	static const char *const contents[] = {
		"#", "##", "###", "####", "a#", "a##", "a###", "##a##"};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char both[20];

		begin();
		burst(SOON, contents[i]);
		ck_assert(!up.over);
		burst(PAUSE, "##");
		expect(true, contents[i], "");
		/* Without a pause: all in one burst. */
		begin();
		snprintf(both, sizeof(both), "%s##", contents[i]);
		burst(SOON, both);
		silence(BARE_SILENCE_MS);
		expect(true, contents[i], "");
	}
}
END_TEST

START_TEST(empty_upload_is_the_mark_alone)
{
	begin();
	burst(PAUSE, "##");
	silence(BARE_SILENCE_MS);
	expect(true, "", "");
	begin();
	burst(SOON, "##");
	silence(BARE_SILENCE_MS);
	expect(true, "", "");
}
END_TEST

/* A file that is just "##" looks like that until its own mark comes. */
START_TEST(file_of_two_marks)
{
	begin();
	burst(PAUSE, "##");
	expect(false, "", "");
	burst(PAUSE, "##");
	expect(true, "##", "");
	begin();
	burst(SOON, "##");
	burst(PAUSE, "##P b");
	expect(true, "##", "P b");
}
END_TEST

START_TEST(mark_in_two_bursts)
{
	begin();
	burst(SOON, "content");
	burst(PAUSE, "#");
	burst(SOON, "#");
	ck_assert(!up.over || up.length == strlen("content"));
	silence(BARE_SILENCE_MS);
	expect(true, "content", "");
}
END_TEST

START_TEST(request_in_two_bursts_is_whole_after_silence)
{
	begin();
	burst(SOON, "content##");
	burst(SOON, "P abc");
	expect(false, "content", "");
	silence(BARE_SILENCE_MS);
	expect(true, "content", "P abc");
}
END_TEST

START_TEST(waits_only_for_a_possible_end)
{
	begin();
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms), -1);
	burst(SOON, "content");
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms), -1);
	burst(SOON, "more#");
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms), -1);
	burst(SOON, "#");
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms), BARE_SILENCE_MS);
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms + 100), BARE_SILENCE_MS - 100);
	ck_assert_int_eq(bare_end_wait_ms(&up.end, up.now_ms + 100000), 0);
	ck_assert(!bare_end_silence(&up.end, up.now_ms + BARE_SILENCE_MS - 1).over);
}
END_TEST

START_TEST(single_mark_byte_waits_for_ever)
{
	begin();
	burst(SOON, "content#");
	silence(100000);
	expect(false, "content", "");
	burst(SOON, "x");
	expect(false, "content#x", "");
}
END_TEST

START_TEST(silence_is_longer_than_the_client_s_own_pause)
{
	ck_assert_int_gt(BARE_SILENCE_MS, BARE_CLIENT_PAUSE_MS);
	ck_assert_int_lt(BARE_PAUSE_MS, BARE_CLIENT_PAUSE_MS);
}
END_TEST

START_TEST(long_names_fit)
{
	char both[BARE_HELD + 2] = "##P ";

	memset(both + 4, 'x', 255);
	begin();
	burst(SOON, "content");
	burst(PAUSE, both);
	expect(true, "content", both + 2);
	/* One more is no name. */
	both[4 + 255] = 'x';
	begin();
	burst(SOON, "content");
	burst(PAUSE, both);
	ck_assert(!up.over);
	/* Larger than anything that is kept back. */
	memset(both, 'x', sizeof(both) - 1);
	both[0] = both[1] = '#';
	both[sizeof(both) - 1] = '\0';
	begin();
	burst(PAUSE, both);
	ck_assert(!up.over);
	ck_assert_uint_eq(up.length, strlen(both));
}
END_TEST

START_TEST(requests)
{
	static const char *const right[] = {
		"L", "Q", "G a", "P a", "G ##", "P 文件", "G a/b", "G ."};
	static const char *const wrong[] = {"", "l", "X", "L ", " L", "LQ", "L\n", "G", "P", "G ",
		"Ga", "G  a", "G a ", "G a b", "G\ta", "G a\tb", "G a\n", "G a\x01", "G \x7f",
		"S a", "QQ"};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		ck_assert_msg(bare_is_request(right[i], strlen(right[i])), "%s", right[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(!bare_is_request(wrong[i], strlen(wrong[i])), "\"%s\"", wrong[i]);
	ck_assert(!bare_is_request("G a\0b", 5));
	ck_assert(!bare_is_request("\0", 1));
}
END_TEST

/* A client's upload: content in any cuts, each at once behind the other, then its pause, then the
 * mark (with or without a next request). */
static void upload_in_cuts(const char *content, size_t length, const char *last)
{
	begin();
	for (size_t done = 0; done < length;) {
		size_t piece = 1 + (size_t)random() % (random() % 4 ? 4 : 300);

		if (piece > length - done)
			piece = length - done;
		burst_bytes(random() % SOON, content + done, piece);
		ck_assert(!up.over);
		done += piece;
	}
	burst(PAUSE, last);
	silence(BARE_SILENCE_MS);
	ck_assert_msg(up.over, "not over");
	ck_assert_uint_eq(up.length, length);
	ck_assert_mem_eq(up.content, content, length);
	ck_assert_uint_eq(up.request_length, strlen(last) - 2);
	ck_assert_mem_eq(up.request, last + 2, up.request_length);
}

START_TEST(content_comes_back_whatever_the_cuts)
{
	static const char *const lasts[] = {"##", "##", "##L", "##Q", "##P next", "##G n#m"};
	char content[400];

	for (int round = 0; round < 20000; round++) {
		size_t length = 1 + (size_t)random() % (random() % 8 ? 12 : sizeof(content));

		for (size_t i = 0; i < length; i++)
			content[i] =
				round % 3 ? "####LQGP a\n"[random() % 11] : "##a"[random() % 3];
		upload_in_cuts(content, length, lasts[random() % 6]);
	}
}
END_TEST

/* The mark with no pause at all before it, as a client that sends it glued: silence decides. */
START_TEST(glued_mark_gives_the_content_back_as_well)
{
	char content[100];

	for (int round = 0; round < 20000; round++) {
		size_t length = 1 + (size_t)random() % 40;

		for (size_t i = 0; i < length; i++)
			content[i] = "##ab\n"[random() % 5];
		/* A content that ends in a mark's half cannot be told from the mark. */
		memcpy(content + length, "##", 2);
		begin();
		burst_bytes(random() % SOON, content, length + 2);
		ck_assert(!up.over);
		silence(BARE_SILENCE_MS);
		ck_assert(up.over);
		ck_assert_uint_eq(up.length, length);
		ck_assert_mem_eq(up.content, content, length);
	}
}
END_TEST

SUITE(lgpq_bare_end, mark_after_a_pause_ends_at_once, request_glued_to_the_mark_is_the_next_one,
	junk_behind_the_mark_makes_it_content, mark_without_a_pause_needs_silence,
	mark_as_tail_of_a_burst_needs_silence, request_in_an_unclear_burst_needs_silence_too,
	more_content_behind_a_possible_mark_gives_it_back, content_that_ends_in_marks,
	empty_upload_is_the_mark_alone, file_of_two_marks, mark_in_two_bursts,
	request_in_two_bursts_is_whole_after_silence, waits_only_for_a_possible_end,
	single_mark_byte_waits_for_ever, silence_is_longer_than_the_client_s_own_pause,
	long_names_fit, requests, content_comes_back_whatever_the_cuts,
	glued_mark_gives_the_content_back_as_well)
