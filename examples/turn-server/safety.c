/* SPDX-License-Identifier: MIT
 *
 * safety.c - what the addresses of a server must not be, and what is doubtful
 * about them (B-50, B-51).
 */
#include "safety.h"

#include "program.h"
#include "scope.h"
#include "server.h"

void
safety_relays(const struct addresses *relay_ips)
{
  char ip[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < settings.n_external_ips; i++) {
    const struct saturn_address *private = &settings.external_ips[i].private;
    bool found = private->family == SATURN_NO_FAMILY;

    for (size_t j = 0; j < relay_ips->n; j++)
      found = found || saturn_address_same_ip(private, &relay_ips->items[j]);
    saturn_address_print_ip(private, ip, sizeof ip);
    if (!found)
      die(EXIT_USAGE, "external-ip: %s is no relay-ip of this server", ip);
  }
}

/* Does it stand for more than one relay address? Data for it would find one of
   them at best. */
static void
check_advertised(void)
{
  char public[SATURN_ADDRESS_TEXT], a[SATURN_ADDRESS_TEXT],
      b[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < server.n_addresses; i++)
    for (size_t j = 0; j < server.n_addresses; j++) {
      const struct saturn_turn_address *x = &server.addresses[i],
                                       *y = &server.addresses[j];

      if (i == j || x->advertised.family == SATURN_NO_FAMILY
          || (!saturn_address_same_ip(&x->advertised, &y->advertised)
              && !saturn_address_same_ip(&x->advertised, &y->bound)))
        continue;
      saturn_address_print_ip(&x->advertised, public, sizeof public);
      saturn_address_print_ip(&x->bound, a, sizeof a);
      saturn_address_print_ip(&y->bound, b, sizeof b);
      die(EXIT_USAGE,
          "external-ip: %s would stand for both %s and %s: give one relay-ip, "
          "or external-ip=PUBLIC/PRIVATE for each",
          public, a, b);
    }
}

/* A relay port must never be one that we listen on (B-50). One that the system
   chose is taken: it cannot be opened for a relay. */
static void
check_overlap(void)
{
  for (size_t i = 0; i < server.n_places; i++)
    for (size_t j = 0; j < server.n_addresses; j++) {
      const struct saturn_address *a = &server.places[i].address;
      bool tls = server.places[i].transport >= SATURN_OVER_TLS;

      if (saturn_address_same_ip(a, &server.addresses[j].bound)
          && a->port >= settings.min_port && a->port <= settings.max_port
          && (tls ? settings.tls_port : settings.port) != 0)
        die(EXIT_USAGE,
            "%slistening-port %u lies between min-port and max-port",
            tls ? "tls-" : "", a->port);
    }
}

/* Can everybody reach it? */
static bool
is_public(const struct saturn_address *a)
{
  static const struct saturn_peer_policy usual;

  return a->family != SATURN_NO_FAMILY
         && saturn_peer_allowed(&usual, a, false, NULL);
}

static const struct saturn_address *
find_public(void)
{
  for (size_t i = 0; i < server.n_places; i++)
    if (is_public(&server.places[i].address))
      return &server.places[i].address;
  for (size_t i = 0; i < server.n_addresses; i++)
    if (is_public(&server.addresses[i].advertised))
      return &server.addresses[i].advertised;
  return NULL;
}

/* What is for tests must not be open to the world by mistake. */
static void
check_unsafe(void)
{
  const struct saturn_address *public = find_public();
  char ip[SATURN_ADDRESS_TEXT];

  if (!settings.allow_loopback_peers || settings.confirm_unsafe
      || public == NULL)
    return;
  saturn_address_print_ip(public, ip, sizeof ip);
  die(EXIT_USAGE,
      "allow-loopback-peers lets everybody who reaches %s talk to what listens "
      "on this machine: leave it out, or add confirm-unsafe",
      ip);
}

/* Peers beyond a NAT cannot send there. */
static void
warn_private(void)
{
  char ip[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < server.n_addresses; i++) {
    const struct saturn_turn_address *a = &server.addresses[i];

    if (a->advertised.family != SATURN_NO_FAMILY || !is_private(&a->bound)
        || address_is_loopback(&a->bound))
      continue;
    saturn_address_print_ip(&a->bound, ip, sizeof ip);
    complain("relays are at %s, a private address: for clients elsewhere give "
             "external-ip=PUBLIC/%s",
             ip, ip);
  }
}

void
safety_places(void)
{
  check_overlap();
  check_advertised();
  check_unsafe();
  warn_private();
}
