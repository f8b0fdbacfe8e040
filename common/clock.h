/* Time. Durations and deadlines are milliseconds of CLOCK_MONOTONIC, which is the same clock in
 * every process of the machine, so a worker's stamp on the board can be read by the master. */
#ifndef FTPOOL_COMMON_CLOCK_H
#define FTPOOL_COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since some fixed point; never goes back (clock_gettime(2), CLOCK_MONOTONIC). */
int64_t clock_ms(void);

/* The same clock in nanoseconds. */
int64_t clock_ns(void);

/* The same in microseconds. */
int64_t clock_us(void);

/* The same clock, some milliseconds late and much cheaper (CLOCK_MONOTONIC_COARSE): for what is
 * asked again and again. */
int64_t clock_coarse_ms(void);

/* Seconds since 1970 (CLOCK_REALTIME): for people and for file times, never for durations. */
int64_t clock_unix_seconds(void);
int64_t clock_unix_ms(void);

/* What is left until the deadline as a timeout for poll(2): at least 0, at most INT_MAX. */
int clock_left_ms(int64_t deadline_ms);

enum { CLOCK_TEXT = 32 };
/* Now, as "2026-11-23T22:54:11.123Z". */
void clock_text(char text[CLOCK_TEXT]);

#endif
