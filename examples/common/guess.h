/* SPDX-License-Identifier: MIT
 *
 * guess.h - which secret made a password, and how.
 */
#ifndef EXAMPLES_GUESS_H
#define EXAMPLES_GUESS_H

#include "finding.h"
#include "saturn/ephemeral.h"

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

/** Is PASSWORD the one that is looked for? */
typedef bool guess_fits(void *context, struct saturn_bytes password);

/** What a guess is about. */
struct question {
  enum saturn_mac mac; /**< that the server uses */
  char separator;      /**< 0 is ':' */
  const struct saturn_bytes *secrets;
  size_t n;                     /**< of SECRETS */
  struct saturn_bytes password; /**< unless FITS knows */
  guess_fits *fits;             /**< null: compare with PASSWORD */
  void *context;                /**< of FITS */
  unsigned most;                /**< deviations looked for; 0: all */
};

/**
 * Look for the way with the fewest deviations from secrets and user name to
 * the password: other forms of each, parts of the name, other HMACs and
 * encodings.
 *
 * @param name  the user name as sent
 */
struct guess guess(const struct question *question, struct saturn_bytes name);

#endif
