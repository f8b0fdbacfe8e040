#include "common/sealed_memory.h"

#include "tests/unit/suite.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { SIZE = 5000 };

START_TEST(nobody_can_change_its_size)
{
	int memory = sealed_memory_new("test", SIZE);
	char byte = 1;

	ck_assert_int_ge(memory, 0);
	ck_assert_int_eq(fcntl(memory, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(pread(memory, &byte, 1, SIZE - 1), 1);
	ck_assert_int_eq(byte, 0);
	ck_assert_int_lt(ftruncate(memory, 0), 0);
	ck_assert_int_lt(ftruncate(memory, SIZE + 1), 0);
	ck_assert_int_lt(fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE), 0);
	close(memory);
}
END_TEST

START_TEST(what_is_such_memory)
{
	int memory = sealed_memory_new("test", SIZE),
	    open_ended = memfd_create("test", MFD_CLOEXEC);

	ck_assert(sealed_memory_is(memory, SIZE));
	ck_assert(!sealed_memory_is(memory, SIZE - 1));
	ck_assert_int_eq(ftruncate(open_ended, SIZE), 0);
	ck_assert(!sealed_memory_is(open_ended, SIZE));
	ck_assert(!sealed_memory_is(-1, SIZE));
	close(memory);
	close(open_ended);
}
END_TEST

SUITE(sealed_memory, nobody_can_change_its_size, what_is_such_memory)
