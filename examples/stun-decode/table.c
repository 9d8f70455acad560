/* SPDX-License-Identifier: MIT
 *
 * table.c - a hash table of limited size that forgets what was longest unused.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

static uint64_t
mix(uint64_t h)
{
  h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
  h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
  return h ^ h >> 32;
}

static uint64_t
hash_of(const struct table *table, const uint8_t *key)
{
  uint64_t h = table->seed, word;
  size_t left = table->key_size;

  for (; left >= sizeof word; left -= sizeof word, key += sizeof word) {
    memcpy(&word, key, sizeof word);
    h = mix(h ^ word);
  }
  word = 0;
  memcpy(&word, key, left);
  return mix(h ^ word);
}

static uint8_t *
key_of(struct table_entry *entry)
{
  return (uint8_t *)(entry + 1);
}

void
table_init(struct table *table, size_t key_size, size_t entry_size, size_t cap,
           table_farewell *farewell, void *context)
{
  size_t buckets = 1;

  while (buckets < cap)
    buckets *= 2;
  memset(table, 0, sizeof *table);
  table->key_size = key_size;
  table->entry_size = entry_size;
  table->cap = cap;
  table->mask = buckets - 1;
  table->buckets = allocate(buckets * sizeof(struct table_entry *));
  table->farewell = farewell;
  table->context = context;
  random_bytes(&table->seed, sizeof table->seed);
}

static void
link_newest(struct table *table, struct table_entry *entry)
{
  entry->newer = NULL;
  entry->older = table->newest;
  if (table->newest != NULL)
    table->newest->newer = entry;
  else
    table->oldest = entry;
  table->newest = entry;
}

static void
unlink_age(struct table *table, struct table_entry *entry)
{
  if (entry->newer != NULL)
    entry->newer->older = entry->older;
  else
    table->newest = entry->older;
  if (entry->older != NULL)
    entry->older->newer = entry->newer;
  else
    table->oldest = entry->newer;
}

static struct table_entry *
look_up(struct table *table, const void *key, uint64_t hash)
{
  struct table_entry *entry = table->buckets[hash & table->mask];

  while (entry != NULL
         && (entry->hash != hash
             || memcmp(key_of(entry), key, table->key_size) != 0))
    entry = entry->next;
  if (entry != NULL && entry != table->newest) {
    unlink_age(table, entry);
    link_newest(table, entry);
  }
  return entry;
}

void *
table_find(struct table *table, const void *key)
{
  return look_up(table, key, hash_of(table, key));
}

void *
table_get(struct table *table, const void *key, bool *made)
{
  uint64_t hash = hash_of(table, key);
  struct table_entry *entry = look_up(table, key, hash);

  *made = entry == NULL;
  if (entry != NULL)
    return entry;
  if (table->n == table->cap)
    table_remove_oldest(table);
  entry = allocate(table->entry_size);
  memcpy(key_of(entry), key, table->key_size);
  entry->hash = hash;
  entry->next = table->buckets[hash & table->mask];
  table->buckets[hash & table->mask] = entry;
  link_newest(table, entry);
  table->n++;
  return entry;
}

void
table_remove(struct table *table, void *what)
{
  struct table_entry *entry = what;
  struct table_entry **at = &table->buckets[entry->hash & table->mask];

  while (*at != entry)
    at = &(*at)->next;
  *at = entry->next;
  unlink_age(table, entry);
  table->n--;
  if (table->farewell != NULL)
    table->farewell(table->context, entry);
  free(entry);
}

bool
table_remove_oldest(struct table *table)
{
  if (table->oldest == NULL)
    return false;
  table_remove(table, table->oldest);
  return true;
}

void
table_clear(struct table *table)
{
  while (table_remove_oldest(table))
    ;
  free(table->buckets);
  table->buckets = NULL;
}
