#include "client/menu.h"

#include "client/interrupt.h"
#include "client/language.h"
#include "client/prompt.h"
#include "client/remote.h"
#include "client/report.h"
#include "client/trouble.h"
#include "client/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void show_menu(void)
{
	puts(_("  1) list        what the server holds\n"
	       "  2) get FILE    fetch a file from the server\n"
	       "  3) put FILE    send a file to the server\n"
	       "  4) quit"));
}

static void show_help(void)
{
	show_menu();
	puts(_("\n"
	       "A number, a word or its first letter will do; TAB completes names.\n"
	       "  list -l              sizes to the byte\n"
	       "  get -c FILE...       go on with a get that broke off\n"
	       "  get -o PATH FILE     give the local file another name or directory\n"
	       "  put -c FILE...       go on with a put that broke off\n"
	       "  put -o NAME FILE     give the file another name on the server\n"
	       "A name with blanks is typed in \"quotes\". Ctrl-C ends a transfer,\n"
	       "ctrl-D or quit ends the program."));
}

/* get or put without a name: ask for it. */
static enum prompt_result ask_name(struct prompt *prompt, struct order *order, struct words *words)
{
	bool get = order->verb == ORDER_GET;
	char *line;
	enum prompt_result result =
		prompt_line(prompt, get ? _("file to get: ") : _("file to put: "),
			get ? PROMPT_REMOTE_NAME : PROMPT_LOCAL_NAME, &line);

	if (result != PROMPT_LINE)
		return result;
	if (words_split(words, line, 0))
		words_free(words);
	free(line);
	order->name = words->word;
	order->count = (int)words->count;
	return PROMPT_LINE;
}

static enum order_outcome run(struct prompt *prompt, struct remote *remote, struct order *order)
{
	struct words names = {0};
	enum order_outcome outcome = ORDER_FAILED;
	bool needs_name = order->verb == ORDER_GET || order->verb == ORDER_PUT;

	if (needs_name && order->count == 0 && ask_name(prompt, order, &names) == PROMPT_CLEARED) {
		interrupt_clear();
		return ORDER_WELL;
	}
	if (order_check(order))
		report_trouble(NULL);
	else
		outcome = order_run(order, remote);
	words_free(&names);
	return outcome;
}

/* Follows one line; *leave is set by quit. */
static enum order_outcome follow(
	struct prompt *prompt, struct remote *remote, const char *line, bool *leave)
{
	enum order_outcome outcome = ORDER_WELL;
	struct words words;
	struct order order;

	if (words_split(&words, line, 0)) {
		trouble_set(-ENOMEM, _("the line is too long"));
		report_trouble(NULL);
		outcome = ORDER_FAILED;
	} else if (words.count == 0) {
		/* An empty line asks for nothing. */
	} else if (words.open_quote) {
		trouble_set(-EINVAL, _("the closing quote is missing"));
		report_trouble(NULL);
		outcome = ORDER_FAILED;
	} else if (order_parse(&order, (int)words.count, words.word)) {
		report_trouble(NULL);
		outcome = ORDER_FAILED;
	} else if (order.verb == ORDER_QUIT) {
		*leave = true;
	} else if (order.verb == ORDER_HELP) {
		show_help();
	} else {
		outcome = run(prompt, remote, &order);
	}
	words_free(&words);
	return outcome;
}

enum order_outcome menu_run(struct remote *remote)
{
	struct prompt *prompt = prompt_open(remote);
	enum order_outcome worst = ORDER_WELL;
	bool leave = false, terminal;

	if (!prompt) {
		report_trouble(NULL);
		return ORDER_FAILED;
	}
	terminal = prompt_is_terminal(prompt);
	if (terminal)
		show_menu();
	while (!leave && !interrupt_final()) {
		enum order_outcome outcome;
		enum prompt_result result;
		char *line;

		interrupt_clear();
		result = prompt_line(prompt, "ftpool> ", PROMPT_COMMAND, &line);
		if (result == PROMPT_END)
			break;
		if (result == PROMPT_CLEARED)
			continue;
		outcome = follow(prompt, remote, line, &leave);
		worst = outcome > worst ? outcome : worst;
		free(line);
	}
	prompt_close(prompt);
	return terminal ? ORDER_WELL : worst;
}
