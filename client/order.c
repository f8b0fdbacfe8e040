#include "client/order.h"

#include "client/get.h"
#include "client/interrupt.h"
#include "client/language.h"
#include "client/put.h"
#include "client/remote.h"
#include "client/report.h"
#include "client/show.h"
#include "client/trouble.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const char *const verb_words[] = {
	[ORDER_LIST] = "list",
	[ORDER_GET] = "get",
	[ORDER_PUT] = "put",
	[ORDER_QUIT] = "quit",
	[ORDER_HELP] = "help",
};

static const struct option long_options[] = {
	{"continue", no_argument, NULL, 'c'},
	{"output", required_argument, NULL, 'o'},
	{"long", no_argument, NULL, 'l'},
	{NULL, 0, NULL, 0},
};

const char *order_word(enum order_verb verb)
{
	return verb_words[verb];
}

enum order_verb order_verb_of(const char *word, bool in_menu)
{
	for (int verb = 0; verb < ORDER_UNKNOWN; verb++) {
		const char *whole = verb_words[verb];
		bool number = word[0] == '1' + verb && verb <= ORDER_QUIT;
		bool letter = tolower((unsigned char)word[0]) == whole[0];

		if (!strcasecmp(word, whole))
			return verb;
		if (in_menu && word[0] && !word[1] && (number || letter))
			return verb;
	}
	return in_menu && !strcmp(word, "?") ? ORDER_HELP : ORDER_UNKNOWN;
}

bool order_option(struct order *order, int option, const char *value)
{
	switch (option) {
	case 'c': order->resume = true; return true;
	case 'o': order->output = value; return true;
	case 'l': order->detailed = true; return true;
	default: return false;
	}
}

int order_parse(struct order *order, int count, char **words)
{
	int option;

	*order = (struct order){.verb = order_verb_of(words[0], true)};
	if (order->verb == ORDER_UNKNOWN)
		return trouble_set(-EINVAL, _("%s: there is no such command; type help"), words[0]);
	optind = 0;
	opterr = 0;
	while ((option = getopt_long(count, words, "co:l", long_options, NULL)) != -1) {
		if (!order_option(order, option, optarg))
			return trouble_set(-EINVAL, _("%s: unknown option, or it lacks its value"),
				words[optind - 1]);
	}
	order->name = words + optind;
	order->count = count - optind;
	return 0;
}

static bool is_directory(const char *path)
{
	struct stat status;
	size_t length = strlen(path);

	return (length > 0 && path[length - 1] == '/') ||
	       (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

int order_check(const struct order *order)
{
	bool moves = order->verb == ORDER_GET || order->verb == ORDER_PUT;
	bool to_stdout = order->verb == ORDER_GET && order->output && !strcmp(order->output, "-");

	if (moves && order->count == 0)
		return trouble_set(-EINVAL, _("%s: which file?"), order_word(order->verb));
	if (!moves && order->count > 0)
		return trouble_set(-EINVAL, _("%s: takes no names"), order_word(order->verb));
	if (!moves && (order->resume || order->output))
		return trouble_set(-EINVAL, _("-c and -o are for get and put"));
	if (moves && order->detailed)
		return trouble_set(-EINVAL, _("-l is for list"));
	if (order->output && !*order->output)
		return trouble_set(-EINVAL, _("-o: the name is empty"));
	if (to_stdout && order->resume)
		return trouble_set(-EINVAL, _("-c cannot go on in standard output"));
	if (order->output && order->count > 1 &&
		(order->verb == ORDER_PUT || !is_directory(order->output)))
		return trouble_set(-EINVAL,
			_("-o: one name for several files (for get, a directory would do)"));
	return 0;
}

enum order_outcome order_outcome_of(int error)
{
	switch (error) {
	case 0: return ORDER_WELL;
	case -ENOTCONN: return ORDER_NO_CONNECTION;
	case -EBADMSG: return ORDER_MISMATCH;
	default: return ORDER_FAILED;
	}
}

static int run_one(const struct order *order, struct remote *remote, const char *name)
{
	bool to_stdout = order->output && !strcmp(order->output, "-");

	if (order->verb == ORDER_PUT) {
		struct put_wish wish = {
			.path = name, .name = order->output, .resume = order->resume};

		return put_file(remote, &wish);
	} else {
		struct get_wish wish = {.name = name,
			.path = order->output,
			.to_standard_output = to_stdout,
			.resume = order->resume};
		int result;

		report_divert(to_stdout);
		result = get_file(remote, &wish);
		report_divert(false);
		return result;
	}
}

static enum order_outcome run_list(const struct order *order, struct remote *remote)
{
	int result = remote_list(remote, order->age_ms);

	if (result)
		report_trouble(NULL);
	else
		show_catalogue(&remote->catalogue, order->detailed);
	return order_outcome_of(result);
}

enum order_outcome order_run(const struct order *order, struct remote *remote)
{
	enum order_outcome worst = ORDER_WELL;
	int lost = 0;

	if (order->verb == ORDER_LIST)
		return run_list(order, remote);
	/* A server that is lost twice running is not there for the rest either. */
	for (int i = 0; i < order->count && lost < 2 && !interrupt_pending(); i++) {
		int result = run_one(order, remote, order->name[i]);
		enum order_outcome outcome = order_outcome_of(result);

		if (result)
			report_trouble(order->name[i]);
		lost = result == -ENOTCONN ? lost + 1 : 0;
		if (outcome > worst)
			worst = outcome;
	}
	return worst;
}
