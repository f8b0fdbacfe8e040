#include "supervisor/certificates.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/tls.h"

#include <string.h>
#include <sys/prctl.h>

enum { DAY_SECONDS = 24 * 3600, WARN_DAYS = 14, WARN_EVERY_MS = DAY_SECONDS * 1000 };

int certificates_open(struct certificates *certificates, const struct config *config,
	struct complaints *complaints)
{
	*certificates = (struct certificates){0};
	if (config->tls_certificates.count == 0)
		return 0;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	certificates->tickets = ticket_keys_new(clock_ms());
	if (!certificates->tickets) {
		complain(complaints, (struct origin){config->file, 0},
			"there is no memory for the keys of TLS session tickets");
		return -1;
	}
	certificates->tls = tls_new(config, certificates->tickets, complaints);
	if (certificates->tls)
		return 0;
	certificates_close(certificates);
	return -1;
}

void certificates_close(struct certificates *certificates)
{
	tls_free(certificates->tls);
	ticket_keys_free(certificates->tickets);
	*certificates = (struct certificates){0};
}

/* Rounded down, so that the last day is day 0. */
int64_t certificates_days_left(const struct certificates *certificates)
{
	int64_t seconds = tls_expires_unix(certificates->tls, NULL) - clock_unix_seconds();

	return seconds >= 0 ? seconds / DAY_SECONDS : -1 - (-seconds - 1) / DAY_SECONDS;
}

bool certificates_in_kernel(const struct certificates *certificates)
{
	return certificates->tls->kernel;
}

static void warn(const struct certificates *certificates)
{
	const char *file = "";
	char quoted[LOG_QUOTED];
	int64_t days = certificates_days_left(certificates);

	(void)tls_expires_unix(certificates->tls, &file);
	log_warning(days < 0 ? "tls: a certificate has expired" : "tls: a certificate runs out",
		"file=%s days_left=%jd advice=\"renew it\"", log_quote(quoted, file, strlen(file)),
		(intmax_t)days);
}

void certificates_tend(struct certificates *certificates, int64_t now_ms)
{
	if (!certificates->tls)
		return;
	ticket_keys_tend(certificates->tickets, now_ms);
	if (certificates->warned_ms != 0 && now_ms - certificates->warned_ms < WARN_EVERY_MS)
		return;
	certificates->warned_ms = now_ms;
	if (certificates_days_left(certificates) < WARN_DAYS)
		warn(certificates);
}
