/* SPDX-License-Identifier: MIT
 *
 * message.h - what the codec knows of a parsed message beyond its getters.
 */
#ifndef SATURN_LIB_MESSAGE_H
#define SATURN_LIB_MESSAGE_H

#include "saturn/message.h"

#define COOKIE 0x2112A442

/* Attributes that the table marks as current have a slot in the index. */
#define SLOT_CURRENT(name) SLOT_##name,
#define SLOT_OBSOLETE(name)
#define SLOT_RESERVED(name)
#define SLOT_VENDOR(name)
enum slot {
#define ATTR(name, text, type, kind, min, max, send, status, repeat, ref, sec) \
  SLOT_##status(name)
#include "saturn/attributes.def"
#undef ATTR
  SLOTS,
  NO_SLOT
};

/* The offset of the attribute in SLOT; 0 if there is none. */
static inline size_t
slot_offset(const struct saturn_message *m, enum slot slot)
{
  return (size_t)m->first[slot] * 4;
}

/* Is TYPE one of N? */
static inline bool
is_listed(const uint16_t *types, size_t n, uint16_t type)
{
  size_t i;

  for (i = 0; i < n; i++)
    if (types[i] == type)
      return true;
  return false;
}

/* saturn_parse without the check of the cookie. */
enum saturn_error saturn_parse_any(struct saturn_message *m,
                                   struct saturn_bytes datagram);

/* The first attribute of TYPE that counts. */
bool saturn_find(const struct saturn_message *m, uint16_t type,
                 struct saturn_attribute *attribute);

/* Is it of a kind that is read and written as a text? Null is not. */
static inline bool
saturn_is_text(const struct saturn_attr_info *info)
{
  return info != NULL
         && (info->kind == SATURN_KIND_TEXT || info->kind == SATURN_KIND_PHRASE
             || info->kind == SATURN_KIND_NAME);
}

/* As an address? */
static inline bool
saturn_is_address(const struct saturn_attr_info *info)
{
  return info != NULL
         && (info->kind == SATURN_KIND_ADDRESS
             || info->kind == SATURN_KIND_XOR_ADDRESS);
}

/* Does the value of a listed attribute obey its format, UTF-8 aside? */
bool saturn_value_fits(const struct saturn_attr_info *info,
                       struct saturn_bytes value);

/* The same with UTF-8. */
bool saturn_value_valid(const struct saturn_attr_info *info,
                        struct saturn_bytes value);

/* Do the authentication attributes obey theirs: S-140 (a)? UTF-8 is not
   judged: a strange user is just unknown (S-146). */
bool saturn_credentials_fit(const struct saturn_message *m);

#endif
