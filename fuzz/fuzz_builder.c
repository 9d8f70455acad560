/* SPDX-License-Identifier: MIT
 *
 * fuzz_builder.c - any sequence of puts, into any room: no byte is written
 * behind the room, the first failure stays, the header is right all the time,
 * and what is finished parses.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "oracle.h"
#include "source.h"

/* A row of KIND, or null: asking a row for another kind is a mistake. */
static const struct saturn_attr_info *
take_row(struct source *s, enum saturn_kind kind)
{
  const struct saturn_attr_info *row;
  size_t i, skip = take(s) % 16;

  for (i = 0; (row = saturn_attr_row(i)) != NULL; i++)
    if (row->kind == kind && skip-- == 0)
      return row;
  return NULL;
}

static void
put_number(struct saturn_builder *b, struct source *s, enum saturn_kind kind)
{
  const struct saturn_attr_info *row = take_row(s, kind);

  if (row == NULL)
    return;
  if (kind == SATURN_KIND_FLAG)
    saturn_put_flag(b, row->type);
  else if (kind == SATURN_KIND_U8)
    saturn_put_u8(b, row->type, (uint8_t)take(s));
  else if (kind == SATURN_KIND_U16)
    saturn_put_u16(b, row->type, (uint16_t)(take(s) << 8));
  else if (kind == SATURN_KIND_U32)
    saturn_put_u32(b, row->type, take(s) << 24 | 7);
  else
    saturn_put_u64(b, row->type, (uint64_t)take(s) << 56 | 9);
}

static void
put_address(struct saturn_builder *b, struct source *s)
{
  const struct saturn_attr_info *row =
      take_row(s, take(s) % 2 ? SATURN_KIND_ADDRESS : SATURN_KIND_XOR_ADDRESS);
  struct saturn_address address = { (uint8_t)(take(s) % 4), 80, { 0 } };

  address.ip[15] = (uint8_t)take(s);
  if (row != NULL)
    saturn_put_address(b, row->type, &address);
}

static void
put_list(struct saturn_builder *b, struct source *s)
{
  uint16_t numbers[32] = { 0 };
  size_t n = take(s) % 33, i;
  const struct saturn_attr_info *row =
      take_row(s, n % 2 ? SATURN_KIND_TYPES : SATURN_KIND_ALGORITHMS);

  for (i = 0; i < n; i++)
    numbers[i] = (uint16_t)take(s);
  if (row == NULL)
    return;
  if (row->kind == SATURN_KIND_TYPES)
    saturn_put_types(b, row->type, numbers, n);
  else
    saturn_put_algorithms(b, row->type, numbers, n);
}

static void
put_text(struct saturn_builder *b, struct source *s)
{
  static const enum saturn_kind kinds[] = { SATURN_KIND_TEXT,
                                            SATURN_KIND_PHRASE,
                                            SATURN_KIND_NAME };
  const struct saturn_attr_info *row = take_row(s, kinds[take(s) % 3]);

  if (row != NULL)
    saturn_put_text(b, row->type, take_bytes(s));
}

static void
put_space(struct saturn_builder *b, struct source *s)
{
  uint16_t type = (uint16_t)(take(s) << 8 | take(s));
  size_t len = take(s);
  uint8_t *p = saturn_put_space(b, type, len * len);

  if (p != NULL)
    memset(p, 0x55, len * len);
}

static void
put_anything(struct saturn_builder *b, struct source *s,
             const struct saturn_key *key)
{
  unsigned what = take(s) % 16;

  switch (what) {
  case 0:
  case 1:
  case 2:
  case 3:
  case 4:
    put_number(b, s, (enum saturn_kind)what);
    break;
  case 5:
    put_address(b, s);
    break;
  case 6:
    put_list(b, s);
    break;
  case 7:
    put_text(b, s);
    break;
  case 8:
    put_space(b, s);
    break;
  case 9:
    saturn_put_error(b, take(s) * 4, take_bytes(s));
    break;
  case 10:
    saturn_put_address_error(b, (enum saturn_family)(1 + take(s) % 2),
                             take(s) * 4);
    break;
  case 11:
    saturn_put_integrity(b, (enum saturn_mac)(take(s) % 2), key);
    break;
  case 12:
    saturn_put_fingerprint(b);
    break;
  default:
    saturn_put_bytes(b, (uint16_t)(take(s) << 8 | take(s)), take_bytes(s));
    break;
  }
}

/* What holds after every put. */
static void
check_state(const struct saturn_builder *b, size_t cap, const uint8_t *buf,
            enum saturn_error *failure, size_t *size)
{
  struct saturn_bytes message = { NULL, 0 };
  enum saturn_error e = saturn_finish(b, &message);

  assert(*failure == SATURN_OK || e == *failure);
  assert(saturn_size(b) >= *size && saturn_size(b) <= SATURN_MESSAGE_MAX);
  assert(saturn_size(b) % 4 == 0);
  *failure = e;
  *size = saturn_size(b);
  if (e != SATURN_OK)
    return;
  assert(message.data == buf && message.len == *size && *size <= cap);
  assert((((size_t)buf[2] << 8) | buf[3]) + SATURN_HEADER_SIZE == *size);
  assert(saturn_culprit(b) == 0);
}

static void
check_message(struct saturn_bytes bytes)
{
  static struct oracle_attribute list[16384];
  size_t n, i, fault;
  struct saturn_message m;

  assert(oracle_parse(bytes, false, &fault) == SATURN_OK);
  assert(saturn_parse(&m, bytes) == SATURN_OK);
  n = oracle_walk(bytes, list, 16384);
  for (i = 0; i < n; i++) {
    assert(list[i].covered);
    for (fault = list[i].len; fault % 4 != 0; fault++)
      assert(bytes.data[list[i].at + 4 + fault] == 0);
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const uint8_t tid[SATURN_TID_SIZE] = { 1 };
  struct source s = { data, size };
  enum saturn_error failure = SATURN_OK;
  struct saturn_builder b, counter;
  struct saturn_bytes message;
  struct saturn_key key;
  size_t cap, built = 0;
  uint8_t *buf;

  saturn_key_short_term(&key, SATURN_TEXT("fuzz"));
  cap = take(&s) << 8;
  cap |= take(&s);
  buf = malloc(cap > 0 ? cap : 1);
  assert(buf != NULL);
  memset(buf, 0xEE, cap);
  saturn_begin(&b, buf, cap, (enum saturn_class)(take(&s) % 4),
               (uint16_t)(take(&s)), tid);
  saturn_begin(&counter, NULL, 0, SATURN_REQUEST, 1, tid);
  while (s.len > 0) {
    struct source again = s;

    put_anything(&b, &s, &key);
    put_anything(&counter, &again, &key);
    check_state(&b, cap, buf, &failure, &built);
    if (failure == SATURN_OK || failure == SATURN_E_SPACE)
      assert(saturn_size(&b) == saturn_size(&counter));
  }
  if (saturn_finish(&b, &message) == SATURN_OK)
    check_message(message);
  free(buf);
  return 0;
}
