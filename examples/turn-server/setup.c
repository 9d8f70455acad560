/* SPDX-License-Identifier: MIT
 *
 * setup.c - from settings to a server that listens.
 */
#include "setup.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "ports.h"

/* The last channel number of RFC 5766, 11, of which RFC 8656 took most away;
   coturn's client still uses all of them. */
#define LEGACY_CHANNEL_LAST 0x7FFE

struct users *
setup_users(void)
{
  struct users *users = users_new(
      settings.realm == NULL ? saturn_view(NULL, 0) : text_of(settings.realm),
      settings.separator[0]);
  char fault[OPTION_FAULT];

  for (size_t i = 0; i < settings.users.n; i++)
    if (!users_add(users, settings.users.items[i], fault))
      die(EXIT_USAGE, "user: %s", fault);
  for (size_t i = 0; i < settings.secrets.n; i++)
    users_add_secret(users, text_of(settings.secrets.items[i]));
  return users;
}

static void
setup_policy(struct saturn_policy *policy)
{
  uint64_t lifetime_s = settings.stale_nonce_s;

  if (settings.realm != NULL)
    policy->realm = text_of(settings.realm);
  if (lifetime_s != 0 && lifetime_s < 40)
    lifetime_s = 40;
  policy->nonce_lifetime_s =
      (uint32_t)(lifetime_s == 0 || lifetime_s > 3600 ? 3600 : lifetime_s);
  if (settings.nonce_secret == NULL) {
    random_bytes(policy->secret[0], sizeof policy->secret[0]);
  } else {
    struct sha256_ctx hash;

    sha256_init(&hash);
    sha256_update(&hash, strlen(settings.nonce_secret),
                  text_of(settings.nonce_secret).data);
    sha256_digest(&hash, sizeof policy->secret[0], policy->secret[0]);
  }
}

void
setup_config(struct server *server)
{
  struct server_config *config = &server->config;

  if (settings.software != NULL)
    config->software = text_of(settings.software);
  config->anonymous = settings.no_auth;
  config->always_fingerprint = settings.fingerprint;
  config->no_udp_relay = settings.no_udp_relay;
  config->imitate_expressway = settings.integrity_failure_code == 431;
  config->max_lifetime_s = (uint32_t)settings.max_lifetime_s;
  config->user_quota = settings.no_auth ? 0 : settings.user_quota;
  config->total_quota = settings.total_quota;
  config->min_port = (uint16_t)settings.min_port;
  config->max_port = (uint16_t)settings.max_port;
  config->last_channel =
      settings.legacy_channels ? LEGACY_CHANNEL_LAST : SATURN_CHANNEL_LAST;
  config->peers.allow = settings.allowed.items;
  config->peers.n_allow = settings.allowed.n;
  config->peers.deny = settings.denied.items;
  config->peers.n_deny = settings.denied.n;
  config->peers.first_port = config->min_port;
  config->peers.last_port = config->max_port;
  config->peers.unsafe_loopback = settings.allow_loopback_peers;
  setup_policy(&config->policy);
}

static bool
is_loopback(const struct saturn_address *a)
{
  static const uint8_t one[16] = { [15] = 1 };

  return a->family == SATURN_IPV4 ? a->ip[0] == 127
                                  : memcmp(a->ip, one, sizeof one) == 0;
}

/* Note an address of ours for the own-address rule (T-416). Where loopback is
   open for tests, the rest of this machine is as well: only the ports that the
   server listens on stay closed there. */
static void
add_own(struct server *server, const struct saturn_address *address,
        bool relays)
{
  struct saturn_peer_policy *peers = &server->config.peers;
  struct saturn_own_address *own;

  if (settings.allow_loopback_peers && is_loopback(address))
    return;
  own = (struct saturn_own_address *)(uintptr_t)peers->own;
  own = reallocate(own, (peers->n_own + 1) * sizeof *own);
  own[peers->n_own].address = *address;
  own[peers->n_own++].relay = relays;
  peers->own = own;
}

static void
add_listening(struct server *server, const struct saturn_address *address)
{
  struct server_config *config = &server->config;

  config->listening = reallocate(
      config->listening, (config->n_listening + 1) * sizeof *config->listening);
  config->listening[config->n_listening++] = *address;
  add_own(server, address, false);
}

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

static void
listen_to(struct server *server, const struct addresses *ips)
{
  char text[SATURN_ADDRESS_TEXT], ip[SATURN_ADDRESS_TEXT];
  uint16_t port = (uint16_t)settings.port;

  for (size_t i = 0; i < ips->n; i++) {
    struct saturn_address address = ips->items[i];
    struct listener *listener;
    int error;

    address.port = port;
    error = net_listen(&address, &listener);
    saturn_address_print_ip(&address, ip, sizeof ip);
    if (error != 0)
      die(EXIT_CANNOT, "cannot listen on %s %u udp: %s", ip,
          (unsigned)address.port, uv_strerror(error));
    port = listener->address.port; /* the same for all if it was 0 */
    add_listening(server, &listener->address);
    log_event(LOG_INFO, "TURN-LISTEN", "listening on %s %u udp", ip,
              (unsigned)port);
    printf("listening udp %s\n", address_text(&listener->address, text));
  }
}

static struct saturn_address
advertised(const struct saturn_address *bound)
{
  for (size_t i = 0; i < settings.n_external_ips; i++) {
    const struct external_ip *e = &settings.external_ips[i];

    if (e->public.family == bound->family
        && (e->private.family == SATURN_NO_FAMILY
            || saturn_address_same_ip(&e->private, bound)))
      return e->public;
  }
  return *bound;
}

static void
check_external(const struct addresses *relay_ips)
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

static void
relay_on(struct server *server, const struct addresses *ips)
{
  server->n_ips = ips->n;
  server->ips = allocate((ips->n + 1) * sizeof *server->ips);
  for (size_t i = 0; i < ips->n; i++) {
    struct relay_ip *ip = &server->ips[i];

    ip->bound = ips->items[i];
    ip->advertised = advertised(&ip->bound);
    check_bindable(&ip->bound);
    add_own(server, &ip->bound, true);
    add_own(server, &ip->advertised, true);
  }
}

/* A relay port must never be one that we listen on (B-50). */
static void
check_overlap(const struct server *server)
{
  const struct server_config *config = &server->config;

  for (size_t i = 0; i < config->n_listening; i++)
    for (size_t j = 0; j < server->n_ips; j++) {
      uint16_t port = config->listening[i].port;

      if (!saturn_address_same_ip(&config->listening[i], &server->ips[j].bound)
          || port < config->min_port || port > config->max_port)
        continue;
      if (settings.port != 0)
        die(EXIT_USAGE, "listening-port %u lies between min-port and max-port",
            port);
      server->ips[j].used[port / 8] |= (uint8_t)(1 << port % 8);
    }
}

void
setup_addresses(struct server *server)
{
  struct addresses machine = { NULL, 0 };
  const struct addresses *listening = &settings.listening_ips, *relay;

  if (listening->n == 0) {
    machine = machine_addresses();
    listening = &machine;
  }
  relay = settings.relay_ips.n > 0 ? &settings.relay_ips : listening;
  if (listening->n == 0)
    die(EXIT_CANNOT, "this machine has no address: give listening-ip");
  check_external(relay);
  listen_to(server, listening);
  relay_on(server, relay);
  check_overlap(server);
  free(machine.items);
}

void
setup_free(struct server *server)
{
  free((void *)(uintptr_t)server->config.peers.own);
  free(server->config.listening);
  saturn_wipe(&server->config.policy, sizeof server->config.policy);
}
