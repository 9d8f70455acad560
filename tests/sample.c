/* SPDX-License-Identifier: MIT
 *
 * sample.c - a value for every attribute of the table.
 */
#include "sample.h"

#include <stdlib.h>
#include <string.h>

static const struct saturn_address sample_ipv4 = { SATURN_IPV4,
                                                   32853,
                                                   { 192, 0, 2, 1 } };
static const uint16_t sample_types[] = { 0x0031, 0x7ABC, 0x0002 };
static const uint16_t sample_algorithms[] = { SATURN_SHA256, SATURN_MD5 };

int
sample_rows(void)
{
  int n = 0;

  while (saturn_attr_row((size_t)n) != NULL)
    n++;
  return n;
}

bool
sample_is_ending(const struct saturn_attr_info *row)
{
  return row->type == SATURN_ATTR_MESSAGE_INTEGRITY
         || row->type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256
         || row->type == SATURN_ATTR_FINGERPRINT;
}

void
sample_key(struct saturn_key *key)
{
  saturn_key_short_term(key, SATURN_TEXT("sample"));
}

static void
put_mac(struct saturn_builder *b, const struct saturn_attr_info *row)
{
  struct saturn_key key;

  sample_key(&key);
  if (row->type == SATURN_ATTR_MESSAGE_INTEGRITY)
    saturn_put_integrity(b, SATURN_HMAC_SHA1, &key);
  else if (row->type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
    saturn_put_integrity(b, SATURN_HMAC_SHA256, &key);
  else
    saturn_put_bytes(b, row->type, sample_bytes(row, row->min));
}

static void
put_failure(struct saturn_builder *b, const struct saturn_attr_info *row)
{
  if (row->type == SATURN_ATTR_ADDRESS_ERROR_CODE)
    saturn_put_address_error(b, SATURN_IPV6, 440);
  else
    saturn_put_error(b, 440, saturn_view(NULL, 0));
}

/* PASSWORD-ALGORITHM holds one entry, the list two. */
static size_t
entries(const struct saturn_attr_info *row)
{
  return row->type == SATURN_ATTR_PASSWORD_ALGORITHM ? 1 : 2;
}

void
sample_put(struct saturn_builder *b, const struct saturn_attr_info *row)
{
  if (row->type == SATURN_ATTR_FINGERPRINT) {
    saturn_put_fingerprint(b);
    return;
  }
  switch ((enum saturn_kind)row->kind) {
  case SATURN_KIND_FLAG:
    saturn_put_flag(b, row->type);
    break;
  case SATURN_KIND_U8:
    saturn_put_u8(b, row->type, row->type == SATURN_ATTR_EVEN_PORT ? 0x80 : 1);
    break;
  case SATURN_KIND_U16:
    saturn_put_u16(b, row->type, 0x4001);
    break;
  case SATURN_KIND_U32:
    saturn_put_u32(b, row->type, 0x6E0001FF);
    break;
  case SATURN_KIND_U64:
    saturn_put_u64(b, row->type, 0x932FF9B151263B36);
    break;
  case SATURN_KIND_BYTES:
    saturn_put_bytes(b, row->type, sample_bytes(row, row->min));
    break;
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    saturn_put_text(b, row->type, SATURN_TEXT("example.org"));
    break;
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    saturn_put_address(b, row->type, &sample_ipv4);
    break;
  case SATURN_KIND_ERROR:
    put_failure(b, row);
    break;
  case SATURN_KIND_TYPES:
    saturn_put_types(b, row->type, sample_types, 3);
    break;
  case SATURN_KIND_ALGORITHMS:
    saturn_put_algorithms(b, row->type, sample_algorithms, entries(row));
    break;
  case SATURN_KIND_MAC:
    put_mac(b, row);
    break;
  }
}

static bool
is_number(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  uint8_t u8 = 0;
  uint16_t u16 = 0;
  uint32_t u32 = 0;
  uint64_t u64 = 0;

  switch (row->kind) {
  case SATURN_KIND_U8:
    return saturn_get_u8(m, row->type, &u8) == SATURN_OK
           && u8 == (row->type == SATURN_ATTR_EVEN_PORT ? 0x80 : 1);
  case SATURN_KIND_U16:
    return saturn_get_u16(m, row->type, &u16) == SATURN_OK && u16 == 0x4001;
  case SATURN_KIND_U32:
    return saturn_get_u32(m, row->type, &u32) == SATURN_OK
           && (u32 == 0x6E0001FF || row->type == SATURN_ATTR_FINGERPRINT);
  default:
    return saturn_get_u64(m, row->type, &u64) == SATURN_OK
           && u64 == 0x932FF9B151263B36;
  }
}

static bool
is_failure(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_failure failure;

  return saturn_get_error(m, row->type, &failure) == SATURN_OK
         && failure.code == 440
         && same_bytes(failure.reason, text_of(saturn_reason(440)))
         && failure.family
                == (row->type == SATURN_ATTR_ADDRESS_ERROR_CODE ? SATURN_IPV6
                                                                : 0);
}

static bool
is_list(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_algorithm_entry entry;
  struct saturn_bytes list;
  uint16_t types[4];
  size_t n = 0, at = 0;

  if (row->kind == SATURN_KIND_TYPES)
    return saturn_get_types(m, row->type, types, 4, &n) == SATURN_OK && n == 3
           && memcmp(types, sample_types, sizeof sample_types) == 0;
  if (saturn_get_bytes(m, row->type, &list) != SATURN_OK)
    return false;
  for (; saturn_next_algorithm(list, &at, &entry); n++)
    if (entry.algorithm != sample_algorithms[n] || entry.parameters.len != 0)
      return false;
  return n == entries(row);
}

static bool
is_mac(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_bytes bytes;
  struct saturn_key key;

  sample_key(&key);
  if (row->type == SATURN_ATTR_MESSAGE_INTEGRITY)
    return saturn_check_integrity(m, SATURN_HMAC_SHA1, &key, 0) == SATURN_OK;
  if (row->type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
    return saturn_check_integrity(m, SATURN_HMAC_SHA256, &key, 0) == SATURN_OK;
  return saturn_get_bytes(m, row->type, &bytes) == SATURN_OK
         && same_bytes(bytes, sample_bytes(row, row->min));
}

bool
sample_is_in(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_address address;
  struct saturn_bytes bytes;

  if (row->type == SATURN_ATTR_FINGERPRINT)
    return saturn_check_fingerprint(m) == SATURN_OK && is_number(m, row);
  switch ((enum saturn_kind)row->kind) {
  case SATURN_KIND_FLAG:
    return saturn_get_flag(m, row->type) == SATURN_OK;
  case SATURN_KIND_U8:
  case SATURN_KIND_U16:
  case SATURN_KIND_U32:
  case SATURN_KIND_U64:
    return is_number(m, row);
  case SATURN_KIND_BYTES:
    return saturn_get_bytes(m, row->type, &bytes) == SATURN_OK
           && same_bytes(bytes, sample_bytes(row, row->min));
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    return saturn_get_text(m, row->type, &bytes) == SATURN_OK
           && same_bytes(bytes, SATURN_TEXT("example.org"));
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    return saturn_get_address(m, row->type, &address) == SATURN_OK
           && saturn_address_equal(&address, &sample_ipv4);
  case SATURN_KIND_ERROR:
    return is_failure(m, row);
  case SATURN_KIND_TYPES:
  case SATURN_KIND_ALGORITHMS:
    return is_list(m, row);
  case SATURN_KIND_MAC:
    return is_mac(m, row);
  }
  return false;
}

enum saturn_error
sample_get(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_address address;
  struct saturn_failure failure;
  struct saturn_bytes bytes;
  uint16_t u16, types[4];
  uint8_t u8;
  uint32_t u32;
  uint64_t u64;
  size_t n;

  switch ((enum saturn_kind)row->kind) {
  case SATURN_KIND_FLAG:
    return saturn_get_flag(m, row->type);
  case SATURN_KIND_U8:
    return saturn_get_u8(m, row->type, &u8);
  case SATURN_KIND_U16:
    return saturn_get_u16(m, row->type, &u16);
  case SATURN_KIND_U32:
    return saturn_get_u32(m, row->type, &u32);
  case SATURN_KIND_U64:
    return saturn_get_u64(m, row->type, &u64);
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    return saturn_get_text(m, row->type, &bytes);
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    return saturn_get_address(m, row->type, &address);
  case SATURN_KIND_ERROR:
    return saturn_get_error(m, row->type, &failure);
  case SATURN_KIND_TYPES:
    return saturn_get_types(m, row->type, types, 4, &n);
  case SATURN_KIND_BYTES:
  case SATURN_KIND_ALGORITHMS:
  case SATURN_KIND_MAC:
    return saturn_get_bytes(m, row->type, &bytes);
  }
  return SATURN_OK;
}

struct saturn_bytes
sample_bytes(const struct saturn_attr_info *row, size_t len)
{
  static uint8_t bytes[1 << 16];
  static const uint8_t code_401[] = { 0, 0, 4, 1 };
  size_t i;

  for (i = 0; i < len; i++)
    bytes[i] = (uint8_t)('a' + i % 26);
  switch (row->kind) {
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    bytes[0] = 0;
    bytes[1] = len == 20 ? SATURN_IPV6 : SATURN_IPV4;
    break;
  case SATURN_KIND_ERROR:
    memcpy(bytes, code_401, sizeof code_401);
    break;
  case SATURN_KIND_ALGORITHMS: /* one entry, unknown, with parameters */
    bytes[2] = (uint8_t)(len >= 4 ? (len - 4) >> 8 : 0);
    bytes[3] = (uint8_t)(len >= 4 ? len - 4 : 0);
    break;
  default:
    break;
  }
  return saturn_view(bytes, len);
}

struct saturn_bytes
sample_message(uint16_t type, struct saturn_bytes value)
{
  static const uint8_t header[] = {
    0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  };
  size_t body = 4 + (value.len + 3) / 4 * 4;
  uint8_t *p = guarded_room(sizeof header + body);

  memset(p, 0, sizeof header + body);
  memcpy(p, header, sizeof header);
  p[2] = (uint8_t)(body >> 8);
  p[3] = (uint8_t)body;
  p[20] = (uint8_t)(type >> 8);
  p[21] = (uint8_t)type;
  p[22] = (uint8_t)(value.len >> 8);
  p[23] = (uint8_t)value.len;
  if (value.len > 0)
    memcpy(p + 24, value.data, value.len);
  return saturn_view(p, sizeof header + body);
}
