#include "worker/ftp/commands.h"

#include "worker/ftp/attributes.h"
#include "worker/ftp/checksum.h"
#include "worker/ftp/data.h"
#include "worker/ftp/download.h"
#include "worker/ftp/files.h"
#include "worker/ftp/info.h"
#include "worker/ftp/list.h"
#include "worker/ftp/login.h"
#include "worker/ftp/receive.h"
#include "worker/ftp/restart.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/settings.h"
#include "worker/ftp/site.h"

#include <string.h>
#include <strings.h>

/* What may stand between REST and the command it is for, and between RNFR and RNTO. */
enum { BETWEEN = KEEPS_RESTART | KEEPS_RENAME, ANYTIME = BEFORE_LOGIN | BETWEEN };

/* Sorted by verb: command_find relies on it. */
/* clang-format off */
const struct command commands[] = {
	{"ABOR", info_abor, TAKES_NOTHING, BEFORE_LOGIN, "", "ABOR", "RFC 959 4.1.3"},
	{"ACCT", login_acct, TAKES_TEXT, BEFORE_LOGIN, "", "ACCT <sp> account", "RFC 959 4.1.1"},
	{"ALLO", restart_allo, TAKES_TEXT, BETWEEN | ON_DISK, "", "ALLO <sp> bytes", "RFC 959 4.1.3"},
	{"APPE", receive_appe, TAKES_PATH, 0, "", "APPE <sp> path", "RFC 959 4.1.3"},
	{"AUTH", secure_auth, TAKES_TEXT, BEFORE_LOGIN, "AUTH TLS", "AUTH <sp> TLS", "RFC 4217 4"},
	{"AVBL", info_avbl, TAKES_PATH_OR_NOT, BETWEEN, "AVBL", "AVBL [<sp> path]", "draft-peterson-streamlined-ftp 4"},
	{"CCC", secure_ccc, TAKES_NOTHING, 0, "CCC", "CCC", "RFC 4217 6"},
	{"CDUP", files_cdup, TAKES_NOTHING, 0, "", "CDUP", "RFC 959 4.1.1"},
	{"CLNT", info_clnt, TAKES_TEXT_OR_NOT, ANYTIME, "CLNT", "CLNT <sp> name of the client", "in use since 2000"},
	{"COMB", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "COMB", "not done here"},
	{"CSID", info_csid, TAKES_TEXT_OR_NOT, ANYTIME, "CSID", "CSID <sp> Name=client;", "draft-peterson-streamlined-ftp 4"},
	{"CWD", files_cwd, TAKES_PATH_OR_NOT, 0, "", "CWD [<sp> path]", "RFC 959 4.1.1"},
	{"DELE", files_dele, TAKES_PATH, 0, "", "DELE <sp> path", "RFC 959 4.1.3"},
	{"EPRT", data_eprt, TAKES_TEXT, BETWEEN, "EPRT", "EPRT <sp> |1 or 2|address|port|", "RFC 2428 2"},
	{"EPSV", data_epsv, TAKES_TEXT_OR_NOT, BETWEEN, "EPSV", "EPSV [<sp> 1, 2 or ALL]", "RFC 2428 3"},
	{"ESTA", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "ESTA", "not done here"},
	{"ESTP", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "ESTP", "not done here"},
	{"FEAT", info_feat, TAKES_NOTHING, ANYTIME, "", "FEAT", "RFC 2389 3"},
	{"HASH", checksum_hash, TAKES_PATH, 0, "HASH", "HASH <sp> path", "draft-bryan-ftp-hash"},
	{"HELP", info_help, TAKES_TEXT_OR_NOT, ANYTIME, "", "HELP [<sp> command]", "RFC 959 4.1.3"},
	{"HOST", login_host, TAKES_TEXT, BEFORE_LOGIN, "HOST", "HOST <sp> name", "RFC 7151 3"},
	{"LANG", settings_lang, TAKES_TEXT_OR_NOT, ANYTIME, "LANG EN*", "LANG [<sp> language]", "RFC 2640 4"},
	{"LIST", list_list, TAKES_LISTING, ON_DISK, "", "LIST [<sp> -alRtSr] [<sp> path]", "RFC 959 4.1.3"},
	{"MDTM", attributes_mdtm, TAKES_PATH, BETWEEN, "MDTM", "MDTM <sp> path", "RFC 3659 3"},
	{"MFCT", attributes_mfct, TAKES_TEXT_AND_PATH, 0, "", "MFCT <sp> YYYYMMDDHHMMSS <sp> path", "draft-somers-ftp-mfxx 4"},
	{"MFF", attributes_mff, TAKES_TEXT_AND_PATH, 0, "MFF Modify;UNIX.mode;", "MFF <sp> fact=value; <sp> path", "draft-somers-ftp-mfxx 5"},
	{"MFMT", attributes_mfmt, TAKES_TEXT_AND_PATH, 0, "MFMT", "MFMT <sp> YYYYMMDDHHMMSS <sp> path", "draft-somers-ftp-mfxx 3"},
	{"MKD", files_mkd, TAKES_PATH, 0, "", "MKD <sp> path", "RFC 959 4.1.3"},
	{"MLSD", list_mlsd, TAKES_PATH_OR_NOT, 0, "", "MLSD [<sp> path]", "RFC 3659 7"},
	{"MLST", list_mlst, TAKES_PATH_OR_NOT, BETWEEN, "MLST", "MLST [<sp> path]", "RFC 3659 7"},
	{"MODE", settings_mode, TAKES_TEXT, BETWEEN, "MODE Z", "MODE <sp> S or Z", "RFC 959 3.4"},
	{"NLST", list_nlst, TAKES_LISTING, ON_DISK, "", "NLST [<sp> path]", "RFC 959 4.1.3"},
	{"NOOP", info_noop, TAKES_TEXT_OR_NOT, ANYTIME, "", "NOOP", "RFC 959 4.1.3"},
	{"OPTS", settings_opts, TAKES_TEXT, ANYTIME, "", "OPTS <sp> UTF8, MLST, HASH or MODE <sp> value", "RFC 2389 4"},
	{"PASS", login_pass, TAKES_TEXT_OR_NOT, BEFORE_LOGIN, "", "PASS <sp> password", "RFC 959 4.1.1"},
	{"PASV", data_pasv, TAKES_NOTHING, BETWEEN, "PASV", "PASV", "RFC 959 4.1.2"},
	{"PBSZ", secure_pbsz, TAKES_TEXT, ANYTIME, "PBSZ", "PBSZ <sp> 0", "RFC 4217 8"},
	{"PORT", data_port, TAKES_TEXT, BETWEEN, "", "PORT <sp> h1,h2,h3,h4,p1,p2", "RFC 959 4.1.2"},
	{"PRET", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "PRET", "not done here"},
	{"PROT", secure_prot, TAKES_TEXT, ANYTIME, "PROT", "PROT <sp> P or C", "RFC 4217 9"},
	{"PWD", files_pwd, TAKES_NOTHING, BETWEEN, "", "PWD", "RFC 959 4.1.3"},
	{"QUIT", login_quit, TAKES_TEXT_OR_NOT, BEFORE_LOGIN | CLOSES, "", "QUIT", "RFC 959 4.1.1"},
	{"RANG", restart_rang, TAKES_TEXT, KEEPS_RESTART, "RANG STREAM", "RANG <sp> first <sp> last", "draft-bryan-ftp-range"},
	{"REIN", login_rein, TAKES_NOTHING, BEFORE_LOGIN, "", "REIN", "RFC 959 4.1.1"},
	{"REST", restart_rest, TAKES_TEXT, KEEPS_RESTART, "REST STREAM", "REST <sp> offset", "RFC 3659 5"},
	{"RETR", download_retr, TAKES_PATH, 0, "", "RETR <sp> path", "RFC 959 4.1.3"},
	{"RMD", files_rmd, TAKES_PATH, 0, "", "RMD <sp> path", "RFC 959 4.1.3"},
	{"RNFR", files_rnfr, TAKES_PATH, KEEPS_RENAME, "", "RNFR <sp> path", "RFC 959 4.1.3"},
	{"RNTO", files_rnto, TAKES_PATH, 0, "", "RNTO <sp> path", "RFC 959 4.1.3"},
	{"SITE", site_site, TAKES_TEXT_AND_PATH, 0, "", "SITE <sp> command", "RFC 959 4.1.3"},
	{"SIZE", attributes_size, TAKES_PATH, BETWEEN, "SIZE", "SIZE <sp> path", "RFC 3659 4"},
	{"SMNT", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "SMNT", "not done here"},
	{"STAT", info_stat, TAKES_LISTING, ANYTIME | ON_DISK, "", "STAT [<sp> path]", "RFC 959 4.1.3"},
	{"STOR", receive_stor, TAKES_PATH, 0, "", "STOR <sp> path", "RFC 959 4.1.3"},
	{"STOU", receive_stou, TAKES_PATH_OR_NOT, 0, "", "STOU [<sp> path]", "RFC 959 4.1.3"},
	{"STRU", settings_stru, TAKES_TEXT, BETWEEN, "", "STRU <sp> F", "RFC 959 3.1.2"},
	{"SYST", info_syst, TAKES_NOTHING, ANYTIME, "", "SYST", "RFC 959 4.1.3"},
	{"THMB", info_not_here, TAKES_TEXT_OR_NOT, BETWEEN, "", "THMB", "not done here"},
	{"TYPE", settings_type, TAKES_TEXT, BETWEEN, "", "TYPE <sp> A, I or L 8", "RFC 959 3.1.1"},
	{"USER", login_user, TAKES_TEXT, BEFORE_LOGIN, "", "USER <sp> name", "RFC 959 4.1.1"},
	{"XCRC", checksum_xcrc, TAKES_TEXT_AND_PATH, 0, "XCRC", "XCRC <sp> path", "in use since 2001"},
	{"XCUP", files_cdup, TAKES_NOTHING, 0, "", "XCUP", "RFC 775"},
	{"XCWD", files_cwd, TAKES_PATH_OR_NOT, 0, "", "XCWD [<sp> path]", "RFC 775"},
	{"XMD5", checksum_xmd5, TAKES_TEXT_AND_PATH, 0, "XMD5", "XMD5 <sp> path", "in use since 2001"},
	{"XMKD", files_mkd, TAKES_PATH, 0, "", "XMKD <sp> path", "RFC 775"},
	{"XPWD", files_pwd, TAKES_NOTHING, BETWEEN, "", "XPWD", "RFC 775"},
	{"XRMD", files_rmd, TAKES_PATH, 0, "", "XRMD <sp> path", "RFC 775"},
	{"XSHA1", checksum_xsha1, TAKES_TEXT_AND_PATH, 0, "XSHA1", "XSHA1 <sp> path", "in use since 2001"},
	{"XSHA256", checksum_xsha256, TAKES_TEXT_AND_PATH, 0, "XSHA256", "XSHA256 <sp> path", "in use since 2001"},
	{"XSHA512", checksum_xsha512, TAKES_TEXT_AND_PATH, 0, "XSHA512", "XSHA512 <sp> path", "in use since 2001"},
};
/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static int compare(const struct command *command, const char *verb, size_t length)
{
	int order = strncasecmp(command->verb, verb, length);

	return order ? order : command->verb[length] != '\0';
}

const struct command *command_find(const char *verb, size_t length)
{
	size_t low = 0, high = command_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&commands[middle], verb, length);

		if (order == 0)
			return &commands[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
