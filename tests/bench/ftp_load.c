/* ftp_load: keeps sessions of an FTP server on loopback busy, and tells what they achieved.
 *
 *     ftp_load PORT WORK SESSIONS SECONDS [NAME SIZE [tls]]
 *
 * WORK: login, storm, idle, get, put, list, mlsd. NAME is of a file, or, with login, of who logs
 * in. SIZE is in bytes, of a listing in lines; an answer of another size is an error, as is any
 * reply of 400 or more. Prints "ready" when all sessions are logged in, waits for a line, works for
 * SECONDS and ends what it has begun, and prints one line of JSON; the sessions stay open until its
 * input ends. */
#include "tests/bench/ftp_load.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, THREADS = 2, SESSIONS_MOST = 16384, PATIENCE_SECONDS = 10 };

void load_die(const char *format, ...)
{
	va_list arguments;

	fputs("ftp_load: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double load_now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

static void *crew_run(void *crew_pointer)
{
	struct crew *crew = crew_pointer;
	struct epoll_event events[EVENTS];

	for (int i = 0; i < crew->count; i++)
		crew->sessions[i].job->work->begin(&crew->sessions[i]);
	while (crew->busy > 0) {
		int count = epoll_wait(crew->set, events, EVENTS, PATIENCE_SECONDS * 1000);

		if (count == 0)
			load_die("the server has not answered for %d s", PATIENCE_SECONDS);
		for (int i = 0; i < count; i++) {
			bool data;
			struct session *session = session_of_event(events[i].data.u64, &data);

			work_readable(session, data);
		}
	}
	return NULL;
}

static void prepare(struct session *session, const struct job *job, struct crew *crew, int number)
{
	*session = (struct session){
		.job = job, .crew = crew, .number = number, .control = -1, .data = -1};
	crew->count++;
	if (!job->work->logged_in)
		return;
	session_log_in(session);
	session_watch(session, false);
}

/* Made by connects that nobody waits for, and dropped at once. */
static void burst(const struct job *job)
{
	for (int i = 0; i < job->work->burst; i++) {
		int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (made < 0)
			load_die("socket: %m");
		(void)connect(made, (const struct sockaddr *)&job->server, sizeof(job->server));
		close(made);
	}
}

static double login_seconds(const struct job *job)
{
	struct session session = {.job = job, .control = -1, .data = -1};
	double began = load_now();

	burst(job);
	session_log_in(&session);
	session_close(&session);
	return load_now() - began;
}

static void run(struct job *job, struct crew *crews, double seconds)
{
	double began = load_now(), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), took;
	unsigned long operations = 0, bytes = 0, refused = 0;

	job->end = began + seconds;
	for (int i = 0; i < THREADS; i++) {
		crews[i].busy = crews[i].count;
		pthread_create(&crews[i].thread, NULL, crew_run, &crews[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(crews[i].thread, NULL);
		for (int j = 0; j < crews[i].count; j++) {
			operations += crews[i].sessions[j].operations;
			bytes += crews[i].sessions[j].bytes;
			refused += crews[i].sessions[j].refused;
		}
	}
	took = load_now() - began;
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("{\"operations\": %lu, \"bytes\": %lu, \"refused\": %lu, \"seconds\": %.6f, "
	       "\"load_cpu_seconds\": %.6f, \"login_after_seconds\": %.6f}\n",
		operations, bytes, refused, took, cpu, job->work->burst ? login_seconds(job) : 0);
	fflush(stdout);
}

static void job_of(struct job *job, int argc, char **argv)
{
	*job = (struct job){.work = work_find(argv[2]),
		.server = {.sin_family = AF_INET,
			.sin_port = htons((uint16_t)atoi(argv[1])),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
		.name = argc > 6 ? argv[5] : "",
		.size = argc > 6 ? strtoull(argv[6], NULL, 10) : 0,
		.payload = memfd_create("payload", MFD_CLOEXEC),
		.tls = argc > 7 ? secure_context() : NULL};
	if (!job->work)
		load_die("no work is called %s", argv[2]);
	if (!strcmp(job->work->word, "put") && ftruncate(job->payload, (off_t)job->size) < 0)
		load_die("payload: %m");
}

static void wait_for_line(void)
{
	char line[64];

	if (!fgets(line, sizeof(line), stdin))
		exit(0);
}

int main(int argc, char **argv)
{
	static struct session sessions[THREADS][SESSIONS_MOST / THREADS];
	struct crew crews[THREADS];
	struct job job;
	int count;

	if (argc < 5 || (count = atoi(argv[3])) < 1 || count > SESSIONS_MOST) {
		fputs("usage: ftp_load PORT WORK SESSIONS SECONDS [NAME SIZE [tls]]\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
	job_of(&job, argc, argv);
	for (int i = 0; i < THREADS; i++)
		crews[i] =
			(struct crew){.set = epoll_create1(EPOLL_CLOEXEC), .sessions = sessions[i]};
	for (int i = 0; i < count; i++) {
		struct crew *crew = &crews[i % THREADS];

		prepare(&crew->sessions[i / THREADS], &job, crew, i);
	}
	puts("ready");
	fflush(stdout);
	wait_for_line();
	if (job.work->begin)
		run(&job, crews, atof(argv[4]));
	wait_for_line();
	return 0;
}
