#include "common/event_raw.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RANDOM_DIGITS = 16 };

static const char hex[] = "0123456789abcdef";
static const char ending[] = ".raw";

int event_raw_boot(char boot[EVENT_RAW_BOOT + 1])
{
	int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = file < 0 ? -1 : read(file, boot, EVENT_RAW_BOOT);
	int error = got < 0 ? -errno : got == EVENT_RAW_BOOT ? 0 : -EIO;

	if (file >= 0)
		close(file);
	boot[EVENT_RAW_BOOT] = '\0';
	return error == 0 && strspn(boot, hex) == EVENT_RAW_BOOT ? 0 : error < 0 ? error : -EIO;
}

void event_raw_name(const char *boot, char name[EVENT_RAW_NAME])
{
	uint64_t number;

	arc4random_buf(&number, sizeof(number));
	snprintf(name, EVENT_RAW_NAME, "%s-%016" PRIx64 "%s", boot, number, ending);
}

bool event_raw_is_name(const char *name)
{
	return strspn(name, hex) == EVENT_RAW_BOOT && name[EVENT_RAW_BOOT] == '-' &&
	       strspn(name + EVENT_RAW_BOOT + 1, hex) == RANDOM_DIGITS &&
	       strcmp(name + EVENT_RAW_BOOT + 1 + RANDOM_DIGITS, ending) == 0;
}
