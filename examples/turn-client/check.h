/* SPDX-License-Identifier: MIT
 *
 * check.h - the ladder: what a client does with a TURN server, step by step.
 */
#ifndef TURN_CLIENT_CHECK_H
#define TURN_CLIENT_CHECK_H

#include "record.h"
#include "traffic.h"
#include "verdict.h"

/** What the user asked for. */
struct settings {
  const char *username;       /**< prepared; null: none */
  const char *password;       /**< prepared */
  struct saturn_address peer; /**< of --peer; no family: a second allocation
                                   is the peer */
  uint64_t count;             /**< packets of data */
  uint64_t len;               /**< bytes in each */
  uint64_t patience_ms;       /**< for each request */
  enum saturn_family family;  /**< to the server */
  struct record *record;      /**< of packets; null: none */
};

/** The steps there are. */
#define STEPS_MAX 12

/** One rung of the ladder. */
struct step {
  const char *name; /**< stable */
  bool ok;
  double ms;
  char detail[256];
};

/** What came out. */
struct check {
  const char *uri;
  struct step steps[STEPS_MAX];
  size_t n;
  struct saturn_address server, mapped, relayed; /**< as far as known */
  char realm[256], software[128];                /**< printable */
  uint32_t lifetime_s;
  struct traffic traffic;
  const struct verdict *verdict; /**< null: all good */
  char seen[512];                /**< the facts it rests on */
  enum exit_code exit;
};

/** Told of each step when it is over. */
typedef void check_watch(const struct step *step);

/**
 * Check the server of a turn: URI. What was allocated is deleted again, come
 * what may.
 *
 * @param watch  may be null
 */
void check_server(const char *uri, const struct settings *settings,
                  check_watch *watch, struct check *check);

#endif
