#include "common/config_pack.h"

#include "common/config_loading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The fields that are no options, in front of the rest. */
struct derived {
	int64_t read_unix;
	bool change_user, root_made, state_assumed;
	uid_t uid;
	gid_t gid, status_gid;
};

enum { LONGEST = 4 << 20 };

/* ---- into memory: texts that end in NUL ----
 *
 * The file's name; then for each option its section, the section's title, its name and its value; a
 * name that is empty makes the section alone. */

static void write_text(FILE *out, const char *text)
{
	fputs(text, out);
	fputc('\0', out);
}

static void write_options(
	FILE *out, enum config_section section, const char *title, const void *target)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if (config_options[i].section != section)
			continue;
		write_text(out, config_section_names[section]);
		write_text(out, title);
		write_text(out, config_options[i].name);
		config_value_write(out, &config_options[i], target);
		fputc('\0', out);
	}
}

static void write_items(FILE *out, const struct config *config, enum config_section section)
{
	struct loading_item item;

	for (size_t i = 0; (item = loading_item_at(config, section, i)).target != NULL; i++) {
		write_text(out, config_section_names[section]);
		write_text(out, item.title);
		write_text(out, "");
		write_text(out, "");
		write_options(out, section, item.title, item.target);
	}
}

static void write_config(FILE *out, const struct config *config)
{
	struct derived derived;

	memset(&derived, 0, sizeof(derived));
	derived.read_unix = config->read_unix;
	derived.change_user = config->change_user;
	derived.root_made = config->root_made;
	derived.state_assumed = config->state_assumed;
	derived.uid = config->uid;
	derived.gid = config->gid;
	derived.status_gid = config->status_gid;
	fwrite(&derived, sizeof(derived), 1, out);
	write_text(out, config->file);
	for (int section = 0; section < SECTION_COUNT; section++) {
		if (config_section_is_titled((enum config_section)section))
			write_items(out, config, (enum config_section)section);
		else
			write_options(out, (enum config_section)section, "", config);
	}
}

int config_pack(const struct config *config)
{
	int memory = memfd_create("ftpool config", MFD_CLOEXEC);
	FILE *out = memory < 0 ? NULL : fdopen(dup(memory), "w");
	bool fine;

	if (!out) {
		if (memory >= 0)
			close(memory);
		return -ENOMEM;
	}
	write_config(out, config);
	fine = !ferror(out);
	if (fclose(out) == 0 && fine)
		return memory;
	close(memory);
	return -ENOMEM;
}

/* ---- out of memory ---- */

static char *read_memory(int descriptor, size_t *length)
{
	struct stat status;
	char *bytes;

	if (fstat(descriptor, &status) < 0 || status.st_size > LONGEST)
		return NULL;
	*length = (size_t)status.st_size;
	bytes = malloc(*length + 1);
	if (!bytes || pread(descriptor, bytes, *length, 0) != (ssize_t)*length) {
		free(bytes);
		return NULL;
	}
	bytes[*length] = '\0';
	return bytes;
}

/* The text at `*at`, which moves behind it; "" at the end. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at;

	if (text < end)
		*at += strlen(text) + 1;
	return text < end ? text : "";
}

static void take_addresses(struct config *config, struct complaints *complaints)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		struct config_listener *listener = &config->listeners[i];

		if (address_parse(&listener->address, listener->host, (uint16_t)listener->port) < 0)
			complain(complaints, (struct origin){listener->name, 0}, "has no address");
	}
}

static void take_derived(struct config *config, const struct derived *derived)
{
	config->read_unix = derived->read_unix;
	config->change_user = derived->change_user;
	config->root_made = derived->root_made;
	config->state_assumed = derived->state_assumed;
	config->uid = derived->uid;
	config->gid = derived->gid;
	config->status_gid = derived->status_gid;
}

/* What this version does not know of (any more) is passed over: it may be another's. */
static void take_option(struct loading *loading, const char **at, const char *end)
{
	const char *section_name = next_text(at, end);
	enum config_section section =
		section_name[0] ? config_section_find(section_name) : SECTION_TOP;
	const char *title = next_text(at, end), *name = next_text(at, end),
		   *value = next_text(at, end);
	bool titled = section < SECTION_COUNT && config_section_is_titled(section);
	const struct config_option *option;

	if (section == SECTION_COUNT)
		return;
	if (name[0] == '\0') {
		if (titled)
			loading_add_item(loading, section, title);
		return;
	}
	option = config_option_find(section, name);
	if (option)
		loading_set_option(loading, option,
			titled ? loading_find_item(loading->config, section, title) : loading_whole,
			value, (struct origin){loading->config->file, 0});
}

static struct config *take_texts(const char *at, const char *end, struct complaints *complaints)
{
	struct loading loading = {
		.config = loading_new_config(next_text(&at, end)), .complaints = complaints};

	if (!loading.config)
		return NULL;
	loading_set_defaults(&loading, loading.config, SECTION_TOP);
	while (at < end)
		take_option(&loading, &at, end);
	take_addresses(loading.config, complaints);
	return loading.config;
}

static struct config *take_bytes(const char *bytes, size_t length)
{
	struct complaints complaints = {.to = stderr};
	struct derived derived;
	struct config *config;

	if (length <= sizeof(derived))
		return NULL;
	memcpy(&derived, bytes, sizeof(derived));
	config = take_texts(bytes + sizeof(derived), bytes + length, &complaints);
	if (config && complaints.count == 0) {
		take_derived(config, &derived);
		return config;
	}
	config_free(config);
	return NULL;
}

struct config *config_unpack(int descriptor)
{
	size_t length = 0;
	char *bytes = read_memory(descriptor, &length);
	struct config *config = bytes ? take_bytes(bytes, length) : NULL;

	free(bytes);
	return config;
}
