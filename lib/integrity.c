/* SPDX-License-Identifier: MIT
 *
 * integrity.c - MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, FINGERPRINT.
 */
#include "integrity.h"

#include "bytes.h"
#include "crc32.h"
#include "crypto.h"
#include "message.h"

#define FINGERPRINT_XOR 0x5354554E

/* The header is fed in three pieces, so that a message being verified is
   never written to. */
void
saturn_hmac_message(const uint8_t *message, size_t at, size_t length,
                    size_t padding, enum saturn_mac mac,
                    const struct saturn_key *key, uint8_t *digest)
{
  static const uint8_t zeros[HASH_BLOCK];
  uint8_t field[2];
  const struct saturn_bytes pieces[] = {
    { message, 2 },
    { field, sizeof field },
    { message + 4, at - 4 },
    { zeros, padding },
  };

  store16(field, (uint16_t)length);
  if (mac == SATURN_HMAC_SHA256)
    saturn_hmac_sha256(key->sha256, pieces, 4, digest);
  else
    saturn_hmac_sha1(key->sha1, pieces, 4, digest);
}

static uint16_t
mac_type(enum saturn_mac mac)
{
  return mac == SATURN_HMAC_SHA256 ? SATURN_ATTR_MESSAGE_INTEGRITY_SHA256
                                   : SATURN_ATTR_MESSAGE_INTEGRITY;
}

/* The header says already that the message ends with this attribute. */
void
saturn_put_integrity(struct saturn_builder *b, enum saturn_mac mac,
                     const struct saturn_key *key)
{
  size_t len = mac == SATURN_HMAC_SHA256 ? SHA256_SIZE : SHA1_SIZE;
  size_t at = b->len;
  uint8_t *p = saturn_put_space(b, mac_type(mac), len);

  if (p != NULL)
    saturn_hmac_message(b->buf, at, load16(b->buf + 2), 0, mac, key, p);
}

enum saturn_error
saturn_check_integrity(const struct saturn_message *m, enum saturn_mac mac,
                       const struct saturn_key *key, size_t least)
{
  const struct saturn_attr_info *info = saturn_attr_info(mac_type(mac));
  uint8_t digest[SHA256_SIZE];
  struct saturn_attribute a;

  if (!saturn_find(m, mac_type(mac), &a))
    return SATURN_E_ABSENT;
  if (!saturn_value_fits(info, a.value))
    return SATURN_E_VALUE;
  if (mac == SATURN_HMAC_SHA256
      && a.value.len < (least == 0 ? SHA256_SIZE : least))
    return SATURN_E_MISMATCH;
  saturn_hmac_message(m->raw.data, a.at,
                      a.at + 4 + a.value.len - SATURN_HEADER_SIZE, 0, mac, key,
                      digest);
  return saturn_equal_secret(digest, a.value.data, a.value.len)
             ? SATURN_OK
             : SATURN_E_MISMATCH;
}

/* The CRC of the message before AT, under a length that ends with the
   attribute there. */
static uint32_t
fingerprint(const uint8_t *message, size_t at)
{
  uint8_t length[2];
  uint32_t crc;

  store16(length, (uint16_t)(at + 8 - SATURN_HEADER_SIZE));
  crc = saturn_crc32(0, message, 2);
  crc = saturn_crc32(crc, length, sizeof length);
  crc = saturn_crc32(crc, message + 4, at - 4);
  return crc ^ FINGERPRINT_XOR;
}

void
saturn_put_fingerprint(struct saturn_builder *b)
{
  size_t at = b->len;
  uint8_t *p = saturn_put_space(b, SATURN_ATTR_FINGERPRINT, 4);

  if (p != NULL)
    store32(p, fingerprint(b->buf, at));
}

enum saturn_error
saturn_check_fingerprint(const struct saturn_message *m)
{
  struct saturn_attribute a;

  if (!saturn_find(m, SATURN_ATTR_FINGERPRINT, &a))
    return SATURN_E_ABSENT;
  if (a.value.len != 4)
    return SATURN_E_VALUE;
  return load32(a.value.data) == fingerprint(m->raw.data, a.at)
             ? SATURN_OK
             : SATURN_E_MISMATCH;
}
