/* A fuzz target: one function that takes any bytes and asserts what must hold for them. libFuzzer
 * calls it (make fuzz), and so does corpus_main.c with the files of the corpus (make check). */
#ifndef FTPOOL_TESTS_FUZZ_FUZZ_H
#define FTPOOL_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
