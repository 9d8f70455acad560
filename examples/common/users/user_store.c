/* SPDX-License-Identifier: MIT
 *
 * user_store.c - who may use a relay: the places where users are kept.
 */
#include "user_store.h"

#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "program.h"
#include "store_parts.h"

#define CACHE_S 30
#define ABSENT_S 5
#define CACHED_MAX 10000
#define WAITING_MAX 1000

const char *
user_source_text(enum user_source source)
{
  switch (source) {
  case USER_SOURCE_NONE:
    break;
  case USER_SOURCE_CONFIGURATION:
    return "configuration";
  case USER_SOURCE_HTDIGEST:
    return "htdigest";
  case USER_SOURCE_SQLITE:
    return "userdb";
  case USER_SOURCE_REDIS:
    return "redis-userdb";
  case USER_SOURCE_EPHEMERAL:
    return "ephemeral";
  }
  return "nowhere";
}

/* What a configuration makes, before anything depends on it. */
struct places {
  struct user_table users, htdigest;
  struct secret_list secrets;
  struct backend backends[PLACES];
};

static void
clear_places(struct places *p)
{
  user_table_clear(&p->users);
  user_table_clear(&p->htdigest);
  secret_list_clear(&p->secrets);
  for (size_t i = 0; i < PLACES; i++)
    if (p->backends[i].kind != NULL)
      p->backends[i].kind->close(p->backends[i].state);
}

static bool
read_tables(struct places *p, const struct user_store_config *c, char *fault)
{
  struct saturn_bytes realm = text_of(c->realm == NULL ? "" : c->realm);

  for (size_t i = 0; i < c->users.n; i++)
    if (!user_table_add(&p->users, realm, c->users.items[i], fault))
      return false;
  for (size_t i = 0; i < c->htdigests.n; i++)
    if (!user_table_add_htdigest(&p->htdigest, c->htdigests.items[i], fault))
      return false;
  user_table_sort(&p->users);
  user_table_sort(&p->htdigest);
  for (size_t i = 0; c->ephemeral && i < c->secrets.n; i++)
    if (!secret_list_add(&p->secrets, text_of(c->secrets.items[i]))) {
      snprintf(fault, OPTION_FAULT,
               "secret %zu: it is empty, longer than %d bytes, or one of more "
               "than %d",
               i + 1, BACKEND_SECRET_MAX, BACKEND_SECRETS_MAX);
      return false;
    }
  return true;
}

static bool
read_places(struct places *p, const struct user_store_config *c, char *fault)
{
  return read_tables(p, c, fault)
         && (c->sqlite == NULL
             || backend_sqlite(&p->backends[PLACE_SQLITE], c->sqlite, fault))
         && (c->redis == NULL
             || backend_redis(&p->backends[PLACE_REDIS], c->redis, fault));
}

static void
pass_note(void *context, const char *text)
{
  struct user_store *store = context;

  if (store->note != NULL)
    store->note(store->note_context, text);
}

static uint32_t
or_default(uint32_t value, uint32_t otherwise)
{
  return value == 0 ? otherwise : value;
}

/* Take over what was read. */
static void
adopt(struct user_store *store, const struct user_store_config *c,
      struct places *p)
{
  uint32_t max = or_default(c->max_cached, CACHED_MAX);

  store->users = p->users;
  store->htdigest = p->htdigest;
  store->secrets = p->secrets;
  store->ephemeral = c->ephemeral;
  store->policy = c->policy;
  store->cache_ms = (saturn_ms)1000 * or_default(c->cache_s, CACHE_S);
  store->absent_ms = (saturn_ms)1000 * or_default(c->absent_s, ABSENT_S);
  store->note = c->note;
  store->note_context = c->note_context;
  store->found = user_cache_new(max);
  store->absent = user_cache_new(max);
  for (size_t i = 0; i < PLACES; i++)
    store->lanes[i] =
        p->backends[i].kind == NULL
            ? NULL
            : user_lane_open(store->loop, p->backends[i],
                             or_default(c->max_waiting, WAITING_MAX), pass_note,
                             store);
}

/* Let go of everything that a configuration made. */
static void
abandon(struct user_store *store)
{
  user_table_clear(&store->users);
  user_table_clear(&store->htdigest);
  secret_list_clear(&store->secrets);
  user_cache_free(store->found);
  user_cache_free(store->absent);
  for (size_t i = 0; i < PLACES; i++) {
    if (store->lanes[i] != NULL)
      user_lane_close(store->lanes[i]);
    secrets_forget(&store->lane_secrets[i]);
  }
}

struct user_store *
user_store_open(uv_loop_t *loop, const struct user_store_config *config,
                char fault[OPTION_FAULT])
{
  struct places places = { .users = { .n = 0 } };
  struct user_store *store;

  if (!read_places(&places, config, fault)) {
    clear_places(&places);
    return NULL;
  }
  store = allocate(sizeof *store);
  store->loop = loop;
  adopt(store, config, &places);
  return store;
}

bool
user_store_reload(struct user_store *store,
                  const struct user_store_config *config,
                  char fault[OPTION_FAULT])
{
  struct places places = { .users = { .n = 0 } };

  if (!read_places(&places, config, fault)) {
    clear_places(&places);
    return false;
  }
  abandon(store);
  store->generation++;
  adopt(store, config, &places);
  return true;
}

size_t
user_store_waiting(const struct user_store *store)
{
  return store->n_questions;
}

size_t
user_store_count(const struct user_store *store)
{
  return store->users.n + store->htdigest.n + store->secrets.n;
}

void
user_store_close(struct user_store *store)
{
  if (store == NULL)
    return;
  while (store->questions != NULL)
    user_store_drop(store->questions);
  abandon(store);
  free(store);
}
