#include "supervisor/certificates.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	DAY_SECONDS = 24 * 3600,
	WARN_DAYS = 14,
	WARN_EVERY_MS = DAY_SECONDS * 1000,
	LOOK_EVERY_MS = 5000
};

/* Reads and makes. NULL after complaining. The material is the caller's to wipe then. */
static struct tls *read_files(struct certificates *certificates, struct tls_material *material,
	struct complaints *complaints)
{
	const struct config *config = certificates->config;
	struct tls *tls;

	/* Looked at first: what changes while they are read is seen the next time. */
	certificates->seen = tls_material_look(config);
	if (tls_material_read(material, config, complaints) < 0)
		return NULL;
	tls = tls_new(config, certificates->tickets, material, complaints);
	if (!tls)
		tls_material_wipe(material);
	return tls;
}

static void begin(struct certificates *certificates, const struct config *config,
	const struct ticket_keys *tickets)
{
	*certificates = (struct certificates){.config = config, .tickets = tickets, .packed = -1};
	if (config->tls_certificates.count > 0)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void complain_memory(const struct config *config, struct complaints *complaints)
{
	complain(complaints, (struct origin){config->file, 0},
		"there is no memory for the certificates");
}

int certificates_open(struct certificates *certificates, const struct config *config,
	const struct ticket_keys *tickets, struct complaints *complaints)
{
	struct tls_material material;

	begin(certificates, config, tickets);
	if (config->tls_certificates.count == 0)
		return 0;
	certificates->tls = read_files(certificates, &material, complaints);
	certificates->looked_ms = clock_ms();
	if (!certificates->tls)
		return -1;
	certificates->packed = tls_material_pack(&material);
	tls_material_wipe(&material);
	if (certificates->packed >= 0)
		return 0;
	complain_memory(config, complaints);
	certificates_close(certificates);
	return -1;
}

int certificates_adopt(struct certificates *certificates, const struct config *config,
	const struct ticket_keys *tickets, int packed, struct complaints *complaints)
{
	struct tls_material material;
	int error;

	begin(certificates, config, tickets);
	certificates->packed = packed;
	if (config->tls_certificates.count == 0)
		return 0;
	certificates->looked_ms =
		1; /* the files are looked at soon, and what has changed is read */
	error = packed >= 0 ? tls_material_unpack(&material, packed) : -EINVAL;
	if (error == 0) {
		certificates->tls = tls_new(config, tickets, &material, complaints);
		tls_material_wipe(&material);
	} else {
		complain_memory(config, complaints);
	}
	if (certificates->tls)
		return 0;
	certificates_close(certificates);
	return -1;
}

void certificates_close(struct certificates *certificates)
{
	tls_free(certificates->tls);
	if (certificates->packed >= 0)
		close(certificates->packed);
	*certificates = (struct certificates){.config = certificates->config, .packed = -1};
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

static void warn_now_and_then(struct certificates *certificates, int64_t now_ms)
{
	if (certificates->warned_ms != 0 && now_ms - certificates->warned_ms < WARN_EVERY_MS)
		return;
	certificates->warned_ms = now_ms;
	if (certificates_days_left(certificates) < WARN_DAYS)
		warn(certificates);
}

/* ---- again ---- */

static void log_refusal(const char *text)
{
	size_t length = strcspn(text, "\n");
	char quoted[LOG_QUOTED];

	log_error("tls: the new certificates are no good", "reason=%s advice=\"the old ones stay\"",
		log_quote(quoted, text, length));
}

/* The new ones, with their material; NULL when they are no good, which the log tells. */
static struct tls *read_again(struct certificates *certificates, struct tls_material *material)
{
	char *text = NULL;
	size_t length;
	struct complaints complaints = {.to = open_memstream(&text, &length)};
	struct tls *tls = NULL;

	if (!complaints.to)
		return NULL;
	tls = read_files(certificates, material, &complaints);
	fclose(complaints.to);
	if (!tls)
		log_refusal(text);
	free(text);
	return tls;
}

static bool take_new(struct certificates *certificates)
{
	struct tls_material material;
	struct tls *tls = read_again(certificates, &material);
	int descriptor;

	if (!tls)
		return false;
	descriptor = tls_material_pack(&material);
	tls_material_wipe(&material);
	if (descriptor < 0) {
		log_error("tls: the new certificates cannot be handed on", "error=\"%s\"",
			strerror(-descriptor));
		tls_free(tls);
		return false;
	}
	tls_free(certificates->tls);
	close(certificates->packed);
	certificates->packed = descriptor;
	certificates->tls = tls;
	certificates->warned_ms = 0;
	log_info("tls: new certificates", "days_left=%jd",
		(intmax_t)certificates_days_left(certificates));
	return true;
}

bool certificates_tend(struct certificates *certificates, int64_t now_ms)
{
	bool told = certificates->looked_ms == 0;

	if (!certificates->tls)
		return false;
	warn_now_and_then(certificates, now_ms);
	if (!told && now_ms - certificates->looked_ms < LOOK_EVERY_MS)
		return false;
	certificates->looked_ms = now_ms;
	if (!told && tls_material_look(certificates->config) == certificates->seen)
		return false;
	return take_new(certificates);
}

void certificates_read_again(struct certificates *certificates)
{
	certificates->looked_ms = 0;
}
