/* SPDX-License-Identifier: MIT
 *
 * test_registry.c - the tables of the library are IANA's, and what tests/iana
 * adds from the field.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const struct table *attributes, *methods, *errors, *ranges, *types,
    *algorithms, *channels;

/* A number in COLUMN of ROW, in BASE. */
static unsigned long
number(const struct table *table, int row, const char *column, int base)
{
  return strtoul(table_cell(table, row, column), NULL, base);
}

/* The kinds of iana/attributes.tsv, and ours. */
static const struct {
  const char *name;
  enum saturn_kind kind;
} kinds[] = {
  { "address", SATURN_KIND_ADDRESS },
  { "address-error-code", SATURN_KIND_ERROR },
  { "change-request", SATURN_KIND_U32 },
  { "channel-number", SATURN_KIND_U16 },
  { "crc32", SATURN_KIND_U32 },
  { "dns-name", SATURN_KIND_NAME },
  { "ecn-check", SATURN_KIND_U32 },
  { "error-code", SATURN_KIND_ERROR },
  { "even-port", SATURN_KIND_U8 },
  { "family", SATURN_KIND_U8 },
  { "flag", SATURN_KIND_FLAG },
  { "hmac-sha1", SATURN_KIND_MAC },
  { "hmac-sha1-32", SATURN_KIND_MAC },
  { "hmac-sha256", SATURN_KIND_MAC },
  { "icmp", SATURN_KIND_U64 },
  { "network-info", SATURN_KIND_U32 },
  { "opaque", SATURN_KIND_BYTES },
  { "password-algorithm", SATURN_KIND_ALGORITHMS },
  { "password-algorithms", SATURN_KIND_ALGORITHMS },
  { "port", SATURN_KIND_U16 },
  { "transmit-counter", SATURN_KIND_U32 },
  { "transport", SATURN_KIND_U8 },
  { "u16-list", SATURN_KIND_TYPES },
  { "uint32", SATURN_KIND_U32 },
  { "uint64", SATURN_KIND_U64 },
  { "unknown-list", SATURN_KIND_TYPES },
  { "utf8", SATURN_KIND_TEXT },
  { "xor-address", SATURN_KIND_XOR_ADDRESS },
};

static enum saturn_kind
kind_of(const char *name, uint16_t type)
{
  int i;

  /* Of the texts, these three are limited in characters too (S-145). */
  if (type == SATURN_ATTR_REALM || type == SATURN_ATTR_NONCE
      || type == SATURN_ATTR_SOFTWARE)
    return SATURN_KIND_PHRASE;
  for (i = 0; i < COUNT(kinds); i++)
    if (strcmp(kinds[i].name, name) == 0)
      return kinds[i].kind;
  ck_abort_msg("unknown kind %s", name);
  return SATURN_KIND_BYTES;
}

/* No value is longer than what fits a message of 65552 bytes. */
static unsigned long
capped(unsigned long length)
{
  return length < 65528 ? length : 65528;
}

START_TEST(S_140_attribute_is_registered)
{
  static const char *const statuses[] = { "current", "obsolete", "reserved",
                                          "vendor" };
  uint16_t type = (uint16_t)number(attributes, _i, "type", 16);
  const struct saturn_attr_info *row = saturn_attr_info(type);

  ck_assert_msg(row != NULL, "%04x is missing", type);
  ck_assert_uint_eq(row->type, type);
  ck_assert_str_eq(row->name, table_cell(attributes, _i, "name"));
  ck_assert_uint_eq(row->min, number(attributes, _i, "min_len", 10));
  ck_assert_uint_eq(row->max, capped(number(attributes, _i, "max_len", 10)));
  ck_assert_uint_eq(row->send,
                    capped(number(attributes, _i, "max_encode", 10)));
  ck_assert_uint_eq(row->kind,
                    kind_of(table_cell(attributes, _i, "kind"), type));
  ck_assert_str_eq(statuses[row->status], table_cell(attributes, _i, "status"));
  ck_assert_str_eq(row->repeat == SATURN_ALL ? "all" : "first",
                   table_cell(attributes, _i, "repeat"));
  ck_assert_str_eq(row->reference, table_cell(attributes, _i, "reference"));
}
END_TEST

START_TEST(S_106_attribute_table_is_in_order)
{
  const struct saturn_attr_info *row, *last = NULL;
  size_t i;

  for (i = 0; (row = saturn_attr_row(i)) != NULL; i++) {
    ck_assert(last == NULL || last->type < row->type);
    ck_assert_ptr_eq(saturn_attr_info(row->type), row);
    EXPECT(row->section[0] != '\0', row->name, "has a section, or a dash");
    EXPECT(row->reference[0] != '\0', row->name, "has a reference");
    EXPECT(row->min <= row->max && row->send <= row->max, row->name, "limits");
    last = row;
  }
  ck_assert_uint_eq(i, (size_t)table_rows(attributes));
  ck_assert_ptr_null(saturn_attr_row(i + 1));
  ck_assert_ptr_null(saturn_attr_row(SIZE_MAX));
}
END_TEST

/* Every type that is not in the table is not in ours. */
START_TEST(S_109_no_other_attribute_is_known)
{
  size_t listed = 0;
  unsigned type;

  for (type = 0; type <= 0xFFFF; type++)
    listed += saturn_attr_info((uint16_t)type) != NULL;
  ck_assert_uint_eq(listed, (size_t)table_rows(attributes));
}
END_TEST

/* Comprehension follows from the type alone, as IANA's ranges say. */
START_TEST(S_106_ranges)
{
  unsigned long first = number(ranges, _i, "first", 16);
  unsigned long last = number(ranges, _i, "last", 16);
  bool required =
      strcmp(table_cell(ranges, _i, "comprehension"), "required") == 0;

  ck_assert_int_eq(first < 0x8000, required);
  ck_assert_int_eq(last < 0x8000, required);
}
END_TEST

START_TEST(S_010_method_is_registered)
{
  static const char *const names[] = { "request", "indication", "success",
                                       "error" };
  static const char *const columns[] = { "request_type", "indication_type",
                                         "success_type", "error_type" };
  uint16_t method = (uint16_t)number(methods, _i, "method", 16);
  const char *status = table_cell(methods, _i, "status");
  bool known =
      strcmp(status, "reserved") != 0 && strcmp(status, "unassigned") != 0;
  const char *name = saturn_method_name(method);
  unsigned cls;

  ck_assert_int_eq(name != NULL, known);
  if (known)
    ck_assert_str_eq(name, table_cell(methods, _i, "name"));
  for (cls = 0; cls < 4; cls++) {
    enum saturn_class c = (enum saturn_class)cls;
    bool has = strstr(table_cell(methods, _i, "classes"), names[cls]) != NULL;

    ck_assert_int_eq(saturn_method_has(method, c), has);
    ck_assert_uint_eq(saturn_type(method, c),
                      number(methods, _i, columns[cls], 16));
  }
}
END_TEST

START_TEST(S_010_no_other_method_exists)
{
  int known = 0, listed = 0, i;
  uint16_t method;

  for (method = 0; method <= 0xFFF; method++)
    known += saturn_method_name(method) != NULL;
  for (i = 0; i < table_rows(methods); i++) {
    const char *status = table_cell(methods, i, "status");

    listed +=
        strcmp(status, "reserved") != 0 && strcmp(status, "unassigned") != 0;
  }
  ck_assert_int_eq(known, listed);
}
END_TEST

START_TEST(S_149_error_is_registered)
{
  unsigned code = (unsigned)number(errors, _i, "code", 10);

  ck_assert_str_eq(saturn_reason(code), table_cell(errors, _i, "phrase"));
  ck_assert_uint_eq(saturn_reason_code((size_t)_i), code);
}
END_TEST

START_TEST(S_149_no_other_error_is_known)
{
  unsigned code, known = 0;

  for (code = 0; code < 1000; code++)
    known += saturn_reason(code)[0] != '\0';
  ck_assert_int_eq((int)known, table_rows(errors));
  ck_assert_uint_eq(saturn_reason_code((size_t)table_rows(errors)), 0);
  ck_assert_uint_eq(saturn_reason_code(SIZE_MAX), 0);
  ck_assert_str_eq(saturn_reason(0xFFFFFFFF), "");
}
END_TEST

START_TEST(S_004_type_of_method_and_class)
{
  static const char *const names[] = { "request", "indication", "success",
                                       "error" };
  uint16_t method = (uint16_t)number(types, _i, "method", 16);
  uint16_t type = (uint16_t)number(types, _i, "type", 16);
  unsigned cls = 0;

  while (strcmp(names[cls], table_cell(types, _i, "class")) != 0)
    cls++;
  ck_assert_uint_eq(saturn_type(method, (enum saturn_class)cls), type);
  ck_assert_uint_eq(saturn_type_method(type), method);
  ck_assert_uint_eq(saturn_type_class(type), cls);
}
END_TEST

START_TEST(S_004_types_are_a_bijection)
{
  static bool seen[0x4000];
  unsigned method, cls;
  uint16_t type;

  for (method = 0; method <= 0xFFF; method++)
    for (cls = 0; cls < 4; cls++) {
      type = saturn_type((uint16_t)method, (enum saturn_class)cls);
      if (type > 0x3FFF || seen[type] || saturn_type_method(type) != method
          || (unsigned)saturn_type_class(type) != cls)
        ck_abort_msg("method %03x class %u", method, cls);
      seen[type] = true;
    }
}
END_TEST

/* The digests have the lengths that IANA's algorithms have. */
START_TEST(S_154_password_algorithm_is_registered)
{
  struct saturn_bytes word = SATURN_TEXT("x");
  uint8_t digest[SATURN_DIGEST_MAX];
  unsigned long algorithm = number(algorithms, _i, "number", 16);

  if (strcmp(table_cell(algorithms, _i, "status"), "current") != 0) {
    ck_assert_uint_eq(algorithm, 0);
    return;
  }
  ck_assert_uint_eq(saturn_long_term_digest((enum saturn_algorithm)algorithm,
                                            word, word, word, digest),
                    number(algorithms, _i, "key_len", 10));
}
END_TEST

START_TEST(S_542_channel_numbers)
{
  bool usable = strcmp(table_cell(channels, _i, "use"), "channel numbers") == 0;
  unsigned long last = number(channels, _i, "last", 16), channel;
  uint8_t header[SATURN_CHANNEL_HEADER];
  enum saturn_error e;

  for (channel = number(channels, _i, "first", 16); channel <= last;
       channel++) {
    e = saturn_channel_header(header, (uint16_t)channel, 0);
    if ((e == SATURN_OK) != usable)
      ck_abort_msg("%04lx", channel);
  }
}
END_TEST

START_TEST(every_result_has_words)
{
  int i, j;

  for (i = SATURN_OK; i <= SATURN_E_SECURE_IP; i++) {
    const char *words = saturn_strerror((enum saturn_error)i);

    ck_assert_str_ne(words, "unknown error");
    for (j = SATURN_OK; j < i; j++)
      ck_assert_str_ne(words, saturn_strerror((enum saturn_error)j));
  }
  ck_assert_str_eq(saturn_strerror((enum saturn_error)250), "unknown error");
  ck_assert_str_eq(saturn_version(), SATURN_VERSION);
}
END_TEST

Suite *
suite(void)
{
  Suite *registry = suite_create("registry");
  TCase *iana = tcase_create("iana");

  attributes = table_load("iana/attributes.tsv");
  methods = table_load("iana/methods.tsv");
  errors = table_load("iana/error-codes.tsv");
  ranges = table_load("iana/attribute-ranges.tsv");
  types = table_load("vectors/types.tsv");
  algorithms = table_load("iana/password-algorithms.tsv");
  channels = table_load("iana/channel-numbers.tsv");
  tcase_add_loop_test(iana, S_140_attribute_is_registered, 0,
                      table_rows(attributes));
  tcase_add_test(iana, S_106_attribute_table_is_in_order);
  tcase_add_test(iana, S_109_no_other_attribute_is_known);
  tcase_add_loop_test(iana, S_106_ranges, 0, table_rows(ranges));
  tcase_add_loop_test(iana, S_010_method_is_registered, 0, table_rows(methods));
  tcase_add_test(iana, S_010_no_other_method_exists);
  tcase_add_loop_test(iana, S_149_error_is_registered, 0, table_rows(errors));
  tcase_add_test(iana, S_149_no_other_error_is_known);
  tcase_add_loop_test(iana, S_004_type_of_method_and_class, 0,
                      table_rows(types));
  tcase_add_test(iana, S_004_types_are_a_bijection);
  tcase_add_loop_test(iana, S_154_password_algorithm_is_registered, 0,
                      table_rows(algorithms));
  tcase_add_loop_test(iana, S_542_channel_numbers, 0, table_rows(channels));
  tcase_add_test(iana, every_result_has_words);
  suite_add_tcase(registry, iana);
  return registry;
}
