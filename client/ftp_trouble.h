/* What a request to an FTP server failed of, in the program's own words. */
#ifndef FTPOOL_CLIENT_FTP_TROUBLE_H
#define FTPOOL_CLIENT_FTP_TROUBLE_H

struct ftp_link;

/* From link->code, and from the server's last reply where that tells more. -errno with the trouble
 * set; 0 if it did not fail. */
int ftp_trouble(const struct ftp_link *link);

#endif
