/* Any bytes as a line of a client or of the server: what is shown of it fits, is not longer than
 * the line and some stars, shows nothing behind PASS or ACCT, and masking it again changes nothing.
 */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/mask.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static void check_command(const char *line, size_t length)
{
	char once[MASKED], twice[MASKED];
	size_t masked = mask_command(once, line, length);

	assert(masked < MASKED && once[masked] == '\0');
	if (length > 4 && (line[4] == ' ' || line[4] == '\t') &&
		(strncasecmp(line, "PASS", 4) == 0 || strncasecmp(line, "ACCT", 4) == 0))
		assert(strcmp(once + 4, " ****") == 0);
	if (masked < MASKED - 1) {
		assert(mask_command(twice, once, masked) == masked);
		assert(memcmp(once, twice, masked) == 0);
	}
}

static void check_reply(const char *line, size_t length)
{
	char once[MASKED], twice[MASKED];
	size_t masked = mask_reply(once, line, length);

	assert(masked < MASKED && once[masked] == '\0');
	if (masked < MASKED - 1) {
		assert(mask_reply(twice, once, masked) == masked);
		assert(memcmp(once, twice, masked) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_command((const char *)data, size);
	check_reply((const char *)data, size);
	return 0;
}
