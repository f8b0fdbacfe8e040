/* ftpoold: reads the command line, loads the config, and becomes the master. */
#include "common/clock.h"
#include "common/config.h"
#include "common/log.h"
#include "common/ticket_keys.h"
#include "supervisor/inspect.h"
#include "supervisor/log_file.h"
#include "supervisor/master.h"
#include "supervisor/succession.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	EXIT_CONFIG = 2,
	SETTINGS_MOST = 100,
	DESCRIPTORS_MOST = 1 << 20,
	DESCRIPTORS_OF_OUR_OWN = 24
};

/* What the command line asks for. */
struct wish {
	const char *file;
	const char *root;
	const char *settings[SETTINGS_MOST];
	size_t setting_count;
	bool service;
	bool check_only;
};

static struct master master;

enum { OPTION_CHECK = 256, OPTION_FOREGROUND, OPTION_SERVICE, OPTION_PRINT_CONFIG };

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"option", required_argument, NULL, 'o'},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"foreground", no_argument, NULL, OPTION_FOREGROUND},
	{"service", no_argument, NULL, OPTION_SERVICE},
	{"print-config", optional_argument, NULL, OPTION_PRINT_CONFIG},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void print_usage(FILE *out)
{
	fputs("Usage: ftpoold [-c FILE] [--check] [--foreground | --service]\n"
	      "               [-o OPTION=VALUE ...] [ROOT]\n"
	      "\n"
	      "Serves the directory ROOT. Without ROOT and FILE that is ./library, on 127.0.0.1\n"
	      "and ports that need no privilege.\n"
	      "\n"
	      "  -c, --config FILE      read this config; see ftpool.conf(5)\n"
	      "  -o, --option OPT=VAL   set an option, after the config: -o workers=4,\n"
	      "                         -o limits.sessions=100, -o listener.lgpq.port=9000\n"
	      "      --check            only check the config and the machine, then exit\n"
	      "      --foreground       stay in the foreground (as it always does)\n"
	      "      --service          as systemd's service: without FILE, read\n"
	      "                         " FTPOOL_SYSCONFDIR
	      "/ftpool/ftpool.conf; log for the journal\n"
	      "      --print-config     print the documented default config\n"
	      "      --version, --help\n"
	      "\n"
	      "Exit status: 0 stopped as told; 1 cannot serve; 2 usage or config.\n",
		out);
}

static int refuse_usage(const char *what, const char *which)
{
	fprintf(stderr, "ftpoold: %s%s; `ftpoold --help` tells what there is\n", what, which);
	return EXIT_CONFIG;
}

static int print_config(const char *form)
{
	if (!form)
		config_print_file(stdout);
	else if (strcmp(form, "manual") == 0)
		config_print_manual(stdout);
	else
		return refuse_usage(
			"--print-config=manual is the only other form; there is none called ",
			form);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* One option. -1 to go on, else the exit status. */
static int take_option(struct wish *wish, int option)
{
	switch (option) {
	case 'c': wish->file = optarg; return -1;
	case 'o':
		if (wish->setting_count == SETTINGS_MOST)
			return refuse_usage("too many options: the last one is -o ", optarg);
		wish->settings[wish->setting_count++] = optarg;
		return -1;
	case OPTION_CHECK: wish->check_only = true; return -1;
	case OPTION_FOREGROUND: return -1;
	case OPTION_SERVICE: wish->service = true; return -1;
	case OPTION_PRINT_CONFIG: return print_config(optarg);
	case 'V': puts("ftpoold " FTPOOL_VERSION); return 0;
	case 'h': print_usage(stdout); return 0;
	default: print_usage(stderr); return EXIT_CONFIG;
	}
}

static int read_command_line(struct wish *wish, int argc, char **argv)
{
	int option, status;

	while ((option = getopt_long(argc, argv, "c:o:Vh", options, NULL)) != -1) {
		status = take_option(wish, option);
		if (status >= 0)
			return status;
	}
	if (optind < argc)
		wish->root = argv[optind++];
	if (optind < argc)
		return refuse_usage("more than one ROOT: ", argv[optind]);
	if (wish->service && !wish->file)
		wish->file = FTPOOL_SYSCONFDIR "/ftpool/ftpool.conf";
	return -1;
}

/* As many descriptors as the system allows; some containers allow a number that is none. A reload
 * has twice as many workers for a while. */
static void raise_descriptor_limit(const struct config *config, struct complaints *complaints)
{
	size_t needed = config->workers * 2 + config->listener_count + STATUS_WATCHES +
			DESCRIPTORS_OF_OUR_OWN;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MOST ? limit.rlim_max : DESCRIPTORS_MOST;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < needed)
		complain(complaints, (struct origin){"ftpoold", 0},
			"this system allows %ju descriptors, too few: %u workers need at least "
			"%zu; "
			"raise the limit (ulimit -n, LimitNOFILE=) or set fewer workers",
			(uintmax_t)limit.rlim_cur, config->workers, needed);
}

static void say_identity(const struct config *config)
{
	if (!config->change_user)
		log_info("master: not started by root", "serving_as_uid=%u",
			(unsigned int)config->uid);
}

static int serve(struct generation *first, struct ticket_keys *tickets, const struct launch *launch,
	struct complaints *complaints)
{
	int status = log_file_open(first->config);

	if (status == 0)
		raise_descriptor_limit(first->config, complaints);
	if (status < 0 || complaints->count > 0) {
		generation_free(first);
		ticket_keys_free(tickets);
		return 1;
	}
	say_identity(first->config);
	if (master_open(&master, first, tickets, launch, complaints) < 0)
		return 1;
	status = master_run(&master);
	master_close(&master);
	return status;
}

/* Nothing that is opened later may become 0, 1 or 2. */
static void fill_standard_descriptors(void)
{
	int descriptor;

	do {
		descriptor = open("/dev/null", O_RDWR);
	} while (descriptor >= 0 && descriptor <= STDERR_FILENO);
	if (descriptor > STDERR_FILENO)
		close(descriptor);
}

/* Checks what the request names, and serves it. */
static int load_and_serve(const struct wish *wish, const struct launch *launch)
{
	struct complaints complaints = {.to = stderr};
	struct ticket_keys *tickets = ticket_keys_new(clock_ms());
	struct config *config = tickets ? config_load(launch->request, &complaints) : NULL;
	struct generation *first = config ? generation_new(1, config) : NULL;
	int status = EXIT_CONFIG;

	if (first) {
		log_file_begin(config);
		inspect_config(config, &first->certificates, tickets, &complaints);
		if (complaints.count == 0 && wish->check_only)
			status = puts("ftpoold: the config is fine") < 0;
		else if (complaints.count == 0)
			return serve(first, tickets, launch, &complaints);
	}
	generation_free(first);
	ticket_keys_free(tickets);
	return status;
}

/* What a program on trial has to log is of no interest: what is wrong is complained of. */
static int open_log(
	const struct config *config, const struct handover *handover, struct complaints *complaints)
{
	int nowhere;

	if (!handover->on_trial)
		return log_file_open(config);
	log_file_try(config, complaints);
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere < 0 || log_adopt(nowhere) < 0)
		return -1;
	close(nowhere);
	return 0;
}

/* Takes over from the program before, or what this one served until it leapt. 0, or -1 after
 * complaining, and then nothing has changed. */
static int take_over(
	const struct launch *launch, const struct handover *handover, struct complaints *complaints)
{
	struct ticket_keys *tickets = succession_tickets(handover);
	struct generation *own = succession_generation(launch, handover, tickets, complaints);

	if (!own || complaints->count > 0 || open_log(own->config, handover, complaints) < 0)
		return -1;
	raise_descriptor_limit(own->config, complaints);
	if (complaints->count > 0)
		return -1;
	return master_adopt(&master, own, tickets, launch, handover, complaints);
}

/* Nothing is closed or freed, which might be seen by others; the end of this process does that. */
static _Noreturn void stand_trial(const struct launch *launch, const struct handover *handover)
{
	struct complaints complaints = {.to = stdout};

	setvbuf(stdout, NULL, _IONBF, 0);
	if (take_over(launch, handover, &complaints) < 0)
		_exit(EXIT_CONFIG);
	_exit(puts(handover_promise) < 0);
}

/* What is wrong is written, by children too, where it can be read for the program before. */
static int take_over_or_return(const struct launch *launch, struct handover *handover)
{
	int written = memfd_create("ftpool complaints", MFD_CLOEXEC), error = -1;
	struct complaints complaints = {.to = written < 0 ? NULL : fdopen(dup(written), "w")};
	char why[4096] = "";

	if (complaints.to) {
		error = take_over(launch, handover, &complaints);
		(void)fclose(complaints.to);
		(void)!pread(written, why, sizeof(why) - 1, 0);
		close(written);
	}
	if (error == 0) {
		error = master_run(&master);
		master_close(&master);
		return error;
	}
	log_error("upgrade: cannot take over", "");
	handover_return(handover, NULL, why[0] ? why : "out of memory");
	return 1;
}

/* The path of this program, also when another file has taken its place already. */
static const char *program_path(void)
{
	static const char gone[] = " (deleted)";
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	size_t end;

	path[length > 0 ? length : 0] = '\0';
	end = strlen(path);
	if (end > strlen(gone) && strcmp(path + end - strlen(gone), gone) == 0)
		path[end - strlen(gone)] = '\0';
	return path;
}

static int run(const struct wish *wish, const struct launch *launch)
{
	struct complaints complaints = {.to = stderr};
	struct handover handover;
	int received = handover_receive(&handover, &complaints);

	if (received < 0)
		return EXIT_CONFIG;
	if (received > 0 && handover.on_trial)
		stand_trial(launch, &handover);
	return received > 0 ? take_over_or_return(launch, &handover) : load_and_serve(wish, launch);
}

int main(int argc, char **argv)
{
	struct wish wish = {0};
	int status;

	fill_standard_descriptors();
	signal(SIGXFSZ, SIG_IGN); /* a full log file is an error of write(2), no death */
	/* First: it overwrites the memory that the words are in, and has others point to copies. */
	setproctitle_init(argc, argv, environ);
	status = read_command_line(&wish, argc, argv);
	if (status >= 0)
		return status;

	struct config_request request = {.file = wish.file,
		.root = wish.root,
		.set = wish.settings,
		.set_count = wish.setting_count,
		.service = wish.service};

	struct launch launch = {.request = &request,
		.argv = argv,
		.program = program_path(),
		.by_hand = !wish.service};

	return run(&wish, &launch);
}
