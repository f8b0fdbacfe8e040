/* How many bytes a second may move: of a session, and of all sessions of one account together. */
#ifndef FTPOOL_COMMON_BANDWIDTH_H
#define FTPOOL_COMMON_BANDWIDTH_H

#include <stdint.h>

enum bandwidth_way { BANDWIDTH_DOWNLOAD, BANDWIDTH_UPLOAD, BANDWIDTH_WAYS };

/* Nothing was said of it: what holds for all counts. */
#define BANDWIDTH_UNSAID UINT64_MAX

/* 0: no limit. */
struct bandwidth {
	uint64_t session[BANDWIDTH_WAYS];
	uint64_t user[BANDWIDTH_WAYS];
};

/* Fills in what was not said. */
static inline void bandwidth_fill(struct bandwidth *own, const struct bandwidth *common)
{
	for (int way = 0; way < BANDWIDTH_WAYS; way++) {
		if (own->session[way] == BANDWIDTH_UNSAID)
			own->session[way] = common->session[way];
		if (own->user[way] == BANDWIDTH_UNSAID)
			own->user[way] = common->user[way];
	}
}

#endif
