/* SPDX-License-Identifier: MIT
 *
 * message.c - prove the structure of a message once, and walk it.
 */
#include "message.h"

#include <string.h>

#include "bytes.h"

_Static_assert(SLOTS <= sizeof((struct saturn_message *)0)->first / 2,
               "the index of struct saturn_message is too small");

#define CASE_CURRENT(name, type)                                               \
  case type:                                                                   \
    return SLOT_##name;
#define CASE_OBSOLETE(name, type)
#define CASE_RESERVED(name, type)
#define CASE_VENDOR(name, type)

static enum slot
slot_of(uint16_t type)
{
  switch (type) {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  CASE_##status(name, type)
#include "saturn/attributes.def"
#undef ATTR
  default:
    return NO_SLOT;
  }
}

/* What may still count behind the integrity attributes seen so far: 14.5 to
   14.7. A second integrity attribute of a kind is ignored too (S-116). */
static bool
counts(const struct saturn_message *m, uint16_t type)
{
  if (type == SATURN_ATTR_FINGERPRINT)
    return true;
  if (m->first[SLOT_MESSAGE_INTEGRITY_SHA256] != 0)
    return false;
  return m->first[SLOT_MESSAGE_INTEGRITY] == 0
         || type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256;
}

static void
index_attribute(struct saturn_message *m, uint16_t type, size_t at)
{
  enum slot slot;

  if (!counts(m, type))
    return;
  slot = slot_of(type);
  if (slot == NO_SLOT)
    m->unknown = (uint16_t)(m->unknown + (type < 0x8000));
  else if (m->first[slot] == 0)
    m->first[slot] = (uint16_t)(at / 4);
}

static enum saturn_error
fail(struct saturn_message *m, enum saturn_error error, size_t at)
{
  m->fault = (uint32_t)at;
  return error;
}

/* Walk the attributes once. M->raw is known to be whole words, so there is
   room for an attribute header wherever one can start. */
static enum saturn_error
index_attributes(struct saturn_message *m)
{
  const uint8_t *p = m->raw.data;
  size_t at, len;

  for (at = SATURN_HEADER_SIZE; at < m->raw.len; at += 4 + padded(len)) {
    len = load16(p + at + 2);
    if (padded(len) > m->raw.len - at - 4)
      return fail(m, SATURN_E_OVERRUN, at);
    if (m->first[SLOT_FINGERPRINT] != 0)
      return fail(m, SATURN_E_AFTER_FINGERPRINT, at);
    index_attribute(m, load16(p + at), at);
  }
  return SATURN_OK;
}

/* The checks of RFC 8489, 6.3, in the order of S-009, that need the header
   alone. */
static enum saturn_error
check_header(struct saturn_message *m, struct saturn_bytes datagram)
{
  size_t len;

  if (datagram.len > 0 && datagram.data[0] > 3)
    return fail(m, SATURN_E_NOT_STUN, 0);
  if (datagram.len < SATURN_HEADER_SIZE)
    return fail(m, SATURN_E_TRUNCATED, datagram.len);
  len = load16(datagram.data + 2);
  if (len % 4 != 0)
    return fail(m, SATURN_E_LENGTH, 2);
  if (len > datagram.len - SATURN_HEADER_SIZE)
    return fail(m, SATURN_E_TRUNCATED, datagram.len);
  if (len < datagram.len - SATURN_HEADER_SIZE)
    return fail(m, SATURN_E_TRAILING, SATURN_HEADER_SIZE + len);
  return SATURN_OK;
}

/* Past check_header there is a header, and as many bytes as it says. */
static enum saturn_error
parse_body(struct saturn_message *m, struct saturn_bytes datagram)
{
  uint16_t type = load16(datagram.data);

  memset(m, 0, sizeof *m);
  m->raw = datagram;
  m->method = saturn_type_method(type);
  m->cls = (uint8_t)saturn_type_class(type);
  return index_attributes(m);
}

enum saturn_error
saturn_parse_any(struct saturn_message *m, struct saturn_bytes datagram)
{
  enum saturn_error e = check_header(m, datagram);

  return e == SATURN_OK ? parse_body(m, datagram) : e;
}

enum saturn_error
saturn_parse(struct saturn_message *m, struct saturn_bytes datagram)
{
  enum saturn_error e = check_header(m, datagram);

  if (e != SATURN_OK)
    return e;
  if (load32(datagram.data + 4) != COOKIE)
    return fail(m, SATURN_E_COOKIE, 4);
  return parse_body(m, datagram);
}

const uint8_t *
saturn_tid(const struct saturn_message *m)
{
  return m->raw.data + SATURN_HEADER_SIZE - SATURN_TID_SIZE;
}

/* Whether the attribute of TYPE at AT is one that counts: the first of each
   integrity attribute bounds what does. */
static bool
covered(const struct saturn_message *m, uint16_t type, size_t at)
{
  size_t sha1 = slot_offset(m, SLOT_MESSAGE_INTEGRITY);
  size_t sha256 = slot_offset(m, SLOT_MESSAGE_INTEGRITY_SHA256);

  if (type == SATURN_ATTR_FINGERPRINT || at == sha1 || at == sha256)
    return true;
  return (sha1 == 0 || at < sha1) && (sha256 == 0 || at < sha256);
}

bool
saturn_next(const struct saturn_message *m, size_t *at,
            struct saturn_attribute *attribute)
{
  const uint8_t *p = m->raw.data;

  if (*at < SATURN_HEADER_SIZE)
    *at = SATURN_HEADER_SIZE;
  if (*at >= m->raw.len)
    return false;
  attribute->type = load16(p + *at);
  attribute->at = (uint32_t)*at;
  attribute->covered = covered(m, attribute->type, *at);
  attribute->value = saturn_view(p + *at + 4, load16(p + *at + 2));
  *at += 4 + padded(attribute->value.len);
  return true;
}

bool
saturn_next_of(const struct saturn_message *m, uint16_t type, size_t *at,
               struct saturn_attribute *attribute)
{
  struct saturn_attribute candidate;

  while (saturn_next(m, at, &candidate))
    if (candidate.type == type && candidate.covered) {
      *attribute = candidate;
      return true;
    }
  return false;
}

bool
saturn_find(const struct saturn_message *m, uint16_t type,
            struct saturn_attribute *attribute)
{
  enum slot slot = slot_of(type);
  size_t at = 0;

  if (slot == NO_SLOT)
    return saturn_next_of(m, type, &at, attribute);
  at = slot_offset(m, slot);
  return at != 0 && saturn_next(m, &at, attribute);
}

bool
saturn_has(const struct saturn_message *m, uint16_t type)
{
  struct saturn_attribute attribute;

  return saturn_find(m, type, &attribute);
}

/* What servers of RFC 3489 put into the Binding responses of clients that send
   the cookie (RFC 5389, 12.1). */
static bool
is_relic(const struct saturn_message *m, uint16_t type)
{
  static const uint16_t relics[] = {
    SATURN_ATTR_RESPONSE_ADDRESS,
    SATURN_ATTR_SOURCE_ADDRESS,
    SATURN_ATTR_CHANGED_ADDRESS,
    SATURN_ATTR_REFLECTED_FROM,
  };

  return m->method == SATURN_METHOD_BINDING
         && (m->cls == SATURN_SUCCESS || m->cls == SATURN_FAILURE)
         && is_listed(relics, sizeof relics / sizeof *relics, type);
}

bool
saturn_is_understood(const struct saturn_message *m)
{
  struct saturn_attribute a;
  size_t at = 0;

  if (m->unknown == 0)
    return true;
  while (saturn_next(m, &at, &a))
    if (a.type < 0x8000 && a.covered && slot_of(a.type) == NO_SLOT
        && !is_relic(m, a.type))
      return false;
  return true;
}

size_t
saturn_unknown(const struct saturn_message *m, const uint16_t *supported,
               size_t n, uint16_t *types, size_t max)
{
  struct saturn_attribute a;
  size_t at = 0, found = 0;

  if (supported == NULL && m->unknown == 0)
    return 0;
  while (found < max && saturn_next(m, &at, &a)) {
    if (a.type >= 0x8000 || !a.covered || is_listed(types, found, a.type))
      continue;
    if (supported != NULL ? !is_listed(supported, n, a.type)
                          : slot_of(a.type) == NO_SLOT)
      types[found++] = a.type;
  }
  return found;
}
