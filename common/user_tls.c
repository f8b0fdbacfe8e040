#include "common/user_tls.h"

#include "common/certificate_names.h"
#include "common/config.h"

#include <string.h>

static const char *const requirements[] = {
	[TLS_REQUIRE_NONE] = "none", [TLS_REQUIRE_LOGIN] = "login", [TLS_REQUIRE_ALL] = "all"};

enum { REQUIREMENTS = sizeof(requirements) / sizeof(requirements[0]) };

static bool take_requirement(struct user_tls *tls, const char *value, struct origin origin,
	struct complaints *complaints)
{
	for (uint32_t i = 0; i < REQUIREMENTS; i++) {
		if (strcmp(value, requirements[i]) == 0) {
			tls->require = i;
			return true;
		}
	}
	complain(complaints, origin, "tls = \"%s\" is no choice; none, login and all are right",
		value);
	return false;
}

static bool take_certificate(struct user_tls *tls, const char *value, struct origin origin,
	struct complaints *complaints)
{
	for (const char *name = value; *name != '\0';) {
		size_t length = strcspn(name, ",");

		if (!certificate_name_is_sound(name, length)) {
			complain(complaints, origin,
				"certificate: \"%.*s\" names none; cn:NAME, dns:NAME, email:NAME "
				"and sha256:FINGERPRINT do",
				(int)length, name);
			return false;
		}
		name += length + (name[length] == ',');
	}
	tls->certificate = value;
	return true;
}

bool user_tls_take(struct user_tls *tls, const char *key, const char *value, struct origin origin,
	struct complaints *complaints)
{
	if (strcmp(key, "certificate") == 0)
		return take_certificate(tls, value, origin, complaints);
	return take_requirement(tls, value[0] == '\0' ? "none" : value, origin, complaints);
}

void user_tls_print(FILE *out, const struct user_tls *tls)
{
	const char *quote = strpbrk(tls->certificate, " \t") ? "\"" : "";

	if (tls->require != TLS_REQUIRE_NONE)
		fprintf(out, " tls=%s", requirements[tls->require]);
	if (tls->certificate[0] != '\0')
		fprintf(out, " certificate=%s%s%s", quote, tls->certificate, quote);
}
