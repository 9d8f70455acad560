/* SPDX-License-Identifier: MIT
 *
 * turn_client_allocate.c - what the TURN client makes of answers to Allocate
 * (RFC 8656, 7.3 and 7.4; T-770).
 */
#include <string.h>

#include "turn_client.h"

#define PORTS_MAX 3   /* local ports tried on 437 */
#define RETRIES_MAX 4 /* on 5xx: S-265 */
#define BAR_MS 60000  /* after 486 and 508 */
#define BAR_437_MS 120000
#define LIFETIME_MAX_S 3600
#define LIFETIME_MIN_S 10
#define LIFETIME_DEFAULT_S 600

/* Keep the lifetime, and refresh a minute before its end; at half of it where
   it is less than two minutes (T-780). */
void
saturn_client_set_lifetime(struct saturn_turn_client *c, uint32_t lifetime_s,
                           saturn_ms now)
{
  uint32_t counted_s =
      lifetime_s < LIFETIME_MAX_S ? lifetime_s : LIFETIME_MAX_S;

  c->a.told.lifetime_s = lifetime_s;
  c->a.told.expires = now + (saturn_ms)counted_s * 1000;
  c->a.refresh = now + (saturn_ms)counted_s * 500;
  if (counted_s >= 120)
    c->a.refresh = c->a.told.expires - 60000;
  c->a.tries = 0;
}

/* Keep the newest ticket: T-508. */
void
saturn_client_take_ticket(struct saturn_turn_client *c,
                          const struct saturn_message *m)
{
  struct saturn_bytes ticket;

  if (saturn_get_bytes(m, SATURN_ATTR_MOBILITY_TICKET, &ticket) != SATURN_OK
      || ticket.len == 0 || ticket.len > sizeof c->a.ticket)
    return;
  memcpy(c->a.ticket, ticket.data, ticket.len);
  c->a.ticket_len = (uint16_t)ticket.len;
  c->a.told.has_ticket = true;
}

/* Some servers fill in 0.0.0.0:0 for a family that they do not have: T-166. */
static bool
is_placeholder(const struct saturn_address *address)
{
  static const struct saturn_address zero;
  struct saturn_address any = zero;

  any.family = address->family;
  return address->port == 0 || saturn_address_same_ip(address, &any);
}

/* The relayed addresses of an answer, one of each family; how many there
   are. */
static unsigned
read_relayed(const struct saturn_message *m, struct saturn_address relayed[2])
{
  struct saturn_attribute a;
  unsigned n = 0;
  size_t at = 0;

  while (n < 2 && saturn_next_of(m, SATURN_ATTR_XOR_RELAYED_ADDRESS, &at, &a)) {
    if (saturn_as_address(m, &a, &relayed[n]) != SATURN_OK
        || is_placeholder(&relayed[n])
        || (n > 0 && relayed[0].family == relayed[n].family))
      memset(&relayed[n], 0, sizeof relayed[n]);
    else
      n++;
  }
  return n;
}

/* Why there is one relayed address though both families were asked for: T-164,
   T-166. */
static uint16_t
read_missing(const struct saturn_message *m)
{
  struct saturn_failure failure;

  if (saturn_get_error(m, SATURN_ATTR_ADDRESS_ERROR_CODE, &failure)
      != SATURN_OK)
    return 440;
  return (uint16_t)failure.code;
}

/* Can the application handle the addresses of this family? T-176. */
static bool
is_usable(const struct saturn_turn_client *c,
          const struct saturn_turn_allocation *told)
{
  uint8_t only = c->config.only_family;

  return only == SATURN_NO_FAMILY
         || ((told->relayed[0].family == only
              || told->relayed[1].family == only)
             && told->mapped.family == only);
}

/* Read all that a success must say: T-175. */
static enum saturn_client_reason
read_success(const struct saturn_turn_client *c, const struct saturn_message *m,
             struct saturn_turn_allocation *told)
{
  unsigned n = read_relayed(m, told->relayed);
  struct saturn_bytes token;
  enum saturn_error lifetime =
      saturn_get_u32(m, SATURN_ATTR_LIFETIME, &told->lifetime_s);

  if (n == 0
      || saturn_get_address(m, SATURN_ATTR_XOR_MAPPED_ADDRESS, &told->mapped)
             != SATURN_OK)
    return SATURN_BECAUSE_PROTOCOL;
  if (lifetime != SATURN_OK && c->config.strict)
    return SATURN_BECAUSE_PROTOCOL;
  if (lifetime != SATURN_OK)
    told->lifetime_s = LIFETIME_DEFAULT_S;
  if (told->lifetime_s < LIFETIME_MIN_S)
    return SATURN_BECAUSE_LIFETIME;
  if (!is_usable(c, told))
    return SATURN_BECAUSE_FAMILY;
  if (saturn_get_bytes(m, SATURN_ATTR_RESERVATION_TOKEN, &token) == SATURN_OK) {
    told->has_reservation = true;
    memcpy(told->reservation, token.data, sizeof told->reservation);
  }
  if (c->config.both_families && n < 2)
    told->missing_code = read_missing(m);
  return SATURN_BECAUSE_NOTHING;
}

/* Take an allocation, in place of the one before if there is one: T-801. */
static void
take(struct saturn_turn_client *c, const struct saturn_message *m,
     const struct saturn_turn_allocation *told, saturn_ms now)
{
  bool replaced = c->a.live;
  unsigned old_path = c->a.told.path;
  uint8_t old_login = c->a.login;

  saturn_client_cancel(c, c->a.request);
  memset(&c->a, 0, sizeof c->a);
  c->a.request = NO_REQUEST;
  c->a.told = *told;
  c->a.live = true;
  c->a.login = c->rise.login;
  c->a.told.path = c->rise.path;
  c->a.told.server = c->rise.target.address;
  c->a.told.transport = c->rise.target.transport;
  c->a.told.dont_fragment =
      c->config.dont_fragment && (c->rise.without & WITHOUT_DONT_FRAGMENT) == 0;
  saturn_client_set_lifetime(c, told->lifetime_s, now);
  saturn_client_take_ticket(c, m);
  if (told->missing_code != 0)
    c->no_second = told->missing_code == 508 ? now + BAR_MS : SATURN_NEVER;
  c->rise.stage = RISE_NONE;
  c->rise.path = NO_PATH;
  c->recovery = 0;
  if (replaced)
    saturn_client_abandon(c, old_path, old_login, now);
  saturn_client_end_connections(c, SATURN_BECAUSE_CONNECTION);
  saturn_client_peers_renew(c, now);
  if (!c->closing)
    saturn_client_event(c, SATURN_EVENT_ALLOCATED);
}

/* What was granted is no use: delete it (T-176). */
static void
give_back(struct saturn_turn_client *c, enum saturn_client_reason reason,
          saturn_ms now)
{
  unsigned path = c->rise.path;

  c->rise.path = NO_PATH;
  saturn_client_abandon(c, path, c->rise.login, now);
  if (reason == SATURN_BECAUSE_ANONYMOUS) {
    saturn_client_rise_stop(c, reason, 0);
    return;
  }
  if (reason == SATURN_BECAUSE_FAMILY)
    saturn_client_bar(c, &c->rise.target, SATURN_NEVER);
  saturn_client_rise_on(c, reason, 0, now);
}

static void
on_success(struct saturn_turn_client *c, const struct request *r,
           const struct saturn_message *m, saturn_ms now)
{
  struct saturn_turn_allocation told;
  enum saturn_client_reason reason;

  memset(&told, 0, sizeof told);
  reason = read_success(c, m, &told);
  if (r->attempt.sent == SATURN_BARE && c->config.username.data != NULL
      && !c->config.allow_anonymous)
    reason = SATURN_BECAUSE_ANONYMOUS;
  if (reason == SATURN_BECAUSE_NOTHING)
    take(c, m, &told, now);
  else
    give_back(c, reason, now);
}

/* Ask the same server once more, on the same path. */
static void
ask_again(struct saturn_turn_client *c, saturn_ms at)
{
  c->rise.stage = RISE_WAITING;
  c->rise.until = at;
}

/* The option behind an attribute type; 0 if it is none that was asked for. */
static uint8_t
option_of(const struct saturn_turn_client *c, uint16_t type)
{
  switch (type) {
  case SATURN_ATTR_DONT_FRAGMENT:
    return c->config.dont_fragment ? WITHOUT_DONT_FRAGMENT : 0;
  case SATURN_ATTR_EVEN_PORT:
    return c->config.even_port ? WITHOUT_EVEN_PORT : 0;
  case SATURN_ATTR_RESERVATION_TOKEN:
    return c->config.has_reservation ? WITHOUT_RESERVATION : 0;
  case SATURN_ATTR_REQUESTED_ADDRESS_FAMILY:
    return c->config.family != SATURN_NO_FAMILY ? WITHOUT_FAMILY : 0;
  case SATURN_ATTR_MOBILITY_TICKET:
    return c->config.mobility ? WITHOUT_TICKET : 0;
  default:
    return 0;
  }
}

/* The options that a 420 lists, if those are all that it lists; otherwise 0. */
static uint8_t
listed_options(const struct saturn_turn_client *c, const struct verdict *v)
{
  uint8_t options = 0;
  unsigned i;

  for (i = 0; v->unknown != NULL && i < 4 && v->unknown[i] != 0; i++) {
    uint8_t option = option_of(c, v->unknown[i]);

    if (option == 0)
      return 0;
    options |= option;
  }
  return options;
}

/* Options that the application can do without, and this server does not
   like. */
static uint8_t
refused_options(const struct saturn_turn_client *c, const struct verdict *v)
{
  uint8_t options = 0;

  if (c->config.insist)
    return 0;
  if (v->code == 405)
    options = option_of(c, SATURN_ATTR_MOBILITY_TICKET);
  else if (v->code == 420)
    options = listed_options(c, v);
  else if (v->code == 508)
    options = option_of(c, SATURN_ATTR_EVEN_PORT)
              | option_of(c, SATURN_ATTR_RESERVATION_TOKEN);
  return options & (uint8_t)~c->rise.without;
}

/* Another local port, but not for ever: T-770 on 437. */
static void
on_mismatch(struct saturn_turn_client *c, const struct verdict *v,
            saturn_ms now)
{
  struct saturn_turn_target target = c->rise.target;

  if (++c->rise.ports < PORTS_MAX) {
    saturn_client_rise_to(c, &target, now);
    return;
  }
  saturn_client_bar(c, &target, now + BAR_437_MS);
  saturn_client_rise_on(c, SATURN_BECAUSE_CODE, v->code, now);
}

/* A problem that no other server will solve: T-688. */
static bool
is_final(const struct verdict *v)
{
  switch (v->reason) {
  case SATURN_BECAUSE_CREDENTIALS:
  case SATURN_BECAUSE_STALE_LOOP:
  case SATURN_BECAUSE_BID_DOWN:
  case SATURN_BECAUSE_ALGORITHM:
  case SATURN_BECAUSE_TOO_LARGE:
    return true;
  case SATURN_BECAUSE_CODE:
    return v->code == 300 || v->code == 400 || v->code == 401 || v->code == 403
           || v->code == 440 || v->code == 441;
  default:
    return false;
  }
}

static void
on_code(struct saturn_turn_client *c, const struct verdict *v, saturn_ms now)
{
  uint8_t options = refused_options(c, v);

  if (options != 0) {
    c->rise.without |= options;
    ask_again(c, now);
  } else if (v->code == 437) {
    on_mismatch(c, v, now);
  } else if (v->code == 486 || v->code == 508) {
    saturn_client_bar(c, &c->rise.target, now + BAR_MS);
    saturn_client_rise_on(c, SATURN_BECAUSE_CODE, v->code, now);
  } else if (v->code / 100 == 5 && c->rise.retries < RETRIES_MAX) {
    ask_again(c, now + (1000u << c->rise.retries++));
  } else {
    saturn_client_rise_on(c, SATURN_BECAUSE_CODE, v->code, now);
  }
}

void
saturn_client_on_allocate(struct saturn_turn_client *c, const struct request *r,
                          const struct verdict *v, saturn_ms now)
{
  enum saturn_client_reason reason = (enum saturn_client_reason)v->reason;

  if (v->outcome == SATURN_ANSWERED && v->answer == SATURN_REDIRECTED)
    saturn_client_on_redirect(c, v, now);
  else if (reason == SATURN_BECAUSE_NOTHING)
    on_success(c, r, v->m, now);
  else if (c->closing)
    saturn_client_rise_drop(c);
  else if (is_final(v))
    saturn_client_rise_stop(c, reason, v->code);
  else if (reason == SATURN_BECAUSE_CODE)
    on_code(c, v, now);
  else
    saturn_client_rise_on(c, reason, v->code, now);
}
