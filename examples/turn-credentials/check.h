/* SPDX-License-Identifier: MIT
 *
 * check.h - why a pair of user name and password is not valid now.
 */
#ifndef TURN_CREDENTIALS_CHECK_H
#define TURN_CREDENTIALS_CHECK_H

#include "guess.h"
#include "settings.h"

/** The most findings of a check. */
#define CHECK_MAX 16

/** What a check found. */
struct check {
  const struct settings *settings;
  bool has_expiry;
  uint64_t expiry_s;        /**< as the user name has it, or means it */
  struct saturn_bytes user; /**< the part beside the time */
  bool password_checked;
  struct guess guess;
  size_t n;
  bool faulty; /**< some finding is more than a note */
  struct {
    enum finding_name name;
    bool note; /**< the pair is valid all the same */
    char seen[GUESS_TEXT];
  } found[CHECK_MAX];
};

/** Check the pair of the settings; the user name is as the client sends it. */
void check_pair(struct check *check, const struct settings *settings);

/** Print what was found, for people or for programs. */
enum exit_code check_print(const struct check *check);

#endif
