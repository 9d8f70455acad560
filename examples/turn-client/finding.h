/* SPDX-License-Identifier: MIT
 *
 * finding.h - what a failure means, and what to do about it.
 */
#ifndef TURN_CLIENT_FINDING_H
#define TURN_CLIENT_FINDING_H

#include "program.h"
#include "session.h"

/** The rows of the table of findings, FINDING_PASSWORD and so on. */
enum finding_number {
#define FINDING(name, id, exit, sure, text, check, fix, section) FINDING_##name,
#include "findings.def"
#undef FINDING
  FINDINGS
};

/** A finding. None of its texts is ever translated or changed lightly. */
struct finding {
  const char *id;      /**< "SAT-PASSWORD" */
  enum exit_code exit; /**< how the program ends with it */
  const char *sure;    /**< "sure", "likely" or "possible" */
  const char *text;    /**< one sentence */
  const char *check;   /**< what to look at next */
  const char *fix;     /**< what to do */
  const char *section; /**< of which document */
};

/** The row of a finding. */
const struct finding *finding(enum finding_number number);

/** What is known beside the exchange that failed. */
struct finding_context {
  const char *username; /**< null without credentials */
  uint64_t now_s;       /**< for user names that expire */
  bool binding_answered;
};

/** Explain an exchange that did not succeed. */
const struct finding *finding_of(const struct exchange *e,
                                 const struct finding_context *context);

/** Say the facts of an exchange: what was asked, what came, how often. */
void finding_facts(const struct exchange *e,
                   const struct finding_context *context, char *out,
                   size_t cap);

#endif
