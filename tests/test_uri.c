/* SPDX-License-Identifier: MIT
 *
 * test_uri.c - stun: and turn: URIs, good and bad.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static const struct table *uris;

static const struct {
  const char *word;
  enum saturn_error error;
} results[] = {
  { "ok", SATURN_OK },
  { "error:scheme", SATURN_E_SCHEME },
  { "error:host", SATURN_E_HOST },
  { "error:port", SATURN_E_PORT },
  { "error:secure-ip", SATURN_E_SECURE_IP },
};

static enum saturn_error
error_of(const char *word)
{
  int i;

  for (i = 0; i < COUNT(results); i++)
    if (strcmp(results[i].word, word) == 0)
      return results[i].error;
  ck_abort_msg("unknown result %s", word);
  return SATURN_OK;
}

static const char *const host_types[] = {
  [SATURN_HOST_NAME] = "dns",
  [SATURN_HOST_IPV4] = "ipv4",
  [SATURN_HOST_IPV6] = "ipv6",
};

static unsigned long
cell_number(int row, const char *column)
{
  return strtoul(table_cell(uris, row, column), NULL, 10);
}

static void
check_parts(const struct saturn_uri *uri, int row)
{
  const char *why = table_cell(uris, row, "uri");

  EXPECT(!uri->turn, why, "turn");
  EXPECT(uri->secure == cell_number(row, "secure"), why, "secure");
  EXPECT(uri->port == cell_number(row, "port"), why, "port");
  EXPECT(uri->explicit_port == cell_number(row, "port_explicit"), why,
         "explicit");
  EXPECT(uri->transport == SATURN_NO_TRANSPORT, why, "transport");
  ck_assert_str_eq(host_types[uri->host_type],
                   table_cell(uris, row, "host_type"));
  EXPECT(same_bytes(uri->host, text_of(table_cell(uris, row, "host"))), why,
         "host");
}

/* The table is of a parser without RFC 7065. */
static bool
is_turn(struct saturn_bytes text)
{
  return text.len > 4 && memcmp(text.data, "turn", 4) == 0;
}

START_TEST(S_560_to_S_565_table)
{
  struct saturn_bytes text = unescape(table_cell(uris, _i, "uri"));
  struct copy copy = exact_copy(text, 0);
  enum saturn_error want = error_of(table_cell(uris, _i, "result"));
  struct saturn_uri uri;
  enum saturn_error e = saturn_uri_parse(&uri, copy.bytes);

  if (is_turn(text))
    want = SATURN_OK;
  EXPECT(e == want, table_cell(uris, _i, "uri"), saturn_strerror(e));
  if (e == SATURN_OK && !is_turn(text))
    check_parts(&uri, _i);
  if (e != SATURN_OK)
    EXPECT(uri.fault <= text.len, table_cell(uris, _i, "uri"), "fault");
  free(copy.block);
}
END_TEST

static const struct {
  const char *text, *host;
  bool secure, explicit_port;
  uint16_t port;
  uint8_t host_type, transport;
  const char *word;
} good[] = {
  { "turn:example.org", "example.org", 0, 0, 3478, SATURN_HOST_NAME, 0, "" },
  { "turns:example.org", "example.org", 1, 0, 5349, SATURN_HOST_NAME, 0, "" },
  { "turn:example.org:8000", "example.org", 0, 1, 8000, SATURN_HOST_NAME, 0,
    "" },
  { "turn:example.org?transport=udp", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_UDP, "udp" },
  { "turn:example.org?transport=tcp", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_TCP, "tcp" },
  { "turns:example.org?transport=tcp", "example.org", 1, 0, 5349,
    SATURN_HOST_NAME, SATURN_TCP, "tcp" },
  { "turns:example.org?transport=udp", "example.org", 1, 0, 5349,
    SATURN_HOST_NAME, SATURN_UDP, "udp" },
  { "turn:192.0.2.1:3478", "192.0.2.1", 0, 1, 3478, SATURN_HOST_IPV4, 0, "" },
  { "turn:[2001:db8::1]", "2001:db8::1", 0, 0, 3478, SATURN_HOST_IPV6, 0, "" },
  { "turn:[2001:db8::1]:3478?transport=tcp", "2001:db8::1", 0, 1, 3478,
    SATURN_HOST_IPV6, SATURN_TCP, "tcp" },
  { "turns:[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1", 1, 1, 443,
    SATURN_HOST_IPV6, 0, "" },
  { "turns:192.0.2.1", "192.0.2.1", 1, 0, 5349, SATURN_HOST_IPV4, 0, "" },
  { "TURN:Example.ORG?TRANSPORT=TCP", "Example.ORG", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_TCP, "TCP" },
  { "turn:example.org.:3478", "example.org.", 0, 1, 3478, SATURN_HOST_NAME, 0,
    "" },
  { "turn:example.org:", "example.org", 0, 0, 3478, SATURN_HOST_NAME, 0, "" },
  { "turn:example.org:?transport=udp", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_UDP, "udp" },
  { "turn:example.org:03478", "example.org", 0, 1, 3478, SATURN_HOST_NAME, 0,
    "" },
  { "turn:xn--bcher-kva.example", "xn--bcher-kva.example", 0, 0, 3478,
    SATURN_HOST_NAME, 0, "" },
  { "turn:a_b.example.org", "a_b.example.org", 0, 0, 3478, SATURN_HOST_NAME, 0,
    "" },
  { "turn:example.org?transport=sctp", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_NO_TRANSPORT, "sctp" },
  { "turn:example.org?transport=tls", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_NO_TRANSPORT, "tls" },
  { "turn:example.org?transport=aZ9-._~", "example.org", 0, 0, 3478,
    SATURN_HOST_NAME, SATURN_NO_TRANSPORT, "aZ9-._~" },
  { "turn:example.org:443?transport=tcp", "example.org", 0, 1, 443,
    SATURN_HOST_NAME, SATURN_TCP, "tcp" },
};

START_TEST(L_UR_01_L_UR_08_T_650_to_T_658_good)
{
  struct copy copy = exact_copy(text_of(good[_i].text), 0);
  const char *why = good[_i].text;
  struct saturn_uri uri;
  enum saturn_error e = saturn_uri_parse(&uri, copy.bytes);

  EXPECT(e == SATURN_OK, why, saturn_strerror(e));
  EXPECT(uri.turn, why, "turn");
  EXPECT(uri.secure == good[_i].secure, why, "secure");
  EXPECT(uri.port == good[_i].port, why, "port");
  EXPECT(uri.explicit_port == good[_i].explicit_port, why, "explicit");
  EXPECT(uri.host_type == good[_i].host_type, why, "host type");
  EXPECT(uri.transport == good[_i].transport, why, "transport");
  EXPECT(same_bytes(uri.host, text_of(good[_i].host)), why, "host");
  EXPECT(same_bytes(uri.transport_word, text_of(good[_i].word)), why, "word");
  /* T-658: slices of the input */
  EXPECT(uri.host.data > copy.bytes.data
             && uri.host.data + uri.host.len
                    <= copy.bytes.data + copy.bytes.len,
         why, "slice");
  free(copy.block);
}
END_TEST

static const struct {
  const char *text;
  enum saturn_error error;
  size_t fault;
} bad[] = {
  { "turn:", SATURN_E_HOST, 5 },
  { "turn::3478", SATURN_E_HOST, 5 },
  { "turn", SATURN_E_SCHEME, 0 },
  { "turn://example.org", SATURN_E_HOST, 5 },
  { "turn:/example.org", SATURN_E_HOST, 5 },
  { "turn:example.org/", SATURN_E_HOST, 16 },
  { "turn:example.org#x", SATURN_E_HOST, 16 },
  { "turn:user@example.org", SATURN_E_HOST, 9 },
  { "turn:example.org:0", SATURN_E_PORT, 17 },
  { "turn:example.org:65536", SATURN_E_PORT, 21 },
  { "turn:example.org:34x8", SATURN_E_PORT, 19 },
  { "turn:example.org:-1", SATURN_E_PORT, 17 },
  { "turn:example.org:0?transport=udp", SATURN_E_PORT, 17 },
  { "turn:example.org?transport=", SATURN_E_QUERY, 27 },
  { "turn:example.org?transport", SATURN_E_QUERY, 26 },
  { "turn:example.org?", SATURN_E_QUERY, 17 },
  { "turn:example.org?proto=udp", SATURN_E_QUERY, 17 },
  { "turn:example.org?transport=udp&x=1", SATURN_E_QUERY, 30 },
  { "turn:example.org?transport=udp ", SATURN_E_QUERY, 30 },
  { "turn:example.org?transport=udp?transport=tcp", SATURN_E_QUERY, 30 },
  { "turn:?transport=udp", SATURN_E_HOST, 5 },
  { "turn:2001:db8::1", SATURN_E_HOST, 5 },
  { "turn:[2001:db8::1", SATURN_E_HOST, 5 },
  { "turn:[2001:db8::1]3478", SATURN_E_HOST, 18 },
  { "turn:[fe80::1%25eth0]", SATURN_E_HOST, 5 },
  { "turn:[v1.x]", SATURN_E_HOST, 5 },
  { "turn:[", SATURN_E_HOST, 5 },
  { "turn:]", SATURN_E_HOST, 5 },
  { "turn:ex%61mple.org", SATURN_E_HOST, 7 },
  { "turn:-a.example", SATURN_E_HOST, 5 },
  { "turn:a--.example", SATURN_E_HOST, 7 },
  { "turn:192.0.2.01", SATURN_E_HOST, 13 },
  { "turn:192.0.2.1.", SATURN_E_HOST, 13 },
  { "turn:a..b", SATURN_E_HOST, 7 },
  { "turn:a..", SATURN_E_HOST, 7 },
  { "turn:exa mple.org", SATURN_E_HOST, 8 },
  { "turn:b\303\274cher.example", SATURN_E_HOST, 6 },
  { "turn:192.0.2.300", SATURN_E_HOST, 13 },
  { "turnss:example.org", SATURN_E_SCHEME, 0 },
  { " turn:example.org", SATURN_E_SCHEME, 0 },
  { "tur:example.org", SATURN_E_SCHEME, 0 },
  { ":example.org", SATURN_E_SCHEME, 0 },
  { "", SATURN_E_SCHEME, 0 },
  { "stun:example.org:80?transport=udp", SATURN_E_PORT, 19 },
  { "stuns:192.0.2.1:0", SATURN_E_PORT, 16 },
  { "stuns:192.0.2.1", SATURN_E_SECURE_IP, 6 },
};

/* After a failure only the fault is written. */
START_TEST(L_UR_01_L_UR_05_T_650_to_T_657_bad)
{
  struct copy copy = exact_copy(text_of(bad[_i].text), 0);
  struct saturn_uri uri, before;
  enum saturn_error e;

  memset(&uri, 0x5A, sizeof uri);
  uri.fault = bad[_i].fault;
  memcpy(&before, &uri, sizeof before);
  uri.fault = 4711;
  e = saturn_uri_parse(&uri, copy.bytes);
  EXPECT(e == bad[_i].error, bad[_i].text, saturn_strerror(e));
  ck_assert_msg(uri.fault == bad[_i].fault, "%s: fault %zu", bad[_i].text,
                uri.fault);
  EXPECT(memcmp(&uri, &before, sizeof uri) == 0, bad[_i].text, "written");
  free(copy.block);
}
END_TEST

START_TEST(L_UR_04_T_657_at_most_512_bytes)
{
  static char text[SATURN_URI_MAX + 1] = "turn:a?transport=";
  size_t start = strlen(text);
  struct saturn_uri uri;

  memset(text + start, 'x', sizeof text - start);
  ck_assert(saturn_uri_parse(&uri, saturn_view(text, SATURN_URI_MAX))
            == SATURN_OK);
  ck_assert_uint_eq(uri.transport_word.len, SATURN_URI_MAX - start);
  ck_assert(saturn_uri_parse(&uri, saturn_view(text, SATURN_URI_MAX + 1))
            == SATURN_E_HOST);
  ck_assert_uint_eq(uri.fault, SATURN_URI_MAX);
}
END_TEST

/* Every byte but those of the grammar is refused in the middle of a host. */
START_TEST(L_UR_04_S_564_characters_of_a_name)
{
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  char text[] = "turn:a?b.example";
  enum saturn_error want = SATURN_E_HOST;
  struct saturn_uri uri;

  text[6] = (char)_i;
  if (_i != 0 && strchr(allowed, _i) != NULL)
    want = SATURN_OK;
  if (_i == ':')
    want = SATURN_E_PORT;
  if (_i == '?')
    want = SATURN_E_QUERY;
  ck_assert_msg(saturn_uri_parse(&uri, saturn_view(text, sizeof text - 1))
                    == want,
                "byte %d", _i);
}
END_TEST

/* Labels of 1 to 63 bytes, names of 253 and a dot. */
START_TEST(L_UR_03_S_564_lengths_of_a_name)
{
  char text[5 + 260] = "turn:";
  struct saturn_uri uri;
  size_t len;

  for (len = 1; len < 260; len++) {
    bool fits;

    text[5 + len - 1] = len % 64 == 0 ? '.' : 'a';
    fits = len <= 253 || (len == 254 && text[5 + 253] == '.');
    ck_assert_msg(
        (saturn_uri_parse(&uri, saturn_view(text, 5 + len)) == SATURN_OK)
            == fits,
        "name of %zu", len);
  }
  text[5 + 253] = '.';
  ck_assert(saturn_uri_parse(&uri, saturn_view(text, 5 + 254)) == SATURN_OK);
  text[5 + 63] = 'a';
  ck_assert(saturn_uri_parse(&uri, saturn_view(text, 5 + 64)) == SATURN_E_HOST);
  ck_assert_uint_eq(uri.fault, 5 + 63);
}
END_TEST

/* Hosts and ports of the rows. */
static const struct {
  const char *row, *text;
  enum saturn_error error;
  uint16_t port;
  uint8_t transport;
  const char *word;
} conformance[] = {
  { "L-UR-02", "turn:example.org:65535", SATURN_OK, 65535, 0, "" },
  { "L-UR-02", "turn:example.org:1", SATURN_OK, 1, 0, "" },
  { "L-UR-02", "turn:example.org:00000000003478", SATURN_OK, 3478, 0, "" },
  { "L-UR-05", "turn:ex%2Fample.org", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:%zz.org", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:example%2eorg", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:-a.org", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:a-.org", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:192.0.2.01", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:1", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:[192.0.2.1]", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-05", "turn:[]", SATURN_E_HOST, 0, 0, "" },
  { "L-UR-07", "turn:h?transport=sctp", SATURN_OK, 3478, 0, "sctp" },
  { "L-UR-07", "turns:h?transport=udp", SATURN_OK, 5349, SATURN_UDP, "udp" },
  { "L-UR-07", "turns:h?transport=tcp", SATURN_OK, 5349, SATURN_TCP, "tcp" },
  { "L-UR-07", "turn:h", SATURN_OK, 3478, 0, "" },
};

START_TEST(L_UR_02_L_UR_05_L_UR_07_rows)
{
  struct saturn_uri uri;
  enum saturn_error e = saturn_uri_parse(&uri, text_of(conformance[_i].text));

  EXPECT(e == conformance[_i].error, conformance[_i].text, saturn_strerror(e));
  if (e != SATURN_OK)
    return;
  EXPECT(uri.port == conformance[_i].port, conformance[_i].text, "port");
  EXPECT(uri.transport == conformance[_i].transport, conformance[_i].text,
         "transport");
  EXPECT(same_bytes(uri.transport_word, text_of(conformance[_i].word)),
         conformance[_i].text, "word");
}
END_TEST

START_TEST(L_UR_06_T_656_old_forms)
{
  static const char *const refused[] = {
    "turn:@example.org",      "turn:a@b@example.org", "turn:user@",
    "stun:user@example.org",  "turn:h?proto=",        "turn:h?proto=udp&x",
    "turn:h?transport=udp@h", "turn:h?protocol=udp"
  };
  struct saturn_uri uri;
  int i;

  ck_assert(saturn_uri_parse_old(&uri, text_of("turn:example.org?proto=udp"))
            == SATURN_OK);
  ck_assert_uint_eq(uri.transport, SATURN_UDP);
  ck_assert(same_bytes(uri.transport_word, text_of("udp")));
  ck_assert(saturn_uri_parse_old(&uri, text_of("turn:user@example.org:99"))
            == SATURN_OK);
  ck_assert(same_bytes(uri.host, text_of("example.org")));
  ck_assert_uint_eq(uri.port, 99);
  ck_assert(saturn_uri_parse_old(&uri, text_of("turn:h?transport=tcp"))
            == SATURN_OK);
  ck_assert_uint_eq(uri.transport, SATURN_TCP);
  for (i = 0; i < COUNT(refused); i++)
    EXPECT(saturn_uri_parse_old(&uri, text_of(refused[i])) != SATURN_OK,
           refused[i], "was taken");
}
END_TEST

/* Where credentials came from only the caller knows; that they need the same
   protection it learns from the URI. */
START_TEST(L_UR_09_T_659_secure_is_told)
{
  struct saturn_uri uri;

  ck_assert(saturn_uri_parse(&uri, text_of("TURNS:h")) == SATURN_OK);
  ck_assert(uri.secure);
  ck_assert(saturn_uri_parse(&uri, text_of("turn:h:5349")) == SATURN_OK);
  ck_assert(!uri.secure);
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("uri");
  TCase *stun = tcase_create("stun"), *turn = tcase_create("turn");
  TCase *names = tcase_create("names");

  uris = table_load("vectors/uri.tsv");
  tcase_add_loop_test(stun, S_560_to_S_565_table, 0, table_rows(uris));
  tcase_add_loop_test(turn, L_UR_01_L_UR_08_T_650_to_T_658_good, 0,
                      COUNT(good));
  tcase_add_loop_test(turn, L_UR_01_L_UR_05_T_650_to_T_657_bad, 0, COUNT(bad));
  tcase_add_test(turn, L_UR_04_T_657_at_most_512_bytes);
  tcase_add_loop_test(names, L_UR_04_S_564_characters_of_a_name, 0, 256);
  tcase_add_test(names, L_UR_03_S_564_lengths_of_a_name);
  tcase_add_loop_test(turn, L_UR_02_L_UR_05_L_UR_07_rows, 0,
                      COUNT(conformance));
  tcase_add_test(turn, L_UR_06_T_656_old_forms);
  tcase_add_test(turn, L_UR_09_T_659_secure_is_told);
  suite_add_tcase(s, stun);
  suite_add_tcase(s, turn);
  suite_add_tcase(s, names);
  return s;
}
