#include "client/doctor_visit.h"

#include "common/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of each step: what comes of it when it fails, and what to look at. */
static const struct {
	const char *name, *why, *advice;
} steps[] = {
	[VISIT_LOGIN] = {"login", "clients cannot get in",
		"the log tells the server's side: journalctl -u ftpool"},
	[VISIT_LIST] = {"list", "clients see nothing of the library",
		"look at the root's permissions, and at passive.ports and the firewall"},
	[VISIT_PUT] = {"put", "clients cannot put files, though the config allows it",
		"look at the root's permissions, ReadWritePaths= of the unit, and the disk"},
	[VISIT_GET] = {"get", "clients cannot get files",
		"look at the root's permissions, and at passive.ports and the firewall"},
	[VISIT_DELETE] = {"delete", "clients cannot delete files, though the config allows it",
		"look at the root's permissions"},
	[VISIT_CLEAN] = {"clean up", "the probe file lies in the library", "remove it"},
};

static void make_probe(struct visit *visit)
{
	unsigned char secret[16];
	int length = snprintf(visit->name, sizeof(visit->name), "ftpool-doctor-");

	if (getentropy(secret, sizeof(secret)) < 0)
		memset(secret, 0, sizeof(secret)); /* O_EXCL and the server's refusal stand by */
	for (size_t i = 0; i < sizeof(secret); i++)
		length += snprintf(visit->name + length, sizeof(visit->name) - (size_t)length,
			"%02x", secret[i]);
	for (size_t i = 0; i < sizeof(visit->bytes); i++)
		visit->bytes[i] = (char)(secret[i % sizeof(secret)] + i);
}

/* A listener on all addresses is visited by loopback. */
static struct address where_to(const struct address *listening)
{
	static const uint8_t any[16];
	struct address address = *listening;

	if (memcmp(address.host, any, sizeof(any)) == 0)
		address_parse(
			&address, address.family == AF_INET6 ? "::1" : "127.0.0.1", address.port);
	return address;
}

void visit_open(struct visit *visit, struct doctor *doctor, const struct config_listener *listener,
	const struct address *address, bool tls)
{
	char text[ADDRESS_TEXT];

	*visit = (struct visit){
		.doctor = doctor, .listener = listener, .address = where_to(address), .tls = tls};
	snprintf(visit->where, sizeof(visit->where), "listener %.80s, %s%s", listener->name,
		address_format(&visit->address, text), tls ? ", by TLS" : "");
	make_probe(visit);
}

static int open_root(const struct visit *visit)
{
	char seen[DOCTOR_PATH];

	return open(doctor_seen_path(visit->doctor, visit->root, seen),
		O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Gone, whether it was there or not. */
static bool remove_one(int root, const char *name)
{
	return unlinkat(root, name, 0) == 0 || errno == ENOENT;
}

void visit_close(struct visit *visit)
{
	char partial[VISIT_NAME + 16];
	int root;

	if (!visit->put && !visit->tried)
		return;
	/* What an upload leaves that was broken off. */
	snprintf(partial, sizeof(partial), ".%s.partial", visit->name);
	root = visit->root ? open_root(visit) : -1;
	if (root < 0 || !remove_one(root, partial) || !remove_one(root, visit->name))
		visit_fail(visit, VISIT_CLEAN, "%s cannot be removed%s%s", visit->name,
			visit->root ? ": " : "", visit->root ? strerror(errno) : "");
	visit->put = visit->tried = false;
	if (root >= 0)
		close(root);
}

bool visit_place(struct visit *visit)
{
	int root = visit->root ? open_root(visit) : -1;
	int file = root < 0 ? -1
			    : openat(root, visit->name,
				      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (file >= 0) {
		visit->put = true;
		if (fchmod(file, 0644) < 0 ||
			write(file, visit->bytes, sizeof(visit->bytes)) != VISIT_BYTES)
			visit_close(visit);
		close(file);
	}
	if (root >= 0)
		close(root);
	return visit->put;
}

void visit_did(struct visit *visit, const char *step)
{
	size_t used = strlen(visit->did);

	snprintf(visit->did + used, sizeof(visit->did) - used, "%s%s", used ? ", " : "", step);
}

void visit_fail(struct visit *visit, enum visit_step step, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	doctor_find(visit->doctor,
		(struct doctor_finding){
			DOCTOR_FAULT, visit->where, steps[step].why, steps[step].advice},
		"%s: %s", steps[step].name, text);
}
