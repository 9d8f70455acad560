/* SPDX-License-Identifier: MIT
 *
 * users.h - who may allocate: users with their keys, and the secrets of
 * ephemeral credentials (T-580 to T-587).
 */
#ifndef TURN_SERVER_USERS_H
#define TURN_SERVER_USERS_H

#include "saturn/auth.h"

#include "options.h"

/** Users and secrets of one realm. */
struct users;

/** Start an empty set; REALM is prepared, and not copied. */
struct users *users_new(struct saturn_bytes realm, char separator);

/** Release it, and wipe all secrets. */
void users_free(struct users *users);

/**
 * Add a user as "name:password", or "name:0xKEY" with the 32 hexadecimal
 * digits of an MD5 key or the 64 of a SHA-256 key.
 *
 * @param fault  on failure: what is wrong
 */
bool users_add(struct users *users, const char *text, char fault[OPTION_FAULT]);

/** Add a secret of ephemeral credentials, which is not empty. */
void users_add_secret(struct users *users, struct saturn_bytes secret);

/** How many users and secrets there are. */
size_t users_count(const struct users *users);

/** A request for the keys of a user. */
struct key_wish {
  struct saturn_bytes username;
  enum saturn_algorithm algorithm;
  bool check_expiry; /**< only an Allocate is refused for it (T-584) */
  uint64_t now_s;
};

/**
 * Give the keys that a user may have, one after the other: ephemeral ones may
 * be made with any of the secrets.
 *
 * @param at   0 before the first call; otherwise private
 * @param key  written on true; a secret
 * @param why  on false: why there is no key, if there never was one
 */
bool users_next_key(const struct users *users, const struct key_wish *wish,
                    size_t *at, struct saturn_key *key, enum saturn_why *why);

/** The part of a user name that quotas count by: all of it, or the part of an
    ephemeral one that does not change with time (T-113, T-586). */
struct saturn_bytes users_account(const struct users *users,
                                  struct saturn_bytes username);

/** When an ephemeral user name expires; 0 if it does not. */
uint64_t users_expiry(const struct users *users, struct saturn_bytes username);

#endif
