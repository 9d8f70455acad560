/* SPDX-License-Identifier: MIT
 *
 * test_address.c - addresses: compare, print, parse.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "ip.h"

/* clang-format off */
static const struct {
  const char *text;  /* as saturn prints it, without a port */
  const char *other; /* another way to write it, or null */
} addresses[] = {
  { "0.0.0.0", NULL },
  { "192.0.2.1", NULL },
  { "255.255.255.255", NULL },
  { "10.100.200.9", NULL },
  { "::", "0:0:0:0:0:0:0:0" },
  { "::1", "0000:0000:0000:0000:0000:0000:0000:0001" },
  { "1::", "1:0:0:0:0:0:0:0" },
  { "2001:db8::1", "2001:DB8:0:0::1" },
  { "2001:db8::1:0:0:1", "2001:db8:0:0:1:0:0:1" },   /* the first of equals */
  { "2001:0:0:1::1", "2001::1:0:0:0:1" },            /* the longest */
  { "2001:db8:0:1:1:1:1:1", "2001:db8::1:1:1:1:1" }, /* never for one group */
  { "0:1:2:3:4:5:6:7", "::1:2:3:4:5:6:7" },
  { "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7::" },
  { "::ffff:192.0.2.1", "::FFFF:c000:201" },
  { "::c000:201", "::192.0.2.1" },
  { "64:ff9b::c000:221", "64:ff9b::192.0.2.33" },
  { "1:2:3:4:5:6:102:304", "1:2:3:4:5:6:1.2.3.4" },
  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
  { "a0:b00:c000:d:1:20:300:4000", NULL },
  { "1000:fff:100:ff:10:f:1:abcd", NULL },
};

static const char *const no_addresses[] = {
  "", ":", "::1::", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:", ":1",
  "1::2:", ":1::2", "12345::", "::g", "::1%lo", "fe80::1%25eth0", "::1 ",
  " ::1", "[::1", "::1]", "[]", "[", "[::1]]", "[::1]1", "[192.0.2.1]",
  "[[::1]]", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1.2.3.4::",
  "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3.4", "1..3.4",
  "256.1.1.1", "1.1.1.256", "01.2.3.4", "1.2.3.00", "1.2.3.0004", "1.2.3.-4",
  "+1.2.3.4", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1,2,3,4", "example.org",
  "example.org:80", "1.2.3.4:5:6", "none",
};

static const char *const no_ports[] = {
  "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1",
  "192.0.2.1:80a", "192.0.2.1: 80", "192.0.2.1:4294967297", "[::1]:",
  "[::1]:65536", "[::1]:x", "[::1]:80:90", "[::1]::",
};
/* clang-format on */

/* Parse a copy that ends where the text does. */
static enum saturn_error
parse(struct saturn_address *address, const char *text)
{
  struct copy copy = exact_copy(text_of(text), 0);
  enum saturn_error e = saturn_address_parse(address, copy.bytes);

  free(copy.block);
  return e;
}

/* What the C library reads. */
static void
known(struct saturn_address *address, const char *text)
{
  bool six = strchr(text, ':') != NULL;

  memset(address, 0, sizeof *address);
  address->family = six ? SATURN_IPV6 : SATURN_IPV4;
  ck_assert_int_eq(inet_pton(six ? AF_INET6 : AF_INET, text, address->ip), 1);
}

START_TEST(S_565_text_is_read_and_printed)
{
  struct saturn_address address, other, want;
  char text[SATURN_ADDRESS_TEXT];
  size_t n;

  known(&want, addresses[_i].text);
  ck_assert(parse(&address, addresses[_i].text) == SATURN_OK);
  ck_assert(saturn_address_equal(&address, &want));
  n = saturn_address_print_ip(&address, text, sizeof text);
  ck_assert_str_eq(text, addresses[_i].text);
  ck_assert_uint_eq(n, strlen(text));
  if (addresses[_i].other == NULL)
    return;
  ck_assert(parse(&other, addresses[_i].other) == SATURN_OK);
  ck_assert(saturn_address_equal(&address, &other));
}
END_TEST

static const uint16_t ports[] = { 0, 9, 80, 3478, 65535 };

START_TEST(S_141_port_goes_round)
{
  struct saturn_address address, again;
  char text[SATURN_ADDRESS_TEXT], want[80];
  int i;

  known(&address, addresses[_i].text);
  for (i = 0; i < COUNT(ports); i++) {
    address.port = ports[i];
    snprintf(want, sizeof want,
             address.family == SATURN_IPV6 ? "[%s]:%u" : "%s:%u",
             addresses[_i].text, ports[i]);
    ck_assert_uint_eq(saturn_address_print(&address, text, sizeof text),
                      strlen(want));
    ck_assert_str_eq(text, want);
    ck_assert(parse(&again, text) == SATURN_OK);
    ck_assert(saturn_address_equal(&address, &again));
  }
}
END_TEST

/* At most CAP bytes are written, and the length is that of the whole. */
START_TEST(print_cuts_as_snprintf_does)
{
  struct saturn_address address;
  char whole[SATURN_ADDRESS_TEXT];
  size_t cap, n;
  char *room;

  known(&address, addresses[_i].text);
  address.port = 3478;
  n = saturn_address_print(&address, whole, sizeof whole);
  for (cap = 0; cap <= n + 1; cap++) {
    room = (char *)guarded_room(cap);
    ck_assert_uint_eq(saturn_address_print(&address, room, cap), n);
    if (cap == 0)
      continue;
    ck_assert_uint_eq(strlen(room), cap <= n ? cap - 1 : n);
    ck_assert_mem_eq(room, whole, strlen(room));
  }
  ck_assert_uint_eq(saturn_address_print(&address, NULL, 0), n);
}
END_TEST

START_TEST(no_family_prints_as_none)
{
  struct saturn_address address = { .port = 80 };
  char text[SATURN_ADDRESS_TEXT];

  ck_assert_uint_eq(saturn_address_print(&address, text, sizeof text), 4);
  ck_assert_str_eq(text, "none");
  ck_assert_uint_eq(saturn_address_print_ip(&address, text, sizeof text), 4);
  ck_assert_str_eq(text, "none");
}
END_TEST

static void
is_refused(const char *text, enum saturn_error want)
{
  struct saturn_address address, before;
  enum saturn_error e;

  memset(&address, 0x5A, sizeof address);
  memcpy(&before, &address, sizeof before);
  e = parse(&address, text);
  EXPECT(e == want, text, saturn_strerror(e));
  EXPECT(memcmp(&address, &before, sizeof address) == 0, text, "written");
}

START_TEST(S_565_no_address)
{
  is_refused(no_addresses[_i], SATURN_E_HOST);
}
END_TEST

START_TEST(S_563_no_port)
{
  is_refused(no_ports[_i], SATURN_E_PORT);
}
END_TEST

START_TEST(S_563_port_may_have_leading_zeros)
{
  struct saturn_address address;

  ck_assert(parse(&address, "192.0.2.1:003478") == SATURN_OK);
  ck_assert_uint_eq(address.port, 3478);
  ck_assert(parse(&address, "[::1]:0065535") == SATURN_OK);
  ck_assert_uint_eq(address.port, 65535);
}
END_TEST

static unsigned
next_random(void)
{
  static uint64_t state = 1;

  state = state * 6364136223846793005U + 1442695040888963407U;
  return (unsigned)(state >> 33);
}

/* Change, insert or remove a character. */
static void
mutate(char *text, size_t cap)
{
  static const char alphabet[] = "0123456789abcdefABCDEFg:::::::...%[] ";
  size_t len = strlen(text), at = next_random() % (len + 1);
  char c = alphabet[next_random() % (sizeof alphabet - 1)];

  switch (next_random() % 3) {
  case 0:
    if (at < len)
      text[at] = c;
    break;
  case 1:
    if (at < len)
      memmove(text + at, text + at + 1, len - at);
    break;
  default:
    if (len + 1 < cap) {
      memmove(text + at + 1, text + at, len - at + 1);
      text[at] = c;
    }
  }
}

/* Two strict parsers by other people agree on what is an address. */
START_TEST(S_565_reads_what_inet_pton_reads)
{
  uint8_t ours[16], theirs[16];
  char text[64];
  int round, n, rounds = getenv("SATURN_QUICK") != NULL ? 500 : 20000;

  for (round = 0; round < rounds; round++) {
    struct copy copy;

    strcpy(text, addresses[_i].other != NULL && round % 2 != 0
                     ? addresses[_i].other
                     : addresses[_i].text);
    for (n = (int)(next_random() % 4); n > 0; n--)
      mutate(text, sizeof text);
    copy = exact_copy(text_of(text), 0);
    n = inet_pton(AF_INET6, text, theirs);
    EXPECT(saturn_ipv6_parse(copy.bytes.data, copy.bytes.len, ours) == n, text,
           "IPv6");
    if (n == 1)
      ck_assert_mem_eq(ours, theirs, 16);
    n = inet_pton(AF_INET, text, theirs);
    EXPECT(saturn_ipv4_parse(copy.bytes.data, copy.bytes.len, ours) == n, text,
           "IPv4");
    if (n == 1)
      ck_assert_mem_eq(ours, theirs, 4);
    free(copy.block);
  }
}
END_TEST

/* In ascending order: family, IP address, port. */
static const char *const ordered[] = {
  "0.0.0.0:0",       "0.0.0.0:1", "1.2.3.4:0",   "1.2.3.4:80",
  "1.2.3.4:3478",    "1.2.3.5:1", "192.0.2.1:0", "255.0.0.0:65535",
  "[::]:0",          "[::]:256",  "[::1]:1",     "[2001:db8::]:9",
  "[2001:db8::1]:0",
};

static struct saturn_address
address_of(const char *text)
{
  struct saturn_address address;

  ck_assert(parse(&address, text) == SATURN_OK);
  return address;
}

START_TEST(compare_orders_all)
{
  struct saturn_address a = address_of(ordered[_i]), b;
  int j, order;

  for (j = 0; j < COUNT(ordered); j++) {
    b = address_of(ordered[j]);
    order = saturn_address_compare(&a, &b);
    ck_assert_int_eq((order > 0) - (order < 0), (_i > j) - (_i < j));
    ck_assert(saturn_address_equal(&a, &b) == (_i == j));
  }
}
END_TEST

/* Of IPv4 the first four bytes count, of no address none. */
START_TEST(bytes_behind_the_address_do_not_count)
{
  struct saturn_address a = address_of("192.0.2.1:1"), b = a;
  struct saturn_address none = { 0 }, other = { 0 };

  memset(b.ip + 4, 0xFF, 12);
  ck_assert(saturn_address_equal(&a, &b));
  ck_assert_int_eq(saturn_address_compare(&a, &b), 0);
  memset(other.ip, 0xFF, 16);
  ck_assert(saturn_address_equal(&none, &other));
  a = address_of("[2001:db8::1]:1");
  b = a;
  b.ip[15] ^= 1;
  ck_assert(!saturn_address_same_ip(&a, &b));
}
END_TEST

START_TEST(same_ip_ignores_ports)
{
  struct saturn_address a = address_of("192.0.2.1:1"), b = a;
  struct saturn_address mapped = address_of("[::ffff:192.0.2.1]:1");

  b.port = 2;
  ck_assert(saturn_address_same_ip(&a, &b));
  ck_assert(!saturn_address_equal(&a, &b));
  ck_assert(!saturn_address_same_ip(&a, &mapped));
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("address");
  TCase *text = tcase_create("text"), *order = tcase_create("order");
  const int n = COUNT(addresses);

  tcase_add_loop_test(text, S_565_text_is_read_and_printed, 0, n);
  tcase_add_loop_test(text, S_141_port_goes_round, 0, n);
  tcase_add_loop_test(text, print_cuts_as_snprintf_does, 0, n);
  tcase_add_test(text, no_family_prints_as_none);
  tcase_add_loop_test(text, S_565_no_address, 0, COUNT(no_addresses));
  tcase_add_loop_test(text, S_563_no_port, 0, COUNT(no_ports));
  tcase_add_test(text, S_563_port_may_have_leading_zeros);
  tcase_add_loop_test(text, S_565_reads_what_inet_pton_reads, 0, n);
  tcase_add_loop_test(order, compare_orders_all, 0, COUNT(ordered));
  tcase_add_test(order, bytes_behind_the_address_do_not_count);
  tcase_add_test(order, same_ip_ignores_ports);
  suite_add_tcase(s, text);
  suite_add_tcase(s, order);
  return s;
}
