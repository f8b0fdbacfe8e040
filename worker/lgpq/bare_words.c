#include "worker/lgpq/bare_words.h"

#include "worker/lgpq/bare_end.h"

#include "worker/transcript.h"

#include <string.h>

int bare_say(struct session *session, const char *text)
{
	transcript_note(session, TO_CLIENT, text, strlen(text));
	return stream_write(&session->stream, text, strlen(text), false);
}

int bare_pause(struct session *session)
{
	int error = stream_flush(&session->stream);

	return error < 0 ? error : stream_pause(&session->stream, BARE_CLIENT_PAUSE_MS);
}
