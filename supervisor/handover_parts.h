/* What the files of the handover know of each other. Private to them: handover (forward),
 * handover_return (back), handover_guard (who sees to it that there is a way back); handover_tally
 * is a part of what is handed over. */
#ifndef FTPOOL_SUPERVISOR_HANDOVER_PARTS_H
#define FTPOOL_SUPERVISOR_HANDOVER_PARTS_H

#include "supervisor/handover.h"

/* Notes what this program is to be started with when it is gone back to. */
void handover_note_self(json_t *state, char **argv);

/* The state as memory: its descriptor or -errno. */
int handover_store(const json_t *state);

/* Reads it: state and old are there then. 0 or -EPROTO. */
int handover_load(struct handover *handover, int memory);

/* Shall the descriptors that it names stay open on exec? */
void handover_keep_open(const json_t *state, bool open);

/* Leaves word of that memory in the environment. */
void handover_name(int memory);

#endif
