#include "common/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Whether the file begins with that number; or two of them, if `second` is no NULL. */
static bool read_numbers(const char *mount, const char *path, const char *file_name,
	unsigned long long *first, unsigned long long *second)
{
	char name[PATH_MAX];
	FILE *file;
	bool read;

	if (snprintf(name, sizeof(name), "%s%s/%s", mount, path, file_name) >= (int)sizeof(name))
		return false;
	file = fopen(name, "re");
	if (!file)
		return false;
	read = second ? fscanf(file, "%llu %llu", first, second) == 2
		      : fscanf(file, "%llu", first) == 1;
	fclose(file);
	return read;
}

/* Of version 2, "QUOTA PERIOD" in microseconds, or "max PERIOD"; of version 1, two files, and a
 * quota of -1 for none, which is read as one that is too large to be meant. */
static uint32_t cpus_of_quota(const char *mount, const char *path)
{
	unsigned long long quota, period;

	if (!read_numbers(mount, path, "cpu.max", &quota, &period) &&
		(!read_numbers(mount, path, "cpu.cfs_quota_us", &quota, NULL) ||
			!read_numbers(mount, path, "cpu.cfs_period_us", &period, NULL)))
		return UINT32_MAX;
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

/* "cpu" is one of "cpu,cpuacct". */
static bool has_cpu(const char *controllers, size_t length)
{
	for (size_t at = 0; at < length; at++) { /* past the comma */
		size_t word = strcspn(controllers + at, ",:");

		if (word == 3 && strncmp(controllers + at, "cpu", 3) == 0)
			return true;
		at += word;
	}
	return false;
}

/* A line of /proc/self/cgroup (cgroups(7)): "0::/path" of version 2, "4:cpu,cpuacct:/path" of
 * version 1, which systemd and others mount as /sys/fs/cgroup/cpu or have a link there. */
static uint32_t cpus_of_line(const char *line)
{
	const char *controllers = strchr(line, ':'), *path;

	path = controllers ? strchr(++controllers, ':') : NULL;
	if (!path || path[1] != '/')
		return UINT32_MAX;
	if (path == controllers)
		return cpus_of_cgroup("/sys/fs/cgroup", path + 1);
	if (has_cpu(controllers, (size_t)(path - controllers)))
		return cpus_of_cgroup("/sys/fs/cgroup/cpu", path + 1);
	return UINT32_MAX;
}

static uint32_t cpus_of_own_cgroups(void)
{
	char line[PATH_MAX + 80];
	uint32_t fewest = UINT32_MAX;
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && fgets(line, sizeof(line), file)) {
		uint32_t cpus;

		line[strcspn(line, "\n")] = '\0';
		cpus = cpus_of_line(line);
		if (cpus < fewest)
			fewest = cpus;
	}
	if (file)
		fclose(file);
	return fewest;
}

uint32_t cpus_usable(void)
{
	uint32_t quota = cpus_of_own_cgroups(), cpus = 1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		cpus = (uint32_t)CPU_COUNT(&set);
	return quota < cpus ? quota : cpus;
}
