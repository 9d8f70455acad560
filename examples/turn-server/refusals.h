/* SPDX-License-Identifier: MIT
 *
 * refusals.h - how often what was refused, and why, in the words of the log.
 */
#ifndef TURN_SERVER_REFUSALS_H
#define TURN_SERVER_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

/** Kinds of refusals that are told apart. */
#define REFUSALS_MAX 96

/** A kind of refusal. */
struct refusal {
  uint16_t method; /**< 0: one that has no name */
  uint16_t code;
  const char *why; /**< one of the texts of events.c: lives for ever */
  uint64_t n;
};

/** Refusals. Zeroed, there are none. */
struct refusals {
  struct refusal items[REFUSALS_MAX];
  size_t n;
};

/** Count refusals; when all kinds are taken, as one that is the last. */
void refusals_add(struct refusals *refusals, uint16_t method, uint16_t code,
                  const char *why, uint64_t n);

/** Put the most frequent first. */
void refusals_sort(struct refusals *refusals);

#endif
