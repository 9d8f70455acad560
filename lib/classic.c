/* SPDX-License-Identifier: MIT
 *
 * classic.c - RFC 3489, and the HMAC rules of the drafts that followed it.
 */
#include "saturn/classic.h"

#include "builder.h"
#include "bytes.h"
#include "crypto.h"
#include "integrity.h"
#include "message.h"

enum saturn_error
saturn_classic_parse(struct saturn_message *m, struct saturn_bytes datagram)
{
  return saturn_parse_any(m, datagram);
}

bool
saturn_is_classic(const struct saturn_message *m)
{
  return load32(m->raw.data + 4) != COOKIE;
}

void
saturn_classic_begin(struct saturn_builder *b, uint8_t *buf, size_t cap,
                     enum saturn_class cls, uint16_t method,
                     const uint8_t id[SATURN_CLASSIC_TID_SIZE])
{
  saturn_begin_id(b, buf, cap, cls, method, id);
}

static size_t
length_by(const struct saturn_message *m, const struct saturn_attribute *a,
          unsigned rules)
{
  if (rules & SATURN_CLASSIC_LENGTH)
    return load16(m->raw.data + 2);
  if (rules & SATURN_CLASSIC_SHORT)
    return a->at - SATURN_HEADER_SIZE;
  return a->at + 4 + a->value.len - SATURN_HEADER_SIZE;
}

static enum saturn_error
check(const struct saturn_message *m, uint16_t type,
      const struct saturn_key *key, unsigned rules)
{
  uint8_t digest[SHA1_SIZE];
  struct saturn_attribute a;
  size_t padding = 0;

  if (!saturn_find(m, type, &a))
    return SATURN_E_ABSENT;
  if (!saturn_value_fits(saturn_attr_info(type), a.value))
    return SATURN_E_VALUE;
  if (rules & SATURN_CLASSIC_PADDED)
    padding = (HASH_BLOCK - a.at % HASH_BLOCK) % HASH_BLOCK;
  saturn_hmac_message(m->raw.data, a.at, length_by(m, &a, rules), padding,
                      SATURN_HMAC_SHA1, key, digest);
  return saturn_equal_secret(digest, a.value.data, a.value.len)
             ? SATURN_OK
             : SATURN_E_MISMATCH;
}

enum saturn_error
saturn_classic_check_integrity(const struct saturn_message *m,
                               const struct saturn_key *key, unsigned rules)
{
  return check(m, SATURN_ATTR_MESSAGE_INTEGRITY, key, rules);
}

enum saturn_error
saturn_classic_check_short(const struct saturn_message *m,
                           const struct saturn_key *key)
{
  return check(m, SATURN_ATTR_GOOG_MESSAGE_INTEGRITY_32, key, 0);
}
