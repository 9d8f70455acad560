/* SPDX-License-Identifier: MIT
 *
 * test_put.c - the builder: room, order and padding, and that what is put is
 * what is read.
 */
#include <string.h>

#include "sample.h"

static const uint8_t tid[SATURN_TID_SIZE] = { 9, 8, 7, 6, 5,   4,
                                              3, 2, 1, 0, 255, 254 };

static void
begin(struct saturn_builder *b, uint8_t *buf, size_t cap)
{
  saturn_begin(b, buf, cap, SATURN_SUCCESS, SATURN_METHOD_ALLOCATE, tid);
}

/* The header says what the builder has. */
static bool
length_is_right(const struct saturn_builder *b, const uint8_t *buf)
{
  return ((size_t)buf[2] << 8 | buf[3]) + SATURN_HEADER_SIZE == saturn_size(b);
}

/* Build, in a room of exactly that size, poisoned; read it back. */
START_TEST(S_100_every_attribute_round_trip)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  struct saturn_bytes message;
  struct saturn_attribute culprit;
  struct saturn_message m;
  struct saturn_builder b;
  size_t size, i;
  uint8_t *buf;

  begin(&b, NULL, 0);
  sample_put(&b, row);
  size = saturn_size(&b);
  ck_assert(saturn_finish(&b, &message) == SATURN_E_SPACE);
  ck_assert_uint_eq(saturn_culprit(&b), 0);

  buf = guarded_room(size);
  memset(buf, 0xEE, size);
  begin(&b, buf, size);
  ck_assert(length_is_right(&b, buf));
  sample_put(&b, row);
  ck_assert(length_is_right(&b, buf));
  EXPECT(saturn_finish(&b, &message) == SATURN_OK, row->name, "built");
  ck_assert_uint_eq(message.len, size);
  ck_assert_ptr_eq(message.data, buf);
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  ck_assert(m.method == SATURN_METHOD_ALLOCATE && m.cls == SATURN_SUCCESS);
  ck_assert_mem_eq(saturn_tid(&m), tid, sizeof tid);
  EXPECT(sample_is_in(&m, row), row->name, "read back");
  EXPECT(saturn_validate(&m, &culprit) == SATURN_OK, row->name, "valid");
  for (i = 24 + ((size_t)buf[22] << 8 | buf[23]); i < size; i++)
    EXPECT(buf[i] == 0, row->name, "S-101 padding is zero");
}
END_TEST

/* A byte less: SPACE, the culprit, the size it would have had, and not a byte
   behind what was there. */
START_TEST(S_012_a_byte_less_fails)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  struct saturn_bytes message = { NULL, 5 };
  struct saturn_builder b;
  uint8_t buf[256], before[256];
  size_t size, cap;

  begin(&b, buf, sizeof buf);
  saturn_put_bytes(&b, 0xC123, SATURN_TEXT("something before"));
  sample_put(&b, row);
  size = saturn_size(&b);
  ck_assert_uint_le(size, sizeof buf);
  for (cap = size - 1; cap >= 40 && cap < size; cap--) {
    memset(buf, 0xEE, sizeof buf);
    begin(&b, buf, cap);
    saturn_put_bytes(&b, 0xC123, SATURN_TEXT("something before"));
    memcpy(before, buf, sizeof buf);
    sample_put(&b, row);
    ck_assert(saturn_finish(&b, &message) == SATURN_E_SPACE);
    ck_assert_uint_eq(saturn_culprit(&b), row->type);
    ck_assert_uint_eq(saturn_size(&b), size);
    ck_assert_mem_eq(buf, before, sizeof buf);
  }
  ck_assert_uint_eq(message.len, 5);
}
END_TEST

START_TEST(S_012_no_room_for_the_header)
{
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[SATURN_HEADER_SIZE] = { 0xEE };
  size_t cap = (size_t)_i;

  begin(&b, buf, cap);
  ck_assert(saturn_finish(&b, &message)
            == (cap < SATURN_HEADER_SIZE ? SATURN_E_SPACE : SATURN_OK));
  ck_assert_uint_eq(saturn_culprit(&b), 0);
  ck_assert_uint_eq(saturn_size(&b), SATURN_HEADER_SIZE);
  if (cap < SATURN_HEADER_SIZE)
    ck_assert_uint_eq(buf[0], 0xEE);
}
END_TEST

/* The endings, and whether the second may follow the first (S-110). */
static const struct {
  char first, second;
  bool legal;
} orders[] = {
  { 'a', 'a', true },  { 'a', '1', true },  { 'a', '2', true },
  { 'a', 'f', true },  { '1', 'a', false }, { '1', '1', false },
  { '1', '2', true },  { '1', 'f', true },  { '2', 'a', false },
  { '2', '1', false }, { '2', '2', false }, { '2', 'f', true },
  { 'f', 'a', false }, { 'f', '1', false }, { 'f', '2', false },
  { 'f', 'f', false },
};

static uint16_t
put_letter(struct saturn_builder *b, char letter)
{
  struct saturn_key key;

  sample_key(&key);
  switch (letter) {
  case '1':
    saturn_put_integrity(b, SATURN_HMAC_SHA1, &key);
    return SATURN_ATTR_MESSAGE_INTEGRITY;
  case '2':
    saturn_put_integrity(b, SATURN_HMAC_SHA256, &key);
    return SATURN_ATTR_MESSAGE_INTEGRITY_SHA256;
  case 'f':
    saturn_put_fingerprint(b);
    return SATURN_ATTR_FINGERPRINT;
  default:
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, 600);
    return SATURN_ATTR_LIFETIME;
  }
}

static void
check_order(const char *letters, bool legal, uint16_t culprit, uint8_t *buf,
            size_t cap)
{
  struct saturn_bytes message;
  struct saturn_builder b;
  enum saturn_error e;

  begin(&b, buf, cap);
  for (; *letters != '\0'; letters++)
    put_letter(&b, *letters);
  e = saturn_finish(&b, &message);
  if (buf == NULL) /* counting: SPACE comes first, the order still counts */
    ck_assert(e == SATURN_E_SPACE);
  else
    ck_assert(e == (legal ? SATURN_OK : SATURN_E_ORDER));
  ck_assert(buf == NULL || saturn_culprit(&b) == (legal ? 0 : culprit));
}

START_TEST(S_110_order_of_endings)
{
  char letters[3] = { orders[_i].first, orders[_i].second, '\0' };
  struct saturn_builder b;
  uint8_t buf[256];
  uint16_t culprit;

  begin(&b, buf, sizeof buf);
  culprit = put_letter(&b, letters[1]);
  check_order(letters, orders[_i].legal, culprit, buf, sizeof buf);
  check_order(letters, orders[_i].legal, culprit, NULL, 0);
}
END_TEST

START_TEST(S_110_all_four_endings)
{
  static const char *const endings[] = { "",  "1",  "2",  "12",
                                         "f", "1f", "2f", "12f" };
  uint8_t buf[256];
  int i;

  for (i = 0; i < COUNT(endings); i++)
    check_order(endings[i], true, 0, buf, sizeof buf);
  check_order("12a", false, SATURN_ATTR_LIFETIME, buf, sizeof buf);
  check_order("121", false, SATURN_ATTR_MESSAGE_INTEGRITY, buf, sizeof buf);
  check_order("12fa", false, SATURN_ATTR_LIFETIME, buf, sizeof buf);
}
END_TEST

/* S-110 cannot be dodged by putting the attribute as bytes. */
START_TEST(S_110_bytes_obey_the_order_too)
{
  static const uint8_t zeros[32];
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[256];

  begin(&b, buf, sizeof buf);
  saturn_put_bytes(&b, SATURN_ATTR_MESSAGE_INTEGRITY, saturn_view(zeros, 20));
  saturn_put_bytes(&b, SATURN_ATTR_SOFTWARE, SATURN_TEXT("x"));
  ck_assert(saturn_finish(&b, &message) == SATURN_E_ORDER);
  ck_assert_uint_eq(saturn_culprit(&b), SATURN_ATTR_SOFTWARE);
}
END_TEST

START_TEST(the_first_failure_is_kept)
{
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[64], before[64];

  memset(buf, 0xEE, sizeof buf);
  begin(&b, buf, sizeof buf);
  saturn_put_error(&b, 700, SATURN_TEXT("x"));
  memcpy(before, buf, sizeof buf);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 600);
  saturn_put_bytes(&b, SATURN_ATTR_USERHASH, SATURN_TEXT("short"));
  saturn_put_fingerprint(&b);
  saturn_put_fingerprint(&b);
  ck_assert_ptr_null(saturn_put_space(&b, SATURN_ATTR_DATA, 4));
  ck_assert(saturn_finish(&b, &message) == SATURN_E_RANGE);
  ck_assert_uint_eq(saturn_culprit(&b), SATURN_ATTR_ERROR_CODE);
  ck_assert_mem_eq(buf, before, sizeof buf);
}
END_TEST

/* A value of another kind than the type has: not a byte of it is written. */
START_TEST(S_804_another_kind_is_refused)
{
  static const uint16_t numbers[] = { 1, 2 };
  static const struct saturn_address address = { .family = SATURN_IPV4 };
  struct saturn_bytes message;
  struct saturn_builder b;
  uint8_t buf[64];
  int i;

  for (i = 0; i < 8; i++) {
    memset(buf, 0xEE, sizeof buf);
    begin(&b, buf, SATURN_HEADER_SIZE + 8);
    switch (i) {
    case 0:
      saturn_put_u64(&b, SATURN_ATTR_LIFETIME, 1);
      break;
    case 1:
      saturn_put_u32(&b, SATURN_ATTR_EVEN_PORT, 1);
      break;
    case 2:
      saturn_put_flag(&b, SATURN_ATTR_LIFETIME);
      break;
    case 3:
      saturn_put_u8(&b, 0x7ABC, 1);
      break;
    case 4:
      saturn_put_text(&b, SATURN_ATTR_DATA, SATURN_TEXT("x"));
      break;
    case 5:
      saturn_put_address(&b, SATURN_ATTR_DATA, &address);
      break;
    case 6:
      saturn_put_types(&b, SATURN_ATTR_DATA, numbers, 2);
      break;
    default:
      saturn_put_algorithms(&b, SATURN_ATTR_DATA, numbers, 2);
      break;
    }
    ck_assert(saturn_finish(&b, &message) == SATURN_E_RANGE);
    ck_assert_uint_eq(saturn_size(&b), SATURN_HEADER_SIZE);
    ck_assert_uint_eq(buf[SATURN_HEADER_SIZE], 0xEE);
  }
}
END_TEST

/* What would be taken for another protocol is not written (S-805). */
START_TEST(S_003_methods_that_collide_are_refused)
{
  static const struct {
    unsigned method;
    int cls;
    enum saturn_error want;
  } rows[] = {
    { 0x0FF, SATURN_FAILURE, SATURN_OK },
    { 0x100, SATURN_REQUEST, SATURN_E_RANGE },
    { 0xFFF, SATURN_SUCCESS, SATURN_E_RANGE },
    { 0x1001, SATURN_REQUEST, SATURN_E_RANGE },
    { 0x001, SATURN_FAILURE + 1, SATURN_E_RANGE },
  };
  struct saturn_bytes message;
  struct saturn_message m;
  struct saturn_builder b;
  uint8_t buf[32];

  saturn_begin(&b, buf, sizeof buf, (enum saturn_class)rows[_i].cls,
               (uint16_t)rows[_i].method, tid);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 1);
  ck_assert(saturn_finish(&b, &message) == rows[_i].want);
  if (rows[_i].want == SATURN_OK) {
    ck_assert(saturn_parse(&m, message) == SATURN_OK);
    ck_assert_uint_eq(m.method, rows[_i].method);
  }
}
END_TEST

START_TEST(S_022_reply_copies_the_id)
{
  struct saturn_bytes request = sample_message(SATURN_ATTR_DONT_FRAGMENT,
                                               saturn_view(NULL, 0)),
                      message;
  uint8_t buf[SATURN_HEADER_SIZE], *classic;
  struct saturn_message m;
  struct saturn_builder b;

  classic = guarded_copy(request);
  classic[4] = 0x99; /* no cookie: 16 bytes of id */
  ck_assert(saturn_classic_parse(&m, saturn_view(classic, request.len))
            == SATURN_OK);
  saturn_begin_reply(&b, buf, sizeof buf, SATURN_FAILURE, &m);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  ck_assert_mem_eq(buf + 4, classic + 4, 16);
  ck_assert_str_eq(hex(saturn_view(buf, 4)), "01110000");
}
END_TEST

START_TEST(space_is_written_in_place)
{
  struct saturn_bytes message, value;
  struct saturn_message m;
  struct saturn_builder b;
  uint8_t buf[28], *p;

  memset(buf, 0xEE, sizeof buf);
  begin(&b, buf, sizeof buf);
  p = saturn_put_space(&b, SATURN_ATTR_DATA, 3);
  ck_assert_ptr_eq(p, buf + 24);
  memcpy(p, "abc", 3);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_DATA, &value) == SATURN_OK);
  ck_assert(same_bytes(value, SATURN_TEXT("abc")));
  ck_assert_uint_eq(buf[27], 0);
  begin(&b, NULL, 0);
  ck_assert_ptr_null(saturn_put_space(&b, SATURN_ATTR_DATA, 3));
  ck_assert_uint_eq(saturn_size(&b), 28);
}
END_TEST

/* Finishing is looking: a sent message can go on to grow. */
START_TEST(finish_may_be_called_at_any_time)
{
  struct saturn_bytes first, second;
  struct saturn_builder b;
  uint8_t buf[64];

  begin(&b, buf, sizeof buf);
  ck_assert(saturn_finish(&b, &first) == SATURN_OK);
  ck_assert_uint_eq(first.len, SATURN_HEADER_SIZE);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 1);
  ck_assert(saturn_finish(&b, &second) == SATURN_OK);
  ck_assert_uint_eq(second.len, SATURN_HEADER_SIZE + 8);
  ck_assert(length_is_right(&b, buf));
}
END_TEST

Suite *
suite(void)
{
  Suite *put = suite_create("put");
  TCase *room = tcase_create("room"), *order = tcase_create("order");

  tcase_add_loop_test(room, S_100_every_attribute_round_trip, 0, sample_rows());
  tcase_add_loop_test(room, S_012_a_byte_less_fails, 0, sample_rows());
  tcase_add_loop_test(room, S_012_no_room_for_the_header, 0,
                      SATURN_HEADER_SIZE + 1);
  tcase_add_test(room, space_is_written_in_place);
  tcase_add_test(room, S_804_another_kind_is_refused);
  tcase_add_loop_test(order, S_003_methods_that_collide_are_refused, 0, 5);
  tcase_add_test(room, S_022_reply_copies_the_id);
  tcase_add_test(room, finish_may_be_called_at_any_time);
  tcase_add_loop_test(order, S_110_order_of_endings, 0, COUNT(orders));
  tcase_add_test(order, S_110_all_four_endings);
  tcase_add_test(order, S_110_bytes_obey_the_order_too);
  tcase_add_test(order, the_first_failure_is_kept);
  suite_add_tcase(put, room);
  suite_add_tcase(put, order);
  return put;
}
