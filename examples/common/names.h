/* SPDX-License-Identifier: MIT
 *
 * names.h - ephemeral user names: their parts, and what else may have been
 * hashed instead of them.
 */
#ifndef EXAMPLES_NAMES_H
#define EXAMPLES_NAMES_H

#include "finding.h"
#include "saturn/base.h"

/** The parts of a name, whatever its order and separator. */
struct name_parts {
  bool found;      /**< there is a number that may be a time */
  bool time_first; /**< or alone */
  char separator;  /**< 0: there is none */
  struct saturn_bytes digits, user;
};

/** Take a name apart: 9 to 13 digits at its start or its end are the time. */
struct name_parts name_parts(struct saturn_bytes name, char separator);

/** Room for a name and what may be hashed instead of it. */
#define NAME_TEXT 600

/** A text that may have been hashed. */
struct hashed {
  uint8_t data[NAME_TEXT];
  size_t len;
  bool deviates;
  enum finding_name finding;
  const char *said; /**< "the user part alone" */
};

/** The most of them. */
#define HASHED_MAX 20

/** List what may have been hashed, the name itself first. Returns how many
    there are. */
size_t names_hashed(struct saturn_bytes name, char separator,
                    struct hashed out[HASHED_MAX]);

#endif
