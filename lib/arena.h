/* SPDX-License-Identifier: MIT
 *
 * arena.h - cut tables out of one block of memory, or only count how large it
 * has to be.
 */
#ifndef SATURN_LIB_ARENA_H
#define SATURN_LIB_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tables start at multiples of this, so that records of this size lie in one
   line of a cache each. */
#define ARENA_ALIGN 64

struct saturn_arena {
  uint8_t *base; /* aligned like the tables; null: count only */
  size_t used;
  bool overflow; /* more than an address space has */
};

/* Room for N objects of SIZE bytes each; null while the arena only counts. */
static inline void *
saturn_arena_take(struct saturn_arena *arena, size_t n, size_t size)
{
  const size_t align = ARENA_ALIGN;
  size_t at = arena->used;

  if (n > (SIZE_MAX - at - align) / size) {
    arena->overflow = true;
    return NULL;
  }
  arena->used = (at + n * size + align - 1) / align * align;
  return arena->base == NULL ? NULL : arena->base + at;
}

#endif
