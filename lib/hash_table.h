/* SPDX-License-Identifier: MIT
 *
 * hash_table.h - find elements, numbered from 0, by the hash of their key.
 *
 * The table knows no keys. Walk the elements that share a bucket, and compare:
 *
 *     for (e = saturn_hash_first(&t, hash); e != NONE;
 *          e = saturn_hash_after(&t, e))
 */
#ifndef SATURN_LIB_HASH_TABLE_H
#define SATURN_LIB_HASH_TABLE_H

#include "arena.h"
#include "rings.h"

struct saturn_hash_table {
  uint32_t *buckets, *next;
  uint32_t mask;
};

/* Cut a table for N elements out of an arena, empty. */
void saturn_hash_init(struct saturn_hash_table *table,
                      struct saturn_arena *arena, uint32_t n);

/* Add an element that is not in the table. */
void saturn_hash_insert(struct saturn_hash_table *table, uint64_t hash,
                        uint32_t element);

/* Remove an element that was inserted with HASH; nothing if it is not there. */
void saturn_hash_remove(struct saturn_hash_table *table, uint64_t hash,
                        uint32_t element);

static inline uint32_t
saturn_hash_first(const struct saturn_hash_table *table, uint64_t hash)
{
  return table->buckets[hash & table->mask];
}

static inline uint32_t
saturn_hash_after(const struct saturn_hash_table *table, uint32_t element)
{
  return table->next[element];
}

#endif
