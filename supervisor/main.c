/* ftpoold: reads the command line, loads the config, and becomes the master. */
#include "common/config.h"
#include "common/log.h"
#include "common/rights.h"
#include "supervisor/advice.h"
#include "supervisor/certificates.h"
#include "supervisor/log_file.h"
#include "supervisor/master.h"
#include "supervisor/users_probe.h"
#include "worker/root_probe.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/* A root as the service's user sees it. */
static void check_root(const struct config *config, const char *section, const char *root,
	bool for_puts, struct complaints *complaints)
{
	struct origin origin = config_origin(config, section, NULL, "root");
	bool writable = false;
	int error = root_probe(config, root, &writable);

	if (error < 0)
		complain(complaints, origin,
			"root = \"%s\" cannot be read by uid %u, who serves it: %s; let that user "
			"in "
			"(chown, chmod, setfacl) or set user",
			root, (unsigned int)config->uid, strerror(-error));
	else if (for_puts && !writable)
		log_warning("master: the root is read-only for the service's user",
			"root=\"%s\" uid=%u advice=\"every put will be refused; chown or chmod it "
			"if "
			"clients shall put files there\"",
			root, (unsigned int)config->uid);
}

/* What is mounted, by the same measure. */
static void check_mount(
	const struct config *config, const struct config_zone *zone, struct complaints *complaints)
{
	bool writable = false;
	int error = root_probe(config, zone->from, &writable);

	if (error < 0)
		complain(complaints, config_origin(config, "mount", zone->path, "from"),
			"from = \"%s\" cannot be read by uid %u, who serves it: %s; let that user "
			"in "
			"(chown, chmod, setfacl)",
			zone->from, (unsigned int)config->uid, strerror(-error));
}

static void check_roots(const struct config *config, struct complaints *complaints)
{
	for (size_t i = 0; i < config->zone_count; i++) {
		if (config->zones[i].mount)
			check_mount(config, &config->zones[i], complaints);
	}
	check_root(config, "", config->root, true, complaints);
	if (config->anonymous && config->anonymous_root[0] != '\0')
		check_root(config, "anonymous", config->anonymous_root,
			config->anonymous_may & RIGHT_put, complaints);
}

/* As many descriptors as the system allows; some containers allow a number that is none. poll(2)
 * counts the askers' places whether they are taken or not. */
static void raise_descriptor_limit(const struct config *config, struct complaints *complaints)
{
	size_t needed =
		config->workers + config->listener_count + STATUS_WATCHES + DESCRIPTORS_OF_OUR_OWN;
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

static int serve(const struct config *config, struct certificates *certificates,
	const struct wish *wish, struct complaints *complaints)
{
	static struct master master;
	int status;

	if (log_file_open(config) < 0)
		return 1;
	raise_descriptor_limit(config, complaints);
	if (complaints->count > 0)
		return 1;
	say_identity(config);
	if (master_open(&master, config, certificates, !wish->service, complaints) < 0)
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

int main(int argc, char **argv)
{
	struct wish wish = {0};
	struct complaints complaints = {.to = stderr};
	struct certificates certificates;
	struct config *config;
	int status;

	fill_standard_descriptors();
	signal(SIGXFSZ, SIG_IGN); /* a full log file is an error of write(2), no death */
	status = read_command_line(&wish, argc, argv);

	if (status >= 0)
		return status;
	setproctitle_init(argc, argv, environ);

	struct config_request request = {.file = wish.file,
		.root = wish.root,
		.set = wish.settings,
		.set_count = wish.setting_count,
		.service = wish.service};

	config = config_load(&request, &complaints);
	if (!config)
		return EXIT_CONFIG;
	log_file_begin(config);
	check_roots(config, &complaints);
	users_probe(config, &complaints);
	(void)certificates_open(&certificates, config, &complaints);
	advice_give(config);
	if (complaints.count > 0)
		status = EXIT_CONFIG;
	else if (wish.check_only)
		status = puts("ftpoold: the config is fine") < 0;
	else
		status = serve(config, &certificates, &wish, &complaints);
	certificates_close(&certificates);
	config_free(config);
	return status;
}
