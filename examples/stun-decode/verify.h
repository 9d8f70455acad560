/* SPDX-License-Identifier: MIT
 *
 * verify.h - which of the given credentials made an integrity attribute.
 */
#ifndef STUN_DECODE_VERIFY_H
#define STUN_DECODE_VERIFY_H

#include "credentials.h"
#include "record.h"

/** What verification found out. */
struct proof {
  enum record_check check;
  const struct credential *by; /**< of CHECK_VALID */
};

/** Read from a request, or any message, who says it is. */
void identity_read(const struct saturn_message *m, struct identity *who);

/**
 * Verify one integrity attribute with all credentials that may fit.
 *
 * @param proof  CHECK_UNCHECKED where no credential belongs to this user
 */
void verify(const struct credentials *credentials,
            const struct saturn_message *m, enum saturn_mac mac,
            const struct identity *who, struct proof *proof);

#endif
