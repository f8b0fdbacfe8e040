#include "common/certificate_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { FINGERPRINT_DIGITS = 64 };

static const char fingerprint[] = "sha256:", common_name[] = "cn:";

static bool begins_with(const char *name, size_t length, const char *kind)
{
	return length > strlen(kind) && strncmp(name, kind, strlen(kind)) == 0;
}

static bool is_fingerprint(const char *digits, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++) {
		if (isxdigit((unsigned char)digits[i]))
			count++;
		else if (digits[i] != ':')
			return false;
	}
	return count == FINGERPRINT_DIGITS;
}

bool certificate_name_is_sound(const char *name, size_t length)
{
	if (begins_with(name, length, fingerprint))
		return is_fingerprint(name + strlen(fingerprint), length - strlen(fingerprint));
	return begins_with(name, length, common_name) || begins_with(name, length, "dns:") ||
	       begins_with(name, length, "email:");
}

/* The colons between two digits are there or not. */
static bool is_same_fingerprint(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a_length && a[i] == ':')
			i++;
		while (j < b_length && b[j] == ':')
			j++;
		if (i == a_length || j == b_length)
			return i == a_length && j == b_length;
		if (tolower((unsigned char)a[i++]) != tolower((unsigned char)b[j++]))
			return false;
	}
}

static bool is_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (begins_with(a, a_length, fingerprint))
		return is_same_fingerprint(a, a_length, b, b_length);
	if (a_length != b_length)
		return false;
	return begins_with(a, a_length, common_name) ? memcmp(a, b, a_length) == 0
						     : strncasecmp(a, b, a_length) == 0;
}

static bool is_among(const char *name, size_t length, const char *of_certificate)
{
	while (*of_certificate != '\0') {
		size_t line = strcspn(of_certificate, "\n");

		if (is_same(name, length, of_certificate, line))
			return true;
		of_certificate += line + (of_certificate[line] == '\n');
	}
	return false;
}

bool certificate_names_match(const char *listed, const char *of_certificate)
{
	while (*listed != '\0') {
		size_t length = strcspn(listed, ",");

		if (certificate_name_is_sound(listed, length) &&
			is_among(listed, length, of_certificate))
			return true;
		listed += length + (listed[length] == ',');
	}
	return false;
}
