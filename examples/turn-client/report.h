/* SPDX-License-Identifier: MIT
 *
 * report.h - what came out, for people and for programs.
 */
#ifndef TURN_CLIENT_REPORT_H
#define TURN_CLIENT_REPORT_H

#include "audit.h"
#include "check.h"

/** Print what is checked from here on. */
void report_start(const struct plan *plan);

/** Print a step: a check_watch. */
void report_step(const struct step *step);

/** Print how it ended: all good, or the finding. */
void report_end(const struct check *check);

/** Print one object on one line. */
void report_json(const struct check *check);

/** A finding as an object, or null; SEEN are the facts it rests on. */
struct json_t *report_finding_json(const struct verdict *verdict,
                                   const char *seen);

/** Print the finding, and what is known beside it; that may be empty. */
void report_finding(const struct verdict *verdict, const char *seen,
                    const struct audit *audit, const char *told);

/** Print a table of N checks, the fastest first, those that failed last. */
void report_table(const struct check *checks, size_t n);

#endif
