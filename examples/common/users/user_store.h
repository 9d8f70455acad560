/* SPDX-License-Identifier: MIT
 *
 * user_store.h - who may use a relay: all the places where users are kept,
 * behind one question.
 *
 *     store = user_store_open(loop, &config, fault);
 *     ...
 *     saturn_auth_begin says SATURN_NEED_KEY:
 *       user_store_find(store, &wish, answered, request);
 *     answered(request, answer):
 *       saturn_auth_finish with each of answer->keys, or with answer->why
 *
 * Users are looked for in this order, and the first place that knows the name
 * decides: the configuration, htdigest files, SQLite, Redis, and last the
 * secrets of ephemeral credentials (T-587). What is in memory is answered at
 * once; databases are asked in threads, so that nothing here ever blocks.
 */
#ifndef USERS_USER_STORE_H
#define USERS_USER_STORE_H

#include <uv.h>

#include "options.h"
#include "saturn/ephemeral.h"

/** Where users are kept. What is zero or empty is not used. */
struct user_store_config {
  const char *realm;      /**< of the users of the configuration; prepared */
  struct texts users;     /**< "name:password", "name:0xKEY" */
  struct texts htdigests; /**< paths of files "user:realm:KEY" */
  const char *sqlite;     /**< path of a file of coturn's schema */
  const char *redis;      /**< "ip=... dbname=...": see redis_target.h */

  bool ephemeral; /**< take ephemeral credentials, with SECRETS and with those
                       that the databases have for the realm */
  struct texts secrets;
  struct saturn_ephemeral_policy policy;

  uint32_t cache_s;     /**< what databases say is believed for so long; 0 is
                             30, and nobody who was removed stays longer */
  uint32_t absent_s;    /**< the same for users they do not have; 0 is 5 */
  uint32_t max_cached;  /**< users; 0 is 10000 */
  uint32_t max_waiting; /**< look-ups in each database; 0 is 1000 */

  /** A line for the log, without secrets: a database has gone, or is back.
      Called from the loop; may be null. */
  void (*note)(void *context, const char *text);
  void *note_context;
};

/** Where a user was found. */
enum user_source {
  USER_SOURCE_NONE,
  USER_SOURCE_CONFIGURATION,
  USER_SOURCE_HTDIGEST,
  USER_SOURCE_SQLITE,
  USER_SOURCE_REDIS,
  USER_SOURCE_EPHEMERAL
};

/** Name a place in a word or two, for logs; a string for ever. */
const char *user_source_text(enum user_source source);

/** Whose keys are wanted. */
struct user_wish {
  struct saturn_bytes realm;
  struct saturn_bytes username; /**< as in the request */
  const uint8_t *userhash;      /**< SATURN_USERHASH_SIZE bytes, in place of a
                                     user name; or null */
  enum saturn_algorithm algorithm;
  bool ignore_expiry; /**< for requests to a living allocation (T-584) */
  uint64_t now_s;     /**< seconds since 1970 */
};

/** What is known of a user. It lives until the call that it came with
    returns. */
struct user_answer {
  enum saturn_why why; /**< SATURN_WHY_NOTHING if there are keys; otherwise
                            for saturn_auth_finish. SATURN_WHY_UNAVAILABLE: a
                            database did not answer, or too many wait; better
                            drop the request, so that the client repeats it */
  enum user_source source;
  const struct saturn_key *keys; /**< of the algorithm; each is to be tried */
  size_t n_keys;
  struct saturn_bytes name;    /**< of the user, known for a USERHASH too */
  struct saturn_bytes account; /**< whose quotas count (T-586) */
  uint64_t expiry_s;           /**< of an ephemeral user; otherwise 0 */
};

/** Be given an answer. */
typedef void user_answered(void *context, const struct user_answer *answer);

/** Users that are known from the start, and secrets: of the configuration and
    of htdigest files. It does not change, and any number of stores, in any
    threads, may share it. */
struct user_roster;

/** Read it: this may take its time.
 *
 * @param fault  on failure one line: what is wrong, and where
 * @return null on failure
 */
struct user_roster *user_roster_new(const struct user_store_config *config,
                                    char fault[OPTION_FAULT]);

/** Hold it once more; the same is returned. */
struct user_roster *user_roster_hold(struct user_roster *roster);

/** Let go of it, which may be null; the last one overwrites all secrets. */
void user_roster_release(struct user_roster *roster);

/** How many users and secrets there are. */
size_t user_roster_count(const struct user_roster *roster);

/** All places of a configuration, opened for one store that has yet to use
    them. */
struct user_places;

/**
 * Open them, in any thread: this may take its time.
 *
 * @param config  copied
 * @param roster  held; null: it is read, of CONFIG
 * @param fault   as for user_store_open
 * @return null on failure
 */
struct user_places *user_places_open(const struct user_store_config *config,
                                     struct user_roster *roster,
                                     char fault[OPTION_FAULT]);

/** Close places, which may be null, that no store has taken. */
void user_places_close(struct user_places *places);

/** All places where users are kept. */
struct user_store;

/** A question that waits for its answer. */
struct user_question;

/** Make a store of places, which are its own from now on. Nothing blocks. */
struct user_store *user_store_new(uv_loop_t *loop, struct user_places *places);

/** Use other places from now on, as user_store_reload does. Nothing blocks. */
void user_store_adopt(struct user_store *store, struct user_places *places);

/**
 * Open all places. The configuration is copied.
 *
 * @param fault  on failure one line: which place, and what is wrong with it. A
 *               Redis that does not answer is no failure: it may come later
 * @return null on failure
 */
struct user_store *user_store_open(uv_loop_t *loop,
                                   const struct user_store_config *config,
                                   char fault[OPTION_FAULT]);

/**
 * Take another configuration, read all files again, forget what databases have
 * said, and connect to them anew. Questions that wait are answered, by the new
 * places as far as they have not got to them.
 *
 * @return false, with a fault: everything stays as it was
 */
bool user_store_reload(struct user_store *store,
                       const struct user_store_config *config,
                       char fault[OPTION_FAULT]);

/**
 * Ask for the keys of a user.
 *
 * @param wish  copied
 * @return null if ANSWERED was called already; otherwise it will be called
 *         once, from the loop, unless the question is dropped
 */
struct user_question *user_store_find(struct user_store *store,
                                      const struct user_wish *wish,
                                      user_answered *answered, void *context);

/** Drop a question that was not answered yet, and will not be. */
void user_store_drop(struct user_question *question);

/** How many questions wait. */
size_t user_store_waiting(const struct user_store *store);

/** How many users and secrets are in memory; databases are not counted. */
size_t user_store_count(const struct user_store *store);

/** Drop all questions, close all places, overwrite all secrets. What is in a
    thread ends later: run the loop until it is empty. */
void user_store_close(struct user_store *store);

#endif
