/* SPDX-License-Identifier: MIT
 *
 * check.h - the ladder: what a client does with a TURN server, step by step.
 */
#ifndef TURN_CLIENT_CHECK_H
#define TURN_CLIENT_CHECK_H

#include "events.h"
#include "plan.h"
#include "record.h"
#include "traffic.h"
#include "verdict.h"

/** The steps there are. */
#define STEPS_MAX 12

/** One rung of the ladder. */
struct step {
  const char *name; /**< stable */
  bool ok;
  double ms;
  char detail[400];
};

/** What the server told, and what was found. */
struct check {
  const struct plan *plan;
  struct step steps[STEPS_MAX];
  size_t n;
  struct saturn_address server, mapped, relayed; /**< as far as known */
  char realm[256], software[128];                /**< printable */
  char tls[128], certificate[512], alpn[32];     /**< printable; of TLS */
  bool verified;                                 /**< the certificate was */
  uint32_t lifetime_s;
  struct traffic traffic;
  const struct verdict *verdict; /**< null: all good */
  char seen[512];                /**< the facts it rests on */
  char told[1024];     /**< how far credentials could be told apart; or empty */
  struct audit *audit; /**< of --audit; null: none was made */
  bool interrupted;    /**< by a signal: nothing can be said */
  enum exit_code exit;
};

/** Told of each step when it is over. */
typedef void check_watch(const struct step *step);

/**
 * Check a server. What was allocated is deleted again, come what may.
 *
 * @param watch  may be null
 */
void check_server(const struct plan *plan, struct events *events,
                  const struct settings *settings, check_watch *watch,
                  struct check *check);

/** Release what a check holds. */
void check_release(struct check *check);

#endif
