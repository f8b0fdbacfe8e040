/* One message, whole or not at all, over a SOCK_SEQPACKET socket, with a descriptor beside it where
 * it needs one. Whatever the other side sends beyond that leaves nothing behind with us. */
#ifndef FTPOOL_COMMON_PACKET_H
#define FTPOOL_COMMON_PACKET_H

#include <stddef.h>

/* Sends; descriptor -1 for none (the caller keeps it open or closes it). `flags` as of sendmsg(2),
 * beside MSG_NOSIGNAL. 0 or -errno; -EAGAIN when the other side does not read. */
int packet_send(int socket, const void *bytes, size_t size, int descriptor, int flags);

/* Receives a message of exactly that size. 1, with *descriptor ≥ 0 if one came (the caller's to
 * close); 0 when the other side is gone; or -errno: -EAGAIN when there is nothing, -EPROTO for a
 * message of another size, which is lost. */
int packet_receive(int socket, void *bytes, size_t size, int *descriptor);

#endif
