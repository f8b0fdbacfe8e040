/* The facts of MLST and MLSD (RFC 3659 7.5). Pure. */
#ifndef FTPOOL_WORKER_FTP_FACTS_H
#define FTPOOL_WORKER_FTP_FACTS_H

#include "worker/store.h"

/* In the order in which they are written. */
enum facts_fact {
	FACT_TYPE = 1 << 0,
	FACT_SIZE = 1 << 1,
	FACT_MODIFY = 1 << 2,
	FACT_PERM = 1 << 3,
	FACT_UNIQUE = 1 << 4,
	FACT_MODE = 1 << 5, /* UNIX.mode */
	FACTS_ALL = (1 << 6) - 1
};

/* What an entry is to the directory that is listed. */
enum facts_place { FACTS_CHILD, FACTS_SELF, FACTS_PARENT };

enum { FACTS_TEXT = 256 };

/* "type=file;size=12;…;perm=r; " with the blank that goes before the name. perm tells the truth:
 * what the account may do there. Returns the length. */
size_t facts_write(char text[FACTS_TEXT], uint32_t facts, const struct store_file *file,
	enum facts_place place);

/* For FEAT and OPTS MLST: "type*;size;modify*;" with a star behind each that is chosen, or, without
 * stars, only the chosen ones. Returns text. */
char *facts_names(char text[FACTS_TEXT], uint32_t facts, bool stars);

/* Reads OPTS MLST's list: "type;size;". Unknown ones are passed over, in any case of letters. */
uint32_t facts_read(const char *text);

#endif
