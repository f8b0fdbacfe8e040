#include "common/back_off.h"

int64_t back_off_ms(uint32_t failures, int64_t shortest_ms, int64_t longest_ms)
{
	int64_t rest = shortest_ms;

	for (uint32_t i = 1; i < failures && rest < longest_ms; i++)
		rest *= 2;
	return rest < longest_ms ? rest : longest_ms;
}
