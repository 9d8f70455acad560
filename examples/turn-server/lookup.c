/* SPDX-License-Identifier: MIT
 *
 * lookup.c - who sends a request: keys, quotas, and whom they count for.
 */
#include "program.h"
#include "worker.h"

/* Keys that are tried: of a user, or one for each secret. */
#define KEYS_MAX 16

/* Only an Allocate is refused because its credential is over (T-584). */
static bool
is_allocate(struct saturn_bytes datagram)
{
  return datagram.len >= 2 && datagram.data[0] == 0
         && datagram.data[1] == SATURN_METHOD_ALLOCATE;
}

static void
set_quotas(struct worker *w, struct saturn_turn_user *user)
{
  uint32_t elsewhere = ledger_elsewhere(w->index, user->account);
  uint32_t quota = w->terms->user_quota;

  user->limited = true;
  user->max_relays = elsewhere < quota ? quota - elsewhere : 0;
  user->full = ledger_total_elsewhere(w->index)
                   + saturn_turn_server_counters(w->machine)->relays
               >= w->terms->total_quota;
}

enum saturn_turn_result
lookup(struct worker *w, const struct saturn_turn_input *input,
       struct saturn_turn_output *output)
{
  struct saturn_key keys[KEYS_MAX];
  const struct saturn_query *query = &output->query;
  struct saturn_turn_user user = { .keys = keys };
  const struct key_wish wish = {
    .username = query->username,
    .algorithm = (enum saturn_algorithm)query->algorithm,
    .check_expiry = is_allocate(input->datagram),
    .now_s = input->now_s,
  };
  enum saturn_turn_result result;
  enum saturn_why why = SATURN_WHY_UNKNOWN_USER;
  size_t at = 0;

  while (
      user.n_keys < KEYS_MAX
      && users_next_key(w->terms->users, &wish, &at, &keys[user.n_keys], &why))
    user.n_keys++;
  user.why = (uint8_t)why;
  user.account = users_account(w->terms->users, query->username);
  set_quotas(w, &user);
  result = saturn_turn_server_resume(w->machine, input, &user, output);
  saturn_wipe(keys, sizeof keys);
  return result;
}
