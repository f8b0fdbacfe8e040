#include "common/user_amounts.h"

#include "common/amount.h"

#include <stddef.h>
#include <string.h>

static const struct row {
	const char *key;
	size_t offset; /* in struct user_amounts */
} rows[] = {
	{"session_download", offsetof(struct user_amounts, bandwidth.session[BANDWIDTH_DOWNLOAD])},
	{"session_upload", offsetof(struct user_amounts, bandwidth.session[BANDWIDTH_UPLOAD])},
	{"user_download", offsetof(struct user_amounts, bandwidth.user[BANDWIDTH_DOWNLOAD])},
	{"upload_size", offsetof(struct user_amounts, upload_size)},
	{"quota_bytes", offsetof(struct user_amounts, quota_bytes)},
	{"quota_files", offsetof(struct user_amounts, quota_files)},
	{"user_upload", offsetof(struct user_amounts, bandwidth.user[BANDWIDTH_UPLOAD])},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint64_t *field_of(struct user_amounts *amounts, const struct row *row)
{
	return (uint64_t *)(void *)((char *)amounts + row->offset);
}

static const struct row *row_named(const char *key)
{
	size_t i = 0;

	while (i + 1 < ROWS && strcmp(rows[i].key, key) != 0)
		i++;
	return &rows[i];
}

bool user_amounts_take(struct user_amounts *amounts, const char *key, const char *value,
	struct origin origin, struct complaints *complaints)
{
	uint64_t *field = field_of(amounts, row_named(key)), read = USER_UNSAID;

	if (value[0] != '\0' &&
		(!amount_read(&read, value, 10, amount_bytes) || read > INT64_MAX)) {
		complain(complaints, origin,
			"%s = \"%s\" is no amount; one such as 500K, 10M or 2G is right", key,
			value);
		return false;
	}
	*field = read;
	return true;
}

void user_amounts_print(FILE *out, const struct user_amounts *amounts)
{
	struct user_amounts copy = *amounts;
	char text[AMOUNT_TEXT];

	for (size_t i = 0; i < ROWS; i++) {
		uint64_t amount = *field_of(&copy, &rows[i]);

		if (amount != USER_UNSAID)
			fprintf(out, " %s=%s", rows[i].key, amount_write(text, amount));
	}
}
