/* SPDX-License-Identifier: MIT
 *
 * store_find.c - a question's way through the places of a user store.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "program.h"
#include "store_parts.h"

/* After a database did not tell its secrets, it is left alone for so long. */
#define SECRETS_PAUSE_MS 1000

void
secrets_forget(struct lane_secrets *secrets)
{
  secret_list_clear(&secrets->list);
  bytes_free(&secrets->realm);
  memset(secrets, 0, sizeof *secrets);
}

/* From now on the question outlives the call that asked it: what the wish
   points to has to stay. */
static void
wait_for_answer(struct user_question *q)
{
  struct user_store *s = q->store;

  if (q->late)
    return;
  q->late = true;
  q->wish.realm = bytes_copy(q->wish.realm);
  q->wish.username = bytes_copy(q->wish.username);
  if (q->wish.userhash != NULL)
    q->wish.userhash = q->hash;
  q->next = s->questions;
  q->back = &s->questions;
  if (q->next != NULL)
    q->next->back = &q->next;
  s->questions = q;
  s->n_questions++;
}

/* Who answers may close the store: nothing may find the question then. */
static void
stop_waiting(struct user_question *q)
{
  if (q->back == NULL)
    return;
  *q->back = q->next;
  if (q->next != NULL)
    q->next->back = q->back;
  q->back = NULL;
  q->store->n_questions--;
}

static void
free_question(struct user_question *q)
{
  if (q->late) {
    bytes_free(&q->wish.realm);
    bytes_free(&q->wish.username);
  }
  free(q);
}

/* What is in memory for good: the tables. */
static bool
answer_from_tables(struct user_question *q)
{
  static const enum user_source sources[] = { USER_SOURCE_CONFIGURATION,
                                              USER_SOURCE_HTDIGEST };
  const struct user_roster *roster = q->store->roster;
  const struct user_table *tables[] = { &roster->users, &roster->htdigest };
  const struct user_wish *w = &q->wish;

  for (size_t i = 0; i < 2; i++) {
    const struct table_user *user =
        w->userhash != NULL ? user_table_find_hash(tables[i], w->realm, q->hash)
                            : user_table_find(tables[i], w->realm, w->username);

    if (user != NULL) {
      stop_waiting(q);
      answer_digests(q, sources[i], user->name, &user->digests);
      return true;
    }
  }
  return false;
}

static bool
answer_from_cache(struct user_question *q)
{
  struct user_store *s = q->store;
  const struct cached_user *user = user_cache_find(
      s->found, q->hash, q->wish.username, q->wish.realm, now_ms());

  if (user == NULL)
    return false;
  stop_waiting(q);
  answer_digests(q, user->source, user->name, &user->digests);
  return true;
}

static void
keep(struct user_question *q, struct user_cache *cache, saturn_ms ms,
     struct saturn_bytes name, const struct user_digests *digests)
{
  struct cached_user user = { .name = name,
                              .realm = q->wish.realm,
                              .digests = *digests,
                              .source = q->place == PLACE_SQLITE
                                            ? USER_SOURCE_SQLITE
                                            : USER_SOURCE_REDIS,
                              .expires = now_ms() + ms };

  memcpy(user.hash, q->hash, sizeof user.hash);
  user_cache_keep(cache, &user);
  saturn_wipe(&user, sizeof user);
}

static void heard_of_user(struct lane_order *order);
static void heard_of_secrets(struct lane_order *order);

/* Ask a database; false if too many wait there. */
static bool
ask(struct user_question *q, size_t place, bool secrets)
{
  struct lane_order order = {
    .realm = q->wish.realm,
    .name = q->wish.username,
    .hash = secrets ? NULL : q->wish.userhash,
    .secrets = secrets,
    .done = secrets ? heard_of_secrets : heard_of_user,
    .context = q,
  };

  q->place = place;
  q->order = user_lane_ask(q->store->lanes[place], &order);
  if (q->order == NULL) {
    q->down = true;
    return false;
  }
  wait_for_answer(q);
  return true;
}

/* Are the secrets of a place too old to be used without asking? */
static bool
is_stale(const struct user_question *q, size_t place)
{
  const struct lane_secrets *secrets = &q->store->lane_secrets[place];

  return q->store->lanes[place] != NULL && (q->asked_secrets >> place & 1) == 0
         && (now_ms() >= secrets->until
             || bytes_compare(secrets->realm, q->wish.realm) != 0);
}

/* The last place: secrets. */
static bool
answer_from_secrets(struct user_question *q)
{
  struct user_store *s = q->store;
  struct saturn_ephemeral e;
  enum saturn_why why = judge_ephemeral(q, &e);
  bool alone = s->roster->users.n == 0 && s->roster->htdigest.n == 0;

  for (size_t i = 0; i < PLACES; i++) {
    alone = alone && s->lanes[i] == NULL;
    if (why == SATURN_WHY_NOTHING && is_stale(q, i)) {
      q->asked_secrets |= (uint8_t)(1 << i);
      if (ask(q, i, true))
        return false;
    }
  }
  stop_waiting(q);
  if (q->down)
    answer_ephemeral(q, SATURN_WHY_UNAVAILABLE);
  else
    answer_ephemeral(q, alone && s->ephemeral && q->wish.userhash == NULL
                                && why == SATURN_WHY_NOT_EPHEMERAL
                            ? SATURN_WHY_NOT_EPHEMERAL
                            : SATURN_WHY_UNKNOWN_USER);
  return true;
}

/* Ask one database after the other, from PLACE on. */
static bool
answer_from_databases(struct user_question *q, size_t place)
{
  static const struct user_digests none;
  struct user_store *s = q->store;
  bool any = false;

  for (size_t i = place; i < PLACES; i++)
    if (s->lanes[i] != NULL && ask(q, i, false))
      return false;
  for (size_t i = 0; i < PLACES; i++)
    any = any || s->lanes[i] != NULL;
  if (any && !q->down)
    keep(q, s->absent, s->absent_ms, q->wish.username, &none);
  return answer_from_secrets(q);
}

/* Start from the front. Returns true when the question is answered. */
static bool
answer(struct user_question *q)
{
  struct user_store *s = q->store;

  q->generation = s->generation;
  q->down = false;
  q->asked_secrets = 0;
  if (answer_from_tables(q) || answer_from_cache(q))
    return true;
  if (user_cache_find(s->absent, q->hash, q->wish.username, q->wish.realm,
                      now_ms())
      != NULL)
    return answer_from_secrets(q);
  return answer_from_databases(q, 0);
}

/* A database has answered about a user. */
static void
heard_of_user(struct lane_order *order)
{
  struct user_question *q = order->context;
  struct user_store *s = q->store;
  bool answered = true;

  q->order = NULL;
  if (q->generation != s->generation)
    answered = answer(q);
  else if (order->result == BACKEND_FOUND) {
    keep(q, s->found, s->cache_ms, order->name, &order->digests);
    stop_waiting(q);
    answer_digests(
        q, q->place == PLACE_SQLITE ? USER_SOURCE_SQLITE : USER_SOURCE_REDIS,
        order->name, &order->digests);
  } else if (order->result == BACKEND_BAD_KEY) {
    stop_waiting(q);
    answer_why(
        q, q->place == PLACE_SQLITE ? USER_SOURCE_SQLITE : USER_SOURCE_REDIS,
        SATURN_WHY_NO_KEY);
  } else {
    q->down = q->down || order->result == BACKEND_DOWN;
    answered = answer_from_databases(q, q->place + 1);
  }
  if (answered)
    free_question(q);
}

/* Keep what a database has said of the secrets of a realm. One that says
   nothing leaves those that are known. */
static void
take_secrets(struct user_question *q, struct lane_order *order)
{
  struct user_store *s = q->store;
  struct lane_secrets *secrets = &s->lane_secrets[q->place];

  if (bytes_compare(secrets->realm, order->realm) != 0)
    secrets_forget(secrets);
  if (secrets->realm.data == NULL)
    secrets->realm = bytes_copy(order->realm);
  if (order->result != BACKEND_FOUND) {
    q->down = true;
    secrets->until = now_ms() + SECRETS_PAUSE_MS;
    return;
  }
  secret_list_clear(&secrets->list);
  secrets->list = order->list;
  order->list.n = 0;
  secrets->known = true;
  secrets->until = now_ms() + s->cache_ms;
}

static void
heard_of_secrets(struct lane_order *order)
{
  struct user_question *q = order->context;
  bool answered;

  q->order = NULL;
  if (q->generation != q->store->generation)
    answered = answer(q);
  else {
    take_secrets(q, order);
    answered = answer_from_secrets(q);
  }
  if (answered)
    free_question(q);
}

struct user_question *
user_store_find(struct user_store *store, const struct user_wish *wish,
                user_answered *answered, void *context)
{
  struct user_question *q = allocate(sizeof *q);

  q->store = store;
  q->wish = *wish;
  q->answered = answered;
  q->context = context;
  if (wish->userhash != NULL) {
    memcpy(q->hash, wish->userhash, sizeof q->hash);
    q->wish.username = saturn_view(NULL, 0);
  } else
    saturn_userhash(wish->username, wish->realm, q->hash);
  if (!answer(q))
    return q;
  free_question(q);
  return NULL;
}

void
user_store_drop(struct user_question *q)
{
  stop_waiting(q);
  if (q->order != NULL)
    user_lane_drop(q->order);
  free_question(q);
}
