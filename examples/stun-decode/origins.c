/* SPDX-License-Identifier: MIT
 *
 * origins.c - from where answers come and nonces are used: other addresses
 * than they should be.
 */
#include <string.h>

#include "escape.h"
#include "program.h"
#include "session.h"

#define NONCES_MAX 16384
#define ASKED_MAX 16384
#define SERVERS_MAX 4096
#define IP_SIZE 17

/* To whom a nonce was given. */
struct given {
  struct table_entry entry;
  uint64_t nonce; /* hash */
  struct flow flow;
};

/* Whom a client asked, by cookie and transaction id. */
struct asked {
  struct table_entry entry;
  uint8_t id[16];
  struct flow flow;
  struct sighting at;
};

/* The IP address of a server. */
struct server {
  struct table_entry entry;
  uint8_t ip[IP_SIZE];
};

void
origins_start(struct decoder *d)
{
  table_init(&d->nonces, sizeof(uint64_t), sizeof(struct given), NONCES_MAX,
             NULL, NULL);
  table_init(&d->asked, 16, sizeof(struct asked), ASKED_MAX, NULL, NULL);
  table_init(&d->servers, IP_SIZE, sizeof(struct server), SERVERS_MAX, NULL,
             NULL);
}

void
origins_end(struct decoder *d)
{
  table_clear(&d->nonces);
  table_clear(&d->asked);
  table_clear(&d->servers);
}

static void
put_ip(const struct saturn_address *address, uint8_t key[IP_SIZE])
{
  key[0] = address->family;
  memcpy(key + 1, address->ip, sizeof address->ip);
}

void
origins_server(struct decoder *d, const struct saturn_address *address)
{
  uint8_t key[IP_SIZE];
  bool made;

  put_ip(address, key);
  table_get(&d->servers, key, &made);
}

bool
origins_is_server(struct decoder *d, const struct saturn_address *address)
{
  uint8_t key[IP_SIZE];

  put_ip(address, key);
  return table_find(&d->servers, key) != NULL;
}

bool
address_is_same(const struct saturn_address *a, const struct saturn_address *b)
{
  return a->family == b->family && a->port == b->port
         && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

void
origins_request(struct decoder *d, const struct record *r)
{
  bool made;
  struct asked *asked = table_get(&d->asked, r->message.raw.data + 4, &made);

  asked->flow = r->origin->flow;
  asked->at = r->origin->at;
}

/* The client was never given an answer by that address, but another was asked
   in its place (D-14). */
void
origins_stray(struct decoder *d, const struct record *r)
{
  const struct asked *asked = table_find(&d->asked, r->message.raw.data + 4);
  const struct flow *flow = &r->origin->flow;
  struct facts facts = { .peer = flow->src };
  struct sighting frames[2];

  if (asked == NULL || asked->flow.transport != SATURN_UDP
      || flow->transport != SATURN_UDP
      || !address_is_same(&asked->flow.src, &flow->dst)
      || address_is_same(&asked->flow.dst, &flow->src))
    return;
  facts.server = asked->flow.dst;
  frames[0] = asked->at;
  frames[1] = r->origin->at;
  findings_add(&d->findings, SITUATION_WRONG_SOURCE, &facts, frames, 2);
}

void
origins_challenge(const struct answer *a, uint64_t nonce)
{
  bool made;
  struct given *given = table_get(&a->decoder->nonces, &nonce, &made);

  given->flow = a->record->origin->flow;
}

bool
origins_moved(const struct answer *a, struct facts *facts)
{
  const struct given *given =
      table_find(&a->decoder->nonces, &a->transaction->nonce);
  const struct flow *flow = &a->record->origin->flow;

  if (given == NULL || !address_is_same(&given->flow.src, &flow->src)
      || address_is_same(&given->flow.dst, &flow->dst))
    return false;
  facts->peer = given->flow.dst;
  return true;
}
