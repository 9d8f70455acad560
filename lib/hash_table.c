/* SPDX-License-Identifier: MIT
 *
 * hash_table.c - find elements by the hash of their key.
 */
#include "hash_table.h"

#include <string.h>

/* The least power of two that is not below N, at most 2^31. */
static uint32_t
power_of_two(uint32_t n)
{
  uint32_t power = 1;

  while (power < n && power < UINT32_C(1) << 31)
    power *= 2;
  return power;
}

void
saturn_hash_init(struct saturn_hash_table *table, struct saturn_arena *arena,
                 uint32_t n)
{
  uint32_t buckets = power_of_two(n);

  table->mask = buckets - 1;
  table->buckets = saturn_arena_take(arena, buckets, sizeof *table->buckets);
  table->next = saturn_arena_take(arena, n, sizeof *table->next);
  if (table->buckets != NULL)
    memset(table->buckets, 0xFF, buckets * sizeof *table->buckets);
}

void
saturn_hash_insert(struct saturn_hash_table *table, uint64_t hash,
                   uint32_t element)
{
  uint32_t *bucket = &table->buckets[hash & table->mask];

  table->next[element] = *bucket;
  *bucket = element;
}

void
saturn_hash_remove(struct saturn_hash_table *table, uint64_t hash,
                   uint32_t element)
{
  uint32_t *at = &table->buckets[hash & table->mask];

  while (*at != NONE && *at != element)
    at = &table->next[*at];
  if (*at == element)
    *at = table->next[element];
}
