/* The fixed texts of LGPQ's bare mode (UTF-8), byte for byte as the old server sends them. */
#ifndef FTPOOL_WORKER_LGPQ_BARE_WORDS_H
#define FTPOOL_WORKER_LGPQ_BARE_WORDS_H

#include "worker/session.h"

#define BARE_OK "OK"
#define BARE_MARK "##"
#define BARE_EMPTY "文件库为空"
#define BARE_NOT_FOUND "文件不存在"
#define BARE_PUT_FAILED "上传失败"
#define BARE_UNKNOWN "命令错误"

/* Sends one of them. 0 or the stream's -errno. */
int bare_say(struct session *session, const char *text);

/* The pause that makes what follows arrive alone: begins when the client has everything that was
 * sent. 0 or the stream's -errno. */
int bare_pause(struct session *session);

#endif
