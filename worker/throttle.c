#include "worker/throttle.h"

#include "common/buckets.h"
#include "common/clock.h"

enum {
	STEPS_A_SECOND = 40,
	STEP_LARGEST = 256 * 1024,
	NS_A_MS = 1000000,
};

static uint64_t least(uint64_t rate, uint64_t other)
{
	return rate == 0 || (other != 0 && other < rate) ? other : rate;
}

static size_t step_of(const struct throttle *throttle)
{
	uint64_t rate =
		least(least(throttle->session_rate, throttle->account_rate), throttle->all_rate);
	uint64_t step = rate / STEPS_A_SECOND;

	return step == 0 ? 1 : step > STEP_LARGEST ? STEP_LARGEST : (size_t)step;
}

void throttle_begin(struct throttle *throttle, struct stream *stream, struct session *session,
	const char *account, const struct bandwidth *bandwidth, enum bandwidth_way way)
{
	const struct engine *engine = session->engine;

	*throttle = (struct throttle){.session = &session->buckets[way],
		.shared = engine->buckets,
		.way = way,
		.session_rate = bandwidth->session[way],
		.account_rate = account ? bandwidth->user[way] : 0,
		.all_rate = engine->config->total_bandwidth[way]};
	if (throttle->session_rate == 0 && throttle->account_rate == 0 && throttle->all_rate == 0)
		return;
	throttle->account = account ? buckets_number(account) : 0;
	throttle->step = step_of(throttle);
	stream->throttle = throttle;
}

static struct bucket *account_bucket(const struct throttle *throttle, int64_t now_ns)
{
	return buckets_account(throttle->shared, throttle->account, throttle->way, now_ns);
}

void throttle_end(struct throttle *throttle, struct stream *stream)
{
	size_t left = throttle->drawn;

	stream->throttle = NULL;
	throttle->drawn = 0;
	if (left == 0)
		return;
	if (throttle->session_rate > 0)
		bucket_return(throttle->session, throttle->session_rate, left);
	if (throttle->account_rate > 0)
		bucket_return(account_bucket(throttle, clock_ns()), throttle->account_rate, left);
	if (throttle->all_rate > 0)
		bucket_return(
			buckets_all(throttle->shared, throttle->way), throttle->all_rate, left);
}

static int64_t later(int64_t turn, int64_t other)
{
	return turn > other ? turn : other;
}

/* When the bytes may move, as far as each of the three is concerned. */
static int64_t draw(const struct throttle *throttle, size_t bytes, int64_t now_ns)
{
	int64_t turn = now_ns;

	if (throttle->session_rate > 0)
		turn = later(turn,
			bucket_draw(throttle->session, throttle->session_rate, bytes, now_ns));
	if (throttle->account_rate > 0)
		turn = later(turn, bucket_draw(account_bucket(throttle, now_ns),
					   throttle->account_rate, bytes, now_ns));
	if (throttle->all_rate > 0)
		turn = later(turn, bucket_draw(buckets_all(throttle->shared, throttle->way),
					   throttle->all_rate, bytes, now_ns));
	return turn;
}

/* A pause ends early only with an error. */
static int await(struct stream *stream, int64_t wait_ms)
{
	int64_t began_ms = clock_ms();
	int error = stream_pause(stream, (int)wait_ms);

	stream->throttle->waited_ms += clock_ms() - began_ms;
	return error;
}

ssize_t throttle_wait(struct stream *stream, size_t wanted)
{
	struct throttle *throttle = stream->throttle;

	if (throttle->drawn == 0) {
		int64_t now = clock_ns();
		int64_t turn = draw(throttle, throttle->step, now);

		throttle->drawn = throttle->step;
		if (turn > now) {
			int error = await(stream, (turn - now + NS_A_MS - 1) / NS_A_MS);

			if (error < 0)
				return error;
		}
	}
	return (ssize_t)(wanted < throttle->drawn ? wanted : throttle->drawn);
}

void throttle_moved(struct throttle *throttle, size_t bytes)
{
	throttle->drawn -= bytes < throttle->drawn ? bytes : throttle->drawn;
}
