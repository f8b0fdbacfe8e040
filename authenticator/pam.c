#include "authenticator/pam.h"

#include "common/user.h"

#include <errno.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSWD_BYTES = 16 * 1024 };

/* PAM frees the answers, and wipes them. */
static char *answer_to(const struct pam_message *message, const struct login_question *question)
{
	if (message->msg_style == PAM_PROMPT_ECHO_OFF)
		return strdup(question->password);
	if (message->msg_style == PAM_PROMPT_ECHO_ON)
		return strdup(question->user);
	return NULL;
}

static int converse(
	int count, const struct pam_message **messages, struct pam_response **out, void *question)
{
	struct pam_response *answers;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	answers = calloc((size_t)count, sizeof(*answers));
	if (!answers)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++)
		answers[i].resp = answer_to(messages[i], question);
	*out = answers;
	return PAM_SUCCESS;
}

/* Modules wish for a pause after a failure, which PAM would make here: two who guess passwords
 * would keep everybody's logins waiting. Whoever guesses waits in the worker. */
static void pause_not(int result, unsigned int microseconds, void *question)
{
	(void)result;
	(void)microseconds;
	(void)question;
}

static int ask(pam_handle_t *pam, const struct login_question *question)
{
	char peer[ADDRESS_TEXT];
	int result = pam_set_item(pam, PAM_RHOST, address_format_host(&question->peer, peer));

	if (result == PAM_SUCCESS)
		result = pam_set_item(pam, PAM_TTY, "ftp");
	if (result == PAM_SUCCESS)
		result = pam_set_item(pam, PAM_FAIL_DELAY, (const void *)(uintptr_t)pause_not);
	if (result == PAM_SUCCESS)
		result = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	return result;
}

static int take_user(pam_handle_t *pam, char user[LOGIN_USER])
{
	const void *item = NULL;

	if (pam_get_item(pam, PAM_USER, &item) != PAM_SUCCESS || !item)
		return -EIO;
	return snprintf(user, LOGIN_USER, "%s", (const char *)item) < LOGIN_USER ? 0
										 : -ENAMETOOLONG;
}

static int find_home(const char *user, char root[PATH_MAX])
{
	char *bytes = malloc(PASSWD_BYTES);
	struct passwd entry, *found = NULL;
	int error = bytes ? getpwnam_r(user, &entry, bytes, PASSWD_BYTES, &found) : ENOMEM;

	if (error == 0 && !found)
		error = ENOENT;
	if (error == 0 && snprintf(root, PATH_MAX, "%s", found->pw_dir) >= PATH_MAX)
		error = ENAMETOOLONG;
	free(bytes);
	return -error;
}

int pam_judge(const struct config *config, const struct login_question *question,
	char user[LOGIN_USER], char root[PATH_MAX], const char **why)
{
	const struct pam_conv conversation = {converse, (void *)(uintptr_t)question};
	pam_handle_t *pam = NULL;
	int result = pam_start(config->pam_service, question->user, &conversation, &pam);
	int error = -EACCES;

	*why = "pam";
	if (result != PAM_SUCCESS)
		return result == PAM_BUF_ERR ? -ENOMEM : -EIO;
	result = ask(pam, question);
	if (result == PAM_SUCCESS)
		error = take_user(pam, user);
	(void)pam_end(pam, result);
	if (error < 0)
		return error;
	*why = "root";
	return config->pam_root[0] != '\0' ? user_root(root, config->pam_root, user)
					   : find_home(user, root);
}
