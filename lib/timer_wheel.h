/* SPDX-License-Identifier: MIT
 *
 * timer_wheel.h - which of many elements are due, in constant time for each.
 *
 * A wheel of one slot a second; what is due later than one turn of it is
 * looked at once a turn. An element is found due up to a second late.
 */
#ifndef SATURN_LIB_TIMER_WHEEL_H
#define SATURN_LIB_TIMER_WHEEL_H

#include "rings.h"

#define WHEEL_SLOTS 1024

struct saturn_wheel {
  struct saturn_rings rings; /* a list for each slot, and one being emptied */
  uint64_t *due;             /* of each element, in milliseconds */
  uint64_t tick;             /* the next second to look at */
  uint64_t used[WHEEL_SLOTS / 64]; /* a bit for each slot that is not empty */
};

/* Cut a wheel for N elements out of an arena. */
void saturn_wheel_init(struct saturn_wheel *wheel, struct saturn_arena *arena,
                       uint32_t n);

/* Set, or change, when an element is due. */
void saturn_wheel_set(struct saturn_wheel *wheel, uint32_t element,
                      uint64_t due);

/* Forget an element. */
void saturn_wheel_unset(struct saturn_wheel *wheel, uint32_t element);

/* Take an element that is due at NOW off the wheel. BUDGET is lessened by one
   for every element looked at; NONE if it is used up or nothing is due. */
uint32_t saturn_wheel_pop(struct saturn_wheel *wheel, uint64_t now,
                          uint32_t *budget);

/* When to look again; UINT64_MAX if the wheel is empty. */
uint64_t saturn_wheel_next(const struct saturn_wheel *wheel);

#endif
