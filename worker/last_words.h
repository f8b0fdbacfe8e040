/* What a worker says when it dies by a signal: which one, and a backtrace; in memory that the
 * master reads afterwards, and puts into the log as lines like all others. Without such a reader it
 * goes to the log's file as it is, since nothing more can be done in a signal handler. */
#ifndef FTPOOL_WORKER_LAST_WORDS_H
#define FTPOOL_WORKER_LAST_WORDS_H

#include <stdint.h>

/* A stack overflow on a thread of the gang leaves no backtrace: only the main thread has a second
 * stack.
 *
 * Installs the handlers, for SIGABRT (which the master sends to a hung worker) and the signals of
 * faults. Call before the sandbox: the first backtrace loads a library. `memory` is a
 * descriptor that stays open, or 0. */
void last_words_install(uint32_t slot, int memory);

/* The master is gone: nobody will read the memory. */
void last_words_unread(void);

/* What is to be written as well, after the backtrace, by something that is safe in a signal handler
 * (signal-safety(7)). */
void last_words_also(void (*say)(int descriptor));

#endif
