#include "authenticator/password.h"

#include "common/argon2_form.h"

#include <argon2.h>
#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static char nobodys_hash[CRYPT_OUTPUT_SIZE];

int password_prepare(void)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data;
	const char *hash = NULL;

	if (!crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting)))
		return -errno;
	data = calloc(1, sizeof(*data));
	if (data)
		hash = crypt_r("", setting, data);
	if (hash && hash[0] != '*')
		memcpy(nobodys_hash, data->output, sizeof(nobodys_hash));
	free(data);
	return nobodys_hash[0] != '\0' ? 0 : -EIO;
}

/* crypt(3) says that it could not by a text that no hash is. */
static bool matches(const char *password, const char *hash, struct crypt_data *data)
{
	const char *made = crypt_r(password, hash, data);
	size_t length = strlen(hash);

	return made && made[0] != '*' && strlen(made) == length &&
	       CRYPTO_memcmp(made, hash, length) == 0;
}

static bool matches_crypt(const char *password, const char *hash)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	bool known = hash[0] != '\0';
	bool right = data && matches(password, known ? hash : nobodys_hash, data);

	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return right && known;
}

/* Reads no more than the form that was looked at: one lane, so no thread of its own. */
static bool matches_argon2(const char *password, const char *hash)
{
	argon2_type type = strncmp(hash, "$argon2id$", 10) == 0 ? Argon2_id : Argon2_i;

	return argon2_verify(hash, password, strlen(password), type) == ARGON2_OK;
}

bool password_is_right(const char *password, const char *hash)
{
	if (argon2_form_is_hash(hash))
		return matches_argon2(password, hash);
	return matches_crypt(password, hash);
}
