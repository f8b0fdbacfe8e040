#include "worker/tls_material.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 16 << 20 }; /* revocation lists grow */

/* ---- reading ---- */

static int complain_about(const struct config *config, const char *option, const char *file,
	const char *what, struct complaints *complaints)
{
	complain(complaints, config_origin(config, "tls", NULL, option), "%s = \"%s\" %s", option,
		file, what);
	return -EINVAL;
}

static int read_all(int descriptor, char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t got = read(descriptor, bytes + done, length - done);

		if (got == 0)
			return -EIO;
		if (got < 0 && errno != EINTR)
			return -errno;
		done += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static int read_text(struct tls_text *text, int descriptor)
{
	struct stat status;
	int error;

	if (fstat(descriptor, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size > LONGEST)
		return S_ISDIR(status.st_mode) ? -EISDIR : -EFBIG;
	text->length = (size_t)status.st_size;
	text->bytes = malloc(text->length + 1);
	if (!text->bytes)
		return -ENOMEM;
	error = read_all(descriptor, text->bytes, text->length);
	text->bytes[text->length] = '\0';
	return error;
}

/* A key's file may be read by its group, for keys that several services share. */
static bool is_open_to_others(int descriptor)
{
	struct stat status;

	return fstat(descriptor, &status) == 0 &&
	       (status.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0;
}

static int read_file(struct tls_text *text, const struct config *config, const char *option,
	const char *file, bool secret, struct complaints *complaints)
{
	int descriptor = open(file, O_RDONLY | O_CLOEXEC);
	int error = descriptor < 0 ? -errno : 0;
	char what[200];

	if (error == 0 && secret && is_open_to_others(descriptor)) {
		close(descriptor);
		return complain_about(config, option, file,
			"holds a private key and is open to others; chmod 600 (or 640) is right",
			complaints);
	}
	if (error == 0)
		error = read_text(text, descriptor);
	if (descriptor >= 0)
		close(descriptor);
	if (error == 0)
		return 0;
	snprintf(what, sizeof(what),
		"cannot be read: %s; name a file that the user who starts the service can read",
		strerror(-error));
	return complain_about(config, option, file, what, complaints);
}

static int read_identity(struct tls_material *material, const struct config *config, size_t i,
	struct complaints *complaints)
{
	bool apart = config->tls_keys.count > 0;
	int error = read_file(&material->certificates[i], config, "certificate",
		config->tls_certificates.items[i], !apart, complaints);

	if (error == 0 && apart)
		error = read_file(&material->keys[i], config, "key", config->tls_keys.items[i],
			true, complaints);
	return error;
}

int tls_material_read(
	struct tls_material *material, const struct config *config, struct complaints *complaints)
{
	size_t count = config->tls_certificates.count;
	unsigned int before = complaints->count;

	*material = (struct tls_material){0};
	if (count > TLS_NAMES_MOST) {
		complain(complaints, config_origin(config, "tls", NULL, "certificate"),
			"certificate has %zu files; %d at most are right", count, TLS_NAMES_MOST);
		return -EINVAL;
	}
	for (size_t i = 0; i < count; i++)
		(void)read_identity(material, config, i, complaints);
	if (config->tls_ca[0] != '\0')
		(void)read_file(&material->ca, config, "ca", config->tls_ca, false, complaints);
	if (config->tls_crl[0] != '\0')
		(void)read_file(&material->crl, config, "crl", config->tls_crl, false, complaints);
	if (complaints->count == before)
		return 0;
	tls_material_wipe(material);
	return -EINVAL;
}

/* ---- as one row of texts ---- */

static struct tls_text *text_at(struct tls_material *material, size_t i)
{
	if (i < TLS_NAMES_MOST)
		return &material->certificates[i];
	if (i < (size_t)2 * TLS_NAMES_MOST)
		return &material->keys[i - TLS_NAMES_MOST];
	return i == (size_t)2 * TLS_NAMES_MOST ? &material->ca : &material->crl;
}

void tls_material_wipe(struct tls_material *material)
{
	for (size_t i = 0; i < TLS_TEXTS; i++) {
		struct tls_text *text = text_at(material, i);

		if (text->bytes)
			explicit_bzero(text->bytes, text->length);
		free(text->bytes);
		*text = (struct tls_text){0};
	}
}

static int write_all(int descriptor, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length > 0) {
		ssize_t written = write(descriptor, next, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		next += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int tls_material_pack(const struct tls_material *material)
{
	int descriptor = memfd_create("ftpool certificates", MFD_CLOEXEC);
	int error = descriptor < 0 ? -errno : 0;

	for (size_t i = 0; i < TLS_TEXTS && error == 0; i++) {
		const struct tls_text *text = text_at((struct tls_material *)material, i);

		error = write_all(descriptor, &text->length, sizeof(text->length));
		if (error == 0)
			error = write_all(descriptor, text->bytes, text->length);
	}
	if (error == 0)
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

static int unpack_text(struct tls_text *text, int descriptor, off_t *at)
{
	ssize_t got = pread(descriptor, &text->length, sizeof(text->length), *at);

	if (got != (ssize_t)sizeof(text->length) || text->length > LONGEST)
		return -EIO;
	*at += got;
	if (text->length == 0)
		return 0;
	text->bytes = malloc(text->length + 1);
	if (!text->bytes)
		return -ENOMEM;
	got = pread(descriptor, text->bytes, text->length, *at);
	text->bytes[text->length] = '\0';
	*at += got;
	return got == (ssize_t)text->length ? 0 : -EIO;
}

/* Every worker has the same descriptor, so its position is nobody's. */
int tls_material_unpack(struct tls_material *material, int descriptor)
{
	off_t at = 0;
	int error = 0;

	*material = (struct tls_material){0};
	for (size_t i = 0; i < TLS_TEXTS && error == 0; i++)
		error = unpack_text(text_at(material, i), descriptor, &at);
	if (error < 0)
		tls_material_wipe(material);
	return error;
}

/* ---- watching ---- */

/* Any two states of the files are as good as certain to differ in this (FNV-1a). */
static uint64_t mix(uint64_t sum, const char *file)
{
	struct stat status = {0};
	uint64_t parts[4];

	if (file[0] == '\0')
		return sum;
	(void)stat(file, &status);
	parts[0] = status.st_ino;
	parts[1] = (uint64_t)status.st_size;
	parts[2] = (uint64_t)status.st_ctim.tv_sec;
	parts[3] = (uint64_t)status.st_ctim.tv_nsec;
	for (size_t i = 0; i < 4; i++)
		sum = (sum ^ parts[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t tls_material_look(const struct config *config)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < config->tls_certificates.count; i++)
		sum = mix(sum, config->tls_certificates.items[i]);
	for (size_t i = 0; i < config->tls_keys.count; i++)
		sum = mix(sum, config->tls_keys.items[i]);
	return mix(mix(sum, config->tls_ca), config->tls_crl);
}
