/* SPDX-License-Identifier: MIT
 *
 * rings.c - doubly linked lists of small integers.
 */
#include "rings.h"

void
saturn_rings_init(struct saturn_rings *rings, struct saturn_arena *arena,
                  uint32_t n, uint32_t m)
{
  size_t size = (size_t)n + m, i;

  rings->n = n;
  rings->next = saturn_arena_take(arena, size, sizeof *rings->next);
  rings->prev = saturn_arena_take(arena, size, sizeof *rings->prev);
  if (rings->next == NULL || rings->prev == NULL)
    return;
  for (i = 0; i < size; i++)
    rings->next[i] = rings->prev[i] = (uint32_t)i;
}

void
saturn_rings_fill(struct saturn_rings *rings, uint32_t list)
{
  uint32_t i;

  for (i = 0; i < rings->n; i++)
    saturn_rings_append(rings, list, i);
}

static void
join(struct saturn_rings *rings, uint32_t left, uint32_t right)
{
  rings->next[left] = right;
  rings->prev[right] = left;
}

void
saturn_rings_append(struct saturn_rings *rings, uint32_t list, uint32_t element)
{
  uint32_t head = rings->n + list;

  join(rings, rings->prev[head], element);
  join(rings, element, head);
}

void
saturn_rings_remove(struct saturn_rings *rings, uint32_t element)
{
  join(rings, rings->prev[element], rings->next[element]);
  join(rings, element, element);
}

void
saturn_rings_splice(struct saturn_rings *rings, uint32_t from, uint32_t to)
{
  uint32_t source = rings->n + from, target = rings->n + to;

  if (saturn_rings_first(rings, from) == NONE)
    return;
  join(rings, rings->prev[target], rings->next[source]);
  join(rings, rings->prev[source], target);
  join(rings, source, source);
}
