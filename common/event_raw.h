/* The names of the files in which workers write down their uploads. */
#ifndef FTPOOL_COMMON_EVENT_RAW_H
#define FTPOOL_COMMON_EVENT_RAW_H

#include <stdbool.h>

enum { EVENT_RAW_BOOT = 8, EVENT_RAW_NAME = 40 };

/* Which start of the machine this is. */
void event_raw_boot(char boot[EVENT_RAW_BOOT + 1]);

/* A name that no file ever had. */
void event_raw_name(const char *boot, char name[EVENT_RAW_NAME]);

bool event_raw_is_name(const char *name);

#endif
