#include "client/ctl_import.h"

#include "client/import.h"
#include "client/import_rows.h"
#include "common/users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum ctl_exit usage(FILE *out)
{
	fputs("Usage: ftpctl import [--from KIND] [--output NEW] FILE\n"
	      "\n"
	      "  Makes an ftpool.conf of a vsftpd.conf or proftpd.conf, and lines of a users file\n"
	      "  of a pureftpd.passwd or an AuthUserFile; writes it to standard output, and tells\n"
	      "  on standard error what has no counterpart, line by line. See ftpool-import(7).\n"
	      "\n"
	      "  --from KIND   vsftpd, proftpd, pureftpd or authuserfile; without it the file's\n"
	      "                content tells\n"
	      "  --output NEW  writes to a file that is not there yet\n"
	      "\n"
	      "Exit status: 0 written, whether all of it had a counterpart or not; 1 it could not\n"
	      "be read or written; 2 usage.\n",
		out);
	return out == stdout ? CTL_WELL : CTL_USAGE;
}

static enum ctl_exit fail(const char *what, const char *why)
{
	fprintf(stderr, "ftpctl: %s: %s\n", what, why);
	return CTL_REFUSED;
}

static char *read_file(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	char *text = descriptor >= 0 ? users_file_slurp(descriptor, &size) : NULL;

	if (!text)
		fail(path, strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	if (text && strlen(text) != size) {
		fail(path, "holds a NUL byte; it is no text");
		free(text);
		return NULL;
	}
	return text;
}

/* A file of accounts holds hashes. */
static FILE *open_output(const char *path, int kind)
{
	mode_t mode = kind == IMPORT_VSFTPD || kind == IMPORT_PROFTPD ? 0644 : 0600;
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	return descriptor >= 0 ? fdopen(descriptor, "we") : NULL;
}

static int kind_named(const char *name)
{
	for (int kind = 0; kind < IMPORT_KINDS; kind++) {
		if (strcmp(name, import_kind_names[kind]) == 0)
			return kind;
	}
	return -EINVAL;
}

static enum ctl_exit write_all(int kind, char *text, const char *file, const char *output)
{
	struct complaints notes = {.to = stderr};
	FILE *out = output ? open_output(output, kind) : stdout;
	bool written;

	if (!out)
		return fail(output, strerror(errno));
	written = import_text((enum import_kind)kind, text, file, true, out, &notes) == 0 &&
		  fflush(out) == 0;
	if (output)
		written &= fclose(out) == 0;
	return written ? CTL_WELL : fail(output ? output : "standard output", strerror(errno));
}

static enum ctl_exit import_file(const char *from, const char *output, const char *file)
{
	int kind = from ? kind_named(from) : -EINVAL;
	enum ctl_exit status = CTL_REFUSED;
	char *text;

	if (from && kind < 0) {
		fprintf(stderr, "ftpctl: there is no kind \"%s\"\n", from);
		return usage(stderr);
	}
	text = read_file(file);
	if (text && kind < 0)
		kind = import_recognise(text);
	if (text && kind < 0)
		fail(file, "is of no kind that is known; --from KIND says which");
	else if (text)
		status = write_all(kind, text, file, output);
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	return status;
}

enum { OPTION_FROM = 256, OPTION_OUTPUT, OPTION_MANUAL };

enum ctl_exit ctl_import_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"from", required_argument, NULL, OPTION_FROM},
		{"output", required_argument, NULL, OPTION_OUTPUT},
		{"print-manual", no_argument, NULL, OPTION_MANUAL},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *from = NULL, *output = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case OPTION_FROM: from = optarg; break;
		case OPTION_OUTPUT: output = optarg; break;
		case OPTION_MANUAL:
			import_rows_print(stdout);
			return fflush(stdout) == 0 ? CTL_WELL : CTL_REFUSED;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	if (optind + 1 != argc)
		return usage(stderr);
	return import_file(from, output, argv[optind]);
}
