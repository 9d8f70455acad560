/* SPDX-License-Identifier: MIT
 *
 * validate.c - what the values of attributes may look like, kind by kind.
 */
#include <string.h>

#include "bytes.h"
#include "message.h"
#include "utf8.h"

static bool
is_ascii(struct saturn_bytes value)
{
  size_t i;

  for (i = 0; i < value.len; i++)
    if (value.data[i] <= 0x20 || value.data[i] >= 0x7F)
      return false;
  return true;
}

static bool
is_address(struct saturn_bytes value)
{
  return (value.data[1] == SATURN_IPV4 && value.len == 8)
         || (value.data[1] == SATURN_IPV6 && value.len == 20);
}

/* Classes 1 and 2 are of RFC 3489; saturn_get_error takes them from classic
   messages only. */
static bool
is_error(struct saturn_bytes value)
{
  unsigned hundreds = value.data[2] & 7;

  return hundreds >= 1 && hundreds <= 6 && value.data[3] <= 99;
}

/* Every entry is whole; PASSWORD-ALGORITHM holds one (S-154, S-155). */
static bool
is_algorithms(uint16_t type, struct saturn_bytes value)
{
  struct saturn_algorithm_entry entry;
  size_t at = 0, entries = 0;

  if (type == SATURN_ATTR_PASSWORD_ALGORITHMS && value.len == 4
      && load16(value.data + 2) != 0)
    return false;
  while (saturn_next_algorithm(value, &at, &entry))
    entries++;
  return at >= value.len
         && (type == SATURN_ATTR_PASSWORD_ALGORITHMS || entries == 1);
}

bool
saturn_value_fits(const struct saturn_attr_info *info,
                  struct saturn_bytes value)
{
  if (value.len < info->min || value.len > info->max)
    return false;
  switch ((enum saturn_kind)info->kind) {
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    return is_address(value);
  case SATURN_KIND_ERROR:
    return is_error(value);
  case SATURN_KIND_U16:
  case SATURN_KIND_TYPES:
    return value.len % 2 == 0;
  case SATURN_KIND_ALGORITHMS:
    return is_algorithms(info->type, value);
  case SATURN_KIND_MAC:
    return value.len % 4 == 0;
  case SATURN_KIND_NAME:
    return is_ascii(value);
  default:
    return true;
  }
}

bool
saturn_credentials_fit(const struct saturn_message *m)
{
  static const uint16_t types[] = {
    SATURN_ATTR_USERNAME,
    SATURN_ATTR_USERHASH,
    SATURN_ATTR_REALM,
    SATURN_ATTR_NONCE,
    SATURN_ATTR_MESSAGE_INTEGRITY,
    SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
    SATURN_ATTR_PASSWORD_ALGORITHM,
    SATURN_ATTR_PASSWORD_ALGORITHMS,
  };
  struct saturn_attribute a;
  size_t i;

  for (i = 0; i < sizeof types / sizeof *types; i++)
    if (saturn_find(m, types[i], &a)
        && !saturn_value_fits(saturn_attr_info(types[i]), a.value))
      return false;
  return true;
}

static bool
is_utf8(const struct saturn_attr_info *info, struct saturn_bytes value)
{
  if (info->kind == SATURN_KIND_ERROR)
    value = saturn_view(value.data + 4, value.len - 4);
  else if (info->kind != SATURN_KIND_TEXT && info->kind != SATURN_KIND_PHRASE)
    return true;
  return saturn_utf8_valid(value.data, value.len);
}

bool
saturn_value_valid(const struct saturn_attr_info *info,
                   struct saturn_bytes value)
{
  return saturn_value_fits(info, value) && is_utf8(info, value);
}

/* 100 to 299 are legal in classic messages alone (S-402). */
static bool
is_valid(const struct saturn_message *m, const struct saturn_attr_info *info,
         struct saturn_bytes value)
{
  if (!saturn_value_valid(info, value))
    return false;
  return info->kind != SATURN_KIND_ERROR || (value.data[2] & 7) >= 3
         || load32(m->raw.data + 4) != COOKIE;
}

/* A bit for each row of the table, so that the work stays linear. */
static bool
seen_before(uint64_t seen[4], const struct saturn_attr_info *info)
{
  size_t row = (size_t)(info - saturn_attr_row(0));
  uint64_t bit = (uint64_t)1 << row % 64;
  bool before = (seen[row / 64] & bit) != 0;

  seen[row / 64] |= bit;
  return before;
}

/* Of attributes that count once, only the first is judged (S-104). */
enum saturn_error
saturn_validate(const struct saturn_message *m,
                struct saturn_attribute *culprit)
{
  const struct saturn_attr_info *info;
  struct saturn_attribute a;
  uint64_t seen[4] = { 0 };
  size_t at = 0;

  while (saturn_next(m, &at, &a)) {
    info = saturn_attr_info(a.type);
    if (info == NULL || !a.covered
        || (seen_before(seen, info) && info->repeat == SATURN_FIRST)
        || is_valid(m, info, a.value))
      continue;
    *culprit = a;
    return SATURN_E_VALUE;
  }
  return SATURN_OK;
}

enum saturn_error
saturn_check_repeats(const struct saturn_message *m,
                     struct saturn_attribute *culprit)
{
  const struct saturn_attr_info *info;
  struct saturn_attribute a;
  uint64_t seen[4] = { 0 };
  size_t at = 0;

  while (saturn_next(m, &at, &a)) {
    info = saturn_attr_info(a.type);
    if (info != NULL && a.covered && info->repeat == SATURN_FIRST
        && seen_before(seen, info)) {
      *culprit = a;
      return SATURN_E_DUPLICATE;
    }
  }
  return SATURN_OK;
}
