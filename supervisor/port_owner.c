#include "supervisor/port_owner.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATE_LISTEN = 0x0a };

/* The tables write an address as 32-bit words in hexadecimal, each as this machine holds it. */
static bool read_host(struct address *address, const char *digits)
{
	size_t words = strlen(digits) / 8;

	*address = (struct address){.family = words == 1 ? AF_INET : AF_INET6};
	for (size_t i = 0; i < words && i < 4; i++) {
		unsigned int word;

		if (sscanf(digits + 8 * i, "%8x", &word) != 1)
			return false;
		memcpy(address->host + 4 * i, &word, sizeof(word));
	}
	return words == 1 || words == 4;
}

static bool is_wildcard(const struct address *address)
{
	static const uint8_t nothing[16];

	return memcmp(address->host, nothing, sizeof(nothing)) == 0;
}

/* Would one listener keep the other from binding? A wildcard of IPv6 may hold IPv4's port as well.
 */
static bool in_the_way(const struct address *there, const struct address *wanted)
{
	return is_wildcard(there) || (is_wildcard(wanted) && there->family == wanted->family) ||
	       (there->family == wanted->family &&
		       memcmp(there->host, wanted->host, sizeof(there->host)) == 0);
}

/* The inode of the socket that listens there, 0 if there is none. */
static unsigned long listening_inode(const char *table, const struct address *wanted)
{
	FILE *stream = fopen(table, "re");
	unsigned long inode = 0, found;
	unsigned int port, state;
	char line[512], host[33];
	struct address there;

	while (stream && inode == 0 && fgets(line, sizeof(line), stream)) {
		/* sl local:port remote:port st tx:rx tr:when retrnsmt uid timeout inode */
		if (sscanf(line,
			    " %*d: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %lu",
			    host, &port, &state, &found) == 4 &&
			port == wanted->port && state == STATE_LISTEN && read_host(&there, host) &&
			in_the_way(&there, wanted))
			inode = found;
	}
	if (stream)
		fclose(stream);
	return inode;
}

static bool holds(const char *process, const char *link)
{
	char path[300], target[64];
	const struct dirent *entry;
	bool found = false;
	DIR *descriptors;

	snprintf(path, sizeof(path), "/proc/%s/fd", process);
	descriptors = opendir(path);
	while (descriptors && !found && (entry = readdir(descriptors)) != NULL) {
		ssize_t length =
			readlinkat(dirfd(descriptors), entry->d_name, target, sizeof(target) - 1);

		target[length > 0 ? length : 0] = '\0';
		found = strcmp(target, link) == 0;
	}
	if (descriptors)
		closedir(descriptors);
	return found;
}

static void name_process(char owner[PORT_OWNER], const char *process)
{
	char path[300], name[32] = "a process";
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%s/comm", process);
	stream = fopen(path, "re");
	if (stream) {
		if (fgets(name, sizeof(name), stream))
			name[strcspn(name, "\n")] = '\0';
		fclose(stream);
	}
	snprintf(owner, PORT_OWNER, "%s (pid %.16s)", name, process);
}

bool port_owner(char owner[PORT_OWNER], const struct address *address)
{
	unsigned long inode = listening_inode("/proc/net/tcp", address);
	const struct dirent *entry;
	char link[40];
	bool found = false;
	DIR *processes;

	if (inode == 0)
		inode = listening_inode("/proc/net/tcp6", address);
	processes = inode ? opendir("/proc") : NULL;
	if (!processes)
		return false;
	snprintf(link, sizeof(link), "socket:[%lu]", inode);
	while (!found && (entry = readdir(processes)) != NULL) {
		found = strspn(entry->d_name, "0123456789") == strlen(entry->d_name) &&
			holds(entry->d_name, link);
		if (found)
			name_process(owner, entry->d_name);
	}
	closedir(processes);
	return found;
}
