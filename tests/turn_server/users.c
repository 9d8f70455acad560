/* SPDX-License-Identifier: MIT
 *
 * users.c - the user list of the server in the test.
 */
#include <string.h>

#include "world.h"

struct account *
world_user(struct world *w, struct saturn_bytes name)
{
  size_t i;

  for (i = 0; i < sizeof w->users / sizeof *w->users; i++)
    if (w->users[i].name != NULL && same_bytes(name, text_of(w->users[i].name)))
      return &w->users[i];
  return NULL;
}

struct saturn_key
world_key(const char *user, const char *realm, const char *password,
          unsigned algorithm)
{
  struct saturn_key key;

  saturn_key_long_term(&key, (enum saturn_algorithm)algorithm, text_of(user),
                       text_of(realm), text_of(password));
  return key;
}

static struct account *
user_of_hash(struct world *w, const uint8_t *hash)
{
  uint8_t own[SATURN_USERHASH_SIZE];
  size_t i;

  for (i = 0; i < sizeof w->users / sizeof *w->users; i++) {
    if (w->users[i].name == NULL)
      continue;
    saturn_userhash(text_of(w->users[i].name), w->config.policy.realm, own);
    if (memcmp(own, hash, sizeof own) == 0)
      return &w->users[i];
  }
  return NULL;
}

/* Somebody whose name says how long it is good for. */
static void
look_up_ephemeral(const struct world *w, const struct saturn_query *query,
                  struct saturn_key keys[2], struct saturn_turn_user *user)
{
  struct saturn_ephemeral ephemeral;
  size_t i;

  user->why = (uint8_t)saturn_ephemeral_check(
      &w->ephemeral_policy, query->username, world_seconds(w), &ephemeral);
  if (user->why != SATURN_WHY_NOTHING)
    return;
  for (i = 0; i < 2 && w->ephemeral[i] != NULL; i++)
    saturn_ephemeral_key(
        &keys[i], &w->ephemeral_policy, (enum saturn_algorithm)query->algorithm,
        text_of(w->ephemeral[i]), query->username, w->config.policy.realm);
  user->keys = keys;
  user->n_keys = i;
  user->account = ephemeral.user;
}

static void
describe(const struct account *found, const struct saturn_query *query,
         struct saturn_turn_user *user)
{
  if (query->userhash != NULL)
    user->name = text_of(found->name);
  if (found->account != NULL)
    user->account = text_of(found->account);
  user->limited = found->limited;
  user->max_relays = found->max_relays;
  user->max_lifetime_s = found->max_lifetime_s;
  user->barred = found->barred;
  user->full = found->full;
  user->immobile = found->immobile;
}

/* A user of the table comes before one whose name is a number. */
void
world_users(struct world *w, const struct saturn_query *query,
            struct saturn_key keys[2], struct saturn_turn_user *user)
{
  struct account *found = query->userhash != NULL
                              ? user_of_hash(w, query->userhash)
                              : world_user(w, query->username);

  memset(user, 0, sizeof *user);
  user->why = SATURN_WHY_UNKNOWN_USER;
  if (found == NULL && w->ephemeral[0] != NULL)
    look_up_ephemeral(w, query, keys, user);
  if (found == NULL || found->removed)
    return;
  saturn_key_long_term(keys, (enum saturn_algorithm)query->algorithm,
                       text_of(found->name), w->config.policy.realm,
                       text_of(found->password));
  user->keys = keys;
  user->n_keys = 1;
  describe(found, query, user);
}
