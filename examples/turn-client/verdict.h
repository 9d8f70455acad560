/* SPDX-License-Identifier: MIT
 *
 * verdict.h - what a failure means, and what to do about it.
 */
#ifndef TURN_CLIENT_VERDICT_H
#define TURN_CLIENT_VERDICT_H

#include "finding.h"
#include "program.h"
#include "wire.h"

/** What a finding means to a client. */
struct verdict {
  enum finding_name name;
  enum exit_code exit; /**< how the program ends with it */
  const char *sure;    /**< "sure", "likely" or "possible" */
  const char *check;   /**< what to look at next */
};

/** The verdict on a finding. */
const struct verdict *verdict(enum finding_name name);

/** What is known beside the exchange that failed. */
struct verdict_context {
  const char *username; /**< null without credentials */
  uint64_t now_s;       /**< for user names that expire */
  uint64_t server_s;    /**< the same by the server's clock; 0: unknown */
  bool binding_answered;
  unsigned redirects; /**< that were followed */
  uint8_t reason;     /**< enum saturn_client_reason; 0: see the exchange */
  struct saturn_address server, alternate; /**< the latter of the last 300 */
};

/** Explain an exchange that did not succeed. */
const struct verdict *verdict_of(const struct exchange *e,
                                 const struct verdict_context *context);

/** Say the facts of an exchange: what was asked, what came, how often. */
void verdict_facts(const struct exchange *e,
                   const struct verdict_context *context, char *out,
                   size_t cap);

#endif
