/* SPDX-License-Identifier: MIT
 *
 * user_lane.h - one database, off the loop: look-ups wait in a queue, and are
 * worked on by one thread of libuv's at a time.
 */
#ifndef USERS_USER_LANE_H
#define USERS_USER_LANE_H

#include <uv.h>

#include "user_backend.h"

/** A database and those who wait for it. */
struct user_lane;

/** What is asked of a database. */
struct lane_order {
  /* The caller's; the texts are copied. */
  struct saturn_bytes realm, name;
  const uint8_t *hash; /**< in place of a name; or null */
  bool secrets;        /**< the secrets of the realm, instead of a user */
  void (*done)(struct lane_order *order);
  void *context;

  /* The answer, from the time that DONE is called until it returns. DONE may
     take the secrets away, and empty the list. */
  enum backend_result result;
  struct user_digests digests;
  struct secret_list list;

  /* Private. */
  struct lane_order *next;
  uint8_t hash_copy[SATURN_USERHASH_SIZE];
  bool dropped;
};

/** Be told, on the loop, that a database has gone, or is back. */
typedef void lane_note(void *context, const char *text);

/**
 * Open a lane.
 *
 * @param backend  belongs to the lane from now on
 * @param max      most orders that wait
 */
struct user_lane *user_lane_open(uv_loop_t *loop, struct backend backend,
                                 size_t max, lane_note *note, void *context);

/** The key of the configuration that a lane comes from. */
const char *user_lane_key(const struct user_lane *lane);

/**
 * Ask. DONE is called from the loop later, never at once.
 *
 * @return the order, to be dropped; null if too many wait already
 */
struct lane_order *user_lane_ask(struct user_lane *lane,
                                 const struct lane_order *order);

/** Forget an order whose DONE was not called yet: it will not be. */
void user_lane_drop(struct lane_order *order);

/** How many orders wait, or are worked on. */
size_t user_lane_waiting(const struct user_lane *lane);

/** Reconnect before the next order, and list names anew. */
void user_lane_refresh(struct user_lane *lane);

/** Close a lane when all its orders are done. The loop has to run until
    then; there are no notes any more. */
void user_lane_close(struct user_lane *lane);

#endif
