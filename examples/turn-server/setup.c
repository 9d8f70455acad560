/* SPDX-License-Identifier: MIT
 *
 * setup.c - from settings to a server that listens.
 */
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "program.h"
#include "safety.h"
#include "terms.h"
#include "worker.h"

/* How often another free port is tried where any will do. */
#define TRIES 16

static const char *const transports[] = { "udp", "tcp", "tls", "dtls" };

/* An address that needs a zone to be of use: fe80::/10. */
static bool
is_link_local(const struct saturn_address *a)
{
  return a->family == SATURN_IPV6 && a->ip[0] == 0xfe
         && (a->ip[1] & 0xc0) == 0x80;
}

/* All addresses of this machine: a socket for each, so that answers leave from
   the address that was asked (T-034). */
static struct addresses
machine_addresses(void)
{
  struct addresses all = { NULL, 0 };
  uv_interface_address_t *found;
  int count = 0;

  if (uv_interface_addresses(&found, &count) != 0)
    return all;
  all.items = allocate(((size_t)count + 1) * sizeof *all.items);
  for (int i = 0; i < count; i++) {
    all.items[all.n] = address_of((struct sockaddr *)&found[i].address);
    all.items[all.n].port = 0;
    if (!is_link_local(&all.items[all.n]))
      all.n++;
  }
  uv_free_interface_addresses(found, count);
  return all;
}

/* Put the addresses of the machine in the place of 0.0.0.0 and ::. */
static struct addresses
spell_out(const struct addresses *given)
{
  struct addresses machine = machine_addresses(), all = { NULL, 0 };

  all.items = allocate((given->n * (machine.n + 1) + 1) * sizeof *all.items);
  for (size_t i = 0; i < given->n; i++) {
    static const uint8_t zero[16];

    if (memcmp(given->items[i].ip, zero, sizeof zero) != 0) {
      all.items[all.n++] = given->items[i];
      continue;
    }
    for (size_t j = 0; j < machine.n; j++)
      if (machine.items[j].family == given->items[i].family) {
        all.items[all.n] = machine.items[j];
        all.items[all.n++].port = given->items[i].port;
      }
  }
  free(machine.items);
  return all;
}

/* A socket for each address of the machine, so that answers leave from the
   address that was asked (B-51). */
static struct addresses
listening_addresses(void)
{
  return settings.listening_ips.n == 0 ? machine_addresses()
                                       : spell_out(&settings.listening_ips);
}

/* Where the status page and the metrics are: peers that no client may reach,
   from whichever side they are open (T-416). */
static struct addresses
status_addresses(void)
{
  struct saturn_address both[3] = { settings.status_listen };
  struct addresses given = { both, 1 };

  if (both[0].family == SATURN_NO_FAMILY)
    given.n = 0;
  if (settings.prometheus) {
    struct saturn_address *metrics = &both[given.n++];

    *metrics = settings.prometheus_address;
    metrics->port = (uint16_t)settings.prometheus_port;
    if (metrics->family == SATURN_NO_FAMILY) {
      metrics->family = SATURN_IPV6; /* all, of both families */
      both[given.n] = *metrics;
      both[given.n++].family = SATURN_IPV4;
    }
  }
  return spell_out(&given);
}

static bool
is_wanted(uint8_t transport)
{
  switch (transport) {
  case SATURN_OVER_UDP:
    return !settings.no_udp;
  case SATURN_OVER_TCP:
    return !settings.no_tcp;
  case SATURN_OVER_TLS:
    return settings.cert != NULL && !settings.no_tls;
  default:
    return settings.cert != NULL && !settings.no_dtls;
  }
}

/* Is somebody else there already? Sockets that share an address would not
   say. Port 0 becomes one that is free. */
static int
probe(struct place *place)
{
  bool stream = place->transport == SATURN_OVER_TCP
                || place->transport == SATURN_OVER_TLS;
  struct sockaddr_storage name;
  socklen_t size = address_to(&place->address, &name);
  int fd = socket(name.ss_family,
                  (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  int error = 0, on = 1;

  if (fd < 0)
    return uv_translate_sys_error(errno);
  if (stream)
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&name, size) != 0
      || getsockname(fd, (struct sockaddr *)&name, &size) != 0)
    error = uv_translate_sys_error(errno);
  else
    place->address = address_of((struct sockaddr *)&name);
  close(fd);
  return error;
}

/* Listen in every worker. What failed of it is closed with the rest. */
static int
listen_on(struct place *place)
{
  bool shared = server.n_workers > 1;
  int error = probe(place);

  for (unsigned i = 0; i < server.n_workers && error == 0; i++)
    error = listener_open(&server.workers[i], place, shared);
  if (error == 0 && shared
      && !listener_steer(&server.workers[0], server.n_workers))
    error = UV_ENOTSUP;
  if (error != 0)
    return error;
  server.places =
      reallocate(server.places, (server.n_places + 1) * sizeof *server.places);
  server.places[server.n_places++] = *place;
  return 0;
}

/* Who is usually there. */
static const char *
likely_holder(const struct place *place, int error)
{
  if (error == UV_EACCES && place->address.port < 1024)
    return ": ports below 1024 are for root, or CAP_NET_BIND_SERVICE";
  if (error != UV_EADDRINUSE)
    return "";
  switch (place->address.port) {
  case 443:
    return ": a web server may have it, such as nginx or apache2";
  case 3478:
  case 5349:
    return ": another TURN server may have it, such as coturn";
  default:
    return "";
  }
}

static _Noreturn void
cannot_listen(const struct place *place, int error)
{
  const char *holder = likely_holder(place, error);
  char ip[SATURN_ADDRESS_TEXT];

  saturn_address_print_ip(&place->address, ip, sizeof ip);
  log_event(LOG_ERROR, "TURN-LISTEN-FAIL", "cannot listen on %s %u %s: %s%s",
            ip, place->address.port, transports[place->transport],
            uv_strerror(error), holder);
  die(EXIT_CANNOT, "cannot listen on %s %u %s: %s%s", ip, place->address.port,
      transports[place->transport], uv_strerror(error), holder);
}

/* A port that is free on all addresses for both transports; 0: none was
   found. */
static uint16_t
free_port(const struct addresses *ips, const uint8_t both[2])
{
  for (int tries = 0; tries < TRIES; tries++) {
    uint16_t port = 0;
    int error = 0;

    for (size_t i = 0; i < ips->n * 2 && error == 0; i++) {
      struct place place = { ips->items[i / 2], both[i % 2] };

      if (!is_wanted(place.transport))
        continue;
      place.address.port = port;
      error = probe(&place);
      port = place.address.port;
    }
    if (error == 0)
      return port;
  }
  return 0;
}

/* Listen with two transports on a port of all addresses; 0 is any that is
   free, the same for all. */
static void
listen_with(const struct addresses *ips, uint16_t port, uint8_t datagrams,
            uint8_t stream)
{
  const uint8_t both[2] = { datagrams, stream };

  if (port == 0)
    port = free_port(ips, both);
  for (size_t i = 0; i < ips->n * 2; i++) {
    struct place place = { ips->items[i / 2], both[i % 2] };
    int error;

    if (!is_wanted(place.transport))
      continue;
    place.address.port = port;
    error = listen_on(&place);
    if (error != 0)
      cannot_listen(&place, error);
  }
}

static void
announce(void)
{
  for (size_t i = 0; i < server.n_places; i++) {
    const struct place *place = &server.places[i];
    char text[SATURN_ADDRESS_TEXT], ip[SATURN_ADDRESS_TEXT];

    saturn_address_print_ip(&place->address, ip, sizeof ip);
    log_event(LOG_INFO, "TURN-LISTEN", "listening on %s %u %s", ip,
              (unsigned)place->address.port, transports[place->transport]);
    printf("listening %s %s\n", transports[place->transport],
           address_text(&place->address, text));
  }
}

static struct saturn_address
advertised(const struct saturn_address *bound)
{
  const struct saturn_address none = { 0 };

  for (size_t i = 0; i < settings.n_external_ips; i++) {
    const struct external_ip *e = &settings.external_ips[i];

    if (e->public.family == bound->family
        && (e->private.family == SATURN_NO_FAMILY
            || saturn_address_same_ip(&e->private, bound)))
      return e->public;
  }
  return none;
}

/* A relay address that the system does not have would fail each Allocate. */
static void
check_bindable(const struct saturn_address *address)
{
  char ip[SATURN_ADDRESS_TEXT];
  struct sockaddr_storage name;
  socklen_t size = address_to(address, &name);
  int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

  if (fd < 0 || bind(fd, (struct sockaddr *)&name, size) != 0)
    error = uv_translate_sys_error(errno);
  if (fd >= 0)
    close(fd);
  saturn_address_print_ip(address, ip, sizeof ip);
  if (error != 0)
    die(EXIT_CANNOT, "cannot relay on %s: %s", ip, uv_strerror(error));
}

/* Without relay-ip, relays are where we listen; on loopback only if there is
   nothing else of that family, as nobody could reach them. */
static struct addresses
usual_relay_addresses(const struct addresses *listening)
{
  struct addresses all = { NULL, 0 };
  bool beyond[2] = { false, false };

  for (size_t i = 0; i < listening->n; i++)
    beyond[listening->items[i].family == SATURN_IPV6] |=
        !address_is_loopback(&listening->items[i]);
  all.items = allocate((listening->n + 1) * sizeof *all.items);
  for (size_t i = 0; i < listening->n; i++)
    if (!address_is_loopback(&listening->items[i])
        || !beyond[listening->items[i].family == SATURN_IPV6])
      all.items[all.n++] = listening->items[i];
  return all;
}

static void
relay_on(const struct addresses *ips)
{
  server.n_addresses = ips->n;
  server.addresses = allocate((ips->n + 1) * sizeof *server.addresses);
  for (size_t i = 0; i < ips->n; i++) {
    server.addresses[i].bound = ips->items[i];
    server.addresses[i].advertised = advertised(&ips->items[i]);
    check_bindable(&ips->items[i]);
  }
}

void
setup_addresses(void)
{
  struct addresses listening = listening_addresses();
  struct addresses usual = usual_relay_addresses(&listening);
  const struct addresses *relay =
      settings.relay_ips.n > 0 ? &settings.relay_ips : &usual;

  if (listening.n == 0)
    die(EXIT_CANNOT, "this machine has no address: give listening-ip");
  server.status = status_addresses();
  server.first_port = (uint16_t)settings.min_port;
  server.last_port = (uint16_t)settings.max_port;
  safety_relays(relay);
  relay_on(relay);
  listen_with(&listening, (uint16_t)settings.port, SATURN_OVER_UDP,
              SATURN_OVER_TCP);
  listen_with(&listening, (uint16_t)settings.tls_port, SATURN_OVER_DTLS,
              SATURN_OVER_TLS);
  if (server.n_places == 0)
    die(EXIT_USAGE, "nothing is left to listen on: of UDP, TCP, TLS and DTLS "
                    "one has to be served");
  safety_places();
  announce();
  free(usual.items);
  free(listening.items);
}
