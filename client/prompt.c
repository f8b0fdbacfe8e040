#include "client/prompt.h"

#include "client/completion.h"
#include "client/display.h"
#include "client/history_file.h"
#include "client/interrupt.h"
#include "client/language.h"
#include "client/trouble.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { HISTORY_LINES = 500 };

struct prompt {
	struct remote *remote;
	EditLine *editor; /* NULL: standard input is no terminal */
	History *history;
	const char *text;
	enum prompt_subject subject;
	sigset_t while_waiting; /* the signals that are blocked only then */
};

static volatile sig_atomic_t resized, suspended;

static void note(int signal_number)
{
	if (signal_number == SIGWINCH)
		resized = 1;
	else
		suspended = 1;
}

static const char *prompt_text(EditLine *editor)
{
	struct prompt *prompt;

	el_get(editor, EL_CLIENTDATA, &prompt);
	return prompt->text;
}

/* Ctrl-Z: the terminal goes back as it was found, and is taken again afterwards. */
static void suspend(EditLine *editor)
{
	el_set(editor, EL_PREP_TERM, 0);
	raise(SIGSTOP);
	el_set(editor, EL_PREP_TERM, 1);
	el_set(editor, EL_REFRESH);
}

/* libedit forgets then what it has drawn: the line is wiped, to be drawn anew. */
static void resize(EditLine *editor)
{
	fputs("\r\033[J", stdout);
	el_resize(editor);
	el_set(editor, EL_REFRESH);
}

/* One byte from the terminal: 1; 0 at its end; -1 for a signal. */
static int read_byte(EditLine *editor, char *byte)
{
	struct pollfd watched[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	struct prompt *prompt;

	el_get(editor, EL_CLIENTDATA, &prompt);
	for (;;) {
		int ready = ppoll(watched, 2, NULL, &prompt->while_waiting);

		if (interrupt_pending())
			return -1;
		if (resized) {
			resized = 0;
			resize(editor);
		}
		if (suspended) {
			suspended = 0;
			suspend(editor);
		}
		if (ready > 0 && watched[0].revents) {
			ssize_t got = read(STDIN_FILENO, byte, 1);

			if (got >= 0 || errno != EINTR)
				return got > 0;
		}
	}
}

/* libedit's way to get a character: what is no character in this locale is dropped. */
static int read_character(EditLine *editor, wchar_t *character)
{
	mbstate_t state = {0};

	for (;;) {
		char byte;
		int got = read_byte(editor, &byte);
		size_t length;

		if (got <= 0)
			return got;
		length = mbrtowc(character, &byte, 1, &state);
		if (length == 0 || length == 1)
			return 1;
		if (length == (size_t)-1)
			memset(&state, 0, sizeof(state));
	}
}

static size_t terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* In columns below the line, as wide as the widest needs. */
static void show_candidates(const struct completion *completion)
{
	size_t widest = 0, across;

	for (size_t i = 0; i < completion->count; i++) {
		size_t width = display_width(completion->candidate[i]);

		widest = width > widest ? width : widest;
	}
	across = terminal_columns() / (widest + 2);
	for (size_t i = 0; i < completion->count; i++) {
		const char *name = completion->candidate[i];

		if (i == 0 || across == 0 || i % across == 0)
			putchar('\n');
		printf("%s%*s", name, (int)(widest + 2 - display_width(name)), "");
	}
	putchar('\n');
	fflush(stdout);
}

/* Puts the completed word in the place of what was typed from word_start to the cursor. */
static void replace_word(EditLine *editor, const char *typed, const struct completion *completion)
{
	size_t characters = mbstowcs(NULL, typed + completion->word_start, 0);

	if (characters == (size_t)-1)
		return;
	el_deletestr(editor, (int)characters);
	el_insertstr(editor, completion->word);
}

static unsigned char complete(EditLine *editor, int character)
{
	const LineInfo *info = el_line(editor);
	char *typed = strndup(info->buffer, (size_t)(info->cursor - info->buffer));
	struct completion completion = {0};
	struct prompt *prompt;
	unsigned char action = CC_ERROR;

	(void)character;
	el_get(editor, EL_CLIENTDATA, &prompt);
	if (typed && !completion_find(&completion, prompt->remote, typed, prompt->subject) &&
		completion.count > 0) {
		action = CC_REFRESH;
		if (completion.count > 1 &&
			!strcmp(completion.word, typed + completion.word_start)) {
			show_candidates(&completion);
			action = CC_REDISPLAY;
		} else {
			replace_word(editor, typed, &completion);
		}
	}
	completion_free(&completion);
	free(typed);
	return action;
}

static int open_editor(struct prompt *prompt)
{
	HistEvent event;

	prompt->editor = el_init("ftpool", stdin, stdout, stderr);
	prompt->history = history_init();
	if (!prompt->editor || !prompt->history)
		return -ENOMEM;
	history(prompt->history, &event, H_SETSIZE, HISTORY_LINES);
	history(prompt->history, &event, H_SETUNIQUE, 1);
	history_file_load(prompt->history);
	el_set(prompt->editor, EL_CLIENTDATA, prompt);
	el_set(prompt->editor, EL_PROMPT, prompt_text);
	el_set(prompt->editor, EL_HIST, history, prompt->history);
	el_set(prompt->editor, EL_EDITOR, "emacs");
	el_set(prompt->editor, EL_GETCFN, read_character);
	/* The wide call keeps the pointers; the other one would keep copies that nobody frees. */
	el_wset(prompt->editor, EL_ADDFN, L"ftpool-complete", L"Complete a name", complete);
	el_set(prompt->editor, EL_BIND, "^I", "ftpool-complete", NULL);
	el_set(prompt->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(prompt->editor, NULL);
	return 0;
}

struct prompt *prompt_open(struct remote *remote)
{
	struct prompt *prompt = calloc(1, sizeof(*prompt));

	if (!prompt) {
		trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	prompt->remote = remote;
	if (isatty(STDIN_FILENO) && open_editor(prompt)) {
		trouble_set(-ENOMEM, _("cannot take the terminal"));
		prompt_close(prompt);
		return NULL;
	}
	return prompt;
}

void prompt_close(struct prompt *prompt)
{
	if (prompt->editor && prompt->history)
		history_file_save(prompt->history);
	if (prompt->editor)
		el_end(prompt->editor);
	if (prompt->history)
		history_end(prompt->history);
	free(prompt);
}

bool prompt_is_terminal(const struct prompt *prompt)
{
	return prompt->editor != NULL;
}

static enum prompt_result plain_line(char **line)
{
	size_t room = 0;
	ssize_t length;

	*line = NULL;
	length = getline(line, &room, stdin);
	if (length < 0 || interrupt_pending()) {
		free(*line);
		return PROMPT_END;
	}
	while (length > 0 && strchr("\r\n", (*line)[length - 1]))
		(*line)[--length] = '\0';
	return PROMPT_LINE;
}

/* The two signals are let through only in ppoll(2), so that none is missed on the way there. */
static const char *edited_line(struct prompt *prompt, int *length)
{
	struct sigaction action = {.sa_handler = note}, resize_before, stop_before;
	sigset_t blocked;
	const char *typed;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigaddset(&blocked, SIGTSTP);
	sigprocmask(SIG_BLOCK, &blocked, &prompt->while_waiting);
	sigemptyset(&action.sa_mask);
	sigaction(SIGWINCH, &action, &resize_before);
	sigaction(SIGTSTP, &action, &stop_before);
	/* libedit would show the prompt first: what is typed at once would be echoed twice, and a
	 * ctrl-D be lost. */
	el_set(prompt->editor, EL_PREP_TERM, 1);
	typed = el_gets(prompt->editor, length);
	sigaction(SIGWINCH, &resize_before, NULL);
	sigaction(SIGTSTP, &stop_before, NULL);
	sigprocmask(SIG_SETMASK, &prompt->while_waiting, NULL);
	return typed;
}

enum prompt_result prompt_line(
	struct prompt *prompt, const char *text, enum prompt_subject subject, char **line)
{
	const char *typed;
	HistEvent event;
	int length;

	if (!prompt->editor)
		return plain_line(line);
	prompt->text = text;
	prompt->subject = subject;
	typed = edited_line(prompt, &length);
	if (!typed || length <= 0) {
		putchar('\n');
		if (interrupt_pending() && !interrupt_final())
			return PROMPT_CLEARED;
		return PROMPT_END;
	}
	*line = strndup(typed, strcspn(typed, "\r\n"));
	if (!*line)
		return PROMPT_END;
	if (subject == PROMPT_COMMAND && **line)
		history(prompt->history, &event, H_ENTER, *line);
	return PROMPT_LINE;
}
