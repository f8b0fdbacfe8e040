#include "client/progress.h"

#include "client/display.h"
#include "client/echo.h"
#include "client/figures.h"
#include "client/report.h"
#include "common/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
	QUIET_MS = 500,
	REDRAW_MS = 100,
	MEMORY_MS = 3000, /* the rate is that of about the last three seconds */
	COLUMNS = 80,     /* where the terminal does not know its own */
	LEAST_COLUMNS = 20,
	LEAST_BAR = 10,
	LEAST_TITLE = 5,
	MOST_TITLE = 40
};

static struct {
	struct progress now;
	char *title;
	int64_t started_ms, drawn_ms, rated_ms, rated_bytes;
	bool running, drawn;
} state;

void progress_begin(const char *title, int64_t from, int64_t total)
{
	int64_t now_ms = clock_ms();

	progress_end();
	state.title = display_text(title);
	state.now = (struct progress){.title = state.title ? state.title : "",
		.from = from,
		.done = from,
		.total = total};
	state.started_ms = state.rated_ms = now_ms;
	state.rated_bytes = from;
	state.running = true;
}

void progress_add(size_t bytes)
{
	state.now.done += (int64_t)bytes;
	progress_tick();
}

/* At first the average since the start; later each look counts for the time it covers. */
static void rate(int64_t now_ms)
{
	int64_t passed_ms = now_ms - state.rated_ms;
	int64_t latest = figures_rate(state.now.done - state.rated_bytes, passed_ms);
	double weight = (double)passed_ms / (double)(passed_ms + MEMORY_MS);

	if (!state.drawn)
		weight = 1;
	state.now.rate += (int64_t)(weight * (double)(latest - state.now.rate));
	state.rated_ms = now_ms;
	state.rated_bytes = state.now.done;
}

static size_t terminal_columns(FILE *terminal)
{
	struct winsize size;

	if (ioctl(fileno(terminal), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS;
	return size.ws_col > LEAST_COLUMNS ? size.ws_col : LEAST_COLUMNS + 1;
}

void progress_tick(void)
{
	int64_t now_ms = clock_ms();
	FILE *terminal;
	char *line;

	if (!state.running || now_ms - state.started_ms < QUIET_MS ||
		now_ms - state.drawn_ms < REDRAW_MS)
		return;
	terminal = report_terminal();
	if (!terminal)
		return;
	echo_hush();
	rate(now_ms);
	state.now.elapsed_ms = now_ms - state.started_ms;
	/* The last column stays free: some terminals go to the next line with it. */
	line = progress_line(&state.now, terminal_columns(terminal) - 1);
	if (!line)
		return;
	fprintf(terminal, "\r%s\033[K", line);
	fflush(terminal);
	free(line);
	state.drawn = true;
	state.drawn_ms = now_ms;
}

int64_t progress_end(void)
{
	int64_t elapsed_ms = state.running ? clock_ms() - state.started_ms : 0;

	if (state.drawn) {
		fputs("\r\033[K", report_terminal());
		fflush(report_terminal());
	}
	echo_restore();
	free(state.title);
	memset(&state, 0, sizeof(state));
	return elapsed_ms;
}

/* "  12.0 MiB    4.1 MiB/s     0:12": size, rate, and the time left, or gone by if nobody knows. */
static void write_figures(char *text, size_t size, const struct progress *progress)
{
	char done[FIGURES_TEXT], speed[FIGURES_TEXT], time[FIGURES_TEXT] = "-:--";
	int64_t left = progress->total - progress->done;

	if (progress->total < 0)
		figures_duration(time, progress->elapsed_ms / 1000);
	else if (progress->rate > 0)
		figures_duration(time, (left + progress->rate - 1) / progress->rate);
	snprintf(text, size, " %10s %10s/s %8s", figures_size(done, progress->done),
		figures_size(speed, progress->rate), time);
}

/* "  42% [====>     ]" in so many columns, without the bar if they are few. */
static void write_bar(char *text, const struct progress *progress, size_t columns)
{
	int64_t done = progress->done < progress->total ? progress->done : progress->total;
	double share = progress->total > 0 ? (double)done / (double)progress->total : 1;
	size_t room, filled;

	text += sprintf(text, " %3d%%", (int)(share * 100));
	if (columns < strlen(" 100% []") + LEAST_BAR)
		return;
	room = columns - strlen(" 100% []");
	filled = (size_t)(share * (double)room);
	text += sprintf(text, " [");
	memset(text, '=', room);
	memset(text + filled, ' ', room - filled);
	if (filled > 0 && filled < room)
		text[filled - 1] = '>';
	strcpy(text + room, "]");
}

/* The title gets what it needs, as long as that leaves a bar its room. */
static size_t title_room(const char *title, size_t left)
{
	size_t wanted = display_width(title);
	size_t least_bar = strlen(" 100% []") + LEAST_BAR;
	size_t most = left > 2 * least_bar ? left - least_bar : left / 2;

	if (most > MOST_TITLE)
		most = MOST_TITLE;
	return wanted < most ? wanted : most;
}

char *progress_line(const struct progress *progress, size_t columns)
{
	char figures[4 * FIGURES_TEXT];
	char *title = strdup(progress->title);
	char *line = malloc(columns + strlen(progress->title) + sizeof(figures));
	size_t left, room;

	if (!title || !line) {
		free(title);
		free(line);
		return NULL;
	}
	write_figures(figures, sizeof(figures), progress);
	if (columns < strlen(figures) + LEAST_TITLE + strlen(" 100%"))
		figures[0] = '\0';
	left = columns - strlen(figures);
	room = title_room(title, left);
	display_cut(title, room);
	sprintf(line, "%s%*s", title, (int)(room - display_width(title)), "");
	if (progress->total >= 0)
		write_bar(line + strlen(line), progress, left - room);
	strcat(line, figures);
	free(title);
	return line;
}
