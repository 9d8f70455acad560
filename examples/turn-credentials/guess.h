/* SPDX-License-Identifier: MIT
 *
 * guess.h - which secret made a password, and how.
 */
#ifndef TURN_CREDENTIALS_GUESS_H
#define TURN_CREDENTIALS_GUESS_H

#include "finding.h"
#include "settings.h"

/** The most deviations that are named. */
#define GUESS_MAX 8

/** Room for what is said of a deviation. */
#define GUESS_TEXT 160

/** How a password was made, if it is known. */
struct guess {
  bool found;
  size_t secret; /**< which one, from 0 */
  size_t n;      /**< deviations from what a server computes; 0: right */
  struct {
    enum finding_name finding;
    char seen[GUESS_TEXT];
  } deviations[GUESS_MAX];
};

/**
 * Look for the way with the fewest deviations from secrets and user name to
 * the password: other forms of each, parts of the name, other HMACs and
 * encodings.
 *
 * @param name  the user name as sent
 */
struct guess guess(const struct settings *settings, struct saturn_bytes name);

#endif
