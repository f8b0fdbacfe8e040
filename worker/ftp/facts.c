#include "worker/ftp/facts.h"

#include "common/rights.h"
#include "worker/ftp/argument.h"

#include <string.h>
#include <strings.h>

static const struct {
	uint32_t fact;
	const char *name;
} names[] = {{FACT_TYPE, "type"}, {FACT_SIZE, "size"}, {FACT_MODIFY, "modify"}, {FACT_PERM, "perm"},
	{FACT_UNIQUE, "unique"}, {FACT_MODE, "UNIX.mode"}};

/* Each letter of perm and the rights it takes (RFC 3659 7.5.5). The rights are those of the
 * account alone: the store enforces these, and a file's mode is not the client's. */
struct letter {
	char letter;
	uint32_t rights; /* 0: everybody's */
};

static const struct letter file_letters[] = {{'a', RIGHT_put | RIGHT_append}, {'d', RIGHT_delete},
	{'f', RIGHT_rename}, {'r', RIGHT_get}, {'w', RIGHT_put | RIGHT_overwrite}};
static const struct letter directory_letters[] = {{'c', RIGHT_put}, {'d', RIGHT_rmdir}, {'e', 0},
	{'f', RIGHT_rename}, {'l', RIGHT_list}, {'m', RIGHT_mkdir}, {'p', RIGHT_delete}};

/* A listing writes a million of these: printf(3) would take longer than all the rest of a line. */

static char *put_text(char *to, const char *text)
{
	return stpcpy(to, text);
}

/* Digits in bases up to 16, `least` of them at least, which is 1 or more. */
static char *put_number(char *to, uint64_t number, unsigned int base, int least)
{
	char digits[24];
	char *first = digits + sizeof(digits);

	do {
		*--first = "0123456789abcdef"[number % base];
		number /= base;
	} while (--least > 0 || number > 0);
	return mempcpy(to, first, (size_t)(digits + sizeof(digits) - first));
}

static const char *type_of(const struct store_file *file, enum facts_place place)
{
	if (place == FACTS_SELF)
		return "cdir";
	if (place == FACTS_PARENT)
		return "pdir";
	return file->directory ? "dir" : "file";
}

static char *put_letters(char *to, const struct letter *letters, size_t count, uint32_t may)
{
	for (size_t i = 0; i < count; i++) {
		if ((letters[i].rights & ~may) == 0)
			*to++ = letters[i].letter;
	}
	return to;
}

static char *put_perm(char *to, bool directory, uint32_t may)
{
	if (directory)
		return put_letters(to, directory_letters,
			sizeof(directory_letters) / sizeof(directory_letters[0]), may);
	return put_letters(to, file_letters, sizeof(file_letters) / sizeof(file_letters[0]), may);
}

size_t facts_write(char text[FACTS_TEXT], uint32_t facts, const struct store_file *file,
	enum facts_place place)
{
	char time[ARGUMENT_TIME];
	char *to = text;

	if (facts & FACT_TYPE)
		to = put_text(put_text(put_text(to, "type="), type_of(file, place)), ";");
	if (facts & FACT_SIZE && !file->directory)
		to = put_text(put_number(put_text(to, "size="), (uint64_t)file->size, 10, 1), ";");
	if (facts & FACT_MODIFY) {
		argument_time_text(file->mtime, time);
		to = put_text(put_text(put_text(to, "modify="), time), ";");
	}
	if (facts & FACT_PERM)
		to = put_text(put_perm(put_text(to, "perm="), file->directory, file->may), ";");
	if (facts & FACT_UNIQUE) {
		to = put_number(put_text(to, "unique="), file->device, 16, 1);
		to = put_text(put_number(put_text(to, "g"), file->inode, 16, 1), ";");
	}
	if (facts & FACT_MODE)
		to = put_text(put_number(put_text(to, "UNIX.mode=0"), file->mode, 8, 3), ";");
	return (size_t)(put_text(to, " ") - text);
}

char *facts_names(char text[FACTS_TEXT], uint32_t facts, bool stars)
{
	char *to = text;

	*to = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool chosen = facts & names[i].fact;

		if (chosen || stars)
			to = put_text(put_text(to, names[i].name), stars && chosen ? "*;" : ";");
	}
	return text;
}

uint32_t facts_read(const char *text)
{
	uint32_t facts = 0;

	while (*text) {
		size_t length = strcspn(text, ";");

		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strlen(names[i].name) == length &&
				!strncasecmp(names[i].name, text, length))
				facts |= names[i].fact;
		}
		text += length + (text[length] == ';');
	}
	return facts;
}
