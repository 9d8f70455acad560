/* SPDX-License-Identifier: MIT
 *
 * state.c - allocations, their relayed addresses, and reservations.
 */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "log.h"
#include "ports.h"
#include "program.h"

static struct saturn_bytes
copy_bytes(struct saturn_bytes bytes)
{
  uint8_t *copy = allocate(bytes.len + 1);

  if (bytes.len > 0)
    memcpy(copy, bytes.data, bytes.len);
  return saturn_view(copy, bytes.len);
}

static void
free_bytes(struct saturn_bytes bytes)
{
  free((void *)(uintptr_t)bytes.data);
}

static bool
same_bytes(struct saturn_bytes a, struct saturn_bytes b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Accounts */

static struct account **
account_place(const struct server *server, struct saturn_bytes name)
{
  uint64_t hash = siphash(server->hash_key, name.data, name.len);
  struct account **place = &server->accounts[hash & (server->n_buckets - 1)];

  while (*place != NULL && !same_bytes((*place)->name, name))
    place = &(*place)->next;
  return place;
}

uint64_t
account_relays(const struct server *server, struct saturn_bytes name)
{
  struct account *account = *account_place(server, name);

  return account == NULL ? 0 : account->n_relays;
}

/* An account lives as long as allocations and reservations refer to it. */
static struct account *
account_open(struct server *server, struct saturn_bytes name)
{
  struct account **place = account_place(server, name);

  if (*place == NULL) {
    *place = allocate(sizeof **place);
    (*place)->name = copy_bytes(name);
  }
  (*place)->n_references++;
  return *place;
}

static void
account_close(struct server *server, struct account *account)
{
  struct account **place = account_place(server, account->name);

  if (--account->n_references > 0)
    return;
  *place = account->next;
  free_bytes(account->name);
  free(account);
}

static void
account_add(struct server *server, struct account *account, int relays)
{
  account->n_relays += (uint64_t)relays;
  server->n_relays += (uint64_t)relays;
}

/* Relayed addresses */

struct relay *
relay_of(struct allocation *allocation, uint8_t family)
{
  struct relay *relay;

  if (family != SATURN_IPV4 && family != SATURN_IPV6)
    return NULL;
  relay = &allocation->relays[family == SATURN_IPV6];
  return relay->socket != NULL ? relay : NULL;
}

struct relay *
relay_first(struct allocation *allocation)
{
  struct relay *relay = relay_of(allocation, SATURN_IPV4);

  return relay != NULL ? relay : relay_of(allocation, SATURN_IPV6);
}

struct saturn_address
relay_advertised(const struct relay *relay)
{
  struct saturn_address address = relay->ip->advertised;

  address.port = relay->port;
  return address;
}

static void
relay_attach(struct server *server, struct allocation *allocation,
             struct relay_ip *ip, uint16_t port, struct relay_socket *socket)
{
  struct relay *relay = &allocation->relays[ip->bound.family == SATURN_IPV6];

  relay->allocation = allocation;
  relay->ip = ip;
  relay->port = port;
  relay->socket = socket;
  account_add(server, allocation->account, 1);
  io_own(socket, relay);
}

static void
reserve(struct server *server, struct allocation *allocation,
        struct relay_ip *ip, uint16_t port, struct relay_socket *socket,
        saturn_ms now)
{
  struct reservation *r = allocate(sizeof *r);

  random_bytes(r->token, sizeof r->token);
  r->socket = socket;
  r->ip = ip;
  r->port = port;
  r->account = account_open(server, allocation->account->name);
  r->username = copy_bytes(allocation->username);
  r->expires = now + RESERVATION_MS;
  r->next = server->reservations;
  server->reservations = r;
  account_add(server, r->account, 1);
  memcpy(allocation->token, r->token, sizeof r->token);
  allocation->has_token = true;
}

bool
relay_open(struct server *server, struct allocation *allocation,
           struct relay_ip *ip, enum parity parity, saturn_ms now)
{
  struct relay_socket *sockets[2];
  uint16_t port;

  if (!ports_open(server, ip, parity, now, &port, sockets))
    return false;
  relay_attach(server, allocation, ip, port, sockets[0]);
  if (sockets[1] != NULL)
    reserve(server, allocation, ip, (uint16_t)(port + 1), sockets[1], now);
  return true;
}

void
relay_close(struct server *server, struct relay *relay, saturn_ms now)
{
  io_own(relay->socket, NULL);
  io_close(relay->socket);
  relay->socket = NULL;
  ports_free(relay->ip, relay->port, now);
  free(relay->permissions);
  free(relay->channels);
  relay->permissions = NULL;
  relay->channels = NULL;
  relay->n_permissions = relay->n_channels = 0;
  account_add(server, relay->allocation->account, -1);
}

/* Reservations */

static void
reservation_unlink(struct server *server, struct reservation *reservation)
{
  struct reservation **place = &server->reservations;

  while (*place != reservation)
    place = &(*place)->next;
  *place = reservation->next;
  account_add(server, reservation->account, -1);
  account_close(server, reservation->account);
  free_bytes(reservation->username);
  free(reservation);
}

void
relay_redeem(struct server *server, struct allocation *allocation,
             struct reservation *reservation)
{
  relay_attach(server, allocation, reservation->ip, reservation->port,
               reservation->socket);
  reservation_unlink(server, reservation);
}

void
reservation_end(struct server *server, struct reservation *reservation,
                saturn_ms now)
{
  io_close(reservation->socket);
  ports_free(reservation->ip, reservation->port, now);
  reservation_unlink(server, reservation);
}

struct reservation *
reservation_find(struct server *server, const uint8_t token[TOKEN_SIZE],
                 saturn_ms now)
{
  for (struct reservation *r = server->reservations; r != NULL; r = r->next)
    if (saturn_equal_secret(r->token, token, TOKEN_SIZE))
      return now < r->expires ? r : NULL;
  return NULL;
}

/* Allocations */

static size_t
bucket_of(const struct server *server, const struct path *path)
{
  uint8_t key[sizeof(void *) + 1 + 2 + 16];

  memcpy(key, &path->listener, sizeof(void *));
  key[sizeof(void *)] = path->client.family;
  memcpy(key + sizeof(void *) + 1, &path->client.port, 2);
  memcpy(key + sizeof(void *) + 3, path->client.ip, 16);
  return siphash(server->hash_key, key, sizeof key) & (server->n_buckets - 1);
}

static struct allocation **
allocation_place(const struct server *server, const struct path *path)
{
  struct allocation **place = &server->allocations[bucket_of(server, path)];

  while (*place != NULL
         && ((*place)->path.listener != path->listener
             || !saturn_address_equal(&(*place)->path.client, &path->client)))
    place = &(*place)->next;
  return place;
}

/* Close what has expired. Returns false if that was the last of it. */
static bool
survives(struct server *server, struct allocation *allocation, saturn_ms now)
{
  for (int i = 0; i < 2; i++) {
    struct relay *relay = &allocation->relays[i];

    if (relay->socket == NULL || now < relay->expires)
      continue;
    if (allocation->relays[!i].socket == NULL) {
      allocation_end(server, allocation, "expired", now);
      return false;
    }
    relay_close(server, relay, now);
  }
  return true;
}

struct allocation *
allocation_find(struct server *server, const struct path *path, saturn_ms now)
{
  struct allocation *allocation = *allocation_place(server, path);

  if (allocation == NULL || !survives(server, allocation, now))
    return NULL;
  return allocation;
}

struct allocation *
allocation_new(struct server *server, const struct path *path,
               struct saturn_bytes username, struct saturn_bytes account,
               saturn_ms now)
{
  struct allocation **place = allocation_place(server, path);
  struct allocation *a = *place = allocate(sizeof *a);

  a->id = ++server->next_id;
  a->path = *path;
  a->username = copy_bytes(username);
  a->account = account_open(server, account);
  a->created = now;
  server->n_allocations++;
  return a;
}

void
allocation_drop(struct server *server, struct allocation *allocation)
{
  struct allocation **place = allocation_place(server, &allocation->path);

  *place = allocation->next;
  server->n_allocations--;
  account_close(server, allocation->account);
  free_bytes(allocation->username);
  saturn_wipe(allocation, sizeof *allocation);
  free(allocation);
}

void
allocation_end(struct server *server, struct allocation *allocation,
               const char *cause, saturn_ms now)
{
  log_event(LOG_INFO, "TURN-ALLOC-END",
            "allocation %" PRIu64 ": ended (%s) after %" PRIu64 " s, %" PRIu64
            " B up, %" PRIu64 " B down",
            allocation->id, cause, (now - allocation->created) / 1000,
            allocation->bytes_up, allocation->bytes_down);
  for (int i = 0; i < 2; i++)
    if (allocation->relays[i].socket != NULL)
      relay_close(server, &allocation->relays[i], now);
  allocation_drop(server, allocation);
}

/* The server */

void
server_expire(struct server *server, saturn_ms now)
{
  struct reservation *next;

  for (size_t i = 0; i < server->n_buckets; i++)
    for (struct allocation *a = server->allocations[i], *after; a != NULL;
         a = after) {
      after = a->next;
      survives(server, a, now);
    }
  for (struct reservation *r = server->reservations; r != NULL; r = next) {
    next = r->next;
    if (now >= r->expires)
      reservation_end(server, r, now);
  }
}

void
server_start(struct server *server)
{
  uint64_t expected = server->config.total_quota;

  if (expected == 0 || expected > 65536)
    expected = 65536;
  for (server->n_buckets = 64; server->n_buckets < expected;)
    server->n_buckets *= 2;
  server->allocations =
      allocate(server->n_buckets * sizeof *server->allocations);
  server->accounts = allocate(server->n_buckets * sizeof *server->accounts);
  random_bytes(server->hash_key, sizeof server->hash_key);
}

void
server_stop(struct server *server)
{
  saturn_ms now = now_ms();

  for (size_t i = 0; i < server->n_buckets; i++)
    while (server->allocations[i] != NULL)
      allocation_end(server, server->allocations[i], "stopped", now);
  while (server->reservations != NULL)
    reservation_end(server, server->reservations, now);
  free(server->allocations);
  free(server->accounts);
  free(server->ips);
}
