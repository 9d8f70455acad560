/* SPDX-License-Identifier: MIT
 *
 * test_peer_policy.c - which peers a relay may talk to.
 */
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

/*
 * The conformance rows: policies by name, an address, the rule that decides.
 */

/* The policies of the rows: see saturn_policy_of. */
enum setup {
  SD,          /* nothing configured */
  ALLOW_10_9,  /* allow 10.9.0.0/16 */
  ALLOW_ALL,   /* allow 0.0.0.0/0 and ::/0 */
  DENY_8_8,    /* deny 8.8.0.0/16 */
  HOLE_IN_8_8, /* the same, and allow 8.8.8.8/32 */
  SN,          /* 10.1.0.2 is advertised as 203.0.113.10 */
  SN_172,      /* and 172.16.0.2 listens, too */
  LOOPBACK,
  LINK_LOCAL,
  MULTICAST
};

static void
policy_of(enum setup setup, struct saturn_peer_policy *policy)
{
  static struct saturn_ip_range allow[2], deny[1];
  static struct saturn_own_address own[4];

  memset(policy, 0, sizeof *policy);
  policy->first_port = 49152;
  policy->last_port = 65535;
  policy->allow = allow;
  policy->deny = deny;
  policy->own = own;
  if (setup == ALLOW_10_9 || setup == ALLOW_ALL || setup == HOLE_IN_8_8)
    policy->n_allow = 1;
  allow[0] = range_of(setup == ALLOW_10_9    ? "10.9.0.0/16"
                      : setup == HOLE_IN_8_8 ? "8.8.8.8/32"
                                             : "0.0.0.0/0");
  if (setup == ALLOW_ALL)
    policy->n_allow = 2;
  allow[1] = range_of("::/0");
  policy->n_deny = setup == DENY_8_8 || setup == HOLE_IN_8_8;
  deny[0] = range_of("8.8.0.0/16");
  memset(own, 0, sizeof own);
  own[0].address = address_of("10.1.0.2:3478");
  own[1].address = address_of("10.1.0.2");
  own[1].relay = true;
  own[2].address = address_of("203.0.113.10");
  own[2].relay = true;
  own[3].address = address_of("172.16.0.2:3478");
  policy->n_own = setup == SN ? 3 : setup == SN_172 ? 4 : 0;
  policy->unsafe_loopback = setup == LOOPBACK;
  policy->link_local = setup == LINK_LOCAL;
  policy->multicast = setup == MULTICAST;
}

struct row {
  const char *id;
  enum setup setup;
  const char *peer; /* without a port: as in CreatePermission */
  enum saturn_peer_rule rule;
  enum saturn_peer_form form;
};

/* clang-format off */
#define SAME SATURN_FORM_LITERAL
#define RULE(name) SATURN_PEER_##name
static const struct row rows[] = {
  { "S-PP-001 T-400", SD, "127.0.0.1:80", RULE(LOOPBACK), SAME },
  { "S-PP-002 T-400", SD, "127.255.255.254:80", RULE(LOOPBACK), SAME },
  { "S-PP-003 T-400", SD, "0.0.0.0:80", RULE(UNSPECIFIED), SAME },
  { "S-PP-004 T-400", SD, "0.255.255.255:80", RULE(UNSPECIFIED), SAME },
  { "S-PP-005 T-400", SD, "169.254.0.1:80", RULE(LINK_LOCAL), SAME },
  { "S-PP-006 T-400", SD, "169.254.169.254:80", RULE(LINK_LOCAL), SAME },
  { "S-PP-007 T-400", SD, "224.0.0.1:5000", RULE(MULTICAST), SAME },
  { "S-PP-008 T-400", SD, "239.255.255.255:5000", RULE(MULTICAST), SAME },
  { "S-PP-009 T-400", SD, "240.0.0.1:5000", RULE(RESERVED), SAME },
  { "S-PP-010 T-400", SD, "255.255.255.255:5000", RULE(RESERVED), SAME },
  { "S-PP-011 T-415", SD, "10.0.0.1:5000", RULE(PRIVATE), SAME },
  { "S-PP-012 T-415", SD, "10.255.255.254:5000", RULE(PRIVATE), SAME },
  { "S-PP-013 T-415", SD, "172.16.0.1:5000", RULE(PRIVATE), SAME },
  { "S-PP-014 T-415", SD, "172.31.255.255:5000", RULE(PRIVATE), SAME },
  { "S-PP-015 T-415", SD, "192.168.0.1:5000", RULE(PRIVATE), SAME },
  { "S-PP-016 T-415", SD, "192.168.255.255:5000", RULE(PRIVATE), SAME },
  { "S-PP-017 T-415", SD, "100.64.0.1:5000", RULE(SHARED), SAME },
  { "S-PP-018 T-415", SD, "100.127.255.255:5000", RULE(SHARED), SAME },
  { "S-PP-019 T-415", SD, "198.18.0.1:5000", RULE(BENCHMARKING), SAME },
  { "S-PP-020 T-415", SD, "198.19.255.255:5000", RULE(BENCHMARKING), SAME },
  { "S-PP-021 T-415", SD, "192.0.2.1:5000", RULE(DOCUMENTATION), SAME },
  { "S-PP-022 T-415", SD, "198.51.100.1:5000", RULE(DOCUMENTATION), SAME },
  { "S-PP-023 T-415", SD, "203.0.113.1:5000", RULE(DOCUMENTATION), SAME },
  { "S-PP-024 T-415", SD, "192.0.0.8:5000", RULE(PROTOCOL), SAME },
  { "S-PP-025 T-415", SD, "192.88.99.1:5000", RULE(6TO4_RELAY), SAME },
  { "S-PP-026 T-400", SD, "[::1]:5000", RULE(LOOPBACK), SAME },
  { "S-PP-027 T-400", SD, "[::]:5000", RULE(UNSPECIFIED), SAME },
  { "S-PP-028 T-401", SD, "[::ffff:127.0.0.1]:5000", RULE(MAPPED), SAME },
  { "S-PP-029 T-401", SD, "[::ffff:10.0.0.1]:5000", RULE(MAPPED), SAME },
  { "S-PP-030 T-401", SD, "[::ffff:8.8.8.8]:5000", RULE(MAPPED), SAME },
  { "S-PP-031 T-401", SD, "[::127.0.0.1]:5000", RULE(COMPATIBLE), SAME },
  { "S-PP-032 T-401", SD, "[::ffff:0:127.0.0.1]:5000", RULE(LOOPBACK),
    SATURN_FORM_TRANSLATED },
  { "S-PP-033 T-401", SD, "[64:ff9b::7f00:1]:5000", RULE(LOOPBACK),
    SATURN_FORM_NAT64 },
  { "S-PP-034 T-401", SD, "[64:ff9b::a9fe:a9fe]:5000", RULE(LINK_LOCAL),
    SATURN_FORM_NAT64 },
  { "S-PP-035 T-401", SD, "[64:ff9b::a00:1]:5000", RULE(PRIVATE),
    SATURN_FORM_NAT64 },
  { "S-PP-036 T-401", SD, "[64:ff9b:1:7f00:0:100::]:5000", RULE(LOCAL_NAT64),
    SAME },
  { "S-PP-036 T-401 with the prefix opened", ALLOW_ALL,
    "[64:ff9b:1:7f00:0:100::]:5000", RULE(LOOPBACK), SATURN_FORM_LOCAL_NAT64 },
  { "S-PP-037 T-401", SD, "[2002:7f00:1::1]:5000", RULE(6TO4), SAME },
  { "S-PP-038 T-410", SD, "[2002:808:808::1]:5000", RULE(6TO4), SAME },
  { "S-PP-039 T-410", SD, "[2001:0:808:808:0:ffff:80ff:fffe]:5000",
    RULE(TEREDO), SAME },
  { "S-PP-040 T-410", SD, "[2001:0:808:808:0:ffff:f7f7:f7f7]:5000",
    RULE(TEREDO), SAME },
  { "S-PP-041 T-401", SD, "[2606:4700::5efe:7f00:1]:5000", RULE(LOOPBACK),
    SATURN_FORM_ISATAP },
  { "S-PP-042 T-401", SD, "[2606:4700::200:5efe:a00:1]:5000", RULE(PRIVATE),
    SATURN_FORM_ISATAP },
  { "S-PP-043 T-400", SD, "[fe80::1]:5000", RULE(LINK_LOCAL), SAME },
  { "S-PP-044 T-400", SD, "[febf::1]:5000", RULE(LINK_LOCAL), SAME },
  { "S-PP-045 T-400", SD, "[fec0::1]:5000", RULE(SITE_LOCAL), SAME },
  { "S-PP-046 T-400", SD, "[ff02::1]:5000", RULE(MULTICAST), SAME },
  { "S-PP-047 T-415", SD, "[fc00::1]:5000", RULE(PRIVATE), SAME },
  { "S-PP-048 T-415", SD, "[fdff::1]:5000", RULE(PRIVATE), SAME },
  { "S-PP-049 T-415", SD, "[2001:db8::1]:5000", RULE(DOCUMENTATION), SAME },
  { "S-PP-050 T-415", SD, "[100::1]:5000", RULE(DISCARD), SAME },
  { "S-PP-051 T-415", SD, "[2001:2::1]:5000", RULE(PROTOCOL), SAME },
  { "S-PP-052 T-402", SD, "8.8.8.8:5000", RULE(ALLOWED), SAME },
  { "S-PP-053 T-402", SD, "126.255.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-054 T-402", SD, "128.0.0.1:5000", RULE(ALLOWED), SAME },
  { "S-PP-055 T-402", SD, "1.0.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-056 T-402", SD, "9.255.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-057 T-402", SD, "11.0.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-058 T-402", SD, "172.15.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-059 T-402", SD, "172.32.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-060 T-402", SD, "100.63.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-061 T-402", SD, "100.128.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-062 T-402", SD, "169.253.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-063 T-402", SD, "169.255.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-064 T-402", SD, "198.17.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-065 T-402", SD, "198.20.0.0:5000", RULE(ALLOWED), SAME },
  { "S-PP-066 T-402", SD, "223.255.255.255:5000", RULE(ALLOWED), SAME },
  { "S-PP-067 T-402", SD, "[2606:4700::1111]:5000", RULE(ALLOWED), SAME },
  { "S-PP-068 T-402", SD, "[64:ff9b::808:808]:5000", RULE(ALLOWED), SAME },
  { "S-PP-069 T-402", SD, "[2001:4860::8888]:5000", RULE(ALLOWED), SAME },
  { "S-PP-070 T-402 first", ALLOW_10_9, "10.9.0.0", RULE(ALLOWED_LISTED),
    SAME },
  { "S-PP-070 T-402 last", ALLOW_10_9, "10.9.255.255", RULE(ALLOWED_LISTED),
    SAME },
  { "S-PP-070 T-402 before", ALLOW_10_9, "10.8.255.255", RULE(PRIVATE), SAME },
  { "S-PP-070 T-402 behind", ALLOW_10_9, "10.10.0.0", RULE(PRIVATE), SAME },
  { "S-PP-070 T-402 embedded", ALLOW_10_9, "64:ff9b::a09:1", RULE(ALLOWED),
    SAME },
  { "S-PP-071 T-402", ALLOW_ALL, "127.0.0.1", RULE(LOOPBACK), SAME },
  { "S-PP-071 T-402", ALLOW_ALL, "169.254.169.254", RULE(LINK_LOCAL), SAME },
  { "S-PP-071 T-402", ALLOW_ALL, "::1", RULE(LOOPBACK), SAME },
  { "S-PP-071 T-402", ALLOW_ALL, "::ffff:10.0.0.1", RULE(MAPPED), SAME },
  { "S-PP-071 T-402", ALLOW_ALL, "2002:a00:1::1", RULE(6TO4), SAME },
  { "S-PP-072 T-402", DENY_8_8, "8.8.8.8", RULE(DENIED), SAME },
  { "S-PP-072 T-402", DENY_8_8, "64:ff9b::808:808", RULE(DENIED),
    SATURN_FORM_NAT64 },
  { "S-PP-073 T-402", HOLE_IN_8_8, "8.8.8.8", RULE(ALLOWED_LISTED), SAME },
  { "S-PP-073 T-402", HOLE_IN_8_8, "8.8.4.4", RULE(DENIED), SAME },
  { "S-PP-074 T-416", SN, "203.0.113.10:3478", RULE(OWN), SAME },
  { "S-PP-074 T-416", SN, "10.1.0.2:3478", RULE(OWN), SAME },
  { "S-PP-074 T-416", SN, "10.1.0.2:22", RULE(OWN), SAME },
  { "S-PP-075 T-416", SN, "203.0.113.10", RULE(ALLOWED_OWN), SAME },
  { "S-PP-075 T-416", SN, "203.0.113.10:50000", RULE(ALLOWED_OWN), SAME },
  { "S-PP-075 T-416 first port", SN, "203.0.113.10:49152", RULE(ALLOWED_OWN),
    SAME },
  { "S-PP-075 T-416 before it", SN, "203.0.113.10:49151", RULE(OWN), SAME },
  { "S-PP-075 T-416 last port", SN, "10.1.0.2:65535", RULE(ALLOWED_OWN),
    SAME },
  { "S-PP-076 T-416", SN_172, "172.16.0.2", RULE(OWN), SAME },
  { "S-PP-076 T-416 port of the relay", SN_172, "172.16.0.2:50000", RULE(OWN),
    SAME },
  { "S-PP-077 T-416", SN, "203.0.113.10:3478", RULE(OWN), SAME },
  { "S-PP-077 T-401 embedded", SN, "[64:ff9b::203.0.113.10]:3478", RULE(OWN),
    SATURN_FORM_NAT64 },
  { "S-PP-079 T-411", LOOPBACK, "127.0.0.1", RULE(ALLOWED), SAME },
  { "S-PP-079 T-411", LOOPBACK, "::1", RULE(ALLOWED), SAME },
  { "S-PP-079 T-411", LOOPBACK, "::", RULE(UNSPECIFIED), SAME },
  { "S-PP-079 T-411", LOOPBACK, "::2", RULE(COMPATIBLE), SAME },
  { "S-PP-079 T-411", LOOPBACK, "169.254.1.1", RULE(LINK_LOCAL), SAME },
  { "S-PP-090 T-412", LINK_LOCAL, "fe80::1", RULE(ALLOWED), SAME },
  { "S-PP-090 T-412", LINK_LOCAL, "224.0.0.1", RULE(MULTICAST), SAME },
  { "T-412", LINK_LOCAL, "127.0.0.1", RULE(LOOPBACK), SAME },
  { "T-412", MULTICAST, "224.0.0.1", RULE(ALLOWED), SAME },
  { "T-412", MULTICAST, "ff02::1", RULE(ALLOWED), SAME },
  { "T-412", MULTICAST, "fe80::1", RULE(LINK_LOCAL), SAME },
  { "T-412", MULTICAST, "240.0.0.0", RULE(RESERVED), SAME },
};
/* clang-format on */

START_TEST(T_402_conformance_row_is_judged)
{
  const struct row *row = &rows[_i];
  struct saturn_address peer = address_of(row->peer);
  struct saturn_peer_policy policy;
  struct saturn_peer_ruling ruling;
  bool allowed;

  policy_of(row->setup, &policy);
  allowed = saturn_peer_allowed(&policy, &peer, peer.port != 0, &ruling);
  EXPECT(allowed == (row->rule < SATURN_PEER_NO_ADDRESS), row->id, row->peer);
  EXPECT(ruling.rule == row->rule, row->id,
         saturn_peer_rule_text((enum saturn_peer_rule)ruling.rule));
  EXPECT(ruling.form == row->form, row->id,
         saturn_peer_form_text((enum saturn_peer_form)ruling.form));
  EXPECT(saturn_peer_allowed(&policy, &peer, peer.port != 0, NULL) == allowed,
         row->id, "without a ruling");
}
END_TEST

START_TEST(T_400_no_family_is_refused)
{
  struct saturn_peer_policy policy = { 0 };
  struct saturn_address peer = { 0 };
  struct saturn_peer_ruling ruling;

  ck_assert(!saturn_peer_allowed(&policy, &peer, false, &ruling));
  ck_assert_int_eq(ruling.rule, SATURN_PEER_NO_ADDRESS);
  peer.family = 3;
  ck_assert(!saturn_peer_allowed(&policy, &peer, false, &ruling));
}
END_TEST

/* A listener whose port lies in the relay's range is refused all the same,
   whichever entry comes first. */
START_TEST(T_416_listener_within_the_range)
{
  struct saturn_own_address own[2] = { 0 };
  struct saturn_peer_policy policy = { 0 };
  struct saturn_address peer = address_of("203.0.113.1:50000");
  int i;

  policy.own = own;
  policy.n_own = 2;
  policy.first_port = 49152;
  policy.last_port = 65535;
  for (i = 0; i < 2; i++) {
    own[i].address = address_of("203.0.113.1");
    own[i].relay = true;
    own[1 - i].address = address_of("203.0.113.1:50000");
    own[1 - i].relay = false;
    peer.port = 50000;
    ck_assert(!saturn_peer_allowed(&policy, &peer, true, NULL));
    ck_assert(saturn_peer_allowed(&policy, &peer, false, NULL));
    peer.port = 50001;
    ck_assert(saturn_peer_allowed(&policy, &peer, true, NULL));
  }
}
END_TEST

START_TEST(T_402_entry_that_decided_is_told)
{
  struct saturn_ip_range list[3];
  struct saturn_peer_policy policy = { 0 };
  struct saturn_address peer = address_of("198.51.100.7:1");
  struct saturn_peer_ruling ruling;

  list[0] = range_of("192.0.2.0/24");
  list[1] = range_of("198.51.100.0-198.51.100.9");
  list[2] = range_of("198.51.100.7");
  policy.deny = list;
  policy.n_deny = 3;
  ck_assert(!saturn_peer_allowed(&policy, &peer, true, &ruling));
  ck_assert_int_eq(ruling.rule, SATURN_PEER_DENIED);
  ck_assert_uint_eq(ruling.entry, 1);
  policy.allow = list;
  policy.n_allow = 3;
  ck_assert(saturn_peer_allowed(&policy, &peer, true, &ruling));
  ck_assert_int_eq(ruling.rule, SATURN_PEER_ALLOWED_LISTED);
  ck_assert_uint_eq(ruling.entry, 1);
}
END_TEST

START_TEST(T_410_tunnels_are_told)
{
  static const struct {
    const char *text;
    bool tunnel;
  } cases[] = { { "2001::1", true },        { "2001:1::1", false },
                { "2002::1", true },        { "2003::1", false },
                { "2001:0:ffff::1", true }, { "192.88.99.1", false },
                { "127.0.0.1", false },     { "::1", false } };
  int i;

  for (i = 0; i < COUNT(cases); i++) {
    struct saturn_address a = address_of(cases[i].text);

    ck_assert_msg(saturn_address_is_tunnel(&a) == cases[i].tunnel, "%s",
                  cases[i].text);
  }
}
END_TEST

START_TEST(T_402_rules_and_forms_have_names)
{
  int i;

  for (i = 0; i <= SATURN_PEER_ROUTING; i++) {
    const char *text = saturn_peer_rule_text((enum saturn_peer_rule)i);

    ck_assert_ptr_nonnull(text);
    ck_assert_str_ne(text, "unknown rule");
  }
  for (i = 0; i <= SATURN_FORM_ISATAP; i++) {
    const char *text = saturn_peer_form_text((enum saturn_peer_form)i);

    ck_assert_ptr_nonnull(text);
    ck_assert_str_ne(text, "unknown form");
  }
  ck_assert_str_eq(
      saturn_peer_rule_text((enum saturn_peer_rule)(SATURN_PEER_ROUTING + 1)),
      "unknown rule");
  ck_assert_str_eq(
      saturn_peer_form_text((enum saturn_peer_form)(SATURN_FORM_ISATAP + 1)),
      "unknown form");
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("peer_policy");
  TCase *all = tcase_create("peer_policy");

  tcase_add_loop_test(all, T_402_conformance_row_is_judged, 0, COUNT(rows));
  tcase_add_test(all, T_400_no_family_is_refused);
  tcase_add_test(all, T_416_listener_within_the_range);
  tcase_add_test(all, T_402_entry_that_decided_is_told);
  tcase_add_test(all, T_410_tunnels_are_told);
  tcase_add_test(all, T_402_rules_and_forms_have_names);
  suite_add_tcase(suite, all);
  return suite;
}
