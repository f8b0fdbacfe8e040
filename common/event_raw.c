#include "common/event_raw.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RANDOM_DIGITS = 16 };

static const char hex[] = "0123456789abcdef";
static const char ending[] = ".raw";

/* When the machine was started, by its clock of now, since that is all that ProcSubset=pid of
 * systemd.exec(5) leaves. After the clock was set it is another start; what comes of it is that
 * workers from before and after that are told of in the order of their clocks. */
static void guess_boot(char boot[EVENT_RAW_BOOT + 1])
{
	struct timespec now, up;
	int64_t milliseconds;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	milliseconds = (now.tv_sec - up.tv_sec) * 1000 + (now.tv_nsec - up.tv_nsec) / 1000000;
	snprintf(boot, EVENT_RAW_BOOT + 1, "%08x", (uint32_t)(milliseconds / 1000));
}

void event_raw_boot(char boot[EVENT_RAW_BOOT + 1])
{
	int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = file < 0 ? -1 : read(file, boot, EVENT_RAW_BOOT);

	if (file >= 0)
		close(file);
	boot[EVENT_RAW_BOOT] = '\0';
	if (got != EVENT_RAW_BOOT || strspn(boot, hex) != EVENT_RAW_BOOT)
		guess_boot(boot);
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
