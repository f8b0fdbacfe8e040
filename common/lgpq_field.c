#include "common/lgpq_field.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

size_t lgpq_field_encode(char *field, const char *name, size_t length)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c == '\t' || c == '\n' || c == '\0' || c == '%') {
			field[used++] = '%';
			field[used++] = hex[c >> 4];
			field[used++] = hex[c & 15];
		} else {
			field[used++] = (char)c;
		}
	}
	field[used] = '\0';
	return used;
}

int lgpq_field_decode(char *name, const char *field, size_t length)
{
	size_t used = 0;

	if (length == 0 || length > INT_MAX)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		char c = field[i];

		if (c == '%') {
			bool whole = length - i > 2;
			int high = whole ? hex_digit(field[i + 1]) : -1;
			int low = whole ? hex_digit(field[i + 2]) : -1;

			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return -EINVAL;
		name[used++] = c;
	}
	name[used] = '\0';
	return (int)used;
}

int lgpq_field_number(int64_t *number, const char *field, size_t length)
{
	int64_t value = 0;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		if (field[i] < '0' || field[i] > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, field[i] - '0', &value))
			return -EINVAL;
	}
	*number = value;
	return 0;
}
