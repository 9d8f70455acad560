/* SPDX-License-Identifier: MIT
 *
 * turn_account.c - who owns relays, and how many bytes may pass.
 */
#include <string.h>

#include "bytes.h"
#include "turn_allocation.h"

/* A limit of so many bytes a second lets pass a quarter of it at once, and
   never less than a datagram. */
#define BURST_MS 250
#define BURST_LEAST 65536

void
saturn_account_digest(const struct saturn_turn_server *s,
                      struct saturn_bytes name, uint8_t digest[DIGEST_SIZE])
{
  uint8_t mac[32];

  saturn_random_mac(&s->random, "user name", name, mac);
  memcpy(digest, mac, DIGEST_SIZE);
}

/* Digests come of a key: their first bytes are hash enough. */
static uint64_t
hash_of(const uint8_t digest[DIGEST_SIZE])
{
  return load64(digest);
}

static uint32_t
find(const struct saturn_turn_server *s, const uint8_t digest[DIGEST_SIZE])
{
  uint32_t i = saturn_hash_first(&s->account_table, hash_of(digest));

  while (i != NONE && memcmp(s->accounts[i].digest, digest, DIGEST_SIZE) != 0)
    i = saturn_hash_after(&s->account_table, i);
  return i;
}

uint32_t
saturn_account_find(const struct saturn_turn_server *s,
                    struct saturn_bytes name)
{
  uint8_t digest[DIGEST_SIZE];

  saturn_account_digest(s, name, digest);
  return find(s, digest);
}

static uint32_t
make(struct saturn_turn_server *s, struct saturn_bytes name,
     const uint8_t digest[DIGEST_SIZE])
{
  uint32_t i = saturn_rings_pop(&s->free_accounts, FREE);
  struct turn_account *account;

  if (i == NONE)
    return NONE;
  account = &s->accounts[i];
  memset(account, 0, sizeof *account);
  memcpy(account->digest, digest, DIGEST_SIZE);
  account->name_len = (uint8_t)(name.len < NAME_SHOWN ? name.len : NAME_SHOWN);
  if (name.len > 0)
    memcpy(account->name, name.data, account->name_len);
  saturn_hash_insert(&s->account_table, hash_of(digest), i);
  s->counters->accounts++;
  return i;
}

uint32_t
saturn_account_hold(struct saturn_turn_server *s, struct saturn_bytes name)
{
  uint8_t digest[DIGEST_SIZE];
  uint32_t i;

  saturn_account_digest(s, name, digest);
  i = find(s, digest);
  if (i == NONE)
    i = make(s, name, digest);
  if (i != NONE)
    s->accounts[i].holders++;
  return i;
}

void
saturn_account_drop(struct saturn_turn_server *s, uint32_t i)
{
  if (--s->accounts[i].holders > 0)
    return;
  saturn_hash_remove(&s->account_table, hash_of(s->accounts[i].digest), i);
  saturn_rings_append(&s->free_accounts, FREE, i);
  s->counters->accounts--;
}

/* What RATE lets pass in so many milliseconds, at most MOST. */
static uint64_t
gain(uint64_t rate, uint64_t passed, uint64_t most)
{
  uint64_t gained;

  if (passed > UINT64_MAX / rate)
    return most;
  gained = rate * passed / 1000;
  return gained < most ? gained : most;
}

static void
fill(struct turn_bucket *bucket, uint64_t rate, saturn_ms now)
{
  uint64_t burst = gain(rate, BURST_MS, UINT64_MAX);
  uint64_t most = burst < BURST_LEAST ? BURST_LEAST : burst;
  uint64_t gained =
      bucket->filled == 0 ? most : gain(rate, now - bucket->filled, most);
  int i;

  if (gained == 0)
    return;
  for (i = 0; i < SATURN_DIRECTIONS; i++)
    bucket->credit[i] =
        gained < most - bucket->credit[i] ? bucket->credit[i] + gained : most;
  bucket->filled = now;
}

static bool
has_credit(struct turn_bucket *bucket, uint64_t rate, saturn_ms now,
           enum saturn_turn_direction direction, size_t len)
{
  if (rate == 0)
    return true;
  fill(bucket, rate, now);
  return bucket->credit[direction] >= len;
}

static void
take_credit(struct turn_bucket *bucket, uint64_t rate,
            enum saturn_turn_direction direction, size_t len)
{
  if (rate != 0)
    bucket->credit[direction] -= len;
}

bool
saturn_account_spend(struct saturn_turn_server *s, uint32_t allocation,
                     enum saturn_turn_direction direction, size_t len)
{
  uint64_t each = s->config.user_bandwidth, all = s->config.total_bandwidth;
  struct turn_allocation *a = &s->allocations[allocation];
  struct turn_account *account = &s->accounts[a->account];

  if (!has_credit(&account->bucket, each, s->now, direction, len)
      || !has_credit(&s->bucket, all, s->now, direction, len))
    return false;
  take_credit(&account->bucket, each, direction, len);
  take_credit(&s->bucket, all, direction, len);
  a->packets[direction]++;
  a->bytes[direction] += len;
  account->packets[direction]++;
  account->bytes[direction] += len;
  s->counters->packets[direction]++;
  s->counters->bytes[direction] += len;
  return true;
}
