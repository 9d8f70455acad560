/* SPDX-License-Identifier: MIT
 *
 * user_cache.c - what databases have said of users, for a while.
 */
#include "user_cache.h"

#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "program.h"

struct user_cache {
  size_t n, max, n_buckets; /* the last a power of two */
  uint64_t odd;             /* a secret: nobody chooses collisions */
  struct cached_user **buckets;
  struct cached_user *newest, *oldest;
};

struct user_cache *
user_cache_new(size_t max)
{
  struct user_cache *cache = allocate(sizeof *cache);

  cache->max = max;
  cache->n_buckets = 1;
  while (cache->n_buckets < max && cache->n_buckets < (size_t)1 << 24)
    cache->n_buckets *= 2;
  cache->buckets = allocate(cache->n_buckets * sizeof(void *));
  random_bytes(&cache->odd, sizeof cache->odd);
  cache->odd |= 1;
  return cache;
}

/* Multiply-shift: the hash is SHA-256 already, but its reader knows it. */
static size_t
bucket_of(const struct user_cache *cache,
          const uint8_t hash[SATURN_USERHASH_SIZE])
{
  uint64_t low;

  memcpy(&low, hash, sizeof low);
  return (size_t)(low * cache->odd >> 40) & (cache->n_buckets - 1);
}

static void
unlink_use(struct user_cache *cache, struct cached_user *user)
{
  *(user->newer != NULL ? &user->newer->older : &cache->newest) = user->older;
  *(user->older != NULL ? &user->older->newer : &cache->oldest) = user->newer;
}

static void
link_newest(struct user_cache *cache, struct cached_user *user)
{
  user->newer = NULL;
  user->older = cache->newest;
  *(user->older != NULL ? &user->older->newer : &cache->oldest) = user;
  cache->newest = user;
}

static void
drop(struct user_cache *cache, struct cached_user *user)
{
  struct cached_user **at = &cache->buckets[bucket_of(cache, user->hash)];

  while (*at != user)
    at = &(*at)->next;
  *at = user->next;
  unlink_use(cache, user);
  bytes_free(&user->name);
  bytes_free(&user->realm);
  saturn_wipe(user, sizeof *user);
  free(user);
  cache->n--;
}

/* Entries of one hash whose names differ replace each other. */
static struct cached_user *
find(struct user_cache *cache, const uint8_t hash[SATURN_USERHASH_SIZE])
{
  struct cached_user *user = cache->buckets[bucket_of(cache, hash)];

  while (user != NULL && memcmp(user->hash, hash, sizeof user->hash) != 0)
    user = user->next;
  return user;
}

const struct cached_user *
user_cache_find(struct user_cache *cache,
                const uint8_t hash[SATURN_USERHASH_SIZE],
                struct saturn_bytes name, struct saturn_bytes realm,
                saturn_ms now)
{
  struct cached_user *user = find(cache, hash);

  if (user == NULL || bytes_compare(user->realm, realm) != 0
      || (name.len > 0 && bytes_compare(user->name, name) != 0))
    return NULL;
  if (user->expires <= now) {
    drop(cache, user);
    return NULL;
  }
  unlink_use(cache, user);
  link_newest(cache, user);
  return user;
}

void
user_cache_keep(struct user_cache *cache, const struct cached_user *user)
{
  struct cached_user *copy = find(cache, user->hash);
  size_t bucket;

  if (cache->max == 0)
    return;
  if (copy != NULL)
    drop(cache, copy);
  if (cache->n == cache->max)
    drop(cache, cache->oldest);
  copy = allocate(sizeof *copy);
  *copy = *user;
  copy->name = bytes_copy(user->name);
  copy->realm = bytes_copy(user->realm);
  bucket = bucket_of(cache, copy->hash);
  copy->next = cache->buckets[bucket];
  cache->buckets[bucket] = copy;
  link_newest(cache, copy);
  cache->n++;
}

void
user_cache_clear(struct user_cache *cache)
{
  while (cache->oldest != NULL)
    drop(cache, cache->oldest);
}

size_t
user_cache_count(const struct user_cache *cache)
{
  return cache->n;
}

void
user_cache_free(struct user_cache *cache)
{
  if (cache == NULL)
    return;
  user_cache_clear(cache);
  free(cache->buckets);
  free(cache);
}
