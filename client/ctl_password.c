#include "client/ctl_password.h"

#include "common/login_message.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As long as a server takes it. */
enum { PASSWORD = LOGIN_PASSWORD };

static const char holds_control[] = "the password holds a control byte, which clients cannot send";

static int refuse(const char *why)
{
	fprintf(stderr, "ftpctl: %s\n", why);
	return -1;
}

static int read_line(char password[PASSWORD])
{
	size_t length = 0;
	int letter;

	setvbuf(stdin, NULL, _IONBF, 0); /* nothing of it stays in a buffer */
	while ((letter = getchar()) != EOF && letter != '\n') {
		if (length == PASSWORD - 1)
			return refuse("the password is too long");
		if (letter == '\0')
			return refuse(holds_control);
		password[length++] = (char)letter;
	}
	password[length] = '\0';
	return letter == EOF && length == 0 ? refuse("no password on standard input") : 0;
}

static int ask_twice(const char *name, char password[PASSWORD])
{
	char question[200], again[PASSWORD];
	int result = 0;

	snprintf(question, sizeof(question), "New password for %s: ", name);
	if (!readpassphrase(question, password, PASSWORD, RPP_REQUIRE_TTY))
		return refuse("no terminal to ask for a password on; --stdin reads it from "
			      "standard input");
	if (!readpassphrase("The same once more: ", again, sizeof(again), RPP_REQUIRE_TTY))
		result = refuse("no password");
	else if (strcmp(password, again) != 0)
		result = refuse("the two are not the same");
	explicit_bzero(again, sizeof(again));
	return result;
}

/* What a client can send in a line. */
static int check(const char *password)
{
	if (password[0] == '\0')
		return refuse("the password is empty");
	for (const char *c = password; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return refuse(holds_control);
	}
	return 0;
}

static int make_hash(const char *password, char hash[CRYPT_OUTPUT_SIZE])
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data = calloc(1, sizeof(*data));
	const char *made = NULL;

	if (data && crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting)))
		made = crypt_r(password, setting, data);
	if (made && made[0] != '*')
		memcpy(hash, data->output, CRYPT_OUTPUT_SIZE);
	else
		made = NULL;
	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return made ? 0 : refuse("no hash could be made");
}

int ctl_password_new(const char *name, bool from_stdin, char hash[CRYPT_OUTPUT_SIZE])
{
	char password[PASSWORD];
	int result = from_stdin ? read_line(password) : ask_twice(name, password);

	if (result == 0)
		result = check(password);
	if (result == 0)
		result = make_hash(password, hash);
	explicit_bzero(password, sizeof(password));
	return result;
}
