/* SPDX-License-Identifier: MIT
 *
 * redis_target.h - where a Redis is: coturn's redis-userdb.
 */
#ifndef USERS_REDIS_TARGET_H
#define USERS_REDIS_TARGET_H

#include "options.h"

/** A Redis server. */
struct redis_target {
  char host[256]; /**< name or IP address; or the path of a socket */
  uint16_t port;
  unsigned database;
  char user[128];     /**< empty: none */
  char password[512]; /**< empty: none; a secret */
  unsigned timeout_s;
};

/**
 * Read "ip=127.0.0.1 port=6379 dbname=0 password=... connect_timeout=30": words
 * with blanks between them. What is left out has these values, but the
 * timeout, which is 5 seconds. host, addr, ipaddr and hostaddr mean ip; db and
 * database mean dbname; user and username, pwd, passwd and secret, and timeout
 * are known too.
 *
 * @param fault  on failure: which word is wrong; no password is in it
 */
bool redis_target_read(struct redis_target *target, const char *text,
                       char fault[OPTION_FAULT]);

#endif
