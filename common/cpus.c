#include "common/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* "QUOTA PERIOD" in microseconds, or "max PERIOD". */
static uint32_t cpus_of_quota(const char *mount, const char *path)
{
	char name[PATH_MAX];
	unsigned long long quota = 0, period = 0;
	FILE *file;

	if (snprintf(name, sizeof(name), "%s%s/cpu.max", mount, path) >= (int)sizeof(name))
		return UINT32_MAX;
	file = fopen(name, "re");
	if (!file)
		return UINT32_MAX;
	if (fscanf(file, "%llu %llu", &quota, &period) != 2)
		period = 0;
	fclose(file);
	if (period == 0 || quota == 0 || quota / period >= UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)((quota - 1) / period + 1);
}

uint32_t cpus_of_cgroup(const char *mount, const char *path)
{
	char at[PATH_MAX];
	uint32_t fewest = UINT32_MAX;
	char *slash;

	if (snprintf(at, sizeof(at), "%s", path) >= (int)sizeof(at))
		return UINT32_MAX;
	do {
		uint32_t cpus = cpus_of_quota(mount, at);

		if (cpus < fewest)
			fewest = cpus;
		slash = strrchr(at, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
	return fewest;
}

/* The line "0::/path" of /proc/self/cgroup (cgroups(7)). */
static uint32_t cpus_of_own_cgroup(void)
{
	char line[PATH_MAX + 8];
	uint32_t cpus = UINT32_MAX;
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			cpus = cpus_of_cgroup("/sys/fs/cgroup", line + 3);
	}
	if (file)
		fclose(file);
	return cpus;
}

uint32_t cpus_usable(void)
{
	uint32_t quota = cpus_of_own_cgroup(), cpus = 1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		cpus = (uint32_t)CPU_COUNT(&set);
	return quota < cpus ? quota : cpus;
}
