/* SPDX-License-Identifier: MIT
 *
 * resolve_next.c - the servers of a URI: what to do next, and what an answer
 * changes.
 */
#include "resolve.h"

#include <string.h>

/* RFC 8155, 6: 192.0.0.10 and 2001:1::2. */
static const struct saturn_address anycast_ipv4 = { SATURN_IPV4,
                                                    3478,
                                                    { 192, 0, 0, 10 } };
static const struct saturn_address anycast_ipv6 = {
  SATURN_IPV6, 3478, { 0x20, 1, 0, 1, [15] = 2 }
};

static bool
wants(const struct saturn_resolve *r, uint8_t family)
{
  return r->family == SATURN_NO_FAMILY || r->family == family;
}

/* How many questions the name of NOW needs. */
static unsigned
questions(const struct saturn_resolve *r)
{
  return r->now.kind == SATURN_DNS_A && r->family == SATURN_NO_FAMILY ? 2 : 1;
}

/* Take the top of the stack, and open its questions. */
static bool
open_next(struct saturn_resolve *r)
{
  if (r->n_ways == 0 || r->asked + 2 > SATURN_RESOLVE_QUESTIONS)
    return false;
  r->now = r->ways[--r->n_ways];
  r->n_ipv4 = r->n_ipv6 = r->yielded = 0;
  r->told = 0;
  r->open = (uint16_t)((1U << questions(r)) - 1);
  r->asked = (uint16_t)(r->asked + questions(r));
  return true;
}

/* The kind of a question of NOW: AAAA first. */
static uint16_t
kind_of(const struct saturn_resolve *r, unsigned number)
{
  if (r->now.kind != SATURN_DNS_A)
    return r->now.kind;
  return number == 0 && r->family != SATURN_IPV4 ? SATURN_DNS_AAAA
                                                 : SATURN_DNS_A;
}

/* Ids are counted from 1, so that a late answer is nobody's. */
static uint16_t
first_id(const struct saturn_resolve *r)
{
  return (uint16_t)(r->asked - questions(r) + 1);
}

static void
ask(struct saturn_resolve *r, struct saturn_dns_question *question)
{
  question->kind = kind_of(r, r->told);
  question->id = (uint16_t)(first_id(r) + r->told++);
  memcpy(question->name, r->now.name, sizeof question->name);
}

/* Families alternate, IPv6 first, until one is used up: T-687. */
static const struct saturn_address *
address_at(const struct saturn_resolve *r, size_t at)
{
  size_t both = r->n_ipv4 < r->n_ipv6 ? r->n_ipv4 : r->n_ipv6;

  if (at < 2 * both)
    return at % 2 == 0 ? &r->ipv6[at / 2] : &r->ipv4[at / 2];
  return r->n_ipv6 > r->n_ipv4 ? &r->ipv6[at - both] : &r->ipv4[at - both];
}

/* The next target of NOW: all addresses over its first transport, then over
   the next. */
static bool
next_target(struct saturn_resolve *r, struct saturn_resolve_target *target)
{
  size_t n = (size_t)r->n_ipv4 + r->n_ipv6;

  if (n == 0 || r->yielded == n * r->now.n_transports)
    return false;
  if (r->yielded % n == 0)
    r->group++;
  memset(target, 0, sizeof *target);
  target->address = *address_at(r, r->yielded % n);
  target->address.port = r->now.port;
  target->transport = r->now.transports[r->yielded / n];
  target->name = r->name;
  target->anycast = r->now.kind == 0 && r->host.len == 0;
  target->group = r->group;
  r->yielded++;
  r->found = true;
  return true;
}

/* In the end: where any server may answer (T-693). */
static bool
begin_anycast(struct saturn_resolve *r)
{
  size_t i;

  if (!r->anycast)
    return false;
  r->anycast = false;
  memset(&r->now, 0, sizeof r->now);
  for (i = 0; i < r->n_transports; i++)
    if (r->transports[i] <= SATURN_OVER_TCP)
      r->now.transports[r->now.n_transports++] = r->transports[i];
  r->host = r->name = saturn_view(NULL, 0);
  r->now.port = anycast_ipv4.port;
  r->ipv4[0] = anycast_ipv4;
  r->ipv6[0] = anycast_ipv6;
  r->n_ipv4 = wants(r, SATURN_IPV4);
  r->n_ipv6 = wants(r, SATURN_IPV6);
  r->yielded = 0;
  return true;
}

static enum saturn_resolve_result
conclude(const struct saturn_resolve *r)
{
  if (r->found)
    return SATURN_RESOLVE_DONE;
  if (r->looped)
    return SATURN_RESOLVE_LOOP;
  if (r->n_ways > 0)
    return SATURN_RESOLVE_LIMIT;
  if (r->failed)
    return SATURN_RESOLVE_FAILED;
  return r->unoffered ? SATURN_RESOLVE_UNOFFERED : SATURN_RESOLVE_NOTHING;
}

enum saturn_resolve_step
saturn_resolve_next(struct saturn_resolve *resolve,
                    struct saturn_dns_question *question,
                    struct saturn_resolve_target *target)
{
  if (resolve->result != SATURN_RESOLVE_OPEN)
    return SATURN_RESOLVE_OVER;
  do {
    if (resolve->open >> resolve->told != 0) {
      ask(resolve, question);
      return SATURN_RESOLVE_ASK;
    }
    if (resolve->open != 0)
      return SATURN_RESOLVE_WAIT;
    if (next_target(resolve, target))
      return SATURN_RESOLVE_TARGET;
  } while (open_next(resolve) || begin_anycast(resolve));
  resolve->result = (uint8_t)conclude(resolve);
  return SATURN_RESOLVE_OVER;
}

static bool
is_known(const struct saturn_address *list, size_t n,
         const struct saturn_address *address)
{
  size_t i;

  for (i = 0; i < n; i++)
    if (saturn_address_same_ip(&list[i], address))
      return true;
  return false;
}

static void
take_addresses(struct saturn_resolve *r, uint8_t family,
               const struct saturn_dns_record *records, size_t n)
{
  struct saturn_address *list = family == SATURN_IPV4 ? r->ipv4 : r->ipv6;
  uint8_t *count = family == SATURN_IPV4 ? &r->n_ipv4 : &r->n_ipv6;
  size_t i;

  for (i = 0; i < n && *count < SATURN_RESOLVE_ADDRESSES; i++)
    if (records[i].address.family == family
        && !is_known(list, *count, &records[i].address))
      list[(*count)++] = records[i].address;
}

/* No record of NOW is of use: what comes instead. A name that NAPTR or SRV
   records led to has no other (T-684). */
static void
go_without(struct saturn_resolve *r)
{
  if (r->now.kind == SATURN_DNS_NAPTR && r->now.level == 0)
    saturn_push_services(r);
  else if (r->now.kind == SATURN_DNS_SRV && r->now.own)
    saturn_push_host(r, r->now.transports, 1);
}

/* Close a question; false if it is not open. */
static bool
close_question(struct saturn_resolve *r, uint16_t id)
{
  unsigned number = (unsigned)id - first_id(r);

  if (id < first_id(r) || number >= r->told || (r->open >> number & 1) == 0)
    return false;
  r->open = (uint16_t)(r->open & ~(1U << number));
  return true;
}

enum saturn_error
saturn_resolve_answer(struct saturn_resolve *resolve, uint16_t id,
                      const struct saturn_dns_record *records, size_t n)
{
  uint16_t kind = kind_of(resolve, (unsigned)id - first_id(resolve));

  if (!close_question(resolve, id))
    return SATURN_E_ORDER;
  switch (kind) {
  case SATURN_DNS_NAPTR:
    if (!saturn_take_naptr(resolve, records, n))
      go_without(resolve);
    break;
  case SATURN_DNS_SRV:
    if (!saturn_take_srv(resolve, records, n))
      go_without(resolve);
    break;
  default:
    take_addresses(resolve, kind == SATURN_DNS_A ? SATURN_IPV4 : SATURN_IPV6,
                   records, n);
  }
  return SATURN_OK;
}

enum saturn_error
saturn_resolve_fail(struct saturn_resolve *resolve, uint16_t id)
{
  if (!close_question(resolve, id))
    return SATURN_E_ORDER;
  resolve->failed = true;
  if (resolve->now.kind != SATURN_DNS_A)
    go_without(resolve);
  return SATURN_OK;
}
