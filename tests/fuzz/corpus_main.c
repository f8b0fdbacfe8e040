#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

enum { LARGEST_INPUT = 1 << 20 };

/* Gives one file to the target, in a buffer of exactly its size so that a sanitizer sees a read
 * past its end. */
static int run(const char *name)
{
	FILE *file = fopen(name, "rb");
	uint8_t *whole = malloc(LARGEST_INPUT);
	uint8_t *exact = NULL;
	size_t size = 0;

	if (file && whole) {
		size = fread(whole, 1, LARGEST_INPUT, file);
		exact = malloc(size > 0 ? size : 1);
	}
	for (size_t i = 0; exact && i < size; i++)
		exact[i] = whole[i];
	if (exact)
		LLVMFuzzerTestOneInput(exact, size);
	else
		perror(name);
	if (file)
		fclose(file);
	free(whole);
	free(exact);
	return exact ? 0 : -1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (run(argv[i]) < 0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
