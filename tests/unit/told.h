/* Complaints kept in memory, to see what an administrator is told. */
#ifndef FTPOOL_TESTS_UNIT_TOLD_H
#define FTPOOL_TESTS_UNIT_TOLD_H

#include "common/complaints.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct told {
	struct complaints complaints;
	char *text;
	size_t length;
};

static inline void told_open(struct told *told)
{
	told->complaints = (struct complaints){open_memstream(&told->text, &told->length), 0};
	ck_assert_ptr_nonnull(told->complaints.to);
}

/* All that was told so far. */
static inline const char *told_text(struct told *told)
{
	fflush(told->complaints.to);
	return told->text;
}

static inline void told_close(struct told *told)
{
	fclose(told->complaints.to);
	free(told->text);
}

/* So many complaints, and these words among them (NULL: no matter). */
static inline void told_expect(struct told *told, unsigned int count, const char *words)
{
	const char *text = told_text(told);

	ck_assert_msg(told->complaints.count == count, "%u complaints, not %u:\n%s",
		told->complaints.count, count, text);
	ck_assert_msg(!words || strstr(text, words), "not told: %s\nbut:\n%s", words, text);
}

#endif
