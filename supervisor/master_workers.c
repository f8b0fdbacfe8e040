#include "supervisor/master.h"

#include "common/log.h"
#include "supervisor/refusal.h"

int master_set_workers(struct master *master, uint32_t count)
{
	int error = pool_resize(
		&master->pool, &master->serving->birthright, master->serving->number, count);

	if (error < 0) {
		log_warning("master: no room for so many workers", "workers=%u wished=%u",
			master->workers, count);
		return error;
	}
	log_info("master: workers", "before=%u wished=%u", master->workers, count);
	master->workers = count;
	return 0;
}

static void note_begin(struct master *master)
{
	master->refusing = true;
	master->refused = 0;
	log_error("master: no worker can serve",
		"advice=\"clients are refused until one can; ftpctl status --crashes tells more\"");
}

static void note_end(struct master *master)
{
	master->refusing = false;
	log_info("master: workers serve again", "refused=%ju", (uintmax_t)master->refused);
}

void master_refuse(struct master *master)
{
	bool down = master->announced && !master->stopping && pool_is_down(&master->pool);

	if (down && !master->refusing)
		note_begin(master);
	if (down)
		master->refused +=
			refusal_answer(master->serving->config, master->serving->listeners.sockets);
	else if (master->refusing && pool_count(&master->pool, POOL_LIVING) > 0)
		note_end(master);
}
