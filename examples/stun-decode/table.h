/* SPDX-License-Identifier: MIT
 *
 * table.h - a hash table of limited size that forgets what was longest unused.
 */
#ifndef STUN_DECODE_TABLE_H
#define STUN_DECODE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What an entry starts with; its key follows at once. */
struct table_entry {
  struct table_entry *next, *newer, *older;
  uint64_t hash;
};

/** Be told of an entry that is about to be forgotten. */
typedef void table_farewell(void *context, void *entry);

/** A table. Its hash has a random seed: captures may be hostile. */
struct table {
  size_t key_size, entry_size, cap, n, mask;
  uint64_t seed;
  struct table_entry **buckets, *newest, *oldest;
  table_farewell *farewell;
  void *context;
};

/**
 * Make an empty table of at most CAP entries.
 *
 * @param entry_size  of a struct that starts with a struct table_entry and a
 *                    key of KEY_SIZE bytes
 * @param farewell    releases what the entry points to; may be null
 */
void table_init(struct table *table, size_t key_size, size_t entry_size,
                size_t cap, table_farewell *farewell, void *context);

/** The entry of a key, which is then the newest; null if there is none. */
void *table_find(struct table *table, const void *key);

/** The same, but make a zeroed entry if there is none. */
void *table_get(struct table *table, const void *key, bool *made);

/** Forget an entry. */
void table_remove(struct table *table, void *entry);

/** Forget the entry that was longest unused; false if the table is empty. */
bool table_remove_oldest(struct table *table);

/** Forget all entries, the oldest first, and release the table. */
void table_clear(struct table *table);

#endif
