/* SPDX-License-Identifier: MIT
 *
 * test_dump.c - messages and values as text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vector.h"

#define ROOM ((size_t)1 << 19)

static const struct vector *parsed[VECTOR_MAX];
static char text[ROOM], want[ROOM];

static size_t
escape(char *out, struct saturn_bytes bytes)
{
  size_t i, n = 0;

  for (i = 0; i < bytes.len; i++)
    if (bytes.data[i] == '\\')
      n += (size_t)sprintf(out + n, "\\\\");
    else if (bytes.data[i] < 0x20 || bytes.data[i] > 0x7E)
      n += (size_t)sprintf(out + n, "\\x%02x", bytes.data[i]);
    else
      out[n++] = (char)bytes.data[i];
  out[n] = '\0';
  return n;
}

/* The values column has neither these nor types that the table lacks. */
static bool
is_in_column(const struct saturn_attribute *a)
{
  const struct saturn_attr_info *info = saturn_attr_info(a->type);

  return a->covered && info != NULL && info->kind != SATURN_KIND_MAC
         && a->type != SATURN_ATTR_FINGERPRINT;
}

/* The column leaves out what is malformed. */
static bool
is_malformed(const struct vector *v, const struct saturn_attribute *a)
{
  return strncmp(v->parse, "value:", 6) == 0
         && strtoul(v->parse + 6, NULL, 16) == a->type;
}

START_TEST(S_140_vector_values_are_printed)
{
  const struct vector *v = parsed[_i];
  const char *list = vector_cell(v, "values");
  struct saturn_attribute a;
  struct saturn_message m;
  static char word[8192];
  size_t at = 0, n;

  vector_message(v, &m);
  while (saturn_next(&m, &at, &a)) {
    if (!is_in_column(&a))
      continue;
    n = saturn_print_value(&m, &a, text, sizeof text);
    ck_assert_uint_eq(n, strlen(text));
    if (is_malformed(v, &a)) {
      snprintf(want, sizeof want, "hex:%s", hex(a.value));
      ck_assert_str_eq(text, want);
      continue;
    }
    ck_assert(next_word(&list, ';', word, sizeof word));
    n = (size_t)sprintf(want, "%s=", saturn_attr_info(a.type)->name);
    ck_assert_msg(strncmp(word, want, n) == 0, "%s: %s", v->file, word);
    escape(want, unescape(word + n));
    ck_assert_str_eq(text, strcmp(word + n, "<empty>") == 0 ? "" : want);
  }
  EXPECT(!next_word(&list, ';', word, sizeof word), v->file, word);
}
END_TEST

typedef size_t print(const struct saturn_message *m, char *out, size_t cap);

static print *const printers[] = { saturn_print_line, saturn_print,
                                   saturn_print_type };

/* Nothing but printable ASCII, and nothing outside the room. */
START_TEST(S_158_vector_output_is_clean_and_cut)
{
  const struct vector *v = parsed[_i];
  struct saturn_message m;
  size_t n, cap;
  int i;

  vector_message(v, &m);
  for (i = 0; i < COUNT(printers); i++) {
    n = printers[i](&m, text, sizeof text);
    ck_assert_uint_eq(n, strlen(text));
    for (cap = 0; cap < n; cap++)
      ck_assert(text[cap] == '\n' || (text[cap] >= 0x20 && text[cap] < 0x7F));
    ck_assert_uint_eq(printers[i](&m, NULL, 0), n);
    for (cap = 1; cap <= n + 1; cap = cap < 100 ? cap + 1 : cap * 2) {
      char *room = (char *)guarded_room(cap);

      ck_assert_uint_eq(printers[i](&m, room, cap), n);
      ck_assert_uint_eq(strlen(room), cap - 1);
      ck_assert_mem_eq(room, text, cap - 1);
    }
  }
}
END_TEST

/* clang-format off */
static const struct {
  const char *file, *line;
} lines[] = {
  { "expressway-4-431.hex",
    "Allocate Error Response user: expturncreds realm: TANDBERG with nonce "
    "error-code: 431 (Integrity Check Failure)" },
  { "expressway-2-401.hex",
    "Allocate Error Response realm: TANDBERG with nonce "
    "error-code: 401 (Unauthenticated) \"Unauthorized\"" },
  { "expressway-8-success.hex",
    "Allocate Success Response XOR-RELAYED-ADDRESS: 192.0.2.60:24000 "
    "XOR-MAPPED-ADDRESS: 198.51.100.77:52000 lifetime: 600" },
  { "turn-a3-allocate-auth.hex",
    "Allocate Request user: alice realm: example.com with nonce "
    "lifetime: 600" },
  { "turn-channel-bind.hex",
    "ChannelBind Request user: alice realm: example.com with nonce "
    "channel: 0x4000 XOR-PEER-ADDRESS: 192.0.2.150:32102" },
  { "turn-create-permission.hex",
    "CreatePermission Request user: alice realm: example.com with nonce "
    "XOR-PEER-ADDRESS: 192.0.2.150:0 XOR-PEER-ADDRESS: 192.0.2.210:0" },
  { "turn-send-indication.hex",
    "Send Indication XOR-PEER-ADDRESS: 192.0.2.150:32102 bytes: 5" },
  { "turn-data-indication.hex",
    "Data Indication XOR-PEER-ADDRESS: [2001:db8::150]:32102 bytes: 16" },
  { "attr-duplicates-first-counts.hex",
    "Binding Success Response XOR-MAPPED-ADDRESS: 192.0.2.1:1000" },
  { "error-empty-phrase.hex",
    "Binding Error Response error-code: 500 (Server Error)" },
  { "classic-433-use-tls.hex",
    "SharedSecret Error Response error-code: 433 (Use TLS)" },
  { "error-phrase-utf8.hex",
    "Binding Error Response error-code: 400 (Bad Request) "
    "\"Ung\\xc3\\xbcltige Anfrage \\xe2\\x80\\x94 "
    "\\xe8\\xaf\\xb7\\xe6\\xb1\\x82\\xe6\\x97\\xa0\\xe6\\x95\\x88\"" },
  { "badvalue-error-3.hex",
    "Binding Error Response error-code: hex:000004" },
  { "badvalue-channel-2.hex", "Binding Request channel: hex:4000" },
  { "unknown-method.hex", "Unknown method 0x00D Request" },
  { "binding-request-empty.hex", "Binding Request" },
};

static const struct {
  const char *file, *dump;
} dumps[] = {
  { "short-after-mi-ignored.hex",
    "Binding Request, 92 bytes, transaction 9fbdf2f858761f631bf0d284\n"
    "  0x0006 USERNAME                        9  abcd:EFGH\n"
    "  0x0008 MESSAGE-INTEGRITY              20  "
    "hex:fc20d349ec31fe6dc8828adc3a567e3b83b6889d\n"
    "  0x7ABC unknown, required               4  hex:6576696c (ignored)\n"
    "  0x8022 SOFTWARE                        4  late (ignored)\n"
    "  0x0024 PRIORITY                        4  1 (ignored)\n"
    "  0x8028 FINGERPRINT                     4  0xca320c12\n" },
  { "classic-shared-secret-response.hex",
    "SharedSecret Success Response, 64 bytes, "
    "transaction fe1221f1fd97a9b6b48d0d5c5485511a\n"
    "  0x0006 USERNAME                       16  tmp-user-0001-ab\n"
    "  0x0007 PASSWORD                       20  (not shown)\n" },
};

/* T-282: type * 512 + code, or a byte each. */
static const struct {
  const char *value, *want;
} icmps[] = {
  { "0000060300000000", "type=3,code=3,data=0" },
  { "0000060400000578", "type=3,code=4,data=1400" },
  { "0000160000000000", "type=11,code=0,data=0" },
  { "0000020400000000", "type=1,code=4,data=0" },
  { "0000040000000500", "type=2,code=0,data=1280" },
  { "0000060000000000", "type=3,code=0,data=0" },
  { "0000030300000000", "type=3,code=3,data=0" },
  { "0000030400000578", "type=3,code=4,data=1400" },
  { "00000b0000000000", "type=11,code=0,data=0" },
  { "0000010400000000", "type=1,code=4,data=0" },
  { "0000020000000500", "type=2,code=0,data=1280" },
};
/* clang-format on */

static struct saturn_bytes
read_message(struct saturn_message *m, const char *file)
{
  struct saturn_bytes bytes = vector_file(file);

  ck_assert(saturn_classic_parse(m, bytes) == SATURN_OK);
  return bytes;
}

START_TEST(S_403_line_of_a_message)
{
  struct saturn_message m;

  read_message(&m, lines[_i].file);
  saturn_print_line(&m, text, sizeof text);
  ck_assert_str_eq(text, lines[_i].line);
}
END_TEST

START_TEST(S_158_dump_of_a_message)
{
  struct saturn_message m;

  read_message(&m, dumps[_i].file);
  saturn_print(&m, text, sizeof text);
  ck_assert_str_eq(text, dumps[_i].dump);
}
END_TEST

/* Print the value of the one attribute of a message. */
static void
print_one(uint16_t type, struct saturn_bytes value)
{
  static const uint8_t tid[SATURN_TID_SIZE] = { 0 };
  static uint8_t room[SATURN_HEADER_SIZE + 4 + 1024];
  struct saturn_attribute a;
  struct saturn_builder b;
  struct saturn_bytes bytes;
  struct saturn_message m;
  size_t at = 0;

  saturn_begin(&b, room, sizeof room, SATURN_INDICATION, SATURN_METHOD_DATA,
               tid);
  saturn_put_bytes(&b, type, value);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(&m, bytes) == SATURN_OK);
  ck_assert(saturn_next(&m, &at, &a));
  saturn_print_value(&m, &a, text, sizeof text);
}

START_TEST(T_282_both_layouts_of_icmp)
{
  print_one(SATURN_ATTR_ICMP, unhex(icmps[_i].value));
  ck_assert_str_eq(text, icmps[_i].want);
}
END_TEST

START_TEST(S_158_every_byte_is_escaped)
{
  uint8_t all[127];
  size_t i;

  for (i = 0; i < sizeof all; i++)
    all[i] = (uint8_t)(i + 1);
  escape(want, saturn_view(all, sizeof all));
  print_one(SATURN_ATTR_SOFTWARE, saturn_view(all, sizeof all));
  ck_assert_str_eq(text, want);
}
END_TEST

/* The table does not list 0x8FFF. */
START_TEST(S_107_unknown_values_are_hexadecimal)
{
  print_one(0x8FFF, unhex("00ff10"));
  ck_assert_str_eq(text, "hex:00ff10");
  print_one(0x8FFF, unhex("-"));
  ck_assert_str_eq(text, "hex:");
}
END_TEST

START_TEST(S_004_type_of_every_method_and_class)
{
  static const char *const classes[] = { "Request", "Indication",
                                         "Success Response", "Error Response" };
  struct saturn_message m = { .method = (uint16_t)(_i >> 2),
                              .cls = (uint8_t)(_i & 3) };
  const char *name = saturn_method_name(m.method);

  if (name != NULL)
    snprintf(want, sizeof want, "%s %s", name, classes[m.cls]);
  else
    snprintf(want, sizeof want, "Unknown method 0x%03X %s", m.method,
             classes[m.cls]);
  saturn_print_type(&m, text, sizeof text);
  ck_assert_str_eq(text, want);
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("dump");
  TCase *values = tcase_create("values"), *messages = tcase_create("messages");
  int n = vector_select(parsed, vector_parses);

  tcase_add_loop_test(values, S_140_vector_values_are_printed, 0, n);
  tcase_add_loop_test(values, T_282_both_layouts_of_icmp, 0, COUNT(icmps));
  tcase_add_test(values, S_158_every_byte_is_escaped);
  tcase_add_test(values, S_107_unknown_values_are_hexadecimal);
  tcase_add_loop_test(messages, S_158_vector_output_is_clean_and_cut, 0, n);
  tcase_add_loop_test(messages, S_403_line_of_a_message, 0, COUNT(lines));
  tcase_add_loop_test(messages, S_158_dump_of_a_message, 0, COUNT(dumps));
  tcase_add_loop_test(messages, S_004_type_of_every_method_and_class, 0, 256);
  suite_add_tcase(s, values);
  suite_add_tcase(s, messages);
  return s;
}
