/* SPDX-License-Identifier: MIT
 *
 * store_bench.h - a user store on a loop of the test, and servers for it.
 */
#ifndef TESTS_STORE_BENCH_H
#define TESTS_STORE_BENCH_H

#include <check.h>

#include "user_store.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/** The realm of the tests, and a time to judge credentials at. */
#define REALM "north.example.org"
#define NOW UINT64_C(1700000000)

/** The most keys of an answer that are kept. */
#define KEPT_KEYS 200

/** An answer, copied. */
struct answer {
  bool late; /**< it came after the question returned */
  int times;
  enum saturn_why why;
  enum user_source source;
  struct saturn_key keys[KEPT_KEYS];
  size_t n_keys;
  char name[800], account[800];
  uint64_t expiry_s;
};

/** The store and its loop. */
extern struct user_store *store;
extern uv_loop_t loop;

/** What the store has said for the log; each line ends with LF. */
extern char notes[4096];

/** The configuration of the next store: realm and notes are set. */
extern struct user_store_config config;

/** Start with an empty configuration; end, and see that nothing is left. */
void bench_start(void);
void bench_end(void);

/** Open the store; it has to succeed. */
void bench_open(void);

/** Open, or reload if it is open; it has to fail. Returns the fault. */
const char *bench_fault(void);

/** Reload; it has to succeed. */
void bench_reload(void);

/** A wish for the MD5 key of a user of REALM, at NOW. */
struct user_wish wish_for(const char *name);

/** Ask without waiting. ANSWER has to stay. */
struct user_question *bench_ask(const struct user_wish *wish,
                                struct answer *answer);

/** Run the loop until a condition that is looked at holds, or a time is
    over. */
bool bench_wait(bool (*holds)(void *context), void *context, unsigned ms);

/** Ask, and wait for the answer. It is valid until the next call. */
const struct answer *bench_find(const struct user_wish *wish);
const struct answer *bench_user(const char *name);

/** Is this the one key of that password? */
bool is_key_of(const struct answer *answer, enum saturn_algorithm algorithm,
               const char *name, const char *password);

/** A path in a directory of this test; valid until the eighth next call. */
const char *bench_path(const char *name);

/** Write a file there. Returns its path. */
const char *bench_file(const char *name, const char *text);

/** The path of a program of the system; null if it is not installed. */
const char *bench_program(const char *name);

/** Give lines to a program, and wait for its end. False if it fails. */
bool bench_feed(const char *const *command, const char *lines);

/** Start a program in the background. Returns its id; it is ended with the
    test. */
int bench_launch(const char *const *command);

/** End a program, and wait for that. */
void bench_stop(int pid);

/** A free TCP port of loopback. */
unsigned bench_port(void);

/** Does something listen there, soon? */
bool bench_listens(unsigned port);

#endif
