#include "herald/sources.h"

#include "common/clock.h"
#include "common/config.h"
#include "common/event_journal.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <dirent.h>
#include <sys/file.h>
#include <zlib.h>

/* A worker that can be killed anywhere: its file, and what it would say. */
struct writer {
	char name[EVENT_RAW_NAME];
	int file;
};

static struct config *config;
static struct journal journal;
static struct sources sources;
static char boot[EVENT_RAW_BOOT + 1], files[PATH_MAX];
static int place, raw;

static void wake_herald(void)
{
	ck_assert_int_eq(journal_open(&journal, config, place), 0);
	sources_open(&sources, raw, &journal);
}

/* As SIGKILL would: nothing is finished. */
static void kill_herald(void)
{
	sources_close(&sources);
	journal_close(&journal);
}

static void set_up(void)
{
	char path[PATH_MAX];

	quiet_log();
	config = load_fine("listener a { }\n");
	config->events_size = 1 << 20;
	config->events_keep_seconds = 3600;
	config->sync = SYNC_NONE; /* nobody pulls the plug here */
	scratch_folder(files, "files");
	place = open(scratch_folder(path, "journal"), O_RDONLY | O_DIRECTORY);
	raw = open(scratch_folder(path, "journal/raw"), O_RDONLY | O_DIRECTORY);
	event_raw_boot(boot);
	wake_herald();
}

static void begin_writing(struct writer *writer, const char *of_boot)
{
	event_raw_name(of_boot, writer->name);
	writer->file = openat(raw, writer->name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
	ck_assert_int_ge(writer->file, 0);
	ck_assert_int_eq(flock(writer->file, LOCK_EX | LOCK_NB), 0);
}

static void kill_writer(struct writer *writer)
{
	close(writer->file);
	writer->file = -1;
}

static void make_partial(const char *name, const char *content)
{
	char partial[100];

	snprintf(partial, sizeof(partial), ".%s.partial", name);
	scratch_write_text(scratch_path(files, partial), content);
}

static void announce(const struct writer *writer, const char *name, uint64_t number)
{
	char partial[100], path[100];
	struct event event = {.head = {.kind = EVENT_INTENT, .number = number},
		.texts = {"anna", "", path, files, name, partial}};
	int folder = open(files, O_RDONLY | O_DIRECTORY);

	snprintf(partial, sizeof(partial), ".%s.partial", name);
	snprintf(path, sizeof(path), "/%s", name);
	ck_assert_int_eq(event_identify(folder, partial, &event.facts.identity), 0);
	close(folder);
	ck_assert_int_eq(event_write(writer->file, &event), 0);
}

static void take_name(const char *name)
{
	char partial[100];

	snprintf(partial, sizeof(partial), ".%s.partial", name);
	ck_assert_int_eq(rename(scratch_path(files, partial), scratch_path(files, name)), 0);
}

static void conclude(const struct writer *writer, uint64_t number, enum event_kind kind)
{
	struct event event = {.head = {.kind = kind, .number = number}};

	ck_assert_int_eq(event_write(writer->file, &event), 0);
}

static void upload(const struct writer *writer, const char *name, uint64_t number)
{
	make_partial(name, name);
	announce(writer, name, number);
	take_name(name);
	conclude(writer, number, EVENT_COMMIT);
}

static void finish_rounds(void)
{
	int left;

	while ((left = sources_round(&sources)) > 0)
		continue;
	ck_assert_int_eq(left, 0);
}

/* The paths told of so far, in order, with blanks between; "!" behind those found out by looking.
 * Their ids rise by one. */
static const char *told(void)
{
	static char all[4096];
	struct event_reader reader;
	const char *line;
	uint64_t id = 0;

	all[0] = '\0';
	ck_assert_int_eq(event_reader_open(&reader, place, 0), 0);
	while (event_reader_next(&reader, &line) > 0) {
		json_t *event = json_loads(line, 0, NULL);

		ck_assert_ptr_nonnull(event);
		ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(event, "id")), ++id);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s ",
			json_string_value(json_object_get(event, "path")),
			json_object_get(event, "recovered") ? "!" : "");
		json_decref(event);
	}
	event_reader_close(&reader);
	return all;
}

static int count_raw(void)
{
	DIR *list = opendir("journal/raw");
	const struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(list);
	while ((entry = readdir(list)))
		count += event_raw_is_name(entry->d_name);
	closedir(list);
	return count;
}

START_TEST(commits_are_told_once_in_order)
{
	struct writer a, b;

	set_up();
	begin_writing(&a, boot);
	begin_writing(&b, boot);
	upload(&a, "1", 1);
	upload(&b, "2", 1);
	upload(&a, "3", 2);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 /3 ");
	upload(&b, "4", 2);
	finish_rounds();
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 /3 /4 ");
	kill_herald();
	wake_herald();
	finish_rounds();
	upload(&a, "5", 3);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 /3 /4 /5 ");
	kill_writer(&a);
	kill_writer(&b);
	finish_rounds();
	ck_assert_int_eq(count_raw(), 0);
	kill_herald();
	wake_herald();
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 /3 /4 /5 ");
}
END_TEST

START_TEST(what_the_living_have_open_waits)
{
	struct writer a;

	set_up();
	begin_writing(&a, boot);
	make_partial("1", "x");
	announce(&a, "1", 1);
	take_name("1");
	finish_rounds();
	ck_assert_str_eq(told(), "");
	conclude(&a, 1, EVENT_COMMIT);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 ");
}
END_TEST

/* As if it had been done after the round took its time. */
static void conclude_later(const struct writer *writer, uint64_t number)
{
	struct event_head head = {.magic = 0x31765046,
		.length = sizeof(head),
		.kind = EVENT_COMMIT,
		.number = number,
		.tick_ns = (clock_ms() + 3600000) * 1000000};

	head.checksum = (uint32_t)crc32(0, (unsigned char *)&head + 8, sizeof(head) - 8);
	ck_assert_int_eq(write(writer->file, &head, sizeof(head)), sizeof(head));
}

START_TEST(what_is_done_during_a_round_waits_for_the_next)
{
	struct writer a, b;

	set_up();
	begin_writing(&a, boot);
	begin_writing(&b, boot);
	make_partial("2", "x");
	announce(&a, "2", 1);
	take_name("2");
	conclude_later(&a, 1);
	upload(&b, "1", 1);
	ck_assert_int_eq(sources_round(&sources), 1);
	ck_assert_str_eq(told(), "/1 ");
	/* A dead one has done nothing since. */
	kill_writer(&a);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 ");
}
END_TEST

/* Each place where a worker may be killed. */
START_TEST(what_the_dead_left_open_is_found_out)
{
	struct writer a;

	set_up();
	begin_writing(&a, boot);
	make_partial("before", "x");
	announce(&a, "before", 1);
	make_partial("after", "x");
	announce(&a, "after", 2);
	take_name("after");
	upload(&a, "done", 3);
	make_partial("refused", "x");
	announce(&a, "refused", 4);
	conclude(&a, 4, EVENT_ABORT);
	take_name("refused");
	make_partial("gone", "x");
	announce(&a, "gone", 5);
	ck_assert_int_eq(unlink(scratch_path(files, ".gone.partial")), 0);
	scratch_write_text(scratch_path(files, "gone"), "x");
	kill_writer(&a);
	finish_rounds();
	ck_assert_str_eq(told(), "/done /after! ");
	ck_assert_int_eq(count_raw(), 0);
}
END_TEST

/* The herald dies after each of its lines, in the middle of the next one, and finds the worker's
 * file as it was. */
START_TEST(a_dead_herald_tells_nothing_twice)
{
	static char kept[4096], journal_then[4096];
	struct writer a;
	size_t length, whole;
	char path[PATH_MAX];

	set_up();
	begin_writing(&a, boot);
	for (int i = 0; i < 4; i++) {
		char name[] = {(char)('a' + i), '\0'};

		make_partial(name, "x");
		announce(&a, name, (uint64_t)i + 1);
		if (i != 1)
			take_name(name);
	}
	snprintf(path, sizeof(path), "journal/raw/%s", a.name);
	length = scratch_read(path, kept, sizeof(kept));
	kill_writer(&a);
	finish_rounds();
	ck_assert_str_eq(told(), "/a! /c! /d! ");
	kill_herald();
	whole = scratch_read("journal/00000000000000000001.jsonl", journal_then, 4096);
	for (size_t cut = strchr(journal_then, '\n') - journal_then + 1; cut <= whole; cut++) {
		scratch_write("journal/00000000000000000001.jsonl", journal_then, cut);
		scratch_write(path, kept, length);
		wake_herald();
		finish_rounds();
		ck_assert_str_eq(told(), "/a! /c! /d! ");
		ck_assert_int_eq(count_raw(), 0);
		kill_herald();
	}
}
END_TEST

START_TEST(who_finishes_anothers_partial_is_told_of_alone)
{
	struct writer a, b;

	set_up();
	begin_writing(&a, boot);
	begin_writing(&b, boot);
	make_partial("1", "x");
	announce(&a, "1", 1);
	kill_writer(&a);
	announce(&b, "1", 1);
	take_name("1");
	/* b has not said so yet, and then it has. */
	finish_rounds();
	ck_assert_str_eq(told(), "");
	conclude(&b, 1, EVENT_COMMIT);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 ");
	/* Both are dead: the later one did it. */
	begin_writing(&a, boot);
	make_partial("2", "x");
	announce(&a, "2", 1);
	announce(&b, "2", 2);
	take_name("2");
	kill_writer(&a);
	kill_writer(&b);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2! ");
}
END_TEST

START_TEST(half_a_record_hides_nothing)
{
	struct writer a;

	set_up();
	begin_writing(&a, boot);
	upload(&a, "1", 1);
	/* As a full disk leaves it. */
	ck_assert_int_eq(write(a.file, "FPv1\0\0\0\0\x00\x10\0\0\1\0\0\0 some", 21), 21);
	finish_rounds();
	upload(&a, "2", 2);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 ");
	ck_assert_int_eq(write(a.file, "FPv1", 4), 4);
	kill_writer(&a);
	finish_rounds();
	ck_assert_str_eq(told(), "/1 /2 ");
	ck_assert_int_eq(count_raw(), 0);
}
END_TEST

START_TEST(what_was_before_the_machine_started_comes_first)
{
	struct writer a, b;

	set_up();
	begin_writing(&b, boot);
	upload(&b, "new", 1);
	begin_writing(&a, "00000000");
	upload(&a, "old", 1);
	make_partial("open", "x");
	announce(&a, "open", 2);
	take_name("open");
	kill_writer(&a);
	finish_rounds();
	ck_assert_str_eq(told(), "/old /new /open! ");
}
END_TEST

START_TEST(segments_are_begun_and_removed)
{
	struct writer a;
	uint64_t *firsts;
	int count;

	set_up();
	config->events_size = 131072;
	begin_writing(&a, boot);
	for (uint64_t i = 1; i <= 1000; i++) {
		upload(&a, "same", i);
		if (i % 10 == 0) {
			finish_rounds();
			journal_turn(&journal, 0);
		}
		if (i % 100 == 0) {
			kill_herald();
			wake_herald();
		}
	}
	count = event_segments(place, &firsts);
	ck_assert_int_gt(count, 3);
	ck_assert_int_lt(count, 10);
	ck_assert_uint_gt(firsts[0], 100);
	ck_assert_uint_eq(journal.next, 1001);
	free(firsts);
}
END_TEST

START_TEST(room_is_given_back_while_a_worker_goes_on)
{
	struct writer a;
	struct stat status;

	set_up();
	begin_writing(&a, boot);
	for (uint64_t i = 1; i <= 9000; i++) {
		upload(&a, "same", i);
		if (i % 1000 == 0)
			finish_rounds();
	}
	ck_assert_int_eq(fstat(a.file, &status), 0);
	if (status.st_blocks * 512 > status.st_size)
		suite_skip("this file system knows no holes");
	ck_assert_int_lt(status.st_blocks * 512, status.st_size / 2 + (2 << 20));
	kill_herald();
	wake_herald();
	upload(&a, "last", 9001);
	finish_rounds();
	ck_assert_uint_eq(journal.next, 9002);
}
END_TEST

SUITE(herald_sources, commits_are_told_once_in_order,
	what_is_done_during_a_round_waits_for_the_next, what_the_living_have_open_waits,
	what_the_dead_left_open_is_found_out, a_dead_herald_tells_nothing_twice,
	who_finishes_anothers_partial_is_told_of_alone, half_a_record_hides_nothing,
	what_was_before_the_machine_started_comes_first, segments_are_begun_and_removed,
	room_is_given_back_while_a_worker_goes_on)
