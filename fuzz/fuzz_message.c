/* SPDX-License-Identifier: MIT
 *
 * fuzz_message.c - whatever parses can be walked, read, validated, printed
 * and built again; and every answer is the one the oracle finds.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "oracle.h"

#define MANY 16384

static struct oracle_attribute due[MANY];

/* Ask the getter of the kind of TYPE. */
static enum saturn_error
get_by_kind(const struct saturn_message *m, const struct saturn_attr_info *row)
{
  struct saturn_address address;
  struct saturn_failure failure;
  struct saturn_bytes bytes;
  uint16_t u16, types[8];
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
    return saturn_get_types(m, row->type, types, 8, &n);
  case SATURN_KIND_BYTES:
  case SATURN_KIND_ALGORITHMS:
  case SATURN_KIND_MAC:
    return saturn_get_bytes(m, row->type, &bytes);
  }
  return SATURN_OK;
}

/* An attribute that is the first of its type: found, and read within limits. */
static void
check_first(const struct saturn_message *m, const struct saturn_attribute *a)
{
  const struct saturn_attr_info *row = saturn_attr_info(a->type);
  struct saturn_bytes value = { NULL, 0 };
  enum saturn_error e = saturn_get_bytes(m, a->type, &value);

  assert(saturn_has(m, a->type));
  assert(e == SATURN_OK || e == SATURN_E_VALUE);
  if (e == SATURN_OK)
    assert(value.data == a->value.data && value.len == a->value.len);
  if (row == NULL) {
    assert(e == SATURN_OK);
    return;
  }
  assert(row->type == a->type);
  if (a->value.len < row->min || a->value.len > row->max)
    assert(e == SATURN_E_VALUE);
  assert(get_by_kind(m, row) != SATURN_E_ABSENT);
  if (e == SATURN_E_VALUE)
    assert(get_by_kind(m, row) == SATURN_E_VALUE);
}

/* Walk, and compare with the oracle's walk. */
static void
check_walk(const struct saturn_message *m)
{
  size_t n = oracle_walk(m->raw, due, MANY), i, at = 0;
  struct saturn_attribute a;

  for (i = 0; i < n; i++) {
    assert(saturn_next(m, &at, &a));
    assert(a.type == due[i].type && a.at == due[i].at);
    assert(a.covered == due[i].covered);
    assert(a.value.data == m->raw.data + due[i].at + 4);
    assert(a.value.len == due[i].len);
    if (due[i].first)
      check_first(m, &a);
  }
  assert(!saturn_next(m, &at, &a));
  assert(!saturn_next(m, &at, &a));
}

/* What is not covered cannot be found (S-111 to S-114). */
static void
check_ignored(const struct saturn_message *m)
{
  size_t n = oracle_walk(m->raw, due, MANY), i, j;
  struct saturn_bytes value;

  for (i = 0; i < n; i++) {
    if (due[i].covered)
      continue;
    for (j = 0; j < n && !(due[j].first && due[j].type == due[i].type); j++)
      ;
    assert(saturn_has(m, due[i].type) == (j < n));
    if (j == n)
      assert(saturn_get_bytes(m, due[i].type, &value) == SATURN_E_ABSENT);
  }
}

/* Every attribute that may repeat is found, in order (S-104). */
static void
check_repeated(const struct saturn_message *m, uint16_t type)
{
  size_t n = oracle_walk(m->raw, due, MANY), i, at = 0;
  struct saturn_attribute a;

  for (i = 0; i < n; i++) {
    if (due[i].type != type || !due[i].covered)
      continue;
    assert(saturn_next_of(m, type, &at, &a));
    assert(a.at == due[i].at && a.type == type && a.covered);
  }
  assert(!saturn_next_of(m, type, &at, &a));
}

/* Validation and the getters agree: it fails where one of them does. */
static void
check_validation(const struct saturn_message *m)
{
  struct saturn_attribute culprit = { 0 }, a;
  enum saturn_error e = saturn_validate(m, &culprit);
  const struct saturn_attr_info *row;
  size_t i, at = 0;

  assert(e == SATURN_OK || e == SATURN_E_VALUE);
  if (e == SATURN_E_VALUE) {
    assert(culprit.covered && culprit.at < m->raw.len);
    row = saturn_attr_info(culprit.type);
    for (i = 0; due[i].at != culprit.at; i++)
      ;
    assert(row != NULL && (due[i].first || row->repeat == SATURN_ALL));
  }
  for (i = 0; saturn_next(m, &at, &a); i++) {
    row = saturn_attr_info(a.type);
    if (row == NULL || !due[i].first || (e != SATURN_OK && a.at > culprit.at))
      continue;
    if (e == SATURN_OK || a.at < culprit.at)
      assert(get_by_kind(m, row) == SATURN_OK);
  }
}

/* The list for 420: required, unknown, counting, each once, in order. */
static void
check_unknown(const struct saturn_message *m)
{
  static const uint16_t one[] = { SATURN_ATTR_USERNAME };
  size_t n = oracle_walk(m->raw, due, MANY), i, j = 0, listed;
  uint16_t types[16];
  const struct saturn_attr_info *row;

  listed = saturn_unknown(m, NULL, 0, types, 16);
  assert(listed <= 16);
  for (i = 0; i < n && j < listed; i++) {
    row = saturn_attr_info(due[i].type);
    if (due[i].first && due[i].type < 0x8000
        && (row == NULL || row->status != SATURN_CURRENT))
      assert(types[j++] == due[i].type);
  }
  assert(j == listed);
  assert(saturn_unknown(m, NULL, 0, types, 1) == (listed > 0));
  assert(saturn_unknown(m, one, 1, types, 16) >= listed);
}

/* Two of a type that counts once are noticed (S-117). */
static void
check_repeats(const struct saturn_message *m)
{
  struct saturn_attribute culprit;
  size_t i, n = oracle_walk(m->raw, due, MANY);
  const struct saturn_attr_info *row;

  if (saturn_check_repeats(m, &culprit) == SATURN_E_DUPLICATE) {
    for (i = 0; i < n && due[i].type != culprit.type; i++)
      ;
    assert(i < n && due[i].at < culprit.at);
    return;
  }
  for (i = 0; i < n; i++) {
    row = saturn_attr_info(due[i].type);
    if (row != NULL && row->repeat == SATURN_FIRST && due[i].covered)
      assert(due[i].first);
  }
}

/* Nobody knows this key, so nothing verifies; and the CRC is the CRC. */
static void
check_integrity(const struct saturn_message *m)
{
  struct saturn_key key;
  bool right = false;
  size_t n = m->raw.len;

  saturn_key_short_term(&key, SATURN_TEXT("\x8f nobody signs with this \xe3"));
  assert(saturn_check_integrity(m, SATURN_HMAC_SHA1, &key, 0) != SATURN_OK);
  assert(saturn_check_integrity(m, SATURN_HMAC_SHA256, &key, 0) != SATURN_OK);
  assert(saturn_check_integrity(m, SATURN_HMAC_SHA256, &key, 16) != SATURN_OK);
  assert(saturn_classic_check_integrity(m, &key, 0) != SATURN_OK);
  assert(saturn_classic_check_integrity(m, &key, SATURN_CLASSIC_RFC3489)
         != SATURN_OK);
  assert(saturn_classic_check_integrity(m, &key, 7) != SATURN_OK);
  saturn_classic_check_short(m, &key);

  if (n >= 28 && saturn_check_fingerprint(m) != SATURN_E_ABSENT
      && saturn_check_fingerprint(m) != SATURN_E_VALUE) {
    uint32_t crc = oracle_crc32(saturn_view(m->raw.data, n - 8)) ^ 0x5354554Eu;
    uint32_t stated = (uint32_t)m->raw.data[n - 4] << 24
                      | (uint32_t)m->raw.data[n - 3] << 16
                      | (uint32_t)m->raw.data[n - 2] << 8 | m->raw.data[n - 1];

    right = crc == stated;
    assert((saturn_check_fingerprint(m) == SATURN_OK) == right);
  }
}

static void
check_message(const struct saturn_message *m)
{
  const uint8_t *p = m->raw.data;
  uint16_t type = (uint16_t)(p[0] << 8 | p[1]);

  assert(saturn_tid(m) == p + 8);
  assert(saturn_type(m->method, (enum saturn_class)m->cls) == type);
  assert(saturn_type_method(type) == m->method);
  assert((uint8_t)saturn_type_class(type) == m->cls);
  assert(m->method <= 0x0FF && m->cls <= 3);
  check_walk(m);
  check_ignored(m);
  check_repeated(m, SATURN_ATTR_XOR_PEER_ADDRESS);
  check_repeated(m, SATURN_ATTR_ALTERNATE_SERVER);
  check_repeated(m, SATURN_ATTR_XOR_RELAYED_ADDRESS);
  check_validation(m);
  check_unknown(m);
  check_repeats(m);
  check_integrity(m);
  fuzz_check_printing(m);
  fuzz_check_building(m);
}

/* The parser agrees with the oracle about input, verdict and fault. */
static void
check_parse(struct saturn_bytes datagram, bool classic)
{
  size_t fault;
  enum saturn_error want = oracle_parse(datagram, classic, &fault), e;
  struct saturn_message m;

  memset(&m, 0xA5, sizeof m);
  e = classic ? saturn_classic_parse(&m, datagram) : saturn_parse(&m, datagram);
  assert(e == want);
  if (e != SATURN_OK) {
    assert(m.fault == fault);
    return;
  }
  assert(m.raw.data == datagram.data && m.raw.len == datagram.len);
  if (!classic || saturn_is_classic(&m))
    check_message(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct saturn_bytes input = { data, size };

  check_parse(input, false);
  check_parse(input, true);
  fuzz_check_stream(input);
  return 0;
}
