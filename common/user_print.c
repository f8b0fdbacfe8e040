#include "common/config.h"
#include "common/user.h"
#include "common/user_amounts.h"
#include "common/user_rights.h"
#include "common/user_tls.h"
#include "common/user_words.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const char blanks[] = " \t";

static void print_networks(FILE *out, const struct user *user)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < user->from_count; i++)
		fprintf(out, "%s%s/%u", i == 0 ? " from=" : ",",
			address_format_host(&user->from[i].base, text), user->from[i].bits);
}

void user_print(FILE *out, const struct user *user)
{
	const char *quote = strpbrk(user->root, blanks) ? "\"" : "";
	time_t expires = user->expires_unix;
	struct tm day;

	fputs(user->name, out);
	if (user->hash[0] != '\0')
		fprintf(out, " password=%s", user->hash);
	if (user->root[0] != '\0')
		fprintf(out, " root=%s%s%s", quote, user->root, quote);
	fputs(user->may ? " may=" : " may=none", out);
	user_words_print(out, USER_RIGHTS, user->may);
	user_rights_print(out, user);
	if (user->protocols != user_standard.protocols) {
		fputs(" protocols=", out);
		user_words_print(out, USER_PROTOCOLS, user->protocols);
	}
	print_networks(out, user);
	if (user->expires_unix != 0 && gmtime_r(&expires, &day))
		fprintf(out, " expires=%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1,
			day.tm_mday);
	if (user->sessions_most >= 0)
		fprintf(out, " sessions=%" PRId64, user->sessions_most);
	user_amounts_print(out, &user->amounts);
	user_tls_print(out, &user->tls);
	if (user->locked)
		fputs(" locked", out);
	fputc('\n', out);
}
