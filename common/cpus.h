/* How many CPUs this process may use at a time: no more than it may run on (sched_getaffinity(2)),
 * and no more than the cgroups that it is in have a quota for, which containers and systemd's
 * CPUQuota= set (cpu.max of the kernel's cgroup v2 guide; cpu.cfs_quota_us of version 1). */
#ifndef FTPOOL_COMMON_CPUS_H
#define FTPOOL_COMMON_CPUS_H

#include <stdint.h>

/* At least 1. Reads /proc and /sys: to be called before a sandbox is entered, which makes the quota
 * be overlooked. */
uint32_t cpus_usable(void);

/* The part of it about cgroups: `mount` is where they are mounted, `path` the cgroup, "/…".
 * Whole CPUs, parts rounded up; UINT32_MAX when no cgroup on the way up sets a quota. */
uint32_t cpus_of_cgroup(const char *mount, const char *path);

#endif
