/* SPDX-License-Identifier: MIT
 *
 * turn_client_request.c - the requests of the TURN client in flight.
 */
#include "turn_client.h"

#include <string.h>

#include "bytes.h"
#include "crypto.h"

/* A transaction id that nobody can guess, and that a replay repeats: T-750,
   T-805. */
void
saturn_client_id(struct saturn_turn_client *c, uint8_t tid[SATURN_TID_SIZE])
{
  uint8_t counter[8], digest[SHA256_SIZE];
  struct saturn_bytes piece = saturn_view(counter, sizeof counter);

  store64(counter, c->ids++);
  saturn_hmac_sha256(c->id_key, &piece, 1, digest);
  memcpy(tid, digest, SATURN_TID_SIZE);
}

struct saturn_bytes
saturn_client_bytes(const struct saturn_turn_client *c, const struct request *r)
{
  size_t number = (size_t)(r - c->requests);

  return saturn_view(c->buffers + number * c->config.max_message, r->len);
}

uint8_t
saturn_client_free_request(const struct saturn_turn_client *c)
{
  uint8_t i;

  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind == REQUEST_NONE && !c->requests[i].tell)
      return i;
  return NO_REQUEST;
}

/* RTO of the server of a path: T-752. */
static uint32_t
rto_for(struct saturn_turn_client *c, unsigned path, saturn_ms now)
{
  const struct saturn_address *server = &c->paths[path].target.address;

  if (!saturn_address_same_ip(server, &c->rtt_of)) {
    memset(&c->rtt, 0, sizeof c->rtt);
    c->rtt_of = *server;
  }
  if (c->config.rto_ms != 0)
    return c->config.rto_ms;
  return saturn_rtt_begin(&c->rtt, now);
}

/* The schedule of a request. A deletion is short: sends at 0, 500 and 1500 ms,
   the end at 3500 (T-802). */
static void
set_schedule(struct saturn_turn_client *c, struct request *r, saturn_ms now)
{
  r->t.reliable = saturn_client_is_stream(c, r->path);
  r->t.rto_ms = rto_for(c, r->path, now);
  r->t.rc = c->config.rc;
  r->t.rm = c->config.rm;
  r->t.ti_ms = c->config.ti_ms;
  if (r->kind == REQUEST_DELETE) {
    r->t.rto_ms = SATURN_RTO_MS;
    r->t.rc = 3;
    r->t.rm = 4;
    r->t.ti_ms = CLOSE_STREAM_MS;
  }
}

/* Write the message, with an id of its own, and start its schedule. */
static bool
send_anew(struct saturn_turn_client *c, struct request *r, saturn_ms now)
{
  r->believe = SATURN_NEVER;
  r->icmp = 0;
  r->era = c->eras[r->login];
  if (saturn_client_build(c, r, now))
    return true;
  saturn_client_end_outcome(c, r, SATURN_BECAUSE_TOO_LARGE, now);
  return false;
}

static bool
begin(struct saturn_turn_client *c, struct request *r, saturn_ms now)
{
  r->record.server = c->paths[r->path].target.address;
  r->attempt.forgiving = r->kind == REQUEST_REFRESH || r->kind == REQUEST_JOIN;
  set_schedule(c, r, now);
  return send_anew(c, r, now);
}

/* Begin request NUMBER, which is free. False if it ended at once. */
bool
saturn_client_begin(struct saturn_turn_client *c, enum request_kind kind,
                    uint16_t subject, unsigned path, uint8_t number,
                    saturn_ms now)
{
  struct request *r = &c->requests[number];
  bool rising = kind == REQUEST_ALLOCATE || kind == REQUEST_MOVE;

  memset(r, 0, sizeof *r);
  r->kind = (uint8_t)kind;
  r->subject = subject;
  r->path = path;
  r->login = rising ? c->rise.login : c->a.login;
  return begin(c, r, now);
}

/* Begin to delete an allocation that is not, or not any more, the one. */
void
saturn_client_begin_delete(struct saturn_turn_client *c, unsigned path,
                           uint8_t login, uint8_t number, saturn_ms now)
{
  struct request *r = &c->requests[number];

  memset(r, 0, sizeof *r);
  r->kind = REQUEST_DELETE;
  r->path = path;
  r->login = login;
  begin(c, r, now);
}

/* The same once more, with what was learned from the answer. */
void
saturn_client_again(struct saturn_turn_client *c, struct request *r,
                    saturn_ms now)
{
  set_schedule(c, r, now);
  send_anew(c, r, now);
}

/* Forget a request; whoever sent it knows. */
void
saturn_client_cancel(struct saturn_turn_client *c, uint8_t number)
{
  unsigned i;

  if (number == NO_REQUEST)
    return;
  c->requests[number].kind = REQUEST_NONE;
  for (i = 0; i < c->config.max_peers; i++)
    if (c->peers[i].used && c->peers[i].request == number)
      c->peers[i].request = NO_REQUEST;
  for (i = 0; i < c->config.max_connections; i++)
    if (c->connections[i].request == number)
      c->connections[i].request = NO_REQUEST;
  if (c->a.request == number)
    c->a.request = NO_REQUEST;
  if (c->rise.request == number)
    c->rise.request = NO_REQUEST;
}

void
saturn_client_cancel_path(struct saturn_turn_client *c, unsigned path)
{
  uint8_t i;

  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind != REQUEST_NONE && c->requests[i].path == path)
      saturn_client_cancel(c, i);
}

bool
saturn_client_is_deleting(const struct saturn_turn_client *c, unsigned path)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind == REQUEST_DELETE
        && (path == NO_PATH || c->requests[i].path == path))
      return true;
  return false;
}
