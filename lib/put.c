/* SPDX-License-Identifier: MIT
 *
 * put.c - a putter for each kind of value.
 */
#include <string.h>

#include "builder.h"
#include "bytes.h"
#include "message.h"
#include "utf8.h"

/* The most a sender may put into a reason phrase or a quoted text: fewer than
   128 characters (RFC 8489, 14.8 to 14.14). */
#define PHRASE_CHARS 127
#define PHRASE_BYTES 509

static void
put_checked(struct saturn_builder *b, uint16_t type, struct saturn_bytes value)
{
  uint8_t *p = saturn_put_space(b, type, value.len);

  if (p != NULL && value.len > 0)
    memcpy(p, value.data, value.len);
}

/* VALUE and zeros, to the least length of TYPE, which is of KIND. */
static void
put_number(struct saturn_builder *b, uint16_t type, enum saturn_kind kind,
           struct saturn_bytes value)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  uint8_t *p;

  if (info == NULL || info->kind != kind) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return;
  }
  if ((p = saturn_put_space(b, type, info->min)) == NULL)
    return;
  memset(p, 0, info->min);
  memcpy(p, value.data, value.len);
}

void
saturn_put_flag(struct saturn_builder *b, uint16_t type)
{
  put_number(b, type, SATURN_KIND_FLAG, SATURN_TEXT(""));
}

void
saturn_put_u8(struct saturn_builder *b, uint16_t type, uint8_t value)
{
  put_number(b, type, SATURN_KIND_U8, saturn_view(&value, 1));
}

void
saturn_put_u16(struct saturn_builder *b, uint16_t type, uint16_t value)
{
  uint8_t bytes[2];

  store16(bytes, value);
  put_number(b, type, SATURN_KIND_U16, saturn_view(bytes, sizeof bytes));
}

void
saturn_put_u32(struct saturn_builder *b, uint16_t type, uint32_t value)
{
  uint8_t bytes[4];

  store32(bytes, value);
  put_number(b, type, SATURN_KIND_U32, saturn_view(bytes, sizeof bytes));
}

void
saturn_put_u64(struct saturn_builder *b, uint16_t type, uint64_t value)
{
  uint8_t bytes[8];

  store64(bytes, value);
  put_number(b, type, SATURN_KIND_U64, saturn_view(bytes, sizeof bytes));
}

void
saturn_put_bytes(struct saturn_builder *b, uint16_t type,
                 struct saturn_bytes value)
{
  put_checked(b, type, value);
}

/* What may stand between the quotes of a SIP quoted string: S-147. */
static bool
is_quotable(struct saturn_bytes text)
{
  size_t i;
  uint8_t c;

  for (i = 0; i < text.len; i++) {
    c = text.data[i];
    if (c == '\\') {
      if (++i == text.len)
        return false;
      c = text.data[i];
      if (c == '\n' || c == '\r' || c >= 0x80)
        return false;
    } else if (c == '"' || c == 0x7F || (c < 0x20 && c != '\t')) {
      return false;
    }
  }
  return true;
}

static bool
is_sendable(const struct saturn_attr_info *info, struct saturn_bytes text)
{
  if (text.len > info->send || !saturn_value_valid(info, text))
    return false;
  if (info->kind == SATURN_KIND_PHRASE
      && saturn_utf8_chars(text.data, text.len) > PHRASE_CHARS)
    return false;
  return (info->type != SATURN_ATTR_REALM && info->type != SATURN_ATTR_NONCE)
         || is_quotable(text);
}

void
saturn_put_text(struct saturn_builder *b, uint16_t type,
                struct saturn_bytes text)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);

  if (!saturn_is_text(info) || !is_sendable(info, text))
    saturn_builder_fail(b, SATURN_E_RANGE, type);
  else
    put_checked(b, type, text);
}

static void
xor_address(uint8_t *p, const uint8_t *key, size_t ip_len)
{
  size_t i;

  p[2] ^= key[0];
  p[3] ^= key[1];
  for (i = 0; i < ip_len; i++)
    p[4 + i] ^= key[i];
}

void
saturn_put_address(struct saturn_builder *b, uint16_t type,
                   const struct saturn_address *address)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  size_t ip_len = address->family == SATURN_IPV4 ? 4 : 16;
  uint8_t *p;

  if (!saturn_is_address(info)
      || (address->family != SATURN_IPV4 && address->family != SATURN_IPV6)) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return;
  }
  if ((p = saturn_put_space(b, type, 4 + ip_len)) == NULL)
    return;
  p[0] = 0;
  p[1] = address->family;
  store16(p + 2, address->port);
  memcpy(p + 4, address->ip, ip_len);
  if (info->kind == SATURN_KIND_XOR_ADDRESS)
    xor_address(p, b->buf + 4, ip_len);
}

static void
put_failure(struct saturn_builder *b, uint16_t type, uint8_t family,
            unsigned code, struct saturn_bytes reason)
{
  uint8_t *p;

  if (code < 300 || code > 699 || !saturn_utf8_valid(reason.data, reason.len)) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return;
  }
  reason.len =
      saturn_utf8_prefix(reason.data, reason.len, PHRASE_CHARS, PHRASE_BYTES);
  if ((p = saturn_put_space(b, type, 4 + reason.len)) == NULL)
    return;
  p[0] = family;
  p[1] = 0;
  p[2] = (uint8_t)(code / 100);
  p[3] = (uint8_t)(code % 100);
  if (reason.len > 0)
    memcpy(p + 4, reason.data, reason.len);
}

static struct saturn_bytes
registered(unsigned code)
{
  const char *reason = saturn_reason(code);

  return saturn_view(reason, strlen(reason));
}

void
saturn_put_error(struct saturn_builder *b, unsigned code,
                 struct saturn_bytes reason)
{
  if (reason.data == NULL)
    reason = registered(code);
  put_failure(b, SATURN_ATTR_ERROR_CODE, 0, code, reason);
}

void
saturn_put_address_error(struct saturn_builder *b, enum saturn_family family,
                         unsigned code)
{
  put_failure(b, SATURN_ATTR_ADDRESS_ERROR_CODE, (uint8_t)family, code,
              registered(code));
}

/* Room for N entries of SIZE bytes; more than fit a message are out of
   range. */
static uint8_t *
put_list(struct saturn_builder *b, uint16_t type, enum saturn_kind kind,
         size_t size, size_t n)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);

  if (info == NULL || info->kind != kind) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return NULL;
  }
  if (n > SATURN_MESSAGE_MAX)
    n = SATURN_MESSAGE_MAX;
  return saturn_put_space(b, type, size * n);
}

void
saturn_put_types(struct saturn_builder *b, uint16_t type, const uint16_t *types,
                 size_t n)
{
  uint8_t *p = put_list(b, type, SATURN_KIND_TYPES, 2, n);
  size_t i;

  if (p == NULL)
    return;
  for (i = 0; i < n; i++)
    store16(p + 2 * i, types[i]);
}

void
saturn_put_algorithms(struct saturn_builder *b, uint16_t type,
                      const uint16_t *algorithms, size_t n)
{
  uint8_t *p;
  size_t i;

  if (type == SATURN_ATTR_PASSWORD_ALGORITHM && n != 1) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return;
  }
  p = put_list(b, type, SATURN_KIND_ALGORITHMS, 4, n);
  if (p == NULL)
    return;
  for (i = 0; i < n; i++) {
    store16(p + 4 * i, algorithms[i]);
    store16(p + 4 * i + 2, 0);
  }
}
