/* Sizes, rates and durations as people read them. Pure. */
#ifndef FTPOOL_CLIENT_FIGURES_H
#define FTPOOL_CLIENT_FIGURES_H

#include <stdint.h>

enum { FIGURES_TEXT = 32 };

/* "0 B", "999 B", "1.5 KiB", "12.0 MiB" …: never more than four digits. Returns text. */
char *figures_size(char text[FIGURES_TEXT], int64_t bytes);

/* "0:07", "12:05", "3:02:59". Returns text. */
char *figures_duration(char text[FIGURES_TEXT], int64_t seconds);

/* Bytes per second of so many bytes in so many milliseconds; 0 if no time has passed. */
int64_t figures_rate(int64_t bytes, int64_t milliseconds);

#endif
