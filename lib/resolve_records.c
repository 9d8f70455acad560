/* SPDX-License-Identifier: MIT
 *
 * resolve_records.c - NAPTR and SRV records in the order in which they shall
 * be tried: RFC 3958, RFC 2782.
 */
#include "resolve.h"

#include <string.h>

#include "name.h"

#define PLAIN_PORT 3478
#define SECURE_PORT 5349

/* Protocols of the service RELAY, in the order of enum saturn_turn_transport:
   RFC 5928, 3; RFC 7350, 4.6.2. */
static const char *const protocols[] = { "turn.udp", "turn.tcp", "turn.tls",
                                         "turn.dtls" };

/* Is TEXT the lower-case WORD, in whatever case? */
static bool
is_word(struct saturn_bytes text, const char *word)
{
  size_t i = 0;

  while (i < text.len && word[i] != '\0'
         && lower_case(text.data[i]) == (uint8_t)word[i])
    i++;
  return i == text.len && word[i] == '\0';
}

/* Take the part before the next colon off the front of SERVICE. */
static struct saturn_bytes
next_tag(struct saturn_bytes *service)
{
  struct saturn_bytes tag = saturn_view(service->data, 0);

  while (tag.len < service->len && tag.data[tag.len] != ':')
    tag.len++;
  service->len -= tag.len;
  service->data += tag.len;
  if (service->len > 0)
    *service = saturn_view(service->data + 1, service->len - 1);
  return tag;
}

static bool
serves(const struct saturn_dns_record *record, uint8_t transport)
{
  struct saturn_bytes service = record->service;

  if (service.len == 0 || !is_word(next_tag(&service), "relay"))
    return false;
  while (service.len > 0)
    if (is_word(next_tag(&service), protocols[transport]))
      return true;
  return false;
}

/* The kind of record that a NAPTR record sends on to; 0 if it is not to be
   used: T-684. */
static uint16_t
leads_to(const struct saturn_dns_record *record)
{
  if (record->regexp.len > 0)
    return 0;
  if (record->flags.len == 0)
    return SATURN_DNS_NAPTR;
  if (is_word(record->flags, "s"))
    return SATURN_DNS_SRV;
  return is_word(record->flags, "a") ? SATURN_DNS_A : 0;
}

/* Make the way that a NAPTR record shows for one transport. */
static bool
follow(struct saturn_resolve *r, const struct saturn_dns_record *record,
       uint8_t transport, struct saturn_resolve_way *way)
{
  saturn_way_init(way, SATURN_DNS_A, transport);
  way->kind = leads_to(record);
  way->level = (uint8_t)(r->now.level + 1);
  way->port = transport >= SATURN_OVER_TLS ? SECURE_PORT : PLAIN_PORT;
  if (way->kind == 0 || !serves(record, transport)
      || !saturn_way_name(way, record->name))
    return false;
  if (way->kind != SATURN_DNS_NAPTR || way->level <= SATURN_RESOLVE_LEVELS)
    return true;
  r->looped = true;
  return false;
}

/* Where a way stands among those of an answer: by order, preference, the
   application's preference, and the place of the record. */
static uint64_t
rank(const struct saturn_dns_record *record, size_t preference, size_t place)
{
  return (uint64_t)record->order << 48 | (uint64_t)record->preference << 32
         | (uint64_t)preference << 24 | (place & 0xFFFFFF);
}

/* Find the way of lowest rank that is above FLOOR. */
static bool
find_way(struct saturn_resolve *r, const struct saturn_dns_record *records,
         size_t n, uint64_t *floor, struct saturn_resolve_way *best)
{
  uint64_t lowest = UINT64_MAX, its;
  struct saturn_resolve_way way;
  size_t i, k;

  for (i = 0; i < n; i++)
    for (k = 0; k < r->now.n_transports; k++) {
      its = rank(&records[i], k, i) + 1;
      if (its > *floor && its < lowest
          && follow(r, &records[i], r->now.transports[k], &way)) {
        lowest = its;
        *best = way;
      }
    }
  *floor = lowest;
  return lowest != UINT64_MAX;
}

/* The record if only one is of use, and it leads to further NAPTR records. */
static const struct saturn_dns_record *
only_alias(struct saturn_resolve *r, const struct saturn_dns_record *records,
           size_t n)
{
  const struct saturn_dns_record *only = NULL;
  struct saturn_resolve_way way;
  size_t i, k;

  for (i = 0; i < n; i++)
    for (k = 0; k < r->now.n_transports; k++)
      if (follow(r, &records[i], r->now.transports[k], &way)) {
        if (way.kind != SATURN_DNS_NAPTR
            || (only != NULL && only != &records[i]))
          return NULL;
        only = &records[i];
      }
  return only;
}

/* The transports are tried in the order of the first set of records that ranks
   them. One record alone, which only gives the name of another domain, does
   not (RFC 5928, 4.2): its way keeps all transports. */
static bool
take_alias(struct saturn_resolve *r, const struct saturn_dns_record *record)
{
  struct saturn_resolve_way way, one;
  uint8_t n = 0;
  size_t k;

  for (k = 0; k < r->now.n_transports; k++)
    if (follow(r, record, r->now.transports[k], &one)) {
      if (n == 0)
        way = one;
      way.transports[n++] = r->now.transports[k];
      way.n_transports = n;
    }
  saturn_way_push(r, &way);
  return true;
}

/* Put what was found at the end of the stack in the opposite order, so that
   the first is on top. */
static void
turn_over(struct saturn_resolve *r, size_t from)
{
  struct saturn_resolve_way way;
  size_t to = r->n_ways;

  while (from + 1 < to) {
    way = r->ways[from];
    r->ways[from++] = r->ways[--to];
    r->ways[to] = way;
  }
}

bool
saturn_take_naptr(struct saturn_resolve *r,
                  const struct saturn_dns_record *records, size_t n)
{
  const struct saturn_dns_record *alias;
  struct saturn_resolve_way way;
  size_t from = r->n_ways, found = 0;
  uint64_t floor = 0;

  if ((alias = only_alias(r, records, n)) != NULL)
    return take_alias(r, alias);
  while (found < SATURN_RESOLVE_NAPTR
         && find_way(r, records, n, &floor, &way)) {
    saturn_way_push(r, &way);
    found++;
  }
  turn_over(r, from);
  return found > 0;
}

/* One of the numbers below LIMIT. Weights are no secrets, so any well-mixed
   function of the seed does. */
static uint64_t
draw(struct saturn_resolve *r, uint64_t limit)
{
  uint64_t x = r->random += 0x9E3779B97F4A7C15;

  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return (x ^ x >> 31) % limit;
}

/* Make the way that an SRV record shows. */
static bool
make_target(const struct saturn_resolve *r,
            const struct saturn_dns_record *record,
            struct saturn_resolve_way *way)
{
  saturn_way_init(way, SATURN_DNS_A, r->now.transports[0]);
  way->port = record->port;
  return record->port != 0 && saturn_way_name(way, record->name);
}

/* The records of an answer that were not taken yet, with the lowest priority
   there is among them. */
struct candidates {
  const struct saturn_dns_record *records;
  size_t n;
  size_t taken[SATURN_RESOLVE_SRV], n_taken;
  uint16_t priority;
  uint64_t weights; /* the sum of theirs */
};

static bool
is_candidate(const struct candidates *c, size_t i)
{
  size_t k;

  for (k = 0; k < c->n_taken; k++)
    if (c->taken[k] == i)
      return false;
  return true;
}

/* A record of weight 0 has a small chance beside others, and the same chance
   as others of weight 0. */
static uint64_t
weight_of(const struct saturn_dns_record *record)
{
  return record->weight > 0 ? record->weight : 1;
}

static void
count_weights(const struct saturn_resolve *r, struct candidates *c)
{
  struct saturn_resolve_way way;
  size_t i;

  c->weights = 0;
  for (i = 0; i < c->n; i++) {
    if (!is_candidate(c, i) || !make_target(r, &c->records[i], &way))
      continue;
    if (c->weights == 0 || c->records[i].priority < c->priority) {
      c->priority = c->records[i].priority;
      c->weights = 0;
    }
    if (c->records[i].priority == c->priority)
      c->weights += weight_of(&c->records[i]);
  }
}

/* Take one of lowest priority, by weight: RFC 2782. */
static bool
take_candidate(struct saturn_resolve *r, struct candidates *c,
               struct saturn_resolve_way *way)
{
  uint64_t drawn, sum = 0;
  size_t i;

  count_weights(r, c);
  if (c->weights == 0)
    return false;
  drawn = draw(r, c->weights);
  for (i = 0; sum <= drawn && i < c->n; i++)
    if (is_candidate(c, i) && c->records[i].priority == c->priority
        && make_target(r, &c->records[i], way))
      sum += weight_of(&c->records[i]);
  c->taken[c->n_taken++] = i - 1;
  return true;
}

/* Does the answer say that there is no service? RFC 2782, "Target". */
static bool
is_unoffered(const struct saturn_dns_record *records, size_t n)
{
  return n == 1
         && (records->name.len == 0
             || (records->name.len == 1 && records->name.data[0] == '.'));
}

bool
saturn_take_srv(struct saturn_resolve *r,
                const struct saturn_dns_record *records, size_t n)
{
  struct candidates candidates = { records, n, { 0 }, 0, 0, 0 };
  struct saturn_resolve_way way;
  size_t from = r->n_ways;

  if (is_unoffered(records, n)) {
    r->unoffered = true;
    return true;
  }
  while (candidates.n_taken < SATURN_RESOLVE_SRV
         && take_candidate(r, &candidates, &way))
    saturn_way_push(r, &way);
  turn_over(r, from);
  return candidates.n_taken > 0;
}
