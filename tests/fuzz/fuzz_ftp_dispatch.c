/* Any bytes as what an FTP client says: each line is answered once and by the letter, the session
 * stays sound, and nothing beside its root changes. The first byte says how the bytes are cut, and
 * whether the client has logged in before.
 *
 * The control connection is a Unix socket, which has no address that a data connection could be
 * made from: whatever wants one is refused at once, and no network is touched. */
#include "tests/fuzz/fuzz.h"

#include "common/log.h"
#include "common/rights.h"
#include "worker/ftp/ftp.h"
#include "worker/ftp/state.h"
#include "worker/ftp/telnet.h"
#include "worker/session.h"
#include "worker/session_activity.h"
#include "worker/transcript.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 4096, LINE = 8192, REPLIES = 4 << 20, LOGGED_IN = 0x80, IAC = 255 };

static struct engine engine;
static struct board board;
static char folder[40];
static int outside; /* that folder: the root is in it, and a file that nobody may touch */
static int client;

/* ---- the place ---- */

/* Removes all that is in a directory, whatever its permissions have become; closes it. */
static void empty(int directory)
{
	DIR *stream = fdopendir(directory);
	const struct dirent *entry;

	assert(stream);
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (entry->d_type == DT_DIR) {
			assert(fchmodat(directory, entry->d_name, 0700, 0) == 0);
			empty(openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		}
		assert(unlinkat(directory, entry->d_name,
			       entry->d_type == DT_DIR ? AT_REMOVEDIR : 0) == 0);
	}
	closedir(stream);
}

static void write_file(const char *name, const char *text)
{
	int file = openat(outside, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
	close(file);
}

static void fill_root(void)
{
	empty(openat(outside, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	write_file("root/a.txt", "one\ntwo\n");
	write_file("root/.b.txt.partial", "half");
	assert(mkdirat(outside, "root/folder", 0755) == 0);
	write_file("root/folder/c d", "");
	assert(symlinkat("../canary", outside, "root/up") == 0);
	assert(symlinkat("/tmp", outside, "root/away") == 0);
}

static void check_outside(void)
{
	DIR *stream = fdopendir(openat(outside, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct stat canary;
	int names = 0;

	assert(stream);
	while (readdir(stream))
		names++;
	closedir(stream);
	assert(names == 4); /* with . and .. */
	assert(fstatat(outside, "canary", &canary, AT_SYMLINK_NOFOLLOW) == 0);
	assert(S_ISREG(canary.st_mode) && (canary.st_mode & 07777) == 0600);
	assert(canary.st_size == 5 && canary.st_mtime == 1 && canary.st_nlink == 1);
}

static void clean_up(void)
{
	empty(outside);
	(void)rmdir(folder);
}

static void make_place(void)
{
	const struct timespec times[] = {{.tv_sec = 1}, {.tv_sec = 1}};

	snprintf(folder, sizeof(folder), "%s/ftpool-fuzz-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert(mkdtemp(folder));
	outside = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert(outside >= 0 && mkdirat(outside, "root", 0755) == 0);
	write_file("canary", "alive");
	assert(fchmodat(outside, "canary", 0600, 0) == 0);
	assert(utimensat(outside, "canary", times, 0) == 0);
	atexit(clean_up);
}

/* ---- the server ---- */

static const struct config *make_config(const char *root)
{
	static const char *const set[] = {
		"listener.ftp.protocol=ftp", "sync=none", "status.path=/nowhere/status"};
	const struct config_request request = {
		.root = root, .set = set, .set_count = sizeof(set) / sizeof(set[0])};
	struct complaints complaints = {.to = stderr};
	const struct config *config = config_load(&request, &complaints);

	assert(config);
	return config;
}

/* A drop box, and the root once more, in directories that it has not. */
static void make_zones(const char *root)
{
	const struct zone_wish wishes[] = {{"/in", RIGHT_put, ZONE_NO_ROOT},
		{"/over/there", RIGHTS_ALL, open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)}};
	struct zones *zones;

	assert(zones_make(&zones, wishes, 2) == 0);
	engine.anonymous.zones = zones;
}

static void make_engine(void)
{
	char root[sizeof(folder) + 5];

	make_place();
	snprintf(root, sizeof(root), "%s/root", folder);
	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TIMED);
	assert(board_open(&board, 1, 1) == 0);
	engine = (struct engine){.config = make_config(root),
		.board = &board,
		.row = &board.workers[0],
		.questions = -1};
	assert(store_open(&engine.anonymous, root) == 0);
	make_zones(root);
}

static void open_session(struct session *session)
{
	int ends[2], room = REPLIES;

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	client = ends[0];
	(void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	*session = (struct session){.engine = &engine,
		.listener = &engine.config->listeners[0],
		.row = board_session(&board, 0, 0)};
	assert(address_parse(&session->activity.peer, "127.0.0.1", 4711) == 0);
	stream_adopt(&session->stream, ends[1], 1000, NULL);
	board_session_open(session->row, &session->activity);
	assert(ftp_protocol.open(session) == SESSION_PARK);
}

static void close_session(struct session *session)
{
	ftp_protocol.close(session);
	transcript_close(session);
	board_session_close(session->row);
	stream_close(&session->stream);
	close(client);
}

/* ---- what it says ---- */

/* One line without its end, from *at on; *at is behind it then. Telnet's refusals before it are
 * passed over. */
static const char *next_line(const char **at, const char *end, size_t *length)
{
	const char *line, *stop;

	while (end - *at >= 3 && (unsigned char)(*at)[0] == IAC && (unsigned char)(*at)[1] != IAC)
		*at += 3;
	line = *at;
	if (line == end)
		return NULL;
	stop = memchr(line, '\n', (size_t)(end - line));
	assert(stop && stop > line && stop[-1] == '\r');
	*length = (size_t)(stop - line) - 1;
	assert(!memchr(line, '\r', *length));
	/* 255 is doubled, for telnet. */
	for (size_t i = 0; i < *length; i += (unsigned char)line[i] == IAC ? 2 : 1)
		assert((unsigned char)line[i] != IAC || (unsigned char)line[i + 1] == IAC);
	*at = stop + 1;
	return line;
}

static bool is_code(const char *line, size_t length)
{
	return length >= 4 && line[0] >= '2' && line[0] <= '5' && line[1] >= '0' &&
	       line[1] <= '5' && line[2] >= '0' && line[2] <= '9';
}

/* The lines behind the first one of a reply, up to the one that ends it. */
static void pass_over_lines(const char **at, const char *end, const char *code)
{
	const char *line;
	size_t length;

	do {
		line = next_line(at, end, &length);
		assert(line && length > 0);
	} while (line[0] < '0' || line[0] > '9');
	assert(length >= 4 && !memcmp(line, code, 3) && line[3] == ' ');
}

/* The replies in it, all of them whole. */
static int count_replies(const char *at, const char *end)
{
	const char *line;
	size_t length;
	int count = 0;

	while ((line = next_line(&at, end, &length))) {
		assert(is_code(line, length) && (line[3] == ' ' || line[3] == '-'));
		if (line[3] == '-')
			pass_over_lines(&at, end, line);
		count++;
	}
	return count;
}

static int take_replies(void)
{
	static char replies[REPLIES];
	size_t held = 0;
	ssize_t got;

	while ((got = recv(client, replies + held, sizeof(replies) - held, 0)) > 0)
		held += (size_t)got;
	assert(got < 0 && errno == EAGAIN);
	return count_replies(replies, replies + held);
}

/* ---- what it is asked ---- */

static int count_lines(const char *bytes, size_t length)
{
	struct telnet telnet;
	char line[LINE];
	int count = 0;

	while (telnet_line(&telnet, bytes, length, line, sizeof(line)) != TELNET_UNFINISHED) {
		bytes += telnet.taken;
		length -= telnet.taken;
		count++;
	}
	return count;
}

static void check_path(const char *path)
{
	struct vpath resolved;

	if (!path)
		return;
	assert(path[0] == '/');
	assert(vpath_resolve(&resolved, NULL, path, strlen(path)) == 0);
	assert(!strcmp(resolved.text, path));
}

static void check_session(const struct session *session)
{
	const struct ftp *ftp = ftp_of(session);
	size_t held;
	const char *input = stream_peek(&session->stream, &held);

	assert(count_lines(input, held) == 0);
	assert(!ftp->store || ftp->store == &engine.anonymous);
	check_path(ftp->directory);
	check_path(ftp->rename_from);
	check_path(ftp->copy_from);
	assert(ftp->restart >= 0 && ftp->range_first >= 0 && ftp->range_last >= -1);
	assert(ftp->data.listener < 0);
	assert(atomic_load(&engine.row->transfers) == 0);
}

/* False when the session is over. */
static bool say(struct session *session, const char *bytes, size_t length, int *replies)
{
	enum session_next next;

	assert(send(client, bytes, length, 0) == (ssize_t)length);
	next = ftp_protocol.serve(session);
	*replies += take_replies();
	if (next == SESSION_PARK)
		check_session(session);
	return next == SESSION_PARK;
}

static void hold_conversation(struct session *session, const char *bytes, size_t length, size_t cut)
{
	int replies = 0;
	size_t said = 0;
	bool goes_on = true;

	while (said < length && goes_on) {
		size_t piece = cut > 0 && cut < length - said ? cut : length - said;

		goes_on = say(session, bytes + said, piece, &replies);
		said += piece;
	}
	if (goes_on)
		assert(replies == count_lines(bytes, length));
	else
		assert(replies > 0 && replies <= count_lines(bytes, said));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char login[] = "USER ftp\r\nPASS x\r\n";
	struct session session;
	int replies = 0;

	if (!engine.config)
		make_engine();
	if (size < 2 || size > LONGEST)
		return 0;
	fill_root();
	open_session(&session);
	assert(take_replies() == 1);
	if (data[0] & LOGGED_IN)
		assert(say(&session, login, sizeof(login) - 1, &replies) && replies == 2);
	hold_conversation(
		&session, (const char *)data + 1, size - 1, data[0] & ~(unsigned int)LOGGED_IN);
	close_session(&session);
	check_outside();
	return 0;
}
