/* SPDX-License-Identifier: MIT
 *
 * check_build.c - what was read can be written again: byte for byte, and kind
 * by kind.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static bool
is_closing(uint16_t type)
{
  return type == SATURN_ATTR_MESSAGE_INTEGRITY
         || type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256
         || type == SATURN_ATTR_FINGERPRINT;
}

/* The attributes that can be put as they are: those that count and whose
   length the table takes, without integrity and fingerprint. */
static bool
next_plain(const struct saturn_message *m, size_t *at,
           struct saturn_attribute *a)
{
  const struct saturn_attr_info *row;

  while (saturn_next(m, at, a)) {
    row = saturn_attr_info(a->type);
    if (!a->covered || is_closing(a->type))
      continue;
    if (row == NULL || (a->value.len >= row->min && a->value.len <= row->max))
      return true;
  }
  return false;
}

static void
begin(struct saturn_builder *b, uint8_t *buf, size_t cap,
      const struct saturn_message *m)
{
  saturn_begin_reply(b, buf, cap, (enum saturn_class)m->cls, m);
}

static void
put_all(struct saturn_builder *b, const struct saturn_message *m)
{
  struct saturn_attribute a;
  size_t at = 0;

  while (next_plain(m, &at, &a))
    saturn_put_bytes(b, a.type, a.value);
}

/* Sign and seal, so that both must verify. */
static void
put_ending(struct saturn_builder *b, struct saturn_key *key)
{
  saturn_key_short_term(key, SATURN_TEXT("fuzz"));
  saturn_put_integrity(b, SATURN_HMAC_SHA1, key);
  saturn_put_integrity(b, SATURN_HMAC_SHA256, key);
  saturn_put_fingerprint(b);
}

static void
check_same(const struct saturn_message *m, const struct saturn_message *copy)
{
  struct saturn_attribute a, b;
  size_t at = 0, copy_at = 0;

  assert(m->method == copy->method && m->cls == copy->cls);
  assert(memcmp(m->raw.data + 4, copy->raw.data + 4, 16) == 0);
  while (next_plain(m, &at, &a)) {
    assert(next_plain(copy, &copy_at, &b));
    assert(a.type == b.type && a.value.len == b.value.len);
    assert(a.value.len == 0
           || memcmp(a.value.data, b.value.data, a.value.len) == 0);
  }
  assert(!next_plain(copy, &copy_at, &b));
}

static void
check_sealed(const struct saturn_message *m, struct saturn_bytes bytes,
             const struct saturn_key *key)
{
  struct saturn_message copy;

  assert(saturn_classic_parse(&copy, bytes) == SATURN_OK);
  check_same(m, &copy);
  assert(saturn_check_integrity(&copy, SATURN_HMAC_SHA1, key, 0) == SATURN_OK);
  assert(saturn_check_integrity(&copy, SATURN_HMAC_SHA256, key, 0)
         == SATURN_OK);
  assert(saturn_check_fingerprint(&copy) == SATURN_OK);
}

/* Counted, in a buffer of exactly that size, and in one a byte smaller. */
static void
check_copy(const struct saturn_message *m)
{
  struct saturn_builder b;
  struct saturn_bytes bytes;
  struct saturn_key key;
  size_t size;
  uint8_t *buf;

  begin(&b, NULL, 0, m);
  put_all(&b, m);
  put_ending(&b, &key);
  size = saturn_size(&b);
  if (saturn_finish(&b, &bytes) == SATURN_E_RANGE) {
    assert(m->raw.len > SATURN_MESSAGE_MAX - 68);
    return;
  }
  buf = malloc(size);
  assert(buf != NULL);
  begin(&b, buf, size, m);
  put_all(&b, m);
  put_ending(&b, &key);
  assert(saturn_finish(&b, &bytes) == SATURN_OK && bytes.len == size);
  check_sealed(m, bytes, &key);

  begin(&b, buf, size - 1, m);
  put_all(&b, m);
  put_ending(&b, &key);
  assert(saturn_finish(&b, &bytes) == SATURN_E_SPACE);
  assert(saturn_culprit(&b) == SATURN_ATTR_FINGERPRINT);
  assert(saturn_size(&b) == size);
  free(buf);
}

/* Put the value of A with the putter of its kind; false if there is none. */
static bool
put_by_kind(struct saturn_builder *b, const struct saturn_message *m,
            const struct saturn_attr_info *row)
{
  struct saturn_address address;
  uint16_t u16;
  uint8_t u8;
  uint32_t u32;
  uint64_t u64;

  switch (row->kind) {
  case SATURN_KIND_FLAG:
    saturn_put_flag(b, row->type);
    return saturn_get_flag(m, row->type) == SATURN_OK;
  case SATURN_KIND_U8:
    if (saturn_get_u8(m, row->type, &u8) != SATURN_OK)
      return false;
    saturn_put_u8(b, row->type, u8);
    return true;
  case SATURN_KIND_U16:
    if (saturn_get_u16(m, row->type, &u16) != SATURN_OK)
      return false;
    saturn_put_u16(b, row->type, u16);
    return true;
  case SATURN_KIND_U32:
    if (saturn_get_u32(m, row->type, &u32) != SATURN_OK)
      return false;
    saturn_put_u32(b, row->type, u32);
    return true;
  case SATURN_KIND_U64:
    if (saturn_get_u64(m, row->type, &u64) != SATURN_OK)
      return false;
    saturn_put_u64(b, row->type, u64);
    return true;
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    if (saturn_get_address(m, row->type, &address) != SATURN_OK)
      return false;
    saturn_put_address(b, row->type, &address);
    return true;
  default:
    return false;
  }
}

/* The value as the getters see it, without reserved bytes. */
static void
check_by_kind(const struct saturn_message *m,
              const struct saturn_attr_info *row)
{
  uint8_t once[64], twice[64];
  struct saturn_bytes first, second;
  struct saturn_message copy;
  struct saturn_builder b;

  begin(&b, once, sizeof once, m);
  if (!put_by_kind(&b, m, row))
    return;
  assert(saturn_finish(&b, &first) == SATURN_OK);
  assert(saturn_classic_parse(&copy, first) == SATURN_OK);
  begin(&b, twice, sizeof twice, &copy);
  assert(put_by_kind(&b, &copy, row));
  assert(saturn_finish(&b, &second) == SATURN_OK);
  assert(first.len == second.len);
  assert(memcmp(first.data, second.data, first.len) == 0);
}

void
fuzz_check_building(const struct saturn_message *m)
{
  const struct saturn_attr_info *row;
  struct saturn_attribute a;
  size_t at = 0, n;

  check_copy(m);
  for (n = 0; n < 64 && saturn_next(m, &at, &a); n++) {
    row = saturn_attr_info(a.type);
    if (row != NULL && a.covered && !is_closing(a.type))
      check_by_kind(m, row);
  }
}
