/* The load generator's sessions: what each has sent and what it waits for.
 *
 * Each thread has sessions and an epoll set of its own and shares nothing, so that an operation
 * costs the generator less than it costs a server. Whatever the server does wrong ends the program:
 * a measurement with errors in it is none. Only a transfer that the server has no port for (425) is
 * begun again, and counted. */
#ifndef FTPOOL_TESTS_BENCH_FTP_LOAD_H
#define FTPOOL_TESTS_BENCH_FTP_LOAD_H
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

/* A kind of work, done over and over. */
struct work {
	const char *word;
	const char *verb; /* of a transfer, else NULL */
	bool logged_in;   /* beforehand, outside of the measured time */
	int burst;        /* at the end: connections made and dropped, then a login that is timed */
	void (*begin)(struct session *session); /* one operation; session_done ends it */
	void (*replied)(struct session *session, int code, const char *line);
};

/* What is asked of the server, the same for all sessions. */
struct job {
	const struct work *work;
	struct sockaddr_in server;
	const char *name; /* of the file or directory; uploads put a number behind it */
	size_t size;      /* bytes of the file, or lines of the listing */
	int payload;      /* a file of that size, to be sent */
	double end;       /* no operation is begun after that moment */
	SSL_CTX *tls;     /* NULL: all goes in clear */
};

struct crew;

struct session {
	const struct job *job;
	struct crew *crew;
	int number;
	int control, data; /* -1 when there is none */
	size_t kept;       /* bytes in `reply` that are no whole line yet */
	char reply[2048];
	bool told;  /* the reply that ends the transfer has come */
	int agreed; /* how often 200 was said in this login */
	SSL *control_tls, *data_tls;
	SSL_SESSION *resumable; /* the newest, for data connections */
	size_t moved;           /* bytes of this transfer, or lines if it is a listing */
	unsigned long operations, bytes;
	unsigned long refused; /* transfers that were answered 425 */
};

/* A thread and its sessions. */
struct crew {
	pthread_t thread;
	int set;
	struct session *sessions;
	int count;
	int busy; /* sessions that still have something to do */
};

_Noreturn void load_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
double load_now(void);

/* ftp_session.c: connections, replies, the login */

int session_connect(const struct sockaddr_in *server);
void session_watch(struct session *session, bool data);
struct session *session_of_event(uint64_t event, bool *data);
void session_send(const struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads once and hands each reply's last line to `replied`. False when the server has closed. */
bool session_read_replies(struct session *session,
	void (*replied)(struct session *session, int code, const char *line));

/* Sends what comes after that reply in a login. False: nothing does, it is over. */
bool session_log_in_further(struct session *session, int code);

/* Connects, logs in and sets TYPE I, waiting for each reply. */
void session_log_in(struct session *session);

void session_close(struct session *session);

/* An operation is over: the next is begun, if there is time. */
void session_done(struct session *session);

/* ftp_secure.c: TLS 1.3 with AES-256-GCM and P-256, the client's side; nothing but the handshake
 * waits for an event */

SSL_CTX *secure_context(void);

/* Begins TLS on the control or the data connection; the latter resumes the former's session. True
 * when the handshake is done already. */
bool secure_begin(struct session *session, bool data);

/* Goes on with the handshake: true when it is done. */
bool secure_shake(SSL *tls);

/* As recv and send of a socket, the one without, the other with waiting. */
ssize_t secure_receive(SSL *tls, void *bytes, size_t size);
void secure_send(SSL *tls, const void *bytes, size_t length);

/* Says close_notify. */
void secure_end(SSL *tls);

/* Frees it: NULL is none. */
void secure_free(SSL **tls);

/* ftp_work.c: what can be done over and over */

const struct work *work_find(const char *word);

/* Takes what has come on the session's data or control connection. */
void work_readable(struct session *session, bool data);

#endif
