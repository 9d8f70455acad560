/* SPDX-License-Identifier: MIT
 *
 * ledger.c - what workers have to know of each other: relays of accounts, and
 * ports that rest. It is asked for requests, never for data.
 */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "worker.h"

#define BUCKETS 1024
#define ACCOUNT_MAX 63

/* How long a port rests (T-106). */
#define REST_MS 30000

struct entry {
  struct entry *next;
  uint8_t name[ACCOUNT_MAX], len;
  uint32_t relays[WORKERS_MAX], all;
};

static struct entry *buckets[BUCKETS];
static uint32_t totals[WORKERS_MAX];
static uv_mutex_t lock;
static uv_once_t once = UV_ONCE_INIT;
static atomic_ullong freed[64][65536];
static atomic_uint taken[64];

static void
start(void)
{
  uv_mutex_init(&lock);
}

static struct entry **
place_of(struct saturn_bytes account)
{
  struct entry **at;
  uint32_t hash = 2166136261u;

  if (account.len > ACCOUNT_MAX)
    account.len = ACCOUNT_MAX;
  for (size_t i = 0; i < account.len; i++)
    hash = (hash ^ account.data[i]) * 16777619u;
  for (at = &buckets[hash % BUCKETS]; *at != NULL; at = &(*at)->next)
    if ((*at)->len == account.len
        && memcmp((*at)->name, account.data, account.len) == 0)
      break;
  return at;
}

static struct entry *
new_entry(struct saturn_bytes account)
{
  struct entry *e = allocate(sizeof *e);

  e->len = (uint8_t)(account.len > ACCOUNT_MAX ? ACCOUNT_MAX : account.len);
  if (e->len > 0)
    memcpy(e->name, account.data, e->len);
  return e;
}

void
ledger_add(unsigned worker, struct saturn_bytes account, int relays)
{
  struct entry **at, *e;

  uv_once(&once, start);
  uv_mutex_lock(&lock);
  at = place_of(account);
  if (*at == NULL)
    *at = new_entry(account);
  e = *at;
  e->relays[worker] += (uint32_t)relays;
  e->all += (uint32_t)relays;
  totals[worker] += (uint32_t)relays;
  if (e->all == 0) {
    *at = e->next;
    free(e);
  }
  uv_mutex_unlock(&lock);
}

uint32_t
ledger_elsewhere(unsigned worker, struct saturn_bytes account)
{
  const struct entry *e;
  uint32_t relays = 0;

  if (server.n_workers == 1)
    return 0;
  uv_once(&once, start);
  uv_mutex_lock(&lock);
  e = *place_of(account);
  if (e != NULL)
    relays = e->all - e->relays[worker];
  uv_mutex_unlock(&lock);
  return relays;
}

uint32_t
ledger_of(struct saturn_bytes account)
{
  const struct entry *e;
  uint32_t relays = 0;

  uv_once(&once, start);
  uv_mutex_lock(&lock);
  e = *place_of(account);
  if (e != NULL)
    relays = e->all;
  uv_mutex_unlock(&lock);
  return relays;
}

uint32_t
ledger_total_elsewhere(unsigned worker)
{
  uint32_t relays = 0;

  if (server.n_workers == 1)
    return 0;
  uv_once(&once, start);
  uv_mutex_lock(&lock);
  for (unsigned i = 0; i < server.n_workers; i++)
    relays += i == worker ? 0 : totals[i];
  uv_mutex_unlock(&lock);
  return relays;
}

/* The number of a relay address; 64 for one that is not ours. */
static size_t
index_of(const struct saturn_address *address)
{
  for (size_t i = 0; i < server.n_addresses && i < 64; i++)
    if (saturn_address_same_ip(&server.addresses[i].bound, address))
      return i;
  return 64;
}

unsigned
ledger_port_taken(const struct saturn_address *address)
{
  size_t i = index_of(address);

  return i < 64 ? atomic_fetch_add(&taken[i], 1) + 1 : 0;
}

void
ledger_port_freed(unsigned worker, const struct saturn_address *address,
                  saturn_ms now)
{
  size_t i = index_of(address);

  if (i == 64)
    return;
  atomic_fetch_sub(&taken[i], 1);
  if (server.n_workers > 1)
    atomic_store(&freed[i][address->port], now << 8 | worker);
}

bool
ledger_port_rests(unsigned worker, const struct saturn_address *address,
                  saturn_ms now)
{
  size_t i = index_of(address);
  uint64_t since = i == 64 ? 0 : atomic_load(&freed[i][address->port]);

  return since != 0 && (since & 0xff) != worker && now < (since >> 8) + REST_MS;
}
