/* SPDX-License-Identifier: MIT
 *
 * resolve.c - the servers of a URI: RFC 5928, 3, as questions and targets.
 */
#include "resolve.h"

#include <string.h>

#include "bytes.h"
#include "ip.h"
#include "name.h"

#define TRANSPORTS 4

/* Of transports, in the order of enum saturn_turn_transport: the labels in
   front of a name, for TURN, STUN and behaviour discovery (RFC 5780, 5.1 names
   none over DTLS). */
static const char *const services[3][TRANSPORTS] = {
  { "_turn._udp.", "_turn._tcp.", "_turns._tcp.", "_turns._udp." },
  { "_stun._udp.", "_stun._tcp.", "_stuns._tcp.", "_stuns._udp." },
  { "_stun-behavior._udp.", "_stun-behavior._tcp.", "_stun-behaviors._tcp.",
    "" },
};

static bool
is_secure(uint8_t transport)
{
  return transport == SATURN_OVER_TLS || transport == SATURN_OVER_DTLS;
}

static bool
has(const uint8_t *transports, size_t n, uint8_t transport)
{
  return n > 0 && memchr(transports, transport, n) != NULL;
}

/* What a transport of the URI means: T-654. */
static uint8_t
meant(const struct saturn_uri *uri)
{
  if (uri->transport == SATURN_TCP)
    return uri->secure ? SATURN_OVER_TLS : SATURN_OVER_TCP;
  return uri->secure ? SATURN_OVER_DTLS : SATURN_OVER_UDP;
}

/* May it be used for this URI? turn: may use TLS, stun: has a name of its own
   for it: S-566, T-680. */
static bool
may_use(const struct saturn_uri *uri, uint8_t transport)
{
  if (uri->transport != SATURN_NO_TRANSPORT)
    return transport == meant(uri);
  if (uri->secure)
    return is_secure(transport);
  return uri->turn || !is_secure(transport);
}

static void
keep_transports(struct saturn_resolve *r,
                const struct saturn_resolve_config *config)
{
  uint8_t transport;
  size_t i;

  for (i = 0; i < config->n_transports; i++) {
    transport = config->transports[i];
    if (transport < TRANSPORTS
        && !has(r->transports, r->n_transports, transport)
        && (config->uri == NULL ? !is_secure(transport)
                                : may_use(config->uri, transport)))
      r->transports[r->n_transports++] = transport;
  }
}

/* What can be said without DNS: T-680, T-660. */
static enum saturn_resolve_result
check(const struct saturn_resolve *r,
      const struct saturn_resolve_config *config)
{
  const struct saturn_uri *uri = config->uri;

  if (uri != NULL && uri->transport == SATURN_NO_TRANSPORT
      && uri->transport_word.len > 0)
    return SATURN_RESOLVE_TRANSPORT;
  if (r->n_transports == 0)
    return SATURN_RESOLVE_UNSUPPORTED;
  if (uri != NULL && uri->secure && uri->host_type != SATURN_HOST_NAME
      && config->name.len == 0)
    return SATURN_RESOLVE_NAMELESS;
  return SATURN_RESOLVE_OPEN;
}

void
saturn_way_init(struct saturn_resolve_way *way, enum saturn_dns_kind kind,
                uint8_t transport)
{
  memset(way, 0, sizeof *way);
  way->kind = (uint16_t)kind;
  way->transports[0] = transport;
  way->n_transports = 1;
}

bool
saturn_way_name(struct saturn_resolve_way *way, struct saturn_bytes name)
{
  if (name.len == 0 || name.len >= sizeof way->name
      || saturn_name_fault(name.data, name.len) != name.len)
    return false;
  memcpy(way->name, name.data, name.len);
  way->name[name.len] = '\0';
  return true;
}

size_t
saturn_way_room(const struct saturn_resolve *r)
{
  return SATURN_RESOLVE_WAYS - (size_t)r->n_ways;
}

void
saturn_way_push(struct saturn_resolve *r, const struct saturn_resolve_way *way)
{
  if (saturn_way_room(r) > 0)
    r->ways[r->n_ways++] = *way;
}

void
saturn_push_host(struct saturn_resolve *r, const uint8_t *transports, size_t n)
{
  struct saturn_resolve_way way;

  saturn_way_init(&way, SATURN_DNS_A, 0);
  memcpy(way.transports, transports, n);
  way.n_transports = (uint8_t)n;
  way.port = r->port;
  if (saturn_way_name(&way, r->host))
    saturn_way_push(r, &way);
}

/* SRV at the host, or where the name would be too long, its addresses. */
static void
push_service(struct saturn_resolve *r, uint8_t transport)
{
  const char *service = services[r->behavior ? 2 : r->stun][transport];
  size_t len = strlen(service);
  struct saturn_resolve_way way;
  char name[2 * SATURN_DNS_NAME];

  saturn_way_init(&way, SATURN_DNS_SRV, transport);
  way.own = true;
  memcpy(name, service, len);
  memcpy(name + len, r->host.data, r->host.len);
  if (len > 0 && saturn_way_name(&way, saturn_view(name, len + r->host.len)))
    saturn_way_push(r, &way);
  else
    saturn_push_host(r, &transport, 1);
}

void
saturn_push_services(struct saturn_resolve *r)
{
  size_t i;

  for (i = r->n_transports; i-- > 0;)
    push_service(r, r->transports[i]);
}

/* An address is a target already: T-681. */
static void
begin_literal(struct saturn_resolve *r, const struct saturn_uri *uri)
{
  bool ipv4 = uri->host_type == SATURN_HOST_IPV4;
  struct saturn_address *address = ipv4 ? r->ipv4 : r->ipv6;

  address->family = ipv4 ? SATURN_IPV4 : SATURN_IPV6;
  if (r->family != SATURN_NO_FAMILY && r->family != address->family)
    return;
  if (ipv4)
    saturn_ipv4_parse(uri->host.data, uri->host.len, address->ip);
  else
    saturn_ipv6_parse(uri->host.data, uri->host.len, address->ip);
  r->n_ipv4 = ipv4;
  r->n_ipv6 = !ipv4;
  r->now.port = r->port;
  memcpy(r->now.transports, r->transports, sizeof r->now.transports);
  r->now.n_transports = r->n_transports;
}

/* Steps 1 to 4 of RFC 5928; T-681 to T-684. */
static void
begin(struct saturn_resolve *r, const struct saturn_uri *uri)
{
  struct saturn_resolve_way way;

  if (uri->host_type != SATURN_HOST_NAME)
    begin_literal(r, uri);
  else if (uri->explicit_port)
    saturn_push_host(r, r->transports, r->n_transports);
  else if (r->stun || uri->transport != SATURN_NO_TRANSPORT)
    saturn_push_services(r);
  else {
    saturn_way_init(&way, SATURN_DNS_NAPTR, 0);
    memcpy(way.transports, r->transports, sizeof way.transports);
    way.n_transports = r->n_transports;
    if (saturn_way_name(&way, r->host))
      saturn_way_push(r, &way);
  }
}

enum saturn_resolve_result
saturn_resolve_start(struct saturn_resolve *resolve,
                     const struct saturn_resolve_config *config)
{
  const struct saturn_uri *uri = config->uri;

  memset(resolve, 0, sizeof *resolve);
  keep_transports(resolve, config);
  resolve->result = (uint8_t)check(resolve, config);
  resolve->random = load64(config->random);
  resolve->family = config->family;
  resolve->anycast = config->anycast;
  if (resolve->result == SATURN_RESOLVE_OPEN && uri != NULL) {
    resolve->secure = uri->secure;
    resolve->stun = !uri->turn;
    resolve->behavior = config->behavior && !uri->turn;
    resolve->port = uri->port;
    resolve->host = uri->host;
    resolve->name = config->name.len > 0 ? config->name : uri->host;
    begin(resolve, uri);
  }
  return (enum saturn_resolve_result)resolve->result;
}
