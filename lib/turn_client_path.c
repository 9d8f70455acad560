/* SPDX-License-Identifier: MIT
 *
 * turn_client_path.c - sockets and connections of the TURN client, which the
 * caller opens and closes.
 */
#include "turn_client.h"

#include <string.h>

/* From this time after a send, one hard ICMP error is believed: T-753. */
#define ICMP_MS 1000

bool
saturn_same_target(const struct saturn_turn_target *a,
                   const struct saturn_turn_target *b)
{
  return a->transport == b->transport
         && saturn_address_equal(&a->address, &b->address);
}

/* A free number from FIRST on; a doomed path makes room, as its allocation
   will expire by itself. NO_PATH if there is none. */
static unsigned
free_path(struct saturn_turn_client *c, unsigned first, unsigned behind)
{
  unsigned i;

  for (i = first; i < behind; i++)
    if (c->paths[i].state == PATH_FREE)
      return i;
  for (i = first; i < behind; i++)
    if (c->paths[i].doomed)
      saturn_client_drop_path(c, i);
  return NO_PATH;
}

/* Ask for a path to TARGET, with a number from FIRST and before BEHIND. */
unsigned
saturn_client_open(struct saturn_turn_client *c, unsigned first,
                   unsigned behind, const struct saturn_turn_target *target,
                   saturn_ms now)
{
  unsigned number = free_path(c, first, behind);

  if (number == NO_PATH)
    return NO_PATH;
  memset(&c->paths[number], 0, sizeof c->paths[number]);
  c->paths[number].target = *target;
  c->paths[number].state = PATH_WANTED;
  c->paths[number].until = now + c->config.connect_ms;
  return number;
}

/* Close a path, and forget what was asked on it. */
void
saturn_client_drop_path(struct saturn_turn_client *c, unsigned path)
{
  struct path *p;

  if (path == NO_PATH)
    return;
  p = &c->paths[path];
  saturn_client_cancel_path(c, path);
  p->doomed = false;
  if (p->state == PATH_WANTED)
    p->state = PATH_FREE;
  else if (p->state != PATH_FREE)
    p->state = PATH_CLOSING;
}

/* A path is of no use any more. Its state says whether it is still to be
   closed. */
void
saturn_client_path_lost(struct saturn_turn_client *c, unsigned path,
                        saturn_ms now)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind != REQUEST_NONE && c->requests[i].path == path)
      saturn_client_note_lost(c, &c->requests[i], now);
  if (path >= SATURN_CLIENT_PATHS)
    saturn_client_data_path(c, path, false);
  else if (c->a.live && path == c->a.told.path)
    saturn_client_lose(c, SATURN_BECAUSE_CONNECTION, 0, now);
  else if (c->rise.stage != RISE_NONE && path == c->rise.path)
    saturn_client_rise_on(c, SATURN_BECAUSE_CONNECTION, 0, now);
  saturn_client_cancel_path(c, path);
}

void
saturn_turn_client_opened(struct saturn_turn_client *client, unsigned path,
                          saturn_ms now)
{
  if (path >= client->n_paths || client->paths[path].state != PATH_OPENING)
    return;
  client->paths[path].state = PATH_OPEN;
  if (path >= SATURN_CLIENT_PATHS) {
    saturn_client_data_path(client, path, true);
    return;
  }
  if (client->rise.stage == RISE_OPENING && client->rise.path == path) {
    client->rise.stage = RISE_ASKING;
    client->last_sent = now;
  }
}

void
saturn_turn_client_broken(struct saturn_turn_client *client, unsigned path,
                          saturn_ms now)
{
  if (path >= client->n_paths)
    return;
  if (client->paths[path].state != PATH_OPENING
      && client->paths[path].state != PATH_OPEN)
    return;
  client->paths[path].state = PATH_FREE;
  client->paths[path].doomed = false;
  saturn_client_path_lost(client, path, now);
}

void
saturn_turn_client_icmp(struct saturn_turn_client *client, unsigned path,
                        saturn_ms now)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++) {
    struct request *r = &client->requests[i];

    if (r->kind == REQUEST_NONE || r->path != path || r->t.sent == 0)
      continue;
    if (r->icmp++ > 0 || saturn_transaction_elapsed_ms(&r->t, now) >= ICMP_MS)
      saturn_transaction_unreachable(&r->t);
  }
}

/* Give up paths that do not open. */
void
saturn_client_run_paths(struct saturn_turn_client *c, saturn_ms now)
{
  unsigned i;

  for (i = 0; i < c->n_paths; i++)
    if ((c->paths[i].state == PATH_OPENING || c->paths[i].state == PATH_WANTED)
        && now >= c->paths[i].until) {
      saturn_client_drop_path(c, i);
      saturn_client_path_lost(c, i, now);
    }
}
