#include "worker/patience.h"

#include "common/clock.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

int patience_left(int socket)
{
	int bytes = 0;

	return ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : 0;
}

struct patience patience_begin(int socket, int stall_ms)
{
	return (struct patience){
		.socket = socket,
		.stall_ms = stall_ms,
		.left = patience_left(socket),
		.until_ms = clock_ms() + stall_ms,
	};
}

bool patience_is_over(struct patience *patience)
{
	if (patience_left(patience->socket) == patience->left)
		return clock_ms() >= patience->until_ms;
	*patience = patience_begin(patience->socket, patience->stall_ms);
	return false;
}
