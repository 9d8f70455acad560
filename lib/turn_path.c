/* SPDX-License-Identifier: MIT
 *
 * turn_path.c - which allocation a 5-tuple belongs to.
 */
#include <string.h>

#include "bytes.h"
#include "siphash.h"
#include "turn_allocation.h"

/* Family, port and IP address, 19 bytes. */
static void
pack(uint8_t out[19], const struct saturn_address *address, bool with_port)
{
  size_t len = address->family == SATURN_IPV4 ? 4 : 16;

  memset(out, 0, 19);
  out[0] = address->family;
  store16(out + 1, with_port ? address->port : 0);
  memcpy(out + 3, address->ip, len);
}

uint64_t
saturn_hash_address(const struct saturn_turn_server *s, uint32_t n,
                    const struct saturn_address *address, bool with_port)
{
  uint8_t key[23];

  store32(key, n);
  pack(key + 4, address, with_port);
  return saturn_siphash(s->hash_key, key, sizeof key);
}

static uint64_t
hash_of(const struct saturn_turn_server *s,
        const struct saturn_five_tuple *tuple)
{
  uint8_t key[39];

  key[0] = tuple->transport;
  pack(key + 1, &tuple->client, true);
  pack(key + 20, &tuple->server, true);
  return saturn_siphash(s->hash_key, key, sizeof key);
}

static bool
is_same(const struct saturn_five_tuple *a, const struct saturn_five_tuple *b)
{
  return a->transport == b->transport
         && saturn_address_equal(&a->client, &b->client)
         && saturn_address_equal(&a->server, &b->server);
}

uint32_t
saturn_path_find(const struct saturn_turn_server *s,
                 const struct saturn_five_tuple *tuple)
{
  uint32_t i = saturn_hash_first(&s->path_table, hash_of(s, tuple));

  while (i != NONE && !is_same(&s->paths[i].tuple, tuple))
    i = saturn_hash_after(&s->path_table, i);
  return i;
}

uint32_t
saturn_path_add(struct saturn_turn_server *s,
                const struct saturn_five_tuple *tuple, uint32_t allocation)
{
  uint32_t i = saturn_rings_pop(&s->free_paths, FREE);

  if (i == NONE)
    return NONE;
  s->paths[i].tuple = *tuple;
  s->paths[i].allocation = allocation;
  s->paths[i].fingerprint = false;
  saturn_hash_insert(&s->path_table, hash_of(s, tuple), i);
  return i;
}

void
saturn_path_remove(struct saturn_turn_server *s, uint32_t i)
{
  saturn_hash_remove(&s->path_table, hash_of(s, &s->paths[i].tuple), i);
  saturn_rings_append(&s->free_paths, FREE, i);
}
