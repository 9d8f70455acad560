/* SPDX-License-Identifier: MIT
 *
 * lookup.c - who sends a request: keys, quotas, and whom they count for. A
 * request whose user is in a database is kept until that has answered, and
 * packets pass meanwhile; how many are kept is limited.
 */
#include <string.h>

#include "health.h"
#include "program.h"
#include "worker.h"

/* Requests that wait for a database, in a worker. One more is there for those
   that are answered at once. */
#define WAITING_MAX 256

/* The longest request that waits. */
#define REQUEST_MAX 2048

/* A request on its way through the user store. */
struct waiting {
  struct worker *worker;
  struct waiting *next;           /* free ones */
  struct user_question *question; /* null: it does not wait */
  const struct saturn_turn_input *input;
  struct saturn_turn_output *output;
  enum saturn_turn_result result;
  struct saturn_turn_input kept;
  uint8_t datagram[REQUEST_MAX];
};

struct lookups {
  struct waiting *free;
  uint32_t n; /* that wait */
  struct waiting all[WAITING_MAX + 1];
};

struct lookups *
lookups_new(struct worker *w)
{
  struct lookups *l = allocate(sizeof *l);

  for (size_t i = 0; i <= WAITING_MAX; i++) {
    l->all[i].worker = w;
    l->all[i].next = l->free;
    l->free = &l->all[i];
  }
  return l;
}

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

static void
give_back(struct waiting *t)
{
  struct lookups *l = t->worker->lookups;

  if (t->question != NULL)
    l->n--;
  t->question = NULL;
  t->next = l->free;
  l->free = t;
}

/* Go on with a request, now or later. */
static void
answered(void *context, const struct user_answer *answer)
{
  struct waiting *t = context;
  struct worker *w = t->worker;
  struct saturn_turn_user user = { .keys = answer->keys,
                                   .n_keys = answer->n_keys,
                                   .why = (uint8_t)answer->why,
                                   .name = answer->name,
                                   .account = answer->account };

  if (answer->why == SATURN_WHY_UNAVAILABLE) {
    w->unanswered++;
    return;
  }
  set_quotas(w, &user);
  w->user = answer;
  t->result = saturn_turn_server_resume(w->machine, t->input, &user, t->output);
  serve_actions(w, t->input->now); /* while the keys are there */
  w->user = NULL;
}

static void
answered_later(void *context, const struct user_answer *answer)
{
  struct waiting *t = context;
  struct worker *w = t->worker;
  struct saturn_turn_output output = { .relay = SATURN_NONE };

  if (t->question == NULL) { /* not later after all */
    answered(t, answer);
    return;
  }
  t->kept.now = now_ms();
  t->kept.now_s = wall_clock_s();
  t->input = w->input = &t->kept;
  t->output = &output;
  w->query = &output.query;
  answered(t, answer);
  w->input = NULL;
  w->query = NULL;
  give_back(t);
}

static bool
is_from(const struct waiting *t, const struct saturn_five_tuple *client)
{
  return t->kept.from.transport == client->transport
         && t->kept.from.link == client->link
         && saturn_address_equal(&t->kept.from.client, &client->client);
}

/* The client repeats what is not answered soon. */
static bool
waits_already(const struct lookups *l, const struct saturn_turn_input *input)
{
  for (size_t i = 0, n = 0; n < l->n && i <= WAITING_MAX; i++) {
    const struct waiting *t = &l->all[i];

    if (t->question == NULL)
      continue;
    n++;
    if (is_from(t, &input->from) && t->kept.datagram.len == input->datagram.len
        && memcmp(t->datagram, input->datagram.data, input->datagram.len) == 0)
      return true;
  }
  return false;
}

/* The answer comes later: keep the request, if there is room. */
static void
keep(struct waiting *t, const struct saturn_turn_input *input)
{
  struct lookups *l = t->worker->lookups;

  l->n++;
  t->kept = *input;
  t->kept.datagram = saturn_view(t->datagram, input->datagram.len);
  memcpy(t->datagram, input->datagram.data, input->datagram.len);
}

enum saturn_turn_result
lookup(struct worker *w, const struct saturn_turn_input *input,
       struct saturn_turn_output *output)
{
  struct lookups *l = w->lookups;
  struct waiting *t = l->free;
  const struct saturn_query *query = &output->query;
  const struct user_wish wish = {
    .realm = w->terms->config.policy.realm,
    .username = query->username,
    .userhash = query->userhash,
    .algorithm = (enum saturn_algorithm)query->algorithm,
    .ignore_expiry = !is_allocate(input->datagram),
    .now_s = input->now_s,
  };

  if (health_is_user(input, query->username))
    return health_resume(w, input, output);
  if (input->datagram.len > REQUEST_MAX
      || (l->n > 0 && waits_already(l, input)))
    return SATURN_TURN_NOTHING;
  l->free = t->next;
  t->input = input;
  t->output = output;
  t->result = SATURN_TURN_NOTHING;
  t->question = user_store_find(w->store, &wish, answered_later, t);
  if (t->question != NULL && l->n < WAITING_MAX) {
    keep(t, input);
    return SATURN_TURN_NOTHING;
  }
  if (t->question != NULL) {
    user_store_drop(t->question);
    t->question = NULL;
    w->unanswered++;
  }
  give_back(t);
  return t->result;
}

void
lookup_gone(struct worker *w, const struct saturn_five_tuple *client)
{
  struct lookups *l = w->lookups;

  for (size_t i = 0; l->n > 0 && i <= WAITING_MAX; i++) {
    struct waiting *t = &l->all[i];

    if (t->question != NULL && is_from(t, client)) {
      user_store_drop(t->question);
      give_back(t);
    }
  }
}

void
lookup_drop_all(struct worker *w)
{
  struct lookups *l = w->lookups;

  for (size_t i = 0; i <= WAITING_MAX; i++)
    if (l->all[i].question != NULL) {
      user_store_drop(l->all[i].question);
      give_back(&l->all[i]);
    }
}
