/* What a worker asks the authenticator and what it is answered: may this client log in, and as
 * whom? One packet each (common/packet) between two processes that do not trust each other: a
 * worker that was broken into may send anything, and so may an authenticator. What was received is
 * sound: known numbers, and texts that end.
 *
 * A question bears the socket on which its answer is to come; an answer that grants bears the
 * account's root as an O_PATH descriptor. */
#ifndef FTPOOL_COMMON_LOGIN_MESSAGE_H
#define FTPOOL_COMMON_LOGIN_MESSAGE_H

#include "common/address.h"
#include "common/certificate_names.h"
#include "common/user.h"

#include "common/rights_at.h"

#include <stddef.h>

enum { LOGIN_USER = 256, LOGIN_PASSWORD = 512 }; /* with their NULs */

enum login_kind {
	LOGIN_BY_PASSWORD,
	LOGIN_BY_LISTENER, /* as the account that the config's listener names; no user, no password
			    */
	LOGIN_BY_CERTIFICATE, /* a user, and the names of the certificate that the client has
				 shown; that it is good is the worker's word */
	LOGIN_KINDS
};

struct login_question {
	uint32_t kind;          /* enum login_kind */
	uint32_t listener;      /* index into the config's */
	uint32_t slot, session; /* "3.17", for the log */
	struct address peer;
	char user[LOGIN_USER];
	char password[LOGIN_PASSWORD];
	char certificate[CERTIFICATE_NAMES];
};

enum login_verdict {
	LOGIN_GRANTED,
	LOGIN_REFUSED, /* why is told to the log alone */
	LOGIN_TROUBLE, /* nobody can tell at present */
	LOGIN_VERDICTS
};

struct login_answer {
	uint32_t verdict;            /* enum login_verdict */
	uint32_t may;                /* RIGHT_list … of common/rights.h */
	uint32_t sessions_most;      /* at a time; 0: any number */
	uint32_t tls_require;        /* enum config_tls_require */
	char name[LOGIN_USER];       /* the account's */
	struct user_amounts amounts; /* all of them said */
	struct rights_at at;         /* what it may do in directories of its tree, instead */
};

/* A pair of sockets for packets, never blocking if so wished. 0 or -errno. */
int login_pair(int ends[2], bool blocking);

/* Never waits. 0 or -errno; -EAGAIN when too many questions wait. */
int login_question_send(int socket, const struct login_question *question, int answer);

/* 1 and a question, *answer the caller's to close; 0 when nobody can ask any more; or -errno:
 * -EPROTO for a packet that is no question. Waits if the socket does. */
int login_question_receive(int socket, struct login_question *question, int *answer);

int login_answer_send(int socket, const struct login_answer *answer, int root);

/* 1 and an answer, with *root ≥ 0 (the caller's to close) when it grants; else as above. */
int login_answer_receive(int socket, struct login_answer *answer, int *root);

/* Is it one that may be acted on? What is received has been asked this. */
bool login_question_is_sound(const struct login_question *question);
bool login_answer_is_sound(const struct login_answer *answer);

#endif
