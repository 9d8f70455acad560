/* SPDX-License-Identifier: MIT
 *
 * test_ip_range.c - ranges of IP addresses as text.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static struct saturn_address
address_of(const char *text)
{
  struct saturn_address a;

  ck_assert_msg(saturn_address_parse(&a, text_of(text)) == SATURN_OK, "%s",
                text);
  return a;
}

static struct saturn_ip_range
range_of(const char *text)
{
  struct saturn_ip_range range;

  ck_assert_msg(saturn_ip_range_parse(&range, text_of(text)) == SATURN_OK, "%s",
                text);
  return range;
}

#define FFFF "ffff:ffff:ffff:ffff"

struct text_row {
  const char *text;
  enum saturn_error want;
  const char *first, *last;
};

/* clang-format off */
static const struct text_row texts[] = {
  { "192.0.2.1", SATURN_OK, "192.0.2.1", "192.0.2.1" },
  { "192.0.2.1-192.0.2.9", SATURN_OK, "192.0.2.1", "192.0.2.9" },
  { "192.0.2.9-192.0.2.9", SATURN_OK, "192.0.2.9", "192.0.2.9" },
  { "192.0.2.0/24", SATURN_OK, "192.0.2.0", "192.0.2.255" },
  { "192.0.2.77/24", SATURN_OK, "192.0.2.0", "192.0.2.255" },
  { "10.128.0.0/9", SATURN_OK, "10.128.0.0", "10.255.255.255" },
  { "0.0.0.0/0", SATURN_OK, "0.0.0.0", "255.255.255.255" },
  { "192.0.2.1/32", SATURN_OK, "192.0.2.1", "192.0.2.1" },
  { "192.0.2.1/31", SATURN_OK, "192.0.2.0", "192.0.2.1" },
  { "::/0", SATURN_OK, "::", "ffff:ffff:ffff:ffff:" FFFF },
  { "2001:db8::/32", SATURN_OK, "2001:db8::", "2001:db8:ffff:ffff:" FFFF },
  { "2001:db8::1/127", SATURN_OK, "2001:db8::", "2001:db8::1" },
  { "2001:db8::1/128", SATURN_OK, "2001:db8::1", "2001:db8::1" },
  { "2001:db8::1-2001:db8::ffff", SATURN_OK, "2001:db8::1",
    "2001:db8::ffff" },
  { "", SATURN_E_HOST, NULL, NULL },
  { "/24", SATURN_E_HOST, NULL, NULL },
  { "-192.0.2.1", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.1-", SATURN_E_HOST, NULL, NULL },
  { "192.0.2", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.256", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.1:80", SATURN_E_HOST, NULL, NULL },
  { "[::1]", SATURN_E_HOST, NULL, NULL },
  { " 192.0.2.1", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.1-192.0.2.3-192.0.2.4", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.1-192.0.2.9/24", SATURN_E_HOST, NULL, NULL },
  { "192.0.2.0/", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.0/33", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.0/24x", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.0/-1", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.0/0024", SATURN_E_RANGE, NULL, NULL },
  { "2001:db8::/129", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.9-192.0.2.1", SATURN_E_RANGE, NULL, NULL },
  { "192.0.2.9-2001:db8::1", SATURN_E_RANGE, NULL, NULL },
};
/* clang-format on */

/* clang-format on */

START_TEST(T_402_range_is_read)
{
  const struct text_row *row = &texts[_i];
  struct copy copy = exact_copy(text_of(row->text), 0);
  struct saturn_ip_range range;
  struct saturn_address end;
  enum saturn_error error;

  memset(&range, 0x55, sizeof range);
  error = saturn_ip_range_parse(&range, copy.bytes);
  free(copy.block);
  EXPECT(error == row->want, row->text, "result");
  if (row->want != SATURN_OK) {
    EXPECT(range.family == 0x55, row->text, "is not written");
    return;
  }
  end = address_of(row->first);
  EXPECT(range.family == end.family, row->text, "family");
  EXPECT(memcmp(range.first, end.ip, 16) == 0, row->text, "first");
  end = address_of(row->last);
  EXPECT(memcmp(range.last, end.ip, 16) == 0, row->text, "last");
}
END_TEST

START_TEST(T_402_range_holds_its_bounds)
{
  struct saturn_ip_range range = range_of("192.0.2.10-192.0.3.5");
  struct saturn_address a = address_of("192.0.2.10");

  a.ip[4] = 255; /* what is behind an IPv4 address does not matter */
  ck_assert(saturn_ip_range_has(&range, &a));
  a = address_of("192.0.2.9");
  ck_assert(!saturn_ip_range_has(&range, &a));
  a = address_of("192.0.3.5");
  ck_assert(saturn_ip_range_has(&range, &a));
  a = address_of("192.0.3.6");
  ck_assert(!saturn_ip_range_has(&range, &a));
  a.family = SATURN_IPV6;
  ck_assert(!saturn_ip_range_has(&range, &a));
  memset(&range, 0, sizeof range);
  memset(&a, 0, sizeof a);
  ck_assert(!saturn_ip_range_has(&range, &a));
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("ip_range");
  TCase *all = tcase_create("ip_range");

  tcase_add_loop_test(all, T_402_range_is_read, 0, COUNT(texts));
  tcase_add_test(all, T_402_range_holds_its_bounds);
  suite_add_tcase(suite, all);
  return suite;
}
