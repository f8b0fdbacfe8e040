/* Any text as another server's file; its first byte says of which kind. What comes out is a text
 * without control bytes; a line of accounts reads as the account it is, and a config has no fault
 * of spelling. */
#include "tests/fuzz/fuzz.h"

#include "client/import.h"
#include "common/config.h"
#include "common/users_file.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static FILE *nowhere;

static void check_bytes(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert(text[i] == '\n' || text[i] == '\t' || !iscntrl((unsigned char)text[i]));
}

/* Nothing is wrong with any of them, but that another stands there with the same name. */
static void check_accounts(char *text, size_t size)
{
	char *told = NULL, *rest;
	size_t told_size = 0;
	struct complaints complaints = {.to = open_memstream(&told, &told_size)};
	struct users_file file;

	assert(complaints.to && users_file_take(&file, text, size, "users", &complaints) == 0);
	fclose(complaints.to);
	rest = told;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		assert(line[0] == '\0' || strstr(line, "is an account already"));
	free(told);
	users_file_free(&file);
}

/* Does a complaint say that, which no value that it quotes says? */
static bool is_said(const char *told, const char *text, size_t size, const char *words)
{
	return strstr(told, words) && !memmem(text, size, words, strlen(words));
}

/* What it complains of is the machine: files that are not there. */
static void check_config(const char *text, size_t size)
{
	static const char *const faults[] = {
		": there is no option", "is out of range", " is no choice;", " stands on line "};
	int file = memfd_create("fuzz_import", MFD_CLOEXEC);
	char *told = NULL, path[32];
	size_t told_size = 0;
	struct complaints complaints = {.to = open_memstream(&told, &told_size)};
	struct config_request request = {.root = "/", .file = path};

	assert(file >= 0 && complaints.to && write(file, text, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	config_free(config_load(&request, &complaints));
	fclose(complaints.to);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert(!is_said(told, text, size, faults[i]));
	free(told);
	close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum import_kind kind = size > 0 ? (enum import_kind)(data[0] % IMPORT_KINDS) : 0;
	struct complaints notes;
	char *out = NULL, *text = calloc(1, size + 1);
	size_t out_size = 0;
	FILE *to = open_memstream(&out, &out_size);

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	assert(nowhere && to && text);
	notes.to = nowhere;
	notes.count = 0;
	if (size > 1)
		memcpy(text, data + 1, size - 1);
	(void)import_recognise(text);
	assert(import_text(kind, text, "file", false, to, &notes) == 0);
	assert(fclose(to) == 0);
	if (kind == IMPORT_PUREFTPD || kind == IMPORT_AUTHUSERFILE) {
		check_accounts(out, out_size); /* takes the text over */
	} else {
		check_bytes(out, out_size);
		check_config(out, out_size);
		free(out);
	}
	free(text);
	return 0;
}
