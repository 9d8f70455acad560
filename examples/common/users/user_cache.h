/* SPDX-License-Identifier: MIT
 *
 * user_cache.h - what databases have said of users, for a while.
 */
#ifndef USERS_USER_CACHE_H
#define USERS_USER_CACHE_H

#include "user_digests.h"

/** What is known of a user. */
struct cached_user {
  uint8_t hash[SATURN_USERHASH_SIZE];
  struct saturn_bytes name, realm;
  struct user_digests digests;
  uint8_t source; /**< enum user_source */
  saturn_ms expires;
  /* private */
  struct cached_user *next;          /**< in the same bucket */
  struct cached_user *newer, *older; /**< by last use */
};

/** A bounded set; the one that was not used for longest makes room. */
struct user_cache;

/** Make a cache of at most MAX users; 0: it keeps none. */
struct user_cache *user_cache_new(size_t max);

/** Overwrite and release it. */
void user_cache_free(struct user_cache *cache);

/**
 * Find a user by USERHASH, which every name has.
 *
 * @param name  if known; empty: any name of this hash
 * @return null if it is not there, or over
 */
const struct cached_user *user_cache_find(
    struct user_cache *cache, const uint8_t hash[SATURN_USERHASH_SIZE],
    struct saturn_bytes name, struct saturn_bytes realm, saturn_ms now);

/** Keep a copy of a user until its EXPIRES, in place of what is known. */
void user_cache_keep(struct user_cache *cache, const struct cached_user *user);

/** Forget all. */
void user_cache_clear(struct user_cache *cache);

/** How many users are kept. */
size_t user_cache_count(const struct user_cache *cache);

#endif
