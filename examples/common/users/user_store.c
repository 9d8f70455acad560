/* SPDX-License-Identifier: MIT
 *
 * user_store.c - who may use a relay: the places where users are kept.
 */
#include "user_store.h"

#include <stdlib.h>

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

/* Take over what was opened. */
static void
take_over(struct user_store *store, struct user_places *places)
{
  const struct user_store_config *c = &places->config;
  uint32_t max = or_default(c->max_cached, CACHED_MAX);

  store->roster = user_roster_hold(places->roster);
  store->ephemeral = c->ephemeral;
  store->policy = c->policy;
  store->cache_ms = (saturn_ms)1000 * or_default(c->cache_s, CACHE_S);
  store->absent_ms = (saturn_ms)1000 * or_default(c->absent_s, ABSENT_S);
  store->note = c->note;
  store->note_context = c->note_context;
  store->found = user_cache_new(max);
  store->absent = user_cache_new(max);
  for (size_t i = 0; i < PLACES; i++) {
    store->lanes[i] =
        places->backends[i].kind == NULL
            ? NULL
            : user_lane_open(store->loop, places->backends[i],
                             or_default(c->max_waiting, WAITING_MAX), pass_note,
                             store);
    places->backends[i].kind = NULL;
  }
  user_places_close(places);
}

/* Let go of everything that a configuration made. */
static void
abandon(struct user_store *store)
{
  user_roster_release(store->roster);
  user_cache_free(store->found);
  user_cache_free(store->absent);
  for (size_t i = 0; i < PLACES; i++) {
    if (store->lanes[i] != NULL)
      user_lane_close(store->lanes[i]);
    secrets_forget(&store->lane_secrets[i]);
  }
}

struct user_store *
user_store_new(uv_loop_t *loop, struct user_places *places)
{
  struct user_store *store = allocate(sizeof *store);

  store->loop = loop;
  take_over(store, places);
  return store;
}

void
user_store_adopt(struct user_store *store, struct user_places *places)
{
  abandon(store);
  store->generation++;
  take_over(store, places);
}

struct user_store *
user_store_open(uv_loop_t *loop, const struct user_store_config *config,
                char fault[OPTION_FAULT])
{
  struct user_places *places = user_places_open(config, NULL, fault);

  return places == NULL ? NULL : user_store_new(loop, places);
}

bool
user_store_reload(struct user_store *store,
                  const struct user_store_config *config,
                  char fault[OPTION_FAULT])
{
  struct user_places *places = user_places_open(config, NULL, fault);

  if (places != NULL)
    user_store_adopt(store, places);
  return places != NULL;
}

size_t
user_store_waiting(const struct user_store *store)
{
  return store->n_questions;
}

size_t
user_store_count(const struct user_store *store)
{
  return user_roster_count(store->roster);
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
