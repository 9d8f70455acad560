/* SPDX-License-Identifier: MIT
 *
 * user_places.c - the places of a configuration, before a store uses them.
 */
#include <stdlib.h>

#include "program.h"
#include "store_parts.h"

static bool
read_secrets(struct user_roster *r, const struct user_store_config *c,
             char *fault)
{
  for (size_t i = 0; c->ephemeral && i < c->secrets.n; i++)
    if (!secret_list_add(&r->secrets, text_of(c->secrets.items[i]))) {
      snprintf(fault, OPTION_FAULT,
               "secret %zu: it is empty, longer than %d bytes, or one of more "
               "than %d",
               i + 1, BACKEND_SECRET_MAX, BACKEND_SECRETS_MAX);
      return false;
    }
  return true;
}

static bool
read_roster(struct user_roster *r, const struct user_store_config *c,
            char *fault)
{
  struct saturn_bytes realm = text_of(c->realm == NULL ? "" : c->realm);

  for (size_t i = 0; i < c->users.n; i++)
    if (!user_table_add(&r->users, realm, c->users.items[i], fault))
      return false;
  for (size_t i = 0; i < c->htdigests.n; i++)
    if (!user_table_add_htdigest(&r->htdigest, c->htdigests.items[i], fault))
      return false;
  user_table_sort(&r->users);
  user_table_sort(&r->htdigest);
  return read_secrets(r, c, fault);
}

struct user_roster *
user_roster_new(const struct user_store_config *config,
                char fault[OPTION_FAULT])
{
  struct user_roster *roster = allocate(sizeof *roster);

  atomic_init(&roster->holders, 1);
  if (read_roster(roster, config, fault))
    return roster;
  user_roster_release(roster);
  return NULL;
}

struct user_roster *
user_roster_hold(struct user_roster *roster)
{
  atomic_fetch_add(&roster->holders, 1);
  return roster;
}

void
user_roster_release(struct user_roster *roster)
{
  if (roster == NULL || atomic_fetch_sub(&roster->holders, 1) > 1)
    return;
  user_table_clear(&roster->users);
  user_table_clear(&roster->htdigest);
  secret_list_clear(&roster->secrets);
  free(roster);
}

size_t
user_roster_count(const struct user_roster *roster)
{
  return roster->users.n + roster->htdigest.n + roster->secrets.n;
}

/* Rules that the operator has, but not here. */
static void
remark(const struct user_places *p)
{
  char text[BACKEND_NOTE] = "";

  if (p->config.sqlite != NULL && p->config.note != NULL
      && backend_sqlite_unserved(p->config.sqlite, text))
    p->config.note(p->config.note_context, text);
}

struct user_places *
user_places_open(const struct user_store_config *config,
                 struct user_roster *roster, char fault[OPTION_FAULT])
{
  struct user_places *p = allocate(sizeof *p);

  p->config = *config;
  p->roster = roster == NULL ? user_roster_new(config, fault)
                             : user_roster_hold(roster);
  if (p->roster != NULL
      && (config->sqlite == NULL
          || backend_sqlite(&p->backends[PLACE_SQLITE], config->sqlite, fault))
      && (config->redis == NULL
          || backend_redis(&p->backends[PLACE_REDIS], config->redis, fault))) {
    remark(p);
    return p;
  }
  user_places_close(p);
  return NULL;
}

void
user_places_close(struct user_places *places)
{
  if (places == NULL)
    return;
  user_roster_release(places->roster);
  for (size_t i = 0; i < PLACES; i++)
    if (places->backends[i].kind != NULL)
      places->backends[i].kind->close(places->backends[i].state);
  free(places);
}
