/* SPDX-License-Identifier: MIT
 *
 * timer_wheel.c - which of many elements are due.
 */
#include "timer_wheel.h"

#include <string.h>

#define SECOND 1000
#define EMPTYING WHEEL_SLOTS

void
saturn_wheel_init(struct saturn_wheel *wheel, struct saturn_arena *arena,
                  uint32_t n)
{
  saturn_rings_init(&wheel->rings, arena, n, WHEEL_SLOTS + 1);
  wheel->due = saturn_arena_take(arena, n, sizeof *wheel->due);
  wheel->tick = 0;
  memset(wheel->used, 0, sizeof wheel->used);
}

static bool
is_used(const struct saturn_wheel *wheel, uint32_t slot)
{
  return (wheel->used[slot / 64] >> slot % 64 & 1) != 0;
}

/* Rounded up, so that all that is in a slot is due when its second comes. */
static uint64_t
second_of(const struct saturn_wheel *wheel, uint64_t due)
{
  uint64_t second = due / SECOND + (due % SECOND != 0);

  return second < wheel->tick ? wheel->tick : second;
}

void
saturn_wheel_set(struct saturn_wheel *wheel, uint32_t element, uint64_t due)
{
  uint32_t slot = (uint32_t)(second_of(wheel, due) % WHEEL_SLOTS);

  saturn_rings_remove(&wheel->rings, element);
  wheel->due[element] = due;
  saturn_rings_append(&wheel->rings, slot, element);
  wheel->used[slot / 64] |= UINT64_C(1) << slot % 64;
}

void
saturn_wheel_unset(struct saturn_wheel *wheel, uint32_t element)
{
  saturn_rings_remove(&wheel->rings, element);
}

/* How many slots from AT on, at most one turn, are known to be empty. */
static uint32_t
gap(const struct saturn_wheel *wheel, uint64_t at)
{
  uint32_t n = 0;

  while (n < WHEEL_SLOTS) {
    uint32_t slot = (uint32_t)((at + n) % WHEEL_SLOTS);

    if (slot % 64 == 0 && wheel->used[slot / 64] == 0)
      n += 64;
    else if (is_used(wheel, slot))
      return n;
    else
      n++;
  }
  return WHEEL_SLOTS;
}

/* Start to empty the next slot that is not empty, if its second has come. */
static bool
turn(struct saturn_wheel *wheel, uint64_t now)
{
  uint64_t second = now / SECOND;
  uint32_t empty, slot;

  if (wheel->tick > second)
    return false;
  if (second - wheel->tick >= WHEEL_SLOTS) /* one turn looks at every slot */
    wheel->tick = second - WHEEL_SLOTS + 1;
  empty = gap(wheel, wheel->tick);
  if (empty == WHEEL_SLOTS || empty > second - wheel->tick) {
    wheel->tick = second + 1;
    return false;
  }
  slot = (uint32_t)((wheel->tick + empty) % WHEEL_SLOTS);
  wheel->used[slot / 64] &= ~(UINT64_C(1) << slot % 64);
  saturn_rings_splice(&wheel->rings, slot, EMPTYING);
  wheel->tick += empty + 1;
  return true;
}

uint32_t
saturn_wheel_pop(struct saturn_wheel *wheel, uint64_t now, uint32_t *budget)
{
  uint32_t element;

  for (; *budget > 0; (*budget)--) {
    element = saturn_rings_pop(&wheel->rings, EMPTYING);
    if (element == NONE) {
      if (!turn(wheel, now))
        return NONE;
    } else if (wheel->due[element] <= now) {
      (*budget)--;
      return element;
    } else {
      saturn_wheel_set(wheel, element, wheel->due[element]);
    }
  }
  return NONE;
}

uint64_t
saturn_wheel_next(const struct saturn_wheel *wheel)
{
  uint32_t empty;

  if (saturn_rings_first(&wheel->rings, EMPTYING) != NONE)
    return 0;
  empty = gap(wheel, wheel->tick);
  if (empty == WHEEL_SLOTS)
    return UINT64_MAX;
  return (wheel->tick + empty) * SECOND;
}
