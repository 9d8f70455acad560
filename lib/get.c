/* SPDX-License-Identifier: MIT
 *
 * get.c - a getter for each kind of value.
 */
#include <string.h>

#include "bytes.h"
#include "message.h"
#include "utf8.h"

/* The value of the first attribute of TYPE that counts, checked against the
   table. KIND is what the caller is going to read. */
static enum saturn_error
find(const struct saturn_message *m, uint16_t type, enum saturn_kind kind,
     struct saturn_bytes *value)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  struct saturn_attribute attribute;

  if (info == NULL || info->kind != kind)
    return SATURN_E_RANGE;
  if (!saturn_find(m, type, &attribute))
    return SATURN_E_ABSENT;
  if (!saturn_value_fits(info, attribute.value))
    return SATURN_E_VALUE;
  *value = attribute.value;
  return SATURN_OK;
}

enum saturn_error
saturn_get_flag(const struct saturn_message *m, uint16_t type)
{
  struct saturn_bytes v;

  return find(m, type, SATURN_KIND_FLAG, &v);
}

enum saturn_error
saturn_get_u8(const struct saturn_message *m, uint16_t type, uint8_t *value)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_U8, &v);

  if (e == SATURN_OK)
    *value = v.data[0];
  return e;
}

enum saturn_error
saturn_get_u16(const struct saturn_message *m, uint16_t type, uint16_t *value)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_U16, &v);

  if (e == SATURN_OK)
    *value = load16(v.data);
  return e;
}

enum saturn_error
saturn_get_u32(const struct saturn_message *m, uint16_t type, uint32_t *value)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_U32, &v);

  if (e == SATURN_OK)
    *value = load32(v.data);
  return e;
}

enum saturn_error
saturn_get_u64(const struct saturn_message *m, uint16_t type, uint64_t *value)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_U64, &v);

  if (e == SATURN_OK)
    *value = load64(v.data);
  return e;
}

enum saturn_error
saturn_get_bytes(const struct saturn_message *m, uint16_t type,
                 struct saturn_bytes *value)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  struct saturn_attribute attribute;

  if (!saturn_find(m, type, &attribute))
    return SATURN_E_ABSENT;
  if (info != NULL
      && (attribute.value.len < info->min || attribute.value.len > info->max))
    return SATURN_E_VALUE;
  *value = attribute.value;
  return SATURN_OK;
}

enum saturn_error
saturn_get_text(const struct saturn_message *m, uint16_t type,
                struct saturn_bytes *value)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  struct saturn_attribute attribute;

  if (!saturn_is_text(info))
    return SATURN_E_RANGE;
  if (!saturn_find(m, type, &attribute))
    return SATURN_E_ABSENT;
  if (!saturn_value_valid(info, attribute.value))
    return SATURN_E_VALUE;
  *value = attribute.value;
  return SATURN_OK;
}

/* KEY is bytes 4 to 19 of the header, whatever stands there: with the magic
   cookie this is RFC 8489, 14.2, without it what old stacks did (S-143). */
static void
read_address(const uint8_t *value, const uint8_t *key,
             struct saturn_address *address)
{
  size_t i, n = value[1] == SATURN_IPV4 ? 4 : 16;

  memset(address, 0, sizeof *address);
  address->family = value[1];
  address->port = load16(value + 2);
  memcpy(address->ip, value + 4, n);
  if (key == NULL)
    return;
  address->port ^= load16(key);
  for (i = 0; i < n; i++)
    address->ip[i] ^= key[i];
}

enum saturn_error
saturn_as_address(const struct saturn_message *m,
                  const struct saturn_attribute *attribute,
                  struct saturn_address *address)
{
  const struct saturn_attr_info *info = saturn_attr_info(attribute->type);
  bool xored;

  if (!saturn_is_address(info))
    return SATURN_E_RANGE;
  if (!saturn_value_fits(info, attribute->value))
    return SATURN_E_VALUE;
  xored = info->kind == SATURN_KIND_XOR_ADDRESS;
  read_address(attribute->value.data, xored ? m->raw.data + 4 : NULL, address);
  return SATURN_OK;
}

enum saturn_error
saturn_get_address(const struct saturn_message *m, uint16_t type,
                   struct saturn_address *address)
{
  struct saturn_attribute attribute;

  if (!saturn_is_address(saturn_attr_info(type)))
    return SATURN_E_RANGE;
  if (!saturn_find(m, type, &attribute))
    return SATURN_E_ABSENT;
  return saturn_as_address(m, &attribute, address);
}

enum saturn_error
saturn_get_types(const struct saturn_message *m, uint16_t type, uint16_t *types,
                 size_t max, size_t *n)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_TYPES, &v);
  size_t at, found = 0;

  if (e != SATURN_OK)
    return e;
  for (at = 0; at < v.len && found < max; at += 2)
    if (!is_listed(types, found, load16(v.data + at)))
      types[found++] = load16(v.data + at);
  *n = found;
  return SATURN_OK;
}

enum saturn_error
saturn_get_error(const struct saturn_message *m, uint16_t type,
                 struct saturn_failure *failure)
{
  struct saturn_bytes v;
  enum saturn_error e = find(m, type, SATURN_KIND_ERROR, &v);
  unsigned hundreds;

  if (e != SATURN_OK)
    return e;
  hundreds = v.data[2] & 7;
  if (hundreds < 3 && load32(m->raw.data + 4) == COOKIE)
    return SATURN_E_VALUE;
  failure->code = hundreds * 100 + v.data[3];
  failure->family = type == SATURN_ATTR_ADDRESS_ERROR_CODE ? v.data[0] : 0;
  failure->reason = saturn_view(v.data + 4, v.len - 4);
  return SATURN_OK;
}

bool
saturn_next_algorithm(struct saturn_bytes list, size_t *at,
                      struct saturn_algorithm_entry *entry)
{
  size_t len, room;

  if (*at >= list.len || list.len - *at < 4)
    return false;
  room = list.len - *at - 4;
  len = load16(list.data + *at + 2);
  entry->algorithm = load16(list.data + *at);
  /* One stack leaves this length uninitialised (S-155). */
  if (list.len == 4 && (entry->algorithm == 1 || entry->algorithm == 2))
    len = 0;
  if (len > room)
    return false;
  entry->parameters = saturn_view(list.data + *at + 4, len);
  /* The padding of the last entry may be missing. */
  *at += 4 + (padded(len) < room ? padded(len) : room);
  return true;
}
