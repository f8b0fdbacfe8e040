#include "worker/ftp/settings.h"

#include "worker/ftp/argument.h"
#include "worker/ftp/facts.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/zmode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void settings_reset(struct ftp *ftp)
{
	ftp->type = TYPE_ASCII; /* RFC 959 3.1.1.1: the default */
	ftp->mode = MODE_STREAM;
	ftp->deflate_level = ZMODE_LEVEL_STANDARD;
	ftp->facts = FACTS_ALL;
	ftp->hash = SUM_SHA256;
}

/* RFC 959 3.1.1: A and A N, I, and L 8, which is I on a machine of bytes. */
int settings_type(struct ftp *ftp, const struct command_call *call)
{
	static const char *const ascii[] = {"A", "A N"};
	static const char *const image[] = {"I", "L 8", "L8"};
	static const char *const not_here[] = {"A T", "A C", "E", "E N", "E T", "E C"};
	int64_t bits;

	for (size_t i = 0; i < sizeof(ascii) / sizeof(ascii[0]); i++) {
		if (strcasecmp(call->argument, ascii[i]) == 0) {
			ftp->type = TYPE_ASCII;
			return reply(ftp, 200, "Type is ASCII");
		}
	}
	for (size_t i = 0; i < sizeof(image) / sizeof(image[0]); i++) {
		if (strcasecmp(call->argument, image[i]) == 0) {
			ftp->type = TYPE_IMAGE;
			return reply(ftp, 200, "Type is image (binary)");
		}
	}
	for (size_t i = 0; i < sizeof(not_here) / sizeof(not_here[0]); i++) {
		if (strcasecmp(call->argument, not_here[i]) == 0)
			return reply(ftp, 504, "TYPE A and I are done here, no %s", not_here[i]);
	}
	if (strncasecmp(call->argument, "L ", 2) == 0 &&
		argument_number(&bits, call->argument + 2) == 0)
		return reply(ftp, 504, "Bytes have 8 bits here: TYPE L 8");
	return reply(ftp, 501, "TYPE takes A, I or L 8");
}

/* One letter that we have, or some that exist elsewhere. */
static int judge_letter(const char *letter, const char *ours, const char *others)
{
	if (letter[0] == '\0' || letter[1] != '\0')
		return 501;
	if (strchr(ours, letter[0] & ~0x20))
		return 200;
	return strchr(others, letter[0] & ~0x20) ? 504 : 501;
}

int settings_stru(struct ftp *ftp, const struct command_call *call)
{
	switch (judge_letter(call->argument, "F", "RP")) {
	case 200: return reply(ftp, 200, "Structure is file");
	case 504: return reply(ftp, 504, "Only STRU F is done here");
	default: return reply(ftp, 501, "STRU takes F");
	}
}

int settings_mode(struct ftp *ftp, const struct command_call *call)
{
	switch (judge_letter(call->argument, "SZ", "BC")) {
	case 200:
		ftp->mode = (call->argument[0] & ~0x20) == 'Z' ? MODE_ZLIB : MODE_STREAM;
		return reply(
			ftp, 200, "Mode is %s", ftp->mode == MODE_ZLIB ? "Z (zlib)" : "stream");
	case 504: return reply(ftp, 504, "Only MODE S and MODE Z are done here");
	default: return reply(ftp, 501, "MODE takes S or Z");
	}
}

/* ---- OPTS (RFC 2389 4) ---- */

/* Names pass byte for byte, and that is UTF-8 for all who speak it: ON is what holds anyway, and
 * Windows' own client mangles names unless it is told 200. */
static int opts_utf8(struct ftp *ftp, const char *value)
{
	if (value[0] == '\0' || strcasecmp(value, "ON") == 0 || strcasecmp(value, "NLST") == 0)
		return reply(ftp, 200, "UTF-8 it is");
	if (strcasecmp(value, "OFF") == 0)
		return reply(ftp, 200, "Names pass byte for byte");
	return reply(ftp, 501, "OPTS UTF8 takes ON or OFF");
}

static int opts_mlst(struct ftp *ftp, const char *value)
{
	char names[FACTS_TEXT];

	ftp->facts = facts_read(value);
	return reply(ftp, 200, "MLST OPTS%s%s", ftp->facts ? " " : "",
		facts_names(names, ftp->facts, false));
}

static int opts_hash(struct ftp *ftp, const char *value)
{
	enum sum_kind kind = sum_find(value);

	if (value[0] != '\0' && kind == SUM_KINDS)
		return reply(ftp, 501, "Unknown algorithm; FEAT lists those there are");
	if (value[0] != '\0')
		ftp->hash = kind;
	return reply(ftp, 200, "%s", sum_name(ftp->hash));
}

static int opts_mode(struct ftp *ftp, const char *value)
{
	int64_t level;

	if (strncasecmp(value, "Z LEVEL ", 8) != 0 || argument_number(&level, value + 8) < 0)
		return reply(ftp, 501, "OPTS MODE takes Z LEVEL and a number");
	if (level < ZMODE_LEVEL_LOWEST || level > ZMODE_LEVEL_HIGHEST)
		return reply(ftp, 501, "The level is from %d to %d", ZMODE_LEVEL_LOWEST,
			ZMODE_LEVEL_HIGHEST);
	ftp->deflate_level = (int)level;
	return reply(ftp, 200, "MODE Z LEVEL set to %d", (int)level);
}

int settings_opts(struct ftp *ftp, const struct command_call *call)
{
	static const struct {
		const char *name;
		int (*set)(struct ftp *ftp, const char *value);
	} options[] = {{"UTF8", opts_utf8}, {"UTF-8", opts_utf8}, {"MLST", opts_mlst},
		{"HASH", opts_hash}, {"MODE", opts_mode}};
	size_t length = strcspn(call->argument, " ");
	const char *value = call->argument + length;

	value += strspn(value, " ");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strlen(options[i].name) == length &&
			strncasecmp(call->argument, options[i].name, length) == 0)
			return options[i].set(ftp, value);
	}
	return reply(ftp, 501, "OPTS: no option of that command");
}

/* RFC 2640 4: English is what there is. */
int settings_lang(struct ftp *ftp, const struct command_call *call)
{
	if (call->argument[0] == '\0' || strncasecmp(call->argument, "EN", 2) == 0)
		return reply(ftp, 200, "Replies are in English");
	return reply(ftp, 504, "Replies are in English only");
}
