/* SPDX-License-Identifier: MIT
 *
 * terms.c - what clients are served by, made of the settings.
 */
#include "terms.h"

#include <nettle/sha2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "program.h"
#include "server.h"
#include "settings.h"
#include "user_backend.h"

/* Permissions, and channels, of a relay (T-239). */
#define EACH_MAX 64u

/* Data connections of TCP relays, in a worker. */
#define CONNECTIONS_MAX 4096

static struct saturn_bytes
keep_text(struct terms *terms, const char *text)
{
  char *copy = text == NULL ? NULL : strdup(text);

  if (copy == NULL)
    return saturn_view(NULL, 0);
  texts_add(&terms->texts, copy);
  return text_of(copy);
}

static void *
copy_items(const void *items, size_t n, size_t size)
{
  void *copy = reallocate(NULL, n * size + 1);

  if (n > 0)
    memcpy(copy, items, n * size);
  return copy;
}

/* A database has gone, or is back: each worker finds out by itself, and once
   is enough. */
static void
note_database(void *context, const char *text)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static char last[BACKEND_NOTE];
  bool news;

  (void)context;
  pthread_mutex_lock(&lock);
  news = strcmp(last, text) != 0;
  snprintf(last, sizeof last, "%s", text);
  pthread_mutex_unlock(&lock);
  if (news)
    log_event(LOG_WARNING, "TURN-USERDB", "%s", text);
}

/* Open all places where users are kept, for each worker. */
static bool
set_users(struct terms *terms, char *fault)
{
  struct user_store_config config = {
    .realm = settings.realm,
    .users = settings.users,
    .htdigests = settings.htdigests,
    .sqlite = settings.userdb,
    .redis = settings.redis,
    .ephemeral = settings.use_auth_secret || settings.secrets.n > 0,
    .secrets = settings.secrets,
    .policy = { .separator = settings.separator[0] },
    .note = note_database,
  };

  terms->roster = user_roster_new(&config, fault);
  for (unsigned i = 0; terms->roster != NULL && i < server.n_workers; i++) {
    terms->places[i] = user_places_open(&config, terms->roster, fault);
    if (terms->places[i] == NULL)
      return false;
  }
  return terms->roster != NULL;
}

static void
set_policy(struct terms *terms)
{
  struct saturn_policy *policy = &terms->config.policy;
  uint64_t lifetime_s = settings.stale_nonce_s;

  policy->realm = keep_text(terms, settings.realm);
  if (lifetime_s != 0 && lifetime_s < 40)
    lifetime_s = 40;
  policy->nonce_lifetime_s =
      (uint32_t)(lifetime_s == 0 || lifetime_s > 3600 ? 3600 : lifetime_s);
  if (settings.integrity_failure_code != 401)
    policy->integrity_code = (uint16_t)settings.integrity_failure_code;
  if (settings.nonce_secret == NULL) {
    memcpy(policy->secret[0], server.nonce_secret, sizeof policy->secret[0]);
  } else {
    struct sha256_ctx hash;

    sha256_init(&hash);
    sha256_update(&hash, strlen(settings.nonce_secret),
                  text_of(settings.nonce_secret).data);
    sha256_digest(&hash, sizeof policy->secret[0], policy->secret[0]);
  }
}

bool
address_is_loopback(const struct saturn_address *a)
{
  static const uint8_t one[16] = { [15] = 1 };

  return a->family == SATURN_IPV4 ? a->ip[0] == 127
                                  : memcmp(a->ip, one, sizeof one) == 0;
}

/* Note an address of ours for the own-address rule (T-416). Where loopback is
   open for tests, only what listens there is closed. */
static void
add_own(struct saturn_peer_policy *peers, const struct saturn_address *address,
        bool relays)
{
  struct saturn_own_address *own =
      (struct saturn_own_address *)(uintptr_t)peers->own;

  if (address->family == SATURN_NO_FAMILY
      || (relays && settings.allow_loopback_peers
          && address_is_loopback(address)))
    return;
  own = reallocate(own, (peers->n_own + 1) * sizeof *own);
  own[peers->n_own].address = *address;
  own[peers->n_own++].relay = relays;
  peers->own = own;
}

static void
set_peers(struct terms *terms)
{
  struct saturn_peer_policy *peers = &terms->peers;

  peers->allow = copy_items(settings.allowed.items, settings.allowed.n,
                            sizeof *settings.allowed.items);
  peers->n_allow = settings.allowed.n;
  peers->deny = copy_items(settings.denied.items, settings.denied.n,
                           sizeof *settings.denied.items);
  peers->n_deny = settings.denied.n;
  peers->first_port = (uint16_t)settings.min_port;
  peers->last_port = (uint16_t)settings.max_port;
  peers->unsafe_loopback = settings.allow_loopback_peers;
  for (size_t i = 0; i < server.n_places; i++)
    add_own(peers, &server.places[i].address, false);
  for (size_t i = 0; i < server.status.n; i++)
    add_own(peers, &server.status.items[i], false);
  for (size_t i = 0; i < server.n_addresses; i++) {
    add_own(peers, &server.addresses[i].bound, true);
    add_own(peers, &server.addresses[i].advertised, true);
  }
  terms->config.peers = peers;
}

/* How many relays there may be: a number that tables can have. */
static uint32_t
total_relays(void)
{
  uint64_t ports = settings.max_port - settings.min_port + 1;
  uint64_t all = ports * server.n_addresses;

  return (uint32_t)(settings.total_quota == 0 || settings.total_quota > all
                        ? all
                        : settings.total_quota);
}

/* Permissions, or channels: EACH for a relay; but a user who makes as many as a
   user may must leave as much to others. */
static uint32_t
places_for(const struct saturn_turn_config *c, uint32_t each)
{
  uint32_t all = each * c->max_relays, greedy = 2 * EACH_MAX * c->user_relays;

  return c->user_relays < c->max_relays && greedy > all ? greedy : all;
}

static void
set_limits(struct terms *terms)
{
  struct saturn_turn_config *c = &terms->config;

  terms->idle_ms = 1000 * settings.idle_s;
  terms->total_quota = total_relays();
  terms->user_quota =
      settings.user_quota == 0 || settings.user_quota > UINT32_MAX
          ? UINT32_MAX
          : (uint32_t)settings.user_quota;
  c->max_relays = terms->total_quota;
  if (settings.no_auth) /* nobody is looked up who could be refused */
    c->max_relays = (c->max_relays + server.n_workers - 1) / server.n_workers;
  c->user_relays = terms->user_quota;
  c->permissions_each = c->channels_each = EACH_MAX;
  c->max_permissions = places_for(c, 4);
  c->max_channels = places_for(c, 2);
  c->max_connections = settings.no_tcp_relay ? 0 : CONNECTIONS_MAX;
  c->user_bandwidth = settings.max_bps;
  c->total_bandwidth = settings.bps_capacity / server.n_workers;
  c->unauthorized_per_s = (uint16_t)settings.unauthorized_per_s;
  c->max_lifetime_s = (uint32_t)settings.max_lifetime_s;
  c->first_port = (uint16_t)settings.min_port;
  c->last_port = (uint16_t)settings.max_port;
}

/* A server that sends clients to itself would send them in a circle (T-622). */
static bool
check_alternates(char *fault)
{
  const struct addresses *lists[] = { &settings.alternates,
                                      &settings.tls_alternates };

  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; j < lists[i]->n; j++)
      for (size_t k = 0; k < server.n_places; k++) {
        char text[SATURN_ADDRESS_TEXT];

        if (!saturn_address_equal(&lists[i]->items[j],
                                  &server.places[k].address))
          continue;
        snprintf(fault, OPTION_FAULT,
                 "%salternate-server: %s is this server itself",
                 i == 0 ? "" : "tls-", address_text(&lists[i]->items[j], text));
        return false;
      }
  return true;
}

static void
set_alternates(struct terms *terms)
{
  struct saturn_turn_alternate *list = allocate(
      (settings.alternates.n + settings.tls_alternates.n + 1) * sizeof *list);
  size_t n = 0;

  for (size_t i = 0; i < settings.alternates.n; i++) {
    list[n].address = settings.alternates.items[i];
    list[n++].transports = 1 << SATURN_OVER_UDP | 1 << SATURN_OVER_TCP;
  }
  for (size_t i = 0; i < settings.tls_alternates.n; i++) {
    list[n].address = settings.tls_alternates.items[i];
    list[n++].transports = 1 << SATURN_OVER_TLS | 1 << SATURN_OVER_DTLS;
  }
  terms->config.alternates = list;
  terms->config.n_alternates = n;
}

static void
set_protocol(struct terms *terms)
{
  struct saturn_turn_config *c = &terms->config;

  c->anonymous = settings.no_auth;
  c->binding = settings.binding;
  c->terse = true; /* amplification: docs/security.md */
  c->addresses = server.addresses;
  c->n_addresses = server.n_addresses;
  c->relay_where_asked = settings.relay_ips.n == 0;
  c->software = keep_text(terms, settings.software);
  c->fingerprint = settings.fingerprint ? SATURN_FINGERPRINT_ALWAYS
                                        : SATURN_FINGERPRINT_MIRROR;
  c->may_move = settings.mobility;
  c->mobility = settings.mobility ? SATURN_MOBILITY_ON : SATURN_MOBILITY_OFF;
  c->no_udp_relays = settings.no_udp_relay;
  c->tcp_relays = !settings.no_tcp_relay;
  c->ecn = true;
  c->legacy_channels = settings.legacy_channels;
}

static bool
set_certificate(struct terms *terms, char fault[OPTION_FAULT])
{
  char why[TLS_FAULT_TEXT];

  if (settings.cert == NULL || (settings.no_tls && settings.no_dtls))
    return true;
  terms->tls = tls_context_serve(settings.cert, settings.pkey, why);
  terms->dtls = !settings.no_dtls;
  terms->tls_streams = !settings.no_tls;
  if (terms->tls == NULL)
    snprintf(fault, OPTION_FAULT, "%s", why);
  return terms->tls != NULL;
}

struct terms *
terms_new(char fault[OPTION_FAULT])
{
  struct terms *terms = allocate(sizeof *terms);

  atomic_init(&terms->holders, 1);
  if (!set_certificate(terms, fault) || !set_users(terms, fault)
      || !check_alternates(fault)) {
    terms_release(terms);
    return NULL;
  }
  set_protocol(terms);
  set_limits(terms);
  set_policy(terms);
  set_peers(terms);
  set_alternates(terms);
  return terms;
}

struct terms *
terms_hold(struct terms *terms)
{
  atomic_fetch_add(&terms->holders, 1);
  return terms;
}

void
terms_release(struct terms *terms)
{
  if (terms == NULL || atomic_fetch_sub(&terms->holders, 1) > 1)
    return;
  for (unsigned i = 0; i < WORKERS_MAX; i++)
    user_places_close(terms->places[i]);
  user_roster_release(terms->roster);
  tls_context_release(terms->tls);
  for (size_t i = 0; i < terms->texts.n; i++)
    free((void *)(uintptr_t)terms->texts.items[i]);
  texts_clear(&terms->texts);
  free((void *)(uintptr_t)terms->peers.allow);
  free((void *)(uintptr_t)terms->peers.deny);
  free((void *)(uintptr_t)terms->peers.own);
  free((void *)(uintptr_t)terms->config.alternates);
  saturn_wipe(&terms->config.policy, sizeof terms->config.policy);
  free(terms);
}
