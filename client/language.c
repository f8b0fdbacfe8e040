#include "client/language.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char *wished_locale(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

/* A locale that was never generated, as in most containers: C.UTF-8 is always there, and with it
 * gettext goes by LANGUAGE alone. */
static void stand_in(void)
{
	const char *wished = wished_locale();

	setlocale(LC_ALL, "C.UTF-8");
	if (wished)
		setenv("LANGUAGE", wished, 0);
}

void language_init(void)
{
	const char *directory = getenv("FTPOOL_LOCALEDIR");

	if (!setlocale(LC_ALL, ""))
		stand_in();
	else if (!strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968"))
		setlocale(LC_CTYPE, "C.UTF-8");
	bindtextdomain("ftpool", directory && *directory ? directory : FTPOOL_LOCALEDIR);
	textdomain("ftpool");
}
