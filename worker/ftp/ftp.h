/* FTP, the file transfer protocol: RFC 959 and what clients expect since (ftpool-ftp(7)).
 *
 *     ftp          a session's beginning, turns and end
 *     control      the lines of the control connection · telnet (pure)
 *     commands     the table of all commands · dispatch: from a line to its command
 *     reply        the one place that writes replies
 *     login        USER, PASS and what is about the session · settings: TYPE, MODE, OPTS …
 *     data         the second connection: PASV, PORT … · passive_port, told_address
 *     transfer     what all transfers share · download, receive (uploads), list
 *     files, attributes, checksum, site, info: the other commands
 *     argument, ascii, facts, listing, sum, wildcard, zmode: without a session */
#ifndef FTPOOL_WORKER_FTP_FTP_H
#define FTPOOL_WORKER_FTP_FTP_H

#include "worker/protocol.h"

extern const struct protocol ftp_protocol;

#endif
