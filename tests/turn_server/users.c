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

/* What the user list of the server says. */
void
world_users(struct world *w, const struct saturn_query *query,
            struct saturn_key *key, struct saturn_turn_user *user)
{
  struct account *found = query->userhash != NULL
                              ? user_of_hash(w, query->userhash)
                              : world_user(w, query->username);

  memset(user, 0, sizeof *user);
  user->why = SATURN_WHY_UNKNOWN_USER;
  if (found == NULL || found->removed)
    return;
  saturn_key_long_term(key, (enum saturn_algorithm)query->algorithm,
                       text_of(found->name), w->config.policy.realm,
                       text_of(found->password));
  user->keys = key;
  user->n_keys = 1;
  if (query->userhash != NULL)
    user->name = text_of(found->name);
  if (found->account != NULL)
    user->account = text_of(found->account);
  user->limited = found->limited;
  user->max_relays = found->max_relays;
  user->max_lifetime_s = found->max_lifetime_s;
  user->barred = found->barred;
  user->immobile = found->immobile;
}
