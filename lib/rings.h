/* SPDX-License-Identifier: MIT
 *
 * rings.h - doubly linked lists of small integers, without pointers.
 *
 * A set of rings has N elements, numbered from 0, and M lists. An element is
 * in one of the lists, or in none. Lists keep the order of appending, so that
 * one of equal lifetimes is sorted by expiry.
 */
#ifndef SATURN_LIB_RINGS_H
#define SATURN_LIB_RINGS_H

#include "arena.h"

#define NONE UINT32_MAX

struct saturn_rings {
  uint32_t *next, *prev; /* of N elements, then of M list heads */
  uint32_t n;
};

/* Cut a set out of an arena: no element is in a list. */
void saturn_rings_init(struct saturn_rings *rings, struct saturn_arena *arena,
                       uint32_t n, uint32_t m);

/* Append all N elements to LIST, for a list of those that are free. */
void saturn_rings_fill(struct saturn_rings *rings, uint32_t list);

/* Put an element that is in no list at the end of LIST. */
void saturn_rings_append(struct saturn_rings *rings, uint32_t list,
                         uint32_t element);

/* Take an element out of its list, if it is in one. */
void saturn_rings_remove(struct saturn_rings *rings, uint32_t element);

/* Move all elements of list FROM, in order, to the end of list TO. */
void saturn_rings_splice(struct saturn_rings *rings, uint32_t from,
                         uint32_t to);

/* The element behind ELEMENT; NONE behind the last of LIST. */
static inline uint32_t
saturn_rings_after(const struct saturn_rings *rings, uint32_t list,
                   uint32_t element)
{
  uint32_t next = rings->next[element];

  return next == rings->n + list ? NONE : next;
}

/* The first element of LIST; NONE if it is empty. */
static inline uint32_t
saturn_rings_first(const struct saturn_rings *rings, uint32_t list)
{
  return saturn_rings_after(rings, list, rings->n + list);
}

/* Is ELEMENT in a list? */
static inline bool
saturn_rings_has(const struct saturn_rings *rings, uint32_t element)
{
  return rings->next[element] != element;
}

/* Take the first element out of LIST; NONE if it is empty. */
static inline uint32_t
saturn_rings_pop(struct saturn_rings *rings, uint32_t list)
{
  uint32_t first = saturn_rings_first(rings, list);

  if (first != NONE)
    saturn_rings_remove(rings, first);
  return first;
}

#endif
