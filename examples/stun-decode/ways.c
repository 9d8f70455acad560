/* SPDX-License-Identifier: MIT
 *
 * ways.c - relayed data: to which peer it goes, and whether any comes back.
 */
#include "ways.h"

#include <string.h>

#include "escape.h"
#include "program.h"

#define WAYS_MAX 16384
#define SECOND INT64_C(1000000)

/* So many messages, for so long, are a silence (diagnosis, 4). */
#define SILENT_COUNT 5
#define SILENT_US (5 * SECOND)

/* Lifetimes, and how far from their end data may stop. */
#define PERMISSION_US (300 * SECOND)
#define CHANNEL_US (600 * SECOND)
#define MARGIN_US (8 * SECOND)

/* A pause after which a NAT may have forgotten the client. */
#define PAUSE_US (30 * SECOND)

/* What goes between a client and the IP address of a peer, or a channel. */
struct way {
  struct table_entry entry;
  uint8_t key[FLOW_KEY_SIZE];
  struct flow flow; /* of the client; inner is the peer or the channel */
  struct saturn_address peer;
  bool permitted, refused, unpermitted;
  int64_t permitted_us, received_us, next_us, sent_us, first_us;
  unsigned sent, received, after; /* AFTER the last that was received */
  struct series asked;            /* what was sent */
};

bool
address_is_private(const struct saturn_address *a)
{
  const uint8_t *p = a->ip;

  if (a->family == SATURN_IPV6)
    return (p[0] & 0xFE) == 0xFC || (p[0] == 0xFE && (p[1] & 0xC0) == 0x80);
  return a->family == SATURN_IPV4
         && (p[0] == 10 || p[0] == 127 || (p[0] == 172 && p[1] >> 4 == 1)
             || (p[0] == 192 && p[1] == 168) || (p[0] == 169 && p[1] == 254)
             || (p[0] == 100 && p[1] >> 6 == 1));
}

static const struct session *
client_session(struct decoder *d, const struct way *way)
{
  struct flow flow = way->flow;
  uint8_t key[FLOW_KEY_SIZE];

  memset(&flow.inner, 0, sizeof flow.inner);
  flow_key(&flow, false, key);
  return table_find(&d->sessions, key);
}

static bool
ends_at(int64_t stop, int64_t start, int64_t lifetime)
{
  int64_t off = stop - start - lifetime;

  return start != 0 && off < MARGIN_US && off > -MARGIN_US;
}

/* Data came, and does not any more: after which event? */
static bool
reason_of_stop(const struct way *way, const struct session *s,
               enum situation *name)
{
  bool channel = way->flow.inner.family == CHANNEL_FAMILY;

  if (channel && ends_at(way->received_us, way->permitted_us, CHANNEL_US))
    *name = SITUATION_CHANNEL_EXPIRED;
  else if (s != NULL && s->lifetime_us > 0
           && ends_at(way->received_us, s->refreshed_us, s->lifetime_us))
    *name = SITUATION_ALLOCATION_EXPIRED;
  else if (!channel
           && ends_at(way->received_us, way->permitted_us, PERMISSION_US))
    *name = SITUATION_PERMISSION_EXPIRED;
  else if (way->next_us - way->received_us >= PAUSE_US)
    *name = SITUATION_NAT_TIMEOUT;
  else
    return false;
  return true;
}

/* What is known of a way when it is forgotten. The capture has to have its
   start: then what is missing in it was not sent. */
static void
judge_way(void *context, void *entry)
{
  struct decoder *d = context;
  const struct way *way = entry;
  const struct session *s = client_session(d, way);
  struct facts facts = { .server = way->flow.dst,
                         .peer = way->peer,
                         .count = way->sent };
  enum situation name;

  if (s == NULL || !s->allocated || way->sent < SILENT_COUNT)
    return;
  if (way->unpermitted && !way->permitted && way->received == 0)
    name = SITUATION_NO_PERMISSION;
  else if (way->received == 0 && way->permitted
           && way->sent_us - way->first_us >= SILENT_US)
    name = address_is_private(&way->peer) && !address_is_private(&way->flow.dst)
               ? SITUATION_PEER_PRIVATE
               : SITUATION_RELAY_IN;
  else if (way->received == 0 || way->after < SILENT_COUNT
           || way->sent_us - way->next_us < SILENT_US
           || !reason_of_stop(way, s, &name))
    return;
  findings_add(&d->findings, name, &facts, way->asked.at, way->asked.n);
}

void
ways_start(struct decoder *d)
{
  table_init(&d->ways, FLOW_KEY_SIZE, sizeof(struct way), WAYS_MAX, judge_way,
             d);
}

void
ways_end(struct decoder *d)
{
  table_clear(&d->ways);
}

/* The way of a client to PEER, or on a channel, which is a peer as well. */
static struct way *
way_get(struct decoder *d, const struct flow *flow, bool opposite,
        const struct saturn_address *inner)
{
  struct flow own = *flow;
  uint8_t key[FLOW_KEY_SIZE];
  struct way *way;
  bool made;

  if (opposite) {
    own.src = flow->dst;
    own.dst = flow->src;
  }
  own.inner = *inner;
  if (inner->family != CHANNEL_FAMILY)
    own.inner.port = 0; /* permissions are for IP addresses */
  flow_key(&own, false, key);
  way = table_get(&d->ways, key, &made);
  if (made) {
    way->flow = own;
    way->peer = *inner;
  }
  return way;
}

static void
permit(struct way *way, const struct sighting *at)
{
  way->permitted = true;
  way->permitted_us = at->time_us;
}

static void
permit_all(const struct answer *a)
{
  const struct flow *flow = &a->record->origin->flow;
  const struct transaction *t = a->transaction;
  struct saturn_address channel = { .family = CHANNEL_FAMILY,
                                    .port = t->channel };
  struct way *way;

  for (size_t i = 0; i < t->peers; i++)
    permit(way_get(a->decoder, flow, true, &t->peer_list[i]),
           &a->record->origin->at);
  if (t->channel == 0)
    return;
  way = way_get(a->decoder, flow, true, &channel);
  way->peer = t->peer;
  permit(way, &a->record->origin->at);
}

void
ways_answer(const struct answer *a)
{
  const struct saturn_message *m = &a->record->message;
  struct session *s = a->session;
  uint32_t lifetime;

  if (m->cls != SATURN_SUCCESS || a->transaction == NULL)
    return;
  switch (m->method) {
  case SATURN_METHOD_ALLOCATE:
    s->allocated = true;
    /* fall through */
  case SATURN_METHOD_REFRESH:
    s->refreshed_us = a->record->origin->at.time_us;
    if (saturn_get_u32(m, SATURN_ATTR_LIFETIME, &lifetime) == SATURN_OK)
      s->lifetime_us = (int64_t)lifetime * SECOND;
    break;
  case SATURN_METHOD_CREATE_PERMISSION:
  case SATURN_METHOD_CHANNEL_BIND:
    permit_all(a);
    if (a->transaction->more_peers)
      s->allocated = false; /* not all is known of it any more */
    break;
  default:
    break;
  }
}

static void
sent(struct way *way, const struct sighting *at)
{
  if (way->sent++ == 0)
    way->first_us = at->time_us;
  if (way->received > 0 && way->after++ == 0)
    way->next_us = at->time_us;
  way->unpermitted = way->unpermitted || !way->permitted;
  way->sent_us = at->time_us;
  series_add(&way->asked, at);
}

static void
received(struct way *way, const struct sighting *at)
{
  way->received++;
  way->after = 0;
  way->received_us = at->time_us;
}

/* The session of the source, if it is the client of an allocation that was seen
   to be made. */
static struct session *
client_of(struct decoder *d, const struct flow *flow, bool opposite)
{
  uint8_t key[FLOW_KEY_SIZE];
  struct session *s;

  flow_key(flow, opposite, key);
  s = table_find(&d->sessions, key);
  return s != NULL && s->allocated ? s : NULL;
}

static size_t
payload_of(const struct record *r)
{
  struct saturn_bytes data;

  if (r->kind == RECORD_CHANNEL)
    return r->length;
  return saturn_get_bytes(&r->message, SATURN_ATTR_DATA, &data) == SATURN_OK
             ? data.len
             : 0;
}

void
ways_data(struct decoder *d, const struct record *r)
{
  const struct origin *o = r->origin;
  struct saturn_address inner = { .family = CHANNEL_FAMILY, .port = r->type };
  struct session *s;
  bool back;

  if (o->flow.inner.family != SATURN_NO_FAMILY || !o->at.timed)
    return;
  if (r->kind == RECORD_STUN
      && saturn_get_address(&r->message, SATURN_ATTR_XOR_PEER_ADDRESS, &inner)
             != SATURN_OK)
    return;
  s = client_of(d, &o->flow, false);
  back = s == NULL;
  if (back && (s = client_of(d, &o->flow, true)) == NULL)
    return;
  if (back)
    s->heard_us = o->at.time_us;
  summary_see(&s->summary, &o->at);
  summary_data(&s->summary, back, payload_of(r));
  if (back)
    received(way_get(d, &o->flow, true, &inner), &o->at);
  else
    sent(way_get(d, &o->flow, false, &inner), &o->at);
}
