/* SPDX-License-Identifier: MIT
 *
 * store_answer.c - the answers of a user store.
 */
#include <string.h>

#include "bytes_copy.h"
#include "store_parts.h"

/* All secrets there may be. */
#define KEYS_MAX ((PLACES + 1) * BACKEND_SECRETS_MAX)

void
answer_why(struct user_question *q, enum user_source source,
           enum saturn_why why)
{
  const struct user_answer answer = { .why = why,
                                      .source = source,
                                      .name = q->wish.username,
                                      .account = q->wish.username };

  q->answered(q->context, &answer);
}

void
answer_digests(struct user_question *q, enum user_source source,
               struct saturn_bytes name, const struct user_digests *digests)
{
  struct saturn_key key;
  const struct user_answer answer = {
    .source = source, .keys = &key, .n_keys = 1, .name = name, .account = name
  };

  if (!user_digests_key(digests, q->wish.algorithm, &key)) {
    answer_why(q, source, SATURN_WHY_NO_KEY);
    return;
  }
  q->answered(q->context, &answer);
  saturn_wipe(&key, sizeof key);
}

enum saturn_why
judge_ephemeral(const struct user_question *q, struct saturn_ephemeral *e)
{
  enum saturn_why why;

  if (!q->store->ephemeral || q->wish.userhash != NULL)
    return SATURN_WHY_NOT_EPHEMERAL;
  why = saturn_ephemeral_check(&q->store->policy, q->wish.username,
                               q->wish.now_s, e);
  return why == SATURN_WHY_EXPIRED && q->wish.ignore_expiry ? SATURN_WHY_NOTHING
                                                            : why;
}

static size_t
make_keys(const struct user_question *q, const struct secret_list *list,
          struct saturn_key *keys)
{
  for (size_t i = 0; i < list->n; i++)
    saturn_ephemeral_key(&keys[i], &q->store->policy, q->wish.algorithm,
                         list->items[i], q->wish.username, q->wish.realm);
  return list->n;
}

static void
answer_with_secrets(struct user_question *q, const struct saturn_ephemeral *e,
                    enum saturn_why unless)
{
  struct saturn_key keys[KEYS_MAX];
  struct user_answer answer = { .source = USER_SOURCE_EPHEMERAL,
                                .keys = keys,
                                .name = q->wish.username,
                                .account = e->user,
                                .expiry_s = e->expiry_s };
  struct user_store *s = q->store;
  size_t n = make_keys(q, &s->roster->secrets, keys);

  for (size_t i = 0; i < PLACES; i++)
    if (s->lane_secrets[i].known
        && bytes_compare(s->lane_secrets[i].realm, q->wish.realm) == 0)
      n += make_keys(q, &s->lane_secrets[i].list, keys + n);
  answer.n_keys = n;
  if (n == 0)
    answer_why(q, USER_SOURCE_NONE, unless);
  else
    q->answered(q->context, &answer);
  saturn_wipe(keys, n * sizeof *keys);
}

/* Its time is over, or is none. */
static void
answer_too_late(struct user_question *q, const struct saturn_ephemeral *e,
                enum saturn_why why)
{
  const struct user_answer answer = { .why = why,
                                      .source = USER_SOURCE_EPHEMERAL,
                                      .name = q->wish.username,
                                      .account = e->user,
                                      .expiry_s = e->expiry_s };

  q->answered(q->context, &answer);
}

void
answer_ephemeral(struct user_question *q, enum saturn_why unless)
{
  struct saturn_ephemeral e;
  enum saturn_why why = judge_ephemeral(q, &e);

  if (why == SATURN_WHY_NOTHING)
    answer_with_secrets(q, &e, unless);
  else if (why == SATURN_WHY_NOT_EPHEMERAL)
    answer_why(q, USER_SOURCE_NONE, unless);
  else
    answer_too_late(q, &e, why);
}
