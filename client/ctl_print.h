/* What ftpctl shows of the server's answers, for people. */
#ifndef FTPOOL_CLIENT_CTL_PRINT_H
#define FTPOOL_CLIENT_CTL_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* The answer as it came, indented. */
void ctl_print_json(FILE *out, const json_t *answer);

void ctl_print_status(FILE *out, const json_t *status);
void ctl_print_workers(FILE *out, const json_t *answer);
void ctl_print_sessions(FILE *out, const json_t *answer);
void ctl_print_session(FILE *out, const json_t *session);

/* The text as it is. */
void ctl_print_metrics(FILE *out, const json_t *answer);

/* What came of an order. */
void ctl_print_order(FILE *out, const json_t *answer);

/* "950 B", "1.5 KiB", "12 GiB": at most seven columns and a unit. */
enum { CTL_AMOUNT = 16 };
char *ctl_bytes(char text[CTL_AMOUNT], double bytes);

/* "12 s", "3 min 5 s", "2 h 10 min", "5 d 3 h". */
enum { CTL_AGE = 24 };
char *ctl_age(char text[CTL_AGE], double seconds);

#endif
