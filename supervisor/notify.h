/* What systemd is told (sd_notify(3)); without systemd nothing happens. */
#ifndef FTPOOL_SUPERVISOR_NOTIFY_H
#define FTPOOL_SUPERVISOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

void notify_ready(void);
void notify_stopping(void);
void notify_reloading(void);

/* STATUS=, the line in `systemctl status`; sent only when it differs from the last one. */
void notify_status(const char *text);

/* Feeds the watchdog, if the unit has one, when `healthy`; to be called at least each second. */
void notify_watchdog(bool healthy, int64_t now_ms);

#endif
