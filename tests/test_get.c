/* SPDX-License-Identifier: MIT
 *
 * test_get.c - the getters: every attribute at the edges of its lengths, and
 * what each kind of value means.
 */
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static const struct table *xors;

/* Does the kind take a value of LEN bytes, the table's limits aside? */
static bool
kind_takes(const struct saturn_attr_info *row, size_t len)
{
  switch (row->kind) {
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    return len == 8 || len == 20;
  case SATURN_KIND_U16:
  case SATURN_KIND_TYPES:
    return len % 2 == 0;
  case SATURN_KIND_MAC:
    return len % 4 == 0;
  default:
    return true;
  }
}

/* Read a value of LEN bytes: right inside the limits, refused outside. */
static void
check_length(const struct saturn_attr_info *row, size_t len)
{
  bool inside = len >= row->min && len <= row->max;
  struct saturn_bytes value = sample_bytes(row, len), got;
  struct saturn_attribute culprit;
  struct saturn_message m;
  enum saturn_error e;

  ck_assert(saturn_parse(&m, sample_message(row->type, value)) == SATURN_OK);
  ck_assert(saturn_has(&m, row->type));
  e = saturn_get_bytes(&m, row->type, &got);
  ck_assert_msg(e == (inside ? SATURN_OK : SATURN_E_VALUE), "%s of %zu bytes",
                row->name, len);
  if (inside)
    ck_assert(same_bytes(value, got));
  inside = inside && kind_takes(row, len);
  if (row->kind != SATURN_KIND_MAC) {
    e = sample_get(&m, row);
    ck_assert_msg(e == (inside ? SATURN_OK : SATURN_E_VALUE),
                  "%s of %zu bytes by kind", row->name, len);
  }
  e = saturn_validate(&m, &culprit);
  ck_assert_msg(e == (inside ? SATURN_OK : SATURN_E_VALUE),
                "%s of %zu bytes is valid", row->name, len);
}

START_TEST(S_140_lengths_of_every_attribute)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  size_t len, near = row->max < 300 ? row->max : 40u;

  for (len = 0; len <= near + 1; len++)
    check_length(row, len);
  check_length(row, row->max);
  if (row->max < 65528)
    check_length(row, row->max + 1u);
}
END_TEST

START_TEST(S_140_no_attribute_is_absent)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  struct saturn_bytes value = { NULL, 77 };
  struct saturn_message m;

  ck_assert(saturn_parse(&m, sample_message(0x7FFE, saturn_view("abcd", 4)))
            == SATURN_OK);
  ck_assert(sample_get(&m, row) == SATURN_E_ABSENT);
  ck_assert(!saturn_has(&m, row->type));
  ck_assert(saturn_get_bytes(&m, row->type, &value) == SATURN_E_ABSENT);
  ck_assert_uint_eq(value.len, 77);
  ck_assert(saturn_get_bytes(&m, 0x7FFE, &value) == SATURN_OK);
  ck_assert(same_bytes(value, SATURN_TEXT("abcd")));
}
END_TEST

/* Two of a type: the first is the one that is read, whatever the second. */
START_TEST(S_104_the_first_counts)
{
  const struct saturn_attr_info *row = saturn_attr_row((size_t)_i);
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_bytes message, got, first = sample_bytes(row, row->min);
  struct saturn_attribute culprit;
  struct saturn_message m;
  struct saturn_builder b;
  struct copy copy;
  uint8_t *p;

  if (sample_is_ending(row)) /* test_put: they cannot be put twice */
    return;
  copy = exact_copy(first, 0);
  saturn_begin(&b, guarded_room(2048), 2048, SATURN_REQUEST,
               SATURN_METHOD_BINDING, tid);
  saturn_put_bytes(&b, row->type, first);
  p = saturn_put_space(&b, row->type, row->min);
  ck_assert(p != NULL);
  memset(p, 0xFF, row->min);
  ck_assert(saturn_finish(&b, &message) == SATURN_OK);
  ck_assert(saturn_parse(&m, message) == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, row->type, &got) == SATURN_OK);
  ck_assert(same_bytes(got, copy.bytes));
  ck_assert(row->repeat == SATURN_ALL
            || saturn_validate(&m, &culprit) == SATURN_OK);
  if (row->repeat == SATURN_FIRST) {
    ck_assert(saturn_check_repeats(&m, &culprit) == SATURN_E_DUPLICATE);
    ck_assert_uint_eq(culprit.type, row->type);
    ck_assert_uint_gt(culprit.at, SATURN_HEADER_SIZE);
  } else {
    ck_assert(saturn_check_repeats(&m, &culprit) == SATURN_OK);
  }
  free(copy.block);
}
END_TEST

/* One value, as the getter of its kind reads it. */
static void
parse_value(struct saturn_message *m, uint16_t type, const char *digits)
{
  ck_assert(saturn_parse(m, sample_message(type, unhex(digits))) == SATURN_OK);
}

START_TEST(S_160_numbers)
{
  struct saturn_message m;
  uint8_t u8;
  uint16_t u16;
  uint32_t u32;
  uint64_t u64;

  parse_value(&m, SATURN_ATTR_REQUESTED_TRANSPORT, "11ffeedd");
  ck_assert(saturn_get_u8(&m, SATURN_ATTR_REQUESTED_TRANSPORT, &u8)
            == SATURN_OK);
  ck_assert_uint_eq(u8, SATURN_UDP);
  parse_value(&m, SATURN_ATTR_EVEN_PORT, "ff");
  ck_assert(saturn_get_u8(&m, SATURN_ATTR_EVEN_PORT, &u8) == SATURN_OK);
  ck_assert_uint_eq(u8, 0xFF);
  parse_value(&m, SATURN_ATTR_CHANNEL_NUMBER, "4001beef");
  ck_assert(saturn_get_u16(&m, SATURN_ATTR_CHANNEL_NUMBER, &u16) == SATURN_OK);
  ck_assert_uint_eq(u16, 0x4001);
  parse_value(&m, SATURN_ATTR_RESPONSE_PORT, "ee48");
  ck_assert(saturn_get_u16(&m, SATURN_ATTR_RESPONSE_PORT, &u16) == SATURN_OK);
  ck_assert_uint_eq(u16, 61000);
  parse_value(&m, SATURN_ATTR_LIFETIME, "80000001");
  ck_assert(saturn_get_u32(&m, SATURN_ATTR_LIFETIME, &u32) == SATURN_OK);
  ck_assert_uint_eq(u32, 0x80000001);
  parse_value(&m, SATURN_ATTR_ICE_CONTROLLED, "932ff9b151263b36");
  ck_assert(saturn_get_u64(&m, SATURN_ATTR_ICE_CONTROLLED, &u64) == SATURN_OK);
  ck_assert(u64 == 0x932FF9B151263B36);
}
END_TEST

static const struct {
  const char *why, *value;
  unsigned code; /* 0: malformed */
  bool text;     /* the reason is valid UTF-8 */
} failures[] = {
  { "S-149 401 and a phrase", "00000401 78", 401, true },
  { "S-149 no phrase", "00000400", 400, true },
  { "S-149 reserved bits are ignored", "fffffc01 78", 401, true },
  { "S-149 300", "00000300", 300, true },
  { "S-149 699", "00000663", 699, true },
  { "S-149 class 2", "00000200", 0, true },
  { "S-149 class 7", "00000700", 0, true },
  { "S-149 class 0", "00000001", 0, true },
  { "S-149 number 100", "00000464", 0, true },
  { "S-149 number 255", "000004ff", 0, true },
  { "S-146 the number stays usable", "00000401 ff", 401, false },
  { "three bytes", "000004", 0, true },
  { "nothing", "<empty>", 0, true },
};

START_TEST(S_149_error_code)
{
  struct saturn_failure failure = { 7, 7, { NULL, 0 } };
  struct saturn_attribute culprit;
  struct saturn_message m;
  enum saturn_error e;

  parse_value(&m, SATURN_ATTR_ERROR_CODE, failures[_i].value);
  e = saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure);
  EXPECT(e == (failures[_i].code != 0 ? SATURN_OK : SATURN_E_VALUE),
         failures[_i].why, saturn_strerror(e));
  ck_assert_uint_eq(failure.code,
                    failures[_i].code != 0 ? failures[_i].code : 7);
  e = saturn_validate(&m, &culprit);
  EXPECT((e == SATURN_OK) == (failures[_i].code != 0 && failures[_i].text),
         failures[_i].why, "validate");
}
END_TEST

static const struct {
  const char *why, *value;
  bool valid;
} names[] = {
  { "a name", "6578616d706c65", true },
  { "S-146 not UTF-8", "c3", false },
  { "S-146 overlong", "c0af", false },
  { "S-146 surrogate", "eda080", false },
  { "S-146 beyond U+10FFFF", "f4908080", false },
  { "S-146 last character", "f48fbfbf", true },
  { "S-145 nothing", "<empty>", true },
  { "S-147 a quote, which the decoder takes", "22", true },
  { "a null", "6100", true },
};

/* Bytes are always there; the text only if it is one. */
START_TEST(S_146_text)
{
  static const uint16_t types[] = { SATURN_ATTR_USERNAME, SATURN_ATTR_REALM,
                                    SATURN_ATTR_NONCE, SATURN_ATTR_SOFTWARE };
  struct saturn_bytes text, want = unhex(names[_i].value);
  struct saturn_attribute culprit;
  struct saturn_message m;
  int i;

  for (i = 0; i < COUNT(types); i++) {
    parse_value(&m, types[i], names[_i].value);
    ck_assert(saturn_get_bytes(&m, types[i], &text) == SATURN_OK);
    ck_assert(same_bytes(text, want));
    EXPECT(saturn_get_text(&m, types[i], &text)
               == (names[_i].valid ? SATURN_OK : SATURN_E_VALUE),
           names[_i].why, "text");
    EXPECT((saturn_validate(&m, &culprit) == SATURN_OK) == names[_i].valid,
           names[_i].why, "validate");
  }
}
END_TEST

START_TEST(S_156_alternate_domain_is_ascii)
{
  struct saturn_message m;
  struct saturn_bytes text;

  parse_value(&m, SATURN_ATTR_ALTERNATE_DOMAIN, "612e62");
  ck_assert(saturn_get_text(&m, SATURN_ATTR_ALTERNATE_DOMAIN, &text)
            == SATURN_OK);
  parse_value(&m, SATURN_ATTR_ALTERNATE_DOMAIN, "61c3a9");
  ck_assert(saturn_get_text(&m, SATURN_ATTR_ALTERNATE_DOMAIN, &text)
            == SATURN_E_VALUE);
}
END_TEST

START_TEST(S_153_repeated_types_are_read_once)
{
  struct saturn_message m;
  uint16_t types[4];
  size_t n = 9;

  parse_value(&m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, "00317abc7abd7abd0031");
  ck_assert(saturn_get_types(&m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, types, 4, &n)
            == SATURN_OK);
  ck_assert_uint_eq(n, 3);
  ck_assert(types[0] == 0x0031 && types[1] == 0x7ABC && types[2] == 0x7ABD);
  ck_assert(saturn_get_types(&m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, types, 1, &n)
            == SATURN_OK);
  ck_assert_uint_eq(n, 1);
  ck_assert(saturn_get_types(&m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, NULL, 0, &n)
            == SATURN_OK);
  ck_assert_uint_eq(n, 0);
}
END_TEST

static const struct {
  const char *why, *list;
  bool list_valid, choice_valid;
  const char *entries; /* algorithm:parameters... */
} algorithms[] = {
  { "S-154 one", "00020000", true, true, "0002:" },
  { "S-154 two", "0002000000010000", true, false, "0002:,0001:" },
  { "S-154 parameters, padded", "0007000161000000 00010000", true, false,
    "0007:61,0001:" },
  { "S-154 last padding missing", "00010000 0007000161", true, false,
    "0001:,0007:61" },
  { "S-154 unknown alone", "0007000261620000", true, true, "0007:6162" },
  { "S-154 truncated parameters", "00070002 61", false, false, "" },
  { "S-154 truncated header", "0002000000", false, false, "0002:" },
  { "S-155 junk length", "00020123", false, true, "0002:" },
  { "S-155 junk length, unknown", "00070123", false, false, "" },
};

/* The list and the choice, with the same value. */
START_TEST(S_154_algorithms)
{
  struct saturn_bytes list = unhex(algorithms[_i].list), got;
  const char *entries = algorithms[_i].entries;
  struct saturn_algorithm_entry entry;
  struct saturn_attribute culprit;
  struct saturn_message m;
  size_t at = 0;
  char word[32];

  parse_value(&m, SATURN_ATTR_PASSWORD_ALGORITHMS, algorithms[_i].list);
  EXPECT((saturn_validate(&m, &culprit) == SATURN_OK)
             == algorithms[_i].list_valid,
         algorithms[_i].why, "list");
  parse_value(&m, SATURN_ATTR_PASSWORD_ALGORITHM, algorithms[_i].list);
  EXPECT((saturn_validate(&m, &culprit) == SATURN_OK)
             == algorithms[_i].choice_valid,
         algorithms[_i].why, "choice");
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_PASSWORD_ALGORITHM, &got)
            == SATURN_OK);
  ck_assert(same_bytes(list, got));
  while (next_word(&entries, ',', word, sizeof word)) {
    ck_assert(saturn_next_algorithm(list, &at, &entry));
    ck_assert_uint_eq(entry.algorithm, strtoul(word, NULL, 16));
    ck_assert_str_eq(hex(entry.parameters), word + 5);
  }
  ck_assert(!saturn_next_algorithm(list, &at, &entry));
}
END_TEST

START_TEST(S_142_addresses_of_the_table)
{
  static const struct {
    uint16_t type;
    const char *column;
  } forms[] = { { SATURN_ATTR_MAPPED_ADDRESS, "plain_value" },
                { SATURN_ATTR_XOR_MAPPED_ADDRESS, "xor_value" },
                { SATURN_ATTR_MS_XOR_MAPPED_ADDRESS, "xor_value" } };
  struct saturn_bytes tid = unhex(table_cell(xors, _i, "txid")), message;
  struct saturn_address address, want;
  struct saturn_message m;
  char text[SATURN_ADDRESS_TEXT];
  uint8_t *copy;
  int i;

  ck_assert(
      saturn_address_parse(&want, text_of(table_cell(xors, _i, "address")))
      == SATURN_OK);
  for (i = 0; i < COUNT(forms); i++) {
    message = sample_message(forms[i].type,
                             unhex(table_cell(xors, _i, forms[i].column)));
    copy = guarded_room(message.len);
    memcpy(copy + 8, tid.data, tid.len);
    ck_assert(saturn_parse(&m, saturn_view(copy, message.len)) == SATURN_OK);
    ck_assert(saturn_get_address(&m, forms[i].type, &address) == SATURN_OK);
    ck_assert(saturn_address_equal(&address, &want));
    saturn_address_print(&address, text, sizeof text);
    ck_assert_str_eq(text, table_cell(xors, _i, "address"));
  }
}
END_TEST

/* Another kind than the table gives is the caller's mistake, and reads no byte
   that is not there, whatever the length of the value. */
START_TEST(S_801_another_kind_is_refused)
{
  uint8_t u8 = 1;
  uint16_t u16 = 2;
  uint64_t u64 = 4;
  struct saturn_address address;
  struct saturn_attribute a = { .type = SATURN_ATTR_EVEN_PORT };
  struct saturn_failure failure;
  struct saturn_message m;
  struct saturn_bytes text;
  size_t n;

  parse_value(&m, SATURN_ATTR_EVEN_PORT, "80");
  ck_assert(saturn_get_u16(&m, SATURN_ATTR_EVEN_PORT, &u16) == SATURN_E_RANGE);
  ck_assert(saturn_get_u64(&m, SATURN_ATTR_EVEN_PORT, &u64) == SATURN_E_RANGE);
  ck_assert(saturn_get_flag(&m, SATURN_ATTR_EVEN_PORT) == SATURN_E_RANGE);
  ck_assert(saturn_get_text(&m, SATURN_ATTR_EVEN_PORT, &text)
            == SATURN_E_RANGE);
  ck_assert(saturn_get_address(&m, SATURN_ATTR_EVEN_PORT, &address)
            == SATURN_E_RANGE);
  ck_assert(saturn_as_address(&m, &a, &address) == SATURN_E_RANGE);
  ck_assert(saturn_get_error(&m, SATURN_ATTR_EVEN_PORT, &failure)
            == SATURN_E_RANGE);
  ck_assert(saturn_get_types(&m, SATURN_ATTR_EVEN_PORT, &u16, 1, &n)
            == SATURN_E_RANGE);
  ck_assert(saturn_get_u8(&m, 0x7ABC, &u8) == SATURN_E_RANGE);
  ck_assert(saturn_get_u8(&m, SATURN_ATTR_LIFETIME, &u8) == SATURN_E_RANGE);
  ck_assert(u8 == 1 && u16 == 2 && u64 == 4);
}
END_TEST

Suite *
suite(void)
{
  Suite *get = suite_create("get");
  TCase *rows = tcase_create("rows"), *kinds = tcase_create("kinds");

  xors = table_load("vectors/xor.tsv");
  tcase_set_timeout(rows, 60);
  tcase_add_loop_test(rows, S_140_lengths_of_every_attribute, 0, sample_rows());
  tcase_add_loop_test(rows, S_140_no_attribute_is_absent, 0, sample_rows());
  tcase_add_loop_test(rows, S_104_the_first_counts, 0, sample_rows());
  tcase_add_test(kinds, S_160_numbers);
  tcase_add_test(kinds, S_801_another_kind_is_refused);
  tcase_add_loop_test(kinds, S_149_error_code, 0, COUNT(failures));
  tcase_add_loop_test(kinds, S_146_text, 0, COUNT(names));
  tcase_add_test(kinds, S_156_alternate_domain_is_ascii);
  tcase_add_test(kinds, S_153_repeated_types_are_read_once);
  tcase_add_loop_test(kinds, S_154_algorithms, 0, COUNT(algorithms));
  tcase_add_loop_test(kinds, S_142_addresses_of_the_table, 0, table_rows(xors));
  suite_add_tcase(get, rows);
  suite_add_tcase(get, kinds);
  return get;
}
