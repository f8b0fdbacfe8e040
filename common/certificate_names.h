/* The names by which a client's certificate is known, and by which an account's line says whose
 * certificate logs in without a password:
 *
 *     cn:Anna Archer             the subject's common name
 *     dns:scanner.example.org    an alternative name of that kind
 *     email:anna@example.org     likewise
 *     sha256:0f1e2d…             the fingerprint, in hexadecimal digits with colons or not */
#ifndef FTPOOL_COMMON_CERTIFICATE_NAMES_H
#define FTPOOL_COMMON_CERTIFICATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum { CERTIFICATE_NAMES = 1024 }; /* bytes of all names of a certificate, with the NUL */

/* Is it a name of one of these kinds? */
bool certificate_name_is_sound(const char *name, size_t length);

/* Is one of the names that are listed, with commas between, among those of a certificate, which
 * have newlines between? Capitals count in common names alone. */
bool certificate_names_match(const char *listed, const char *of_certificate);

#endif
