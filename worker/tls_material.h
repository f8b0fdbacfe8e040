/* What TLS is made of, as texts in PEM form: certificates with their chains, keys, and what
 * concerns clients. Read from the config's files by who may, checked as files, and handed to
 * processes that may not by a descriptor. */
#ifndef FTPOOL_WORKER_TLS_MATERIAL_H
#define FTPOOL_WORKER_TLS_MATERIAL_H

#include "common/config.h"

#include <stddef.h>

enum { TLS_NAMES_MOST = 16, TLS_TEXTS = 2 * TLS_NAMES_MOST + 2 };

struct tls_text {
	char *bytes; /* NULL: the config names none */
	size_t length;
};

struct tls_material {
	struct tls_text certificates[TLS_NAMES_MOST];
	struct tls_text keys[TLS_NAMES_MOST];
	struct tls_text ca, crl;
};

/* Reads the files. A key's file has to be closed to strangers. 0, or -EINVAL after complaining of
 * each that cannot be read; then nothing is held. */
int tls_material_read(
	struct tls_material *material, const struct config *config, struct complaints *complaints);

/* Wipes and frees what it holds. */
void tls_material_wipe(struct tls_material *material);

/* Writes all of it into memory that has no name (memfd_create(2)): a descriptor, or -errno. */
int tls_material_pack(const struct tls_material *material);

/* Takes it out of there again. 0 or -errno. */
int tls_material_unpack(struct tls_material *material, int descriptor);

/* When did a file that the config names last change? A number that differs then from before. */
uint64_t tls_material_look(const struct config *config);

#endif
