/* The rows of config_options.def as a table. Private to the config rooms. */
#ifndef FTPOOL_COMMON_CONFIG_TABLE_H
#define FTPOOL_COMMON_CONFIG_TABLE_H

#include "common/config.h"

enum config_section {
	SECTION_TOP,
	SECTION_LISTENER,
	SECTION_DIRECTORY,
	SECTION_MOUNT,
	SECTION_PAM,
	SECTION_ANONYMOUS,
	SECTION_PASSIVE,
	SECTION_FTP,
	SECTION_TLS,
	SECTION_LIMITS,
	SECTION_RATES,
	SECTION_BAN,
	SECTION_LOG,
	SECTION_STATUS,
	SECTION_COUNT
};

enum config_kind {
	KIND_COUNT,
	KIND_BYTES,
	KIND_SECONDS,
	KIND_MODE,
	KIND_TEXT,
	KIND_PATH,
	KIND_WORD,
	KIND_SWITCH,
	KIND_WORDS,
	KIND_LIST,
	KIND_PORTS
};

struct config_option {
	enum config_section section;
	const char *name;
	enum config_kind kind;
	size_t offset; /* of the field: in struct config, config_listener or config_zone */
	const char *standard;
	uint64_t lowest, highest; /* highest 0: no bound */
	const char *words;
	const char *help;
};

extern const struct config_option config_options[];
extern const size_t config_option_count;

/* "" for the top, "listener", "limits" … */
extern const char *const config_section_names[SECTION_COUNT];

/* The row, or NULL. */
const struct config_option *config_option_find(enum config_section section, const char *name);

/* The section of that name, or SECTION_COUNT. */
enum config_section config_section_find(const char *name);

/* May there be any number of them, each with a title? */
bool config_section_is_titled(enum config_section section);

/* What was meant by a name that is not there: the nearest option (or section name) that the section
 * has, or NULL when none is near. */
const char *config_option_nearest(enum config_section section, const char *name);

/* May the value be written as { first, second }? */
bool config_option_is_list(const struct config_option *option);

/* Reads text into the option's field of target (a struct config, config_listener or config_zone).
 * The items of a list have blanks or commas between them. false after complaining. */
bool config_value_set(const struct config_option *option, void *target, const char *text,
	struct origin origin, struct complaints *complaints);

/* Writes the option's value of target as config_value_set reads it. */
void config_value_write(FILE *out, const struct config_option *option, const void *target);

/* Frees what the option's field of target holds. */
void config_value_free(const struct config_option *option, void *target);

/* Checks what the values mean together and on this machine, and works out the derived fields. */
void config_check(struct config *config, struct complaints *complaints);

/* Its part about bans. */
void config_check_bans(const struct config *config, struct complaints *complaints);

/* Its part about accounts. */
void config_check_accounts(struct config *config, struct complaints *complaints);
/* Its part about directories and mounts. */
void config_check_zones(const struct config *config, struct complaints *complaints);
/* Its part about the state directory and what is kept there. */
void config_check_state(const struct config *config, struct complaints *complaints);
/* The part of it that is about TLS. */
void config_check_tls(const struct config *config, struct complaints *complaints);

#endif
