#include "supervisor/refusal.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one listener, before the master looks after the workers again. */
enum { AT_ONCE = 64 };

static void say_why(const struct config_listener *listener, int client)
{
	static const char text[] = "421 No worker can serve right now; try again later\r\n";

	if (listener->protocol == PROTOCOL_FTP && listener->tls != TLS_IMPLICIT)
		(void)send(client, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static unsigned int refuse_all(const struct config_listener *listener, int socket)
{
	unsigned int refused = 0;

	while (refused < AT_ONCE) {
		int client = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (client < 0)
			break;
		say_why(listener, client);
		close(client);
		refused++;
	}
	return refused;
}

unsigned int refusal_answer(const struct config *config, const int *listeners)
{
	unsigned int refused = 0;

	for (size_t i = 0; i < config->listener_count; i++)
		refused += refuse_all(&config->listeners[i], listeners[i]);
	return refused;
}
