/* SPDX-License-Identifier: MIT
 *
 * test_behavior_server.c - how a server answers behaviour discovery.
 */
#include <string.h>

#include "harness.h"

static struct saturn_address
address(const char *text)
{
  struct saturn_address a;

  ck_assert(saturn_address_parse(&a, text_of(text)) == SATURN_OK);
  return a;
}

static struct saturn_behavior_server
server_of(void)
{
  struct saturn_behavior_server server;

  memset(&server, 0, sizeof server);
  server.first = address("192.0.2.10:3478");
  server.second = address("192.0.2.11:3479");
  return server;
}

static const char *const sockets[] = { "192.0.2.10:3478", "192.0.2.10:3479",
                                       "192.0.2.11:3478", "192.0.2.11:3479" };

static void
request_of(struct saturn_message *m, const char *file)
{
  ck_assert(saturn_parse(m, vector_file(file)) == SATURN_OK);
}

/* The bits of an index into sockets: 2 is the IP address, 1 the port. */
START_TEST(S_605_where_answers_come_from)
{
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000"), want;
  struct saturn_address arrived = address(sockets[_i / 4]);
  struct saturn_behavior_query query;
  struct saturn_behavior_reply reply;
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes bytes;
  struct saturn_message m;
  uint8_t buf[64];
  int change = _i % 4;

  memset(&query, 0, sizeof query);
  query.change = (uint8_t)((change & 2 ? SATURN_CHANGE_IP : 0)
                           | (change & 1 ? SATURN_CHANGE_PORT : 0));
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  saturn_put_behavior_query(&b, &query);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(&m, bytes) == SATURN_OK);
  saturn_behavior_judge(&server, &m, &arrived, &client, &reply);
  ck_assert_uint_eq(reply.code, 0);
  want = address(sockets[_i / 4 ^ change]);
  ck_assert(saturn_address_equal(&reply.origin, &want));
  want = address(sockets[_i / 4 ^ 3]); /* OTHER-ADDRESS, in all four */
  ck_assert(saturn_address_equal(&reply.other, &want));
  ck_assert(saturn_address_equal(&reply.to, &client));
  ck_assert(reply.other_ip == ((change & 2) != 0));
  ck_assert(reply.other_port == ((change & 1) != 0));
}
END_TEST

START_TEST(S_604_answer_of_the_vectors)
{
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_address arrived = address("192.0.2.10:3478");
  struct saturn_behavior_reply reply;
  struct saturn_message request, want;
  struct saturn_builder b;
  struct saturn_bytes bytes;
  uint8_t buf[128];

  request_of(&request, "behavior-change-ip.hex");
  request_of(&want, "behavior-response.hex");
  server.first = address("192.0.2.10:3478");
  server.second = address("192.0.2.11:3479");
  saturn_behavior_judge(&server, &request, &arrived, &client, &reply);
  reply.origin = address("192.0.2.11:3479");
  saturn_get_address(&want, SATURN_ATTR_OTHER_ADDRESS, &reply.other);
  saturn_begin(&b, buf, sizeof buf, SATURN_SUCCESS, SATURN_METHOD_BINDING,
               saturn_tid(&want));
  saturn_put_behavior_reply(&b, &reply);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert_str_eq(hex(bytes), hex(want.raw));
}
END_TEST

static const struct {
  const char *file;
  bool alternate, response_port;
  uint16_t code, unknown[2];
  uint16_t to_port;
} rows[] = {
  { "behavior-change-none.hex", true, false, 0, { 0, 0 }, 61000 },
  { "behavior-change-ip.hex", false, false, 420, { 3, 0 }, 61000 },
  { "behavior-change-none.hex", false, false, 420, { 3, 0 }, 61000 },
  { "behavior-response-port.hex", true, true, 0, { 0, 0 }, 61001 },
  { "behavior-response-port-2.hex", true, true, 0, { 0, 0 }, 61001 },
  { "behavior-response-port.hex", true, false, 420, { 0x27, 0 }, 61000 },
  { "behavior-padding-and-port.hex", true, true, 400, { 0, 0 }, 61000 },
  { "behavior-padding-and-port.hex", true, false, 400, { 0, 0 }, 61000 },
  { "behavior-padding.hex", true, false, 0, { 0, 0 }, 61000 },
};

START_TEST(S_606_S_607_requests_of_the_vectors)
{
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_behavior_reply reply;
  struct saturn_message m;

  if (!rows[_i].alternate)
    memset(&server.second, 0, sizeof server.second);
  server.response_port = rows[_i].response_port;
  request_of(&m, rows[_i].file);
  if (rows[_i].to_port == 61001)
    client.port = 1; /* so that the port of the request is another */
  saturn_behavior_judge(&server, &m, &server.first, &client, &reply);
  EXPECT(reply.code == rows[_i].code, rows[_i].file, "code");
  EXPECT(memcmp(reply.unknown, rows[_i].unknown, sizeof reply.unknown) == 0,
         rows[_i].file, "unknown");
  EXPECT(reply.to.port == 61000, rows[_i].file, "port");
}
END_TEST

START_TEST(S_606_both_refused)
{
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_behavior_query query;
  struct saturn_behavior_reply reply;
  struct saturn_builder b;
  struct saturn_bytes bytes, list;
  struct saturn_message m;
  uint8_t buf[64], answer[128];

  memset(&server.second, 0, sizeof server.second);
  memset(&query, 0, sizeof query);
  query.change = SATURN_CHANGE_PORT;
  query.response_port = 99;
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  saturn_put_behavior_query(&b, &query);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(&m, bytes) == SATURN_OK);
  saturn_behavior_judge(&server, &m, &server.first, &client, &reply);
  ck_assert_uint_eq(reply.code, 420);
  saturn_begin_reply(&b, answer, sizeof answer, SATURN_FAILURE, &m);
  saturn_put_behavior_reply(&b, &reply);
  ck_assert(saturn_finish(&b, &bytes) == SATURN_OK);
  ck_assert(saturn_parse(&m, bytes) == SATURN_OK);
  ck_assert(saturn_get_bytes(&m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, &list)
            == SATURN_OK);
  ck_assert_str_eq(hex(list), "00030027");
}
END_TEST

static const char *const malformed[] = { "000300020000", "002700010000",
                                         "002700030000" };

START_TEST(S_140_malformed_values)
{
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_behavior_reply reply;
  struct saturn_message m;
  uint8_t buf[28] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42 };

  memcpy(buf + 20, unhex(malformed[_i]).data, 6);
  ck_assert(saturn_parse(&m, saturn_view(buf, sizeof buf)) == SATURN_OK);
  saturn_behavior_judge(&server, &m, &server.first, &client, &reply);
  ck_assert_uint_eq(reply.code, 400);
}
END_TEST

/* The answer with PADDING is as long as the request, and never longer. */
START_TEST(S_608_padding)
{
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_behavior_query query;
  struct saturn_behavior_reply reply;
  struct saturn_builder b;
  struct saturn_bytes request, answer;
  struct saturn_message m;
  uint8_t buf[2048], out[2048];
  uint16_t padding;

  for (padding = 1; padding < 1600; padding = (uint16_t)(padding + 37)) {
    bool fingerprint = padding % 2 == 0;

    memset(&query, 0, sizeof query);
    query.padding = padding;
    saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING,
                 tid);
    saturn_put_behavior_query(&b, &query);
    if (fingerprint)
      saturn_put_fingerprint(&b);
    ck_assert(saturn_finish(&b, &request) == SATURN_OK);
    ck_assert(saturn_parse(&m, request) == SATURN_OK);
    saturn_behavior_judge(&server, &m, &server.first, &client, &reply);
    saturn_begin_reply(&b, out, sizeof out, SATURN_SUCCESS, &m);
    saturn_put_behavior_reply(&b, &reply);
    if (fingerprint)
      saturn_put_fingerprint(&b);
    ck_assert(saturn_finish(&b, &answer) == SATURN_OK);
    if (request.len >= (fingerprint ? 80 : 72))
      ck_assert_uint_eq(answer.len, request.len);
    else /* four addresses alone */
      ck_assert_uint_eq(answer.len, fingerprint ? 76 : 68);
  }
}
END_TEST

START_TEST(S_600_flags_of_the_vectors)
{
  static const struct {
    const char *file;
    bool ip, port;
  } cases[] = { { "behavior-change-port.hex", false, true },
                { "behavior-change-ip.hex", true, false },
                { "behavior-change-none.hex", false, false } };
  struct saturn_behavior_server server = server_of();
  struct saturn_address client = address("203.0.113.5:61000");
  struct saturn_behavior_reply reply;
  struct saturn_message m;
  int i;

  for (i = 0; i < COUNT(cases); i++) {
    request_of(&m, cases[i].file);
    saturn_behavior_judge(&server, &m, &server.first, &client, &reply);
    EXPECT(reply.other_ip == cases[i].ip, cases[i].file, "ip");
    EXPECT(reply.other_port == cases[i].port, cases[i].file, "port");
  }
}
END_TEST

START_TEST(S_263_answers_are_read)
{
  struct saturn_behavior_answer answer;
  struct saturn_address want;
  struct saturn_message m;

  request_of(&m, "behavior-response.hex");
  saturn_behavior_read(&m, &answer);
  want = address("203.0.113.5:61000");
  ck_assert(answer.answered);
  ck_assert(saturn_address_equal(&answer.mapped, &want));
  ck_assert(saturn_address_equal(&answer.plain, &want));
  want = address("192.0.2.11:3479");
  ck_assert(saturn_address_equal(&answer.origin, &want));
  request_of(&m, "error-420-two.hex");
  saturn_behavior_read(&m, &answer);
  ck_assert_uint_eq(answer.code, 420);
  request_of(&m, "binding-success-mapped-only.hex");
  saturn_behavior_read(&m, &answer);
  ck_assert_int_ne(answer.mapped.family, SATURN_NO_FAMILY);
  ck_assert_int_eq(answer.other.family, SATURN_NO_FAMILY);
}
END_TEST

START_TEST(S_262_error_without_a_code)
{
  struct saturn_behavior_answer answer;
  struct saturn_message m;
  uint8_t buf[20] = { 1, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42 };

  ck_assert(saturn_parse(&m, saturn_view(buf, sizeof buf)) == SATURN_OK);
  saturn_behavior_read(&m, &answer);
  ck_assert_uint_eq(answer.code, 500);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("behavior_server");
  TCase *all = tcase_create("behavior_server");

  tcase_add_loop_test(all, S_605_where_answers_come_from, 0, 16);
  tcase_add_test(all, S_604_answer_of_the_vectors);
  tcase_add_loop_test(all, S_606_S_607_requests_of_the_vectors, 0, COUNT(rows));
  tcase_add_test(all, S_606_both_refused);
  tcase_add_loop_test(all, S_140_malformed_values, 0, COUNT(malformed));
  tcase_add_test(all, S_608_padding);
  tcase_add_test(all, S_600_flags_of_the_vectors);
  tcase_add_test(all, S_263_answers_are_read);
  tcase_add_test(all, S_262_error_without_a_code);
  suite_add_tcase(suite, all);
  return suite;
}
