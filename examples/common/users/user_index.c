/* SPDX-License-Identifier: MIT
 *
 * user_index.c - names by USERHASH, for databases that know names only.
 */
#include "user_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "program.h"

struct indexed_name {
  uint8_t hash[SATURN_USERHASH_SIZE];
  struct saturn_bytes name;
};

static void
add(void *context, struct saturn_bytes name)
{
  struct user_index *index = context;
  struct indexed_name *entry;

  if (index->n == USER_INDEX_MAX) {
    index->full = true;
    return;
  }
  if (index->n == index->cap) {
    index->cap = index->cap == 0 ? 64 : 2 * index->cap;
    index->names = reallocate(index->names, index->cap * sizeof *index->names);
  }
  entry = &index->names[index->n++];
  entry->name = bytes_copy(name);
  saturn_userhash(name, index->realm, entry->hash);
}

static int
compare(const void *x, const void *y)
{
  const struct indexed_name *a = x, *b = y;

  return memcmp(a->hash, b->hash, sizeof a->hash);
}

enum backend_result
user_index_make(struct user_index *index, const struct backend *backend,
                struct saturn_bytes realm, saturn_ms now,
                char note[BACKEND_NOTE])
{
  enum backend_result result;
  struct saturn_bytes copy = bytes_copy(realm); /* it may be the index's own */

  user_index_clear(index);
  index->realm = copy;
  result = backend->kind->names(backend->state, copy, add, index, note);
  if (result != BACKEND_FOUND) {
    user_index_clear(index);
    return result;
  }
  if (index->full)
    snprintf(note, BACKEND_NOTE,
             "%s: more than %d users; some are not found by USERHASH",
             backend->kind->key, USER_INDEX_MAX);
  if (index->n > 0)
    qsort(index->names, index->n, sizeof *index->names, compare);
  index->made = now;
  return BACKEND_FOUND;
}

struct saturn_bytes
user_index_find(const struct user_index *index,
                const uint8_t hash[SATURN_USERHASH_SIZE])
{
  size_t low = 0, high = index->n;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = memcmp(index->names[middle].hash, hash, SATURN_USERHASH_SIZE);

    if (order == 0)
      return index->names[middle].name;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return saturn_view(NULL, 0);
}

void
user_index_clear(struct user_index *index)
{
  for (size_t i = 0; i < index->n; i++)
    bytes_free(&index->names[i].name);
  free(index->names);
  bytes_free(&index->realm);
  memset(index, 0, sizeof *index);
}
