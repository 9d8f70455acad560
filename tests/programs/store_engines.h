/* SPDX-License-Identifier: MIT
 *
 * store_engines.h - databases that tests can write to: a file of sqlite3, and
 * a redis-server, both of coturn's schema.
 */
#ifndef TESTS_STORE_ENGINES_H
#define TESTS_STORE_ENGINES_H

#include "store_bench.h"

/** Keys as databases hold them. */
#define MD5 "00112233445566778899aabbccddeeff"
#define SHA256 MD5 MD5

/** Numbers of engines. */
enum { SQLITE, REDIS, ENGINES };

/** A database of users. */
struct engine {
  const char *name;
  enum user_source source;
  bool (*is_there)(void); /**< it was built in, and is installed */
  void (*start)(void);    /**< empty, and named in the configuration */
  void (*set_key)(const char *realm, const char *user, const char *hex);
  void (*drop_key)(const char *realm, const char *user);
  void (*add_secret)(const char *realm, const char *secret);
};

extern const struct engine engines[ENGINES];

/** Write SQL to the file. */
void run_sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The tables of coturn that a user store reads. */
extern const char schema[];

/** The redis-server: its id, its port, and what redis-userdb says. */
extern int redis_pid;
extern unsigned redis_port;
extern char redis_target[200];

/** Start the redis-server again, with a password; empty: none. It listens when
    this returns. */
void launch_redis(const char *password);

/** The key of a user in coturn's schema; valid until the next call. */
const char *redis_key(const char *realm, const char *user);

/** Is this the one key of MD5? */
bool has_md5(const struct answer *answer);

/** Is there a key of NAME that was made with SECRET? */
bool has_secret(const struct answer *answer, const char *secret,
                const char *name);

/** Let the loop run for a while. */
void bench_pass(unsigned ms);

/** Room for many answers, and: are the first N (an int) answered? */
extern struct answer many[300];
bool are_all_answered(void *n);

/** Run the tests of a suite that needs engines: without those it exits 77. */
int run_suite_with(Suite *suite, TCase *tests, bool is_there);

#endif
