/* SPDX-License-Identifier: MIT
 *
 * store_parts.h - the inside of a user store, shared by its files.
 */
#ifndef USERS_STORE_PARTS_H
#define USERS_STORE_PARTS_H

#include <stdatomic.h>

#include "user_backend.h"
#include "user_cache.h"
#include "user_lane.h"
#include "user_store.h"
#include "user_table.h"

/** The databases, in the order in which they are asked. */
enum place { PLACE_SQLITE, PLACE_REDIS, PLACES };

/** What a database has said of the secrets of a realm. */
struct lane_secrets {
  struct saturn_bytes realm;
  struct secret_list list;
  bool known;      /**< it was ever said */
  saturn_ms until; /**< ask again then */
};

/** Overwrite and release them. */
void secrets_forget(struct lane_secrets *secrets);

struct user_roster {
  atomic_uint holders;
  struct user_table users, htdigest;
  struct secret_list secrets;
};

/** What a configuration makes, before anything depends on it. */
struct user_places {
  struct user_roster *roster;
  struct backend backends[PLACES]; /**< KIND null: not configured */
  struct user_store_config config; /**< its texts are not used any more */
};

struct user_store {
  uv_loop_t *loop;
  struct user_roster *roster;
  struct user_lane *lanes[PLACES]; /**< null: not configured */

  bool ephemeral;
  struct lane_secrets lane_secrets[PLACES];
  struct saturn_ephemeral_policy policy;

  struct user_cache *found, *absent;
  saturn_ms cache_ms, absent_ms;
  uint64_t generation; /**< of the configuration */

  struct user_question *questions;
  size_t n_questions;

  void (*note)(void *context, const char *text);
  void *note_context;
};

/** A question on its way through the places. */
struct user_question {
  struct user_store *store;
  struct user_question *next, **back; /**< among all that wait */
  struct user_wish wish;              /**< its texts are copies */
  uint8_t hash[SATURN_USERHASH_SIZE]; /**< of the name, or as wished */
  user_answered *answered;
  void *context;
  struct lane_order *order; /**< what it waits for */
  size_t place;             /**< that was asked, or is to be asked next */
  uint64_t generation;      /**< when it was asked */
  bool down;                /**< some place gave no answer */
  bool late;                /**< the answer comes later than the question */
  uint8_t asked_secrets;    /**< bit for each place: once is enough */
};

/** Answer from stored digests. */
void answer_digests(struct user_question *q, enum user_source source,
                    struct saturn_bytes name,
                    const struct user_digests *digests);

/** Answer from the secrets of ephemeral credentials, or say why not: UNLESS
    tells what to say if it is no ephemeral name. */
void answer_ephemeral(struct user_question *q, enum saturn_why unless);

/** Answer that there is no key. */
void answer_why(struct user_question *q, enum user_source source,
                enum saturn_why why);

/** Judge the name of a question by the clock. SATURN_WHY_NOT_EPHEMERAL too if
    ephemeral credentials are not taken. */
enum saturn_why judge_ephemeral(const struct user_question *q,
                                struct saturn_ephemeral *e);

#endif
