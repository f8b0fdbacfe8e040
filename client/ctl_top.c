#include "client/ctl_top.h"

#include "client/ctl_print.h"
#include "client/ctl_top_list.h"
#include "client/ctl_top_screen.h"
#include "client/ctl_watch.h"

#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct top {
	const struct ctl_wish *wish;
	double every_seconds;
	double next_seconds; /* when to look again */
	json_t *status;
	json_t *sessions; /* the answer as it came: the list shows a part of it */
	struct top_list list;
	size_t first; /* the place in the first row */
};

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- looking ---- */

/* Sorts anew what was read: another order, or with those who idle. */
static bool arrange(struct top *top)
{
	if (!top_list_take(&top->list, top->sessions, top->list.at_seconds))
		return false;
	top_list_sort(&top->list);
	return true;
}

static enum ctl_exit look(struct top *top)
{
	json_t *status = NULL, *sessions = NULL;
	enum ctl_exit end = ctl_ask(top->wish->socket, "status", &status);

	if (end == CTL_WELL)
		end = ctl_ask(top->wish->socket, "sessions", &sessions);
	if (end != CTL_WELL) {
		json_decref(status);
		return end;
	}
	json_decref(top->status);
	json_decref(top->sessions);
	top->status = status;
	top->sessions = sessions;
	if (!top_list_take(&top->list, sessions, now_seconds()))
		return CTL_REFUSED;
	top_list_sort(&top->list);
	return CTL_WELL;
}

/* ---- the keyboard ---- */

/* Keeps the chosen one in sight. */
static void scroll_to_chosen(struct top *top)
{
	size_t chosen = top_list_chosen(&top->list), rows = top_screen_rows();

	if (chosen < top->first)
		top->first = chosen;
	if (rows > 0 && chosen >= top->first + rows)
		top->first = chosen - rows + 1;
	if (top->first >= top->list.count)
		top->first = 0;
}

static void choose(struct top *top, long step)
{
	long place = (long)top_list_chosen(&top->list) + step;

	top_list_choose(&top->list, place > 0 ? (size_t)place : 0);
}

static void kick(struct top *top)
{
	size_t place = top_list_chosen(&top->list);
	const struct top_session *session = &top->list.all[place];
	char text[400], name[TOP_NAME];
	json_t *answer = NULL;

	if (top->list.count == 0)
		return;
	snprintf(name, sizeof(name), "%s", session->name);
	snprintf(text, sizeof(text), "Kick session %s (%s, %s)? y or n", name,
		session->user[0] ? session->user : "nobody", session->peer);
	top_screen_say(text);
	timeout(-1);
	if (getch() != 'y')
		return;
	snprintf(text, sizeof(text), "kick %s", name);
	ctl_ask_mute(true);
	if (ctl_ask(top->wish->socket, text, &answer) == CTL_WELL)
		snprintf(text, sizeof(text), "Session %s is told to end", name);
	else
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(ctl_ask_complaint(), "\n"),
			ctl_ask_complaint());
	ctl_ask_mute(false);
	json_decref(answer);
	top_screen_say(text);
	timeout(1500);
	(void)getch();
	top->next_seconds = 0;
}

static bool choose_order(struct top *top, int key)
{
	for (int i = 0; i < TOP_ORDERS; i++) {
		if (key != top_order_keys[i])
			continue;
		top->list.order = (enum top_order)i;
		return arrange(top);
	}
	return false;
}

/* false: to the end. */
static bool obey(struct top *top, int key)
{
	long page = (long)top_screen_rows();

	switch (key) {
	case 'q': return false;
	case 'k': kick(top); break;
	case KEY_UP: choose(top, -1); break;
	case KEY_DOWN: choose(top, 1); break;
	case KEY_PPAGE: choose(top, -page); break;
	case KEY_NPAGE: choose(top, page); break;
	case KEY_HOME: top_list_choose(&top->list, 0); break;
	case KEY_END: choose(top, (long)top->list.count); break;
	case ' ': top->next_seconds = 0; break;
	case 'i':
		top->list.with_idle = !top->list.with_idle;
		(void)arrange(top);
		break;
	case '-':
		top->list.backwards = !top->list.backwards;
		(void)arrange(top);
		break;
	default: (void)choose_order(top, key);
	}
	return true;
}

/* ---- the loop ---- */

static enum ctl_exit run_screen(struct top *top)
{
	enum ctl_exit end;

	do {
		double left = top->next_seconds - now_seconds();

		if (left <= 0) {
			end = look(top);
			if (end != CTL_WELL)
				return end;
			left = top->every_seconds;
			top->next_seconds = now_seconds() + left;
		}
		scroll_to_chosen(top);
		top_screen_draw(top->status, &top->list, top->first);
		timeout((int)(left * 1000) + 1);
	} while (obey(top, getch()));
	return CTL_WELL;
}

/* The list as it would be drawn, once. */
static enum ctl_exit print_once(struct top *top)
{
	enum ctl_exit end = look(top);
	json_t *sessions = json_array();

	for (size_t i = 0; end == CTL_WELL && i < top->list.count; i++) {
		const struct top_session *session = &top->list.all[i];

		json_array_append_new(
			sessions, json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:f, s:f}", "session",
					  session->name, "user", session->user, "peer",
					  session->peer, "command", session->command, "path",
					  session->path, "bytes", session->bytes, "bytes_total",
					  session->total, "bytes_per_second", session->rate));
	}
	if (end == CTL_WELL) {
		json_t *whole =
			json_pack("{s:O, s:O}", "status", top->status, "sessions", sessions);

		ctl_print_json(stdout, whole);
		json_decref(whole);
	}
	json_decref(sessions);
	return end;
}

enum ctl_exit ctl_top_run(const struct ctl_wish *wish, int argc, char **argv)
{
	struct top top = {.wish = wish, .list.with_idle = true};
	enum ctl_exit end;

	if (!ctl_watch_interval(&top.every_seconds, argc > 0 ? argv[0] : "1"))
		return CTL_USAGE;
	setlocale(LC_ALL, "");
	if (!wish->json && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		fputs("ftpctl: top needs a terminal; --json looks once\n", stderr);
		return CTL_USAGE;
	}
	if (wish->json) {
		end = print_once(&top);
	} else {
		/* A first look, so that no screen is opened where there is no server. */
		end = look(&top);
		if (end == CTL_WELL) {
			ctl_ask_mute(true);
			if (top_screen_open())
				end = run_screen(&top);
			top_screen_close();
			ctl_ask_mute(false);
			if (end != CTL_WELL)
				fputs(ctl_ask_complaint(), stderr);
		}
	}
	json_decref(top.status);
	json_decref(top.sessions);
	top_list_free(&top.list);
	return end;
}
