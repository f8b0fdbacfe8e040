#include "client/receipt.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static const char abc[DIGEST_TEXT] = "abc", abd[DIGEST_TEXT] = "abd";

START_TEST(what_a_receipt_proves)
{
	struct receipt there = {.size = -1};

	ck_assert_int_eq(receipt_prove(&there, 5, abc), RECEIPT_NOTHING);
	there.size = 5;
	ck_assert_int_eq(receipt_prove(&there, 5, abc), RECEIPT_SIZE);
	ck_assert_int_eq(receipt_prove(&there, 6, abc), -EBADMSG);
	strcpy(there.sum, "abc");
	ck_assert_int_eq(receipt_prove(&there, 5, abc), RECEIPT_SUM);
	ck_assert_int_eq(receipt_prove(&there, 5, abd), -EBADMSG);
	ck_assert_int_eq(receipt_prove(&there, 6, abc), -EBADMSG);
	there.size = -1;
	ck_assert_int_eq(receipt_prove(&there, 6, abc), RECEIPT_SUM);
}
END_TEST

SUITE(client_receipt, what_a_receipt_proves)
