/* A config made from a text, as the master makes his from a file. */
#ifndef FTPOOL_TESTS_UNIT_LOADING_H
#define FTPOOL_TESTS_UNIT_LOADING_H

#include "common/config.h"
#include "tests/unit/scratch.h"
#include "tests/unit/told.h"

/* The config, or NULL when something was told. */
static inline struct config *load_text(const char *text, struct told *told)
{
	struct config_request request = {.file = "test.conf"};

	scratch_write_text(request.file, text);
	return config_load(&request, &told->complaints);
}

/* A config that nothing is wrong with: the text, and the working directory as root. */
static inline struct config *load_fine(const char *text)
{
	const char *const set[] = {"status.path=/run/ftpool-check/status"};
	struct config_request request = {
		.file = "test.conf", .root = ".", .set = set, .set_count = 1};
	struct told told;
	struct config *config;

	told_open(&told);
	scratch_write_text(request.file, text);
	config = config_load(&request, &told.complaints);
	told_expect(&told, 0, NULL);
	told_close(&told);
	ck_assert_ptr_nonnull(config);
	return config;
}

#endif
