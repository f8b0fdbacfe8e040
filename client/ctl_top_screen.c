#include "client/ctl_top_screen.h"

#include "client/ctl_field.h"
#include "client/ctl_fit.h"
#include "client/ctl_print.h"

#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEAD_ROWS = 3, FOOT_ROWS = 1, CELL = 2048, BAR = 8 };

/* Columns, with a blank behind each; the path has what is left. */
enum { SESSION = 7, USER = 10, PEER_LEAST = 15, PEER_MOST = 39, COMMAND = 5, DONE = 13, RATE = 10 };

static bool is_open;

bool top_screen_open(void)
{
	if (!initscr())
		return false;
	is_open = true;
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

void top_screen_close(void)
{
	if (is_open)
		endwin();
	is_open = false;
}

size_t top_screen_rows(void)
{
	return LINES > HEAD_ROWS + FOOT_ROWS ? (size_t)(LINES - HEAD_ROWS - FOOT_ROWS) : 0;
}

/* Text in so many columns from where the cursor is, and one blank. */
static void put(const char *text, int columns, enum ctl_fit_end end)
{
	char cell[CELL];

	if (columns <= 0)
		return;
	addstr(ctl_fit(cell, sizeof(cell), text, (size_t)columns, end));
	addch(' ');
}

static void put_line(int row, const char *text)
{
	char cell[CELL];

	move(row, 0);
	addstr(ctl_fit(cell, sizeof(cell), text, (size_t)COLS, FIT_BEGINNING));
}

/* ---- the service ---- */

static double rate(const json_t *status, const char *key)
{
	return json_number_value(json_object_get(json_object_get(status, "rates_per_second"), key));
}

static void draw_head(const json_t *status)
{
	char line[300], age[CTL_AGE], sent[CTL_AMOUNT], received[CTL_AMOUNT];

	snprintf(line, sizeof(line),
		"ftpool %s  %s, up %s  sessions %lld  transfers %lld  workers %lld/%lld",
		ctl_words(status, "version"), ctl_words(status, "state"),
		ctl_age(age, json_number_value(json_object_get(status, "uptime_seconds"))),
		ctl_whole(status, "sessions"), ctl_whole(status, "transfers"),
		ctl_whole(status, "workers_living"), ctl_whole(status, "workers_wanted"));
	put_line(0, line);
	snprintf(line, sizeof(line),
		"per second: %s sent  %s received  %.0f requests  %.0f new sessions",
		ctl_bytes(sent, rate(status, "bytes_sent")),
		ctl_bytes(received, rate(status, "bytes_received")), rate(status, "requests"),
		rate(status, "sessions_opened"));
	put_line(1, line);
}

/* ---- sessions ---- */

/* IPv6 peers have the room if there is some. */
static int peer_columns(void)
{
	int spare = COLS - 110;

	if (spare < 0)
		spare = 0;
	return PEER_LEAST + spare > PEER_MOST ? PEER_MOST : PEER_LEAST + spare;
}

static int path_columns(void)
{
	return COLS - (SESSION + USER + peer_columns() + COMMAND + DONE + RATE + 6);
}

static void draw_titles(const struct top_list *list)
{
	char text[24];

	attron(A_REVERSE);
	move(HEAD_ROWS - 1, 0);
	put("SESSION", SESSION, FIT_BEGINNING);
	put("USER", USER, FIT_BEGINNING);
	put("PEER", peer_columns(), FIT_BEGINNING);
	put("DOING", COMMAND, FIT_BEGINNING);
	put("DONE", DONE, FIT_BEGINNING);
	snprintf(text, sizeof(text), "%*s", RATE, "RATE");
	put(text, RATE, FIT_BEGINNING);
	snprintf(text, sizeof(text), "PATH");
	put(text, path_columns() - 1, FIT_BEGINNING);
	attroff(A_REVERSE);
	clrtoeol();
	(void)list;
}

/* "####      45%", or how much when nobody knows of how much. */
static char *done_text(char text[32], const struct top_session *session)
{
	double part = session->total > 0 ? session->bytes / session->total : 0;
	char bar[BAR + 1] = "", amount[CTL_AMOUNT];

	text[0] = '\0';
	if (session->total > 0) {
		part = part > 1 ? 1 : part;
		memset(bar, '.', BAR);
		memset(bar, '#', (size_t)(part * BAR + 0.5));
		bar[BAR] = '\0';
		snprintf(text, 32, "%s %3.0f%%", bar, part * 100);
	} else if (session->bytes > 0) {
		snprintf(text, 32, "%12s", ctl_bytes(amount, session->bytes));
	}
	return text;
}

static void draw_session(int row, const struct top_session *session, bool chosen)
{
	char done[32], text[40] = "", amount[CTL_AMOUNT];

	if (session->rate >= 1)
		snprintf(text, sizeof(text), "%*s/s", RATE - 2, ctl_bytes(amount, session->rate));
	if (chosen)
		attron(A_REVERSE);
	move(row, 0);
	put(session->name, SESSION, FIT_BEGINNING);
	put(session->user[0] ? session->user : "-", USER, FIT_BEGINNING);
	put(session->peer, peer_columns(), FIT_BEGINNING);
	put(session->command[0] ? session->command : "idle", COMMAND, FIT_BEGINNING);
	put(done_text(done, session), DONE, FIT_BEGINNING);
	put(text, RATE, FIT_BEGINNING);
	put(session->path, path_columns() - 1, FIT_END);
	if (chosen)
		attroff(A_REVERSE);
	clrtoeol();
}

static void draw_foot(const struct top_list *list, size_t first)
{
	char line[300];
	size_t rows = top_screen_rows(), last = first + rows;

	if (last > list->count)
		last = list->count;
	snprintf(line, sizeof(line),
		"%zu-%zu of %zu by %s%s | sort r b s u p c a, - turns | i idle | k kick | q quit",
		list->count > 0 ? first + 1 : 0, last, list->count, top_order_names[list->order],
		list->backwards ? " (turned)" : "");
	put_line(LINES - 1, line);
}

void top_screen_draw(const json_t *status, struct top_list *list, size_t first)
{
	size_t rows = top_screen_rows(), chosen = top_list_chosen(list);

	draw_head(status);
	if (LINES >= HEAD_ROWS)
		draw_titles(list);
	for (size_t i = 0; i < rows; i++) {
		move(HEAD_ROWS + (int)i, 0);
		if (first + i < list->count)
			draw_session(
				HEAD_ROWS + (int)i, &list->all[first + i], first + i == chosen);
		else
			clrtoeol();
	}
	draw_foot(list, first);
	refresh();
}

void top_screen_say(const char *text)
{
	attron(A_BOLD);
	put_line(LINES - 1, text);
	attroff(A_BOLD);
	refresh();
}
