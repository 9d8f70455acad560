/* SPDX-License-Identifier: MIT
 *
 * changes.h - what typing, shells, forms and other character sets make of a
 * password or a name; beside what forms.h has for all texts.
 */
#ifndef STUN_DECODE_CHANGES_H
#define STUN_DECODE_CHANGES_H

#include "finding.h"
#include "saturn/base.h"

/** Longer texts are not changed. */
#define CHANGE_TEXT 512

/** What became of a text. */
struct change {
  enum finding_name finding;
  const char *how; /**< "in lower case" */
  size_t len;
  uint8_t data[6 * CHANGE_TEXT];
};

/**
 * Change a password in one way.
 *
 * @param at  0 before the first call; otherwise private
 * @return false behind the last way
 */
bool change_next(struct saturn_bytes password, size_t *at,
                 struct change *change);

#endif
