/* SPDX-License-Identifier: MIT
 *
 * finding.h - the catalogue of findings, and how they are printed.
 */
#ifndef EXAMPLES_FINDING_H
#define EXAMPLES_FINDING_H

#include <stdbool.h>

/** The rows of the catalogue, FINDING_PASSWORD and so on. */
enum finding_name {
#define FINDING(name, id, diagnosis, text, fix, reference) FINDING_##name,
#include "findings.def"
#undef FINDING
  FINDINGS
};

/** A finding. None of its texts is ever translated or changed lightly. */
struct finding {
  const char *id;        /**< "SAT-PASSWORD" */
  const char *diagnosis; /**< "D-26", or empty */
  const char *text;      /**< one sentence */
  const char *fix;       /**< what to do */
  const char *reference; /**< the section that has the rule */
};

/** The row of a finding. */
const struct finding *finding(enum finding_name name);

/** Print the head of a finding on stdout: its id, and a remark in parentheses
    unless that is null. */
void finding_print_head(const struct finding *f, const char *remark);

/** Print a paragraph of a finding on stdout behind its label, broken between
    words. */
void finding_print_part(const char *label, const char *text);

#endif
