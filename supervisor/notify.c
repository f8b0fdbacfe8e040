#include "supervisor/notify.h"

#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum { STATUS_LONGEST = 200 };

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

/* Type=notify-reload wants the moment on CLOCK_MONOTONIC (sd_notify(3)). */
void notify_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%jd", (intmax_t)clock_ms() * 1000);
}

void notify_status(const char *text)
{
	static char last[STATUS_LONGEST];

	if (strncmp(last, text, sizeof(last) - 1) == 0)
		return;
	snprintf(last, sizeof(last), "%s", text);
	sd_notifyf(0, "STATUS=%s", text);
}

/* Twice in its time, so that one late look does no harm. */
void notify_watchdog(bool healthy, int64_t now_ms)
{
	static int64_t fed_ms, period_ms = -1;
	uint64_t period_us = 0;

	if (period_ms < 0)
		period_ms =
			sd_watchdog_enabled(0, &period_us) > 0 ? (int64_t)(period_us / 1000) : 0;
	if (period_ms > 0 && healthy && now_ms - fed_ms >= period_ms / 2 - 1000) {
		sd_notify(0, "WATCHDOG=1");
		fed_ms = now_ms;
	}
}
