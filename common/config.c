#include "common/config.h"

#include "common/clock.h"
#include "common/config_loading.h"
#include "common/config_origin.h"
#include "common/config_source.h"
#include "common/status_path.h"

#include <confuse.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What is served when no file is named: the library on loopback, on ports that need no privilege,
 * with all rights, for its owner is who started it. */
static const char built_in[] = "listener lgpq { address = 127.0.0.1 port = 8888 protocol = lgpq }\n"
			       "listener echo { address = 127.0.0.1 port = 8007 protocol = echo }\n"
			       "listener ftp { address = 127.0.0.1 port = 2121 protocol = ftp }\n"
			       "anonymous { may = \""
#define RIGHT(name, help) #name " "
#include "common/rights.def"
#undef RIGHT
			       "\" }\n";

/* ---- libConfuse ---- */

/* libConfuse hands no pointer of ours to its error function; loading is done by one thread. */
static struct loading *loading_now;

static void tell_syntax(cfg_t *cfg, const char *format, va_list values)
{
	char text[200];
	unsigned int line = cfg && cfg->line > 0 ? (unsigned int)cfg->line : 1;

	vsnprintf(text, sizeof(text), format, values);
	complain(loading_now->complaints, (struct origin){loading_now->config->file, line},
		"%s; the form is `name = value` or `section { … }`", text);
}

enum { SCHEMA_ROWS = 40 };

struct schema {
	cfg_opt_t rows[SECTION_COUNT][SCHEMA_ROWS];
};

static void end_schema(cfg_opt_t *row)
{
	*row = (cfg_opt_t)CFG_END();
}

/* Every value is read as text and turned into its type by config_value, which can say the line and
 * what would be right, and goes on to the next fault. */
static void build_schema(struct schema *schema)
{
	size_t used[SECTION_COUNT] = {0};

	for (size_t i = 0; i < config_option_count; i++) {
		enum config_section section = config_options[i].section;

		cfg_flag_t flags =
			config_option_is_list(&config_options[i]) ? CFGF_LIST : CFGF_NONE;

		schema->rows[section][used[section]++] =
			(cfg_opt_t)CFG_STR(config_options[i].name, NULL, flags);
	}
	for (int i = SECTION_LISTENER; i < SECTION_COUNT; i++) {
		cfg_flag_t flags = config_section_is_titled((enum config_section)i)
					   ? CFGF_MULTI | CFGF_TITLE
					   : CFGF_NONE;

		end_schema(&schema->rows[i][used[i]]);
		schema->rows[SECTION_TOP][used[SECTION_TOP]++] =
			(cfg_opt_t)CFG_SEC(config_section_names[i], schema->rows[i], flags);
	}
	end_schema(&schema->rows[SECTION_TOP][used[SECTION_TOP]]);
}

static cfg_t *section_of(cfg_t *cfg, const struct config_mention *mention)
{
	if (mention->section == SECTION_TOP)
		return cfg;
	if (mention->title)
		return cfg_gettsec(cfg, config_section_names[mention->section], mention->title);
	return cfg_getsec(cfg, config_section_names[mention->section]);
}

/* The items of a list with commas between, the caller's to free; NULL when memory is short. */
static char *join_items(cfg_t *section, const char *name)
{
	unsigned int count = cfg_size(section, name);
	char *joined = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&joined, &length);

	if (!out)
		return NULL;
	for (unsigned int i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", cfg_getnstr(section, name, i));
	if (fclose(out) == 0)
		return joined;
	free(joined);
	return NULL;
}

static void take_option(struct loading *loading, cfg_t *section, const struct config_option *option,
	struct loading_item item, struct origin origin)
{
	bool is_list = config_option_is_list(option);
	char *joined = is_list ? join_items(section, option->name) : NULL;
	const char *text = is_list ? joined : cfg_getstr(section, option->name);

	if (text)
		loading_set_option(loading, option, item, text, origin);
	else if (is_list)
		loading_complain_memory(loading);
	free(joined);
}

static void take_mention(struct loading *loading, cfg_t *cfg, const struct config_mention *mention)
{
	struct origin origin = {loading->config->file, mention->line};
	struct loading_item item = {0};
	cfg_t *section = section_of(cfg, mention);

	if (!mention->option) {
		if (mention->title)
			loading_add_item(loading, mention->section, mention->title);
		return;
	}
	if (mention->title)
		item = loading_find_item(loading->config, mention->section, mention->title);
	if (mention->faulty)
		loading_note_origin(loading, mention->option, item, origin, true);
	else if (section)
		take_option(loading, section, mention->option, item, origin);
}

static void parse(struct loading *loading, const struct config_source *source, cfg_t *cfg)
{
	unsigned int before = loading->complaints->count;

	loading_now = loading;
	cfg_set_error_function(cfg, tell_syntax);
	if (cfg_parse_buf(cfg, source->text) == CFG_SUCCESS) {
		for (size_t i = 0; i < source->mention_count; i++)
			take_mention(loading, cfg, &source->mentions[i]);
	} else {
		loading->incomplete = true;
		if (loading->complaints->count == before)
			complain(loading->complaints, (struct origin){loading->config->file, 0},
				"cannot be read; the form is `name = value` or `section { … }`");
	}
}

/* Takes text over. */
static void take_text(struct loading *loading, char *text)
{
	struct config_source source;
	struct schema schema;
	cfg_t *cfg = NULL;

	build_schema(&schema);
	if (config_source_read(&source, loading->config->file, text, loading->complaints) == 0)
		cfg = cfg_init(schema.rows[SECTION_TOP], CFGF_NONE);
	loading->incomplete = source.is_cut;
	if (cfg)
		parse(loading, &source, cfg);
	else
		loading_complain_memory(loading);
	if (cfg)
		cfg_free(cfg);
	config_source_free(&source);
}

/* ---- the file ---- */

static char *read_stream(FILE *stream)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length = getdelim(&text, &size, '\0', stream);

	if (length < 0 && feof(stream) && !ferror(stream)) {
		free(text);
		return strdup("");
	}
	if (length < 0 || !feof(stream)) {
		free(text);
		errno = errno ? errno : EINVAL;
		return NULL;
	}
	return text;
}

static char *read_file(struct loading *loading, const char *file)
{
	struct origin origin = {file, 0};
	FILE *stream = fopen(file, "re");
	char *text;

	if (!stream) {
		complain(loading->complaints, origin, "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	errno = 0;
	text = read_stream(stream);
	if (!text)
		complain(loading->complaints, origin, "cannot be read as a text: %s",
			errno == EINVAL ? "it holds a NUL byte" : strerror(errno));
	fclose(stream);
	return text;
}

static void take_status_path(struct loading *loading, bool service)
{
	struct config *config = loading->config;
	char path[STATUS_PATH];

	if (config->status_path[0] != '\0')
		return;
	free(config->status_path);
	config->status_path = strdup(service ? status_path_service : status_path_personal(path));
	if (!config->status_path)
		loading_complain_memory(loading);
}

/* The file may come later, with the first account. */
static void take_users_path(struct loading *loading, bool service)
{
	const struct config_option *option = config_option_find(SECTION_TOP, "users");

	if (service && loading->config->users[0] == '\0')
		loading_set_option(loading, option, loading_whole,
			FTPOOL_SYSCONFDIR "/ftpool/users", (struct origin){"(built in)", 0});
}

static void take_state_directory(struct loading *loading, bool service)
{
	const struct config_option *option = config_option_find(SECTION_TOP, "state_directory");

	if (!service || loading->config->state_directory[0] != '\0')
		return;
	loading_set_option(loading, option, loading_whole, "/var/lib/ftpool",
		(struct origin){"(built in)", 0});
	loading->config->state_assumed = true;
}

static void take_root(struct loading *loading, const char *root)
{
	const struct config_option *option = config_option_find(SECTION_TOP, "root");
	struct origin origin = {"ROOT", 0};
	char *absolute = realpath(root, NULL);

	if (absolute) {
		loading_set_option(loading, option, loading_whole, absolute, origin);
	} else {
		complain(loading->complaints, origin, "%s: %s; name a directory that is there",
			root, strerror(errno));
		loading_note_origin(loading, option, loading_whole, origin, true);
	}
	free(absolute);
}

/* The built-in config serves library/ in the directory it was started in. */
static void take_built_in_root(struct loading *loading)
{
	const struct config_option *option = config_option_find(SECTION_TOP, "root");
	char path[PATH_MAX];

	if (!realpath(".", path) || strlen(path) + sizeof("/library") > sizeof(path)) {
		complain(loading->complaints, (struct origin){"library", 0},
			"the directory this was started in is gone; name a ROOT");
		return;
	}
	strcat(path, strcmp(path, "/") ? "/library" : "library");
	loading_set_option(loading, option, loading_whole, path, (struct origin){"(built in)", 0});
	loading->config->root_made = true;
}

static bool take_all(struct loading *loading, const struct config_request *request)
{
	char *text = request->file ? read_file(loading, request->file) : strdup(built_in);

	if (text)
		take_text(loading, text);
	if (!request->file && !request->root)
		take_built_in_root(loading);
	for (size_t i = 0; i < request->set_count; i++)
		loading_take_setting(loading, request->set[i]);
	if (request->root)
		take_root(loading, request->root);
	take_status_path(loading, request->service);
	take_users_path(loading, request->service);
	take_state_directory(loading, request->service);
	return text && !loading->incomplete && loading->config->status_path;
}

struct config *config_load(const struct config_request *request, struct complaints *complaints)
{
	const char *file = request->file ? request->file : "(built in)";
	struct loading loading = {.config = loading_new_config(file), .complaints = complaints};

	if (!loading.config) {
		complain(complaints, (struct origin){file, 0}, "out of memory");
		return NULL;
	}
	loading.config->read_unix = clock_unix_seconds();
	loading_set_defaults(&loading, loading.config, SECTION_TOP);
	if (take_all(&loading, request))
		config_check(loading.config, complaints);
	if (complaints->count == 0)
		return loading.config;
	config_free(loading.config);
	return NULL;
}
