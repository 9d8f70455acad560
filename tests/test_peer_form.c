/* SPDX-License-Identifier: MIT
 *
 * test_peer_form.c - peers in every disguise, at every boundary.
 */
#include <string.h>

#include "harness.h"

#define RULE(name) SATURN_PEER_##name

static struct saturn_address
address_of(const char *text)
{
  struct saturn_address a;

  ck_assert_msg(saturn_address_parse(&a, text_of(text)) == SATURN_OK, "%s",
                text);
  return a;
}

/*
 * Every boundary of every range, in all encodings, against an oracle that
 * knows prefixes and numbers only.
 */

struct prefix4 {
  uint32_t ip;
  unsigned bits;
  enum saturn_peer_rule rule;
};

/* clang-format off */
static const struct prefix4 prefixes4[] = {
  { 0x00000000, 8, RULE(UNSPECIFIED) },  { 0x7f000000, 8, RULE(LOOPBACK) },
  { 0xa9fe0000, 16, RULE(LINK_LOCAL) },  { 0xe0000000, 4, RULE(MULTICAST) },
  { 0xf0000000, 4, RULE(RESERVED) },     { 0x0a000000, 8, RULE(PRIVATE) },
  { 0xac100000, 12, RULE(PRIVATE) },     { 0xc0a80000, 16, RULE(PRIVATE) },
  { 0x64400000, 10, RULE(SHARED) },      { 0xc0000000, 24, RULE(PROTOCOL) },
  { 0xc0000200, 24, RULE(DOCUMENTATION) },
  { 0xc6336400, 24, RULE(DOCUMENTATION) },
  { 0xcb007100, 24, RULE(DOCUMENTATION) },
  { 0xc0586300, 24, RULE(6TO4_RELAY) },  { 0xc6120000, 15, RULE(BENCHMARKING) },
};
/* clang-format on */

static uint32_t
mask4(unsigned bits)
{
  return (uint32_t)(0xffffffffULL << (32 - bits));
}

static enum saturn_peer_rule
oracle4(uint32_t ip)
{
  int i;

  for (i = 0; i < COUNT(prefixes4); i++)
    if ((ip & mask4(prefixes4[i].bits)) == prefixes4[i].ip)
      return prefixes4[i].rule;
  return SATURN_PEER_ALLOWED;
}

static struct saturn_address
plain4(uint32_t ip)
{
  struct saturn_address a = { SATURN_IPV4, 5000, { 0 } };
  int i;

  for (i = 0; i < 4; i++)
    a.ip[i] = (uint8_t)(ip >> (24 - 8 * i));
  return a;
}

/* How an encoding writes an IPv4 address: a prefix, and for each byte of it
   where it goes. */
struct encoding {
  const char *name, *prefix;
  int at[4];
  uint8_t flip;
  enum saturn_peer_form form;
  enum saturn_peer_rule literal; /* what is said of the disguise itself */
};

/* clang-format off */
static const struct encoding encodings[] = {
  { "mapped", "::ffff:0:0", { 12, 13, 14, 15 }, 0, SATURN_FORM_MAPPED,
    RULE(MAPPED) },
  { "compatible", "::", { 12, 13, 14, 15 }, 0, SATURN_FORM_COMPATIBLE,
    RULE(COMPATIBLE) },
  { "translated", "::ffff:0:0:0", { 12, 13, 14, 15 }, 0,
    SATURN_FORM_TRANSLATED, RULE(ALLOWED) },
  { "NAT64", "64:ff9b::", { 12, 13, 14, 15 }, 0, SATURN_FORM_NAT64,
    RULE(ALLOWED) },
  { "local NAT64", "64:ff9b:1::", { 6, 7, 9, 10 }, 0, SATURN_FORM_LOCAL_NAT64,
    RULE(LOCAL_NAT64) },
  { "6to4", "2002::1", { 2, 3, 4, 5 }, 0, SATURN_FORM_6TO4, RULE(6TO4) },
  { "Teredo", "2001:0:808:808:0:ffff::", { 12, 13, 14, 15 }, 255,
    SATURN_FORM_TEREDO, RULE(TEREDO) },
  { "Teredo server", "2001::ffff:f7f7:f7f7", { 4, 5, 6, 7 }, 0,
    SATURN_FORM_TEREDO_SERVER, RULE(TEREDO) },
  { "ISATAP", "2606:4700::5efe:0:0", { 12, 13, 14, 15 }, 0,
    SATURN_FORM_ISATAP, RULE(ALLOWED) },
  { "ISATAP u", "2606:4700::200:5efe:0:0", { 12, 13, 14, 15 }, 0,
    SATURN_FORM_ISATAP, RULE(ALLOWED) },
  { "own NAT64 32", "2606:4700::", { 4, 5, 6, 7 }, 0, SATURN_FORM_OWN_NAT64,
    RULE(ALLOWED) },
  { "own NAT64 40", "2606:4701:100::", { 5, 6, 7, 9 }, 0,
    SATURN_FORM_OWN_NAT64, RULE(ALLOWED) },
  { "own NAT64 48", "2606:4702:1::", { 6, 7, 9, 10 }, 0,
    SATURN_FORM_OWN_NAT64, RULE(ALLOWED) },
  { "own NAT64 56", "2606:4703:1:200::", { 7, 9, 10, 11 }, 0,
    SATURN_FORM_OWN_NAT64, RULE(ALLOWED) },
  { "own NAT64 64", "2606:4704:1:2::", { 9, 10, 11, 12 }, 0,
    SATURN_FORM_OWN_NAT64, RULE(ALLOWED) },
  { "own NAT64 96", "2606:4705:1:2::", { 12, 13, 14, 15 }, 0,
    SATURN_FORM_OWN_NAT64, RULE(ALLOWED) },
};
/* clang-format on */

static const uint8_t nat64_bits[] = { 32, 40, 48, 56, 64, 96 };

/* The policy with the operator's prefixes from row FROM of the encodings. */
static void
nat64_policy(struct saturn_peer_policy *policy,
             struct saturn_nat64_prefix prefixes[6])
{
  int i;

  memset(policy, 0, sizeof *policy);
  for (i = 0; i < 6; i++) {
    struct saturn_address a =
        address_of(encodings[COUNT(encodings) - 6 + i].prefix);

    memcpy(prefixes[i].ip, a.ip, 16);
    prefixes[i].bits = nat64_bits[i];
  }
  policy->nat64 = prefixes;
  policy->n_nat64 = 6;
}

static struct saturn_address
encode(const struct encoding *e, uint32_t ip)
{
  struct saturn_address a = address_of(e->prefix), plain = plain4(ip);
  int i;

  for (i = 0; i < 4; i++)
    a.ip[e->at[i]] = plain.ip[i] ^ e->flip;
  a.port = plain.port;
  return a;
}

/* What is to be said of IP in an encoding. :: and ::1 are nobody's disguise,
   and the first operator prefix also holds the ISATAP rows. */
static void
check_encoding(const struct encoding *e, uint32_t ip,
               const struct saturn_peer_policy *policy)
{
  struct saturn_address peer = encode(e, ip), carried;
  enum saturn_peer_rule want = e->literal;
  enum saturn_peer_form form = SATURN_FORM_LITERAL;
  struct saturn_peer_ruling ruling;
  bool short_one = e->form == SATURN_FORM_COMPATIBLE && ip <= 1;

  if (short_one)
    want = ip == 0 ? SATURN_PEER_UNSPECIFIED : SATURN_PEER_LOOPBACK;
  if (want == SATURN_PEER_ALLOWED && oracle4(ip) >= SATURN_PEER_NO_ADDRESS) {
    want = oracle4(ip);
    form = e->form;
  }
  saturn_peer_allowed(policy, &peer, true, &ruling);
  EXPECT(ruling.rule == want, e->name,
         saturn_peer_rule_text((enum saturn_peer_rule)ruling.rule));
  EXPECT(ruling.form == form, e->name, hex(saturn_view(peer.ip, 16)));
  if (e->form == SATURN_FORM_OWN_NAT64)
    return;
  EXPECT(saturn_address_carried(&peer, e->form, &carried) == !short_one,
         e->name, "is recognised");
  if (!short_one) {
    struct saturn_address plain = plain4(ip);

    EXPECT(saturn_address_equal(&carried, &plain), e->name, "is decoded");
  }
}

START_TEST(T_401_ipv4_boundary_in_every_encoding)
{
  const struct prefix4 *p = &prefixes4[_i];
  uint32_t last = p->ip | ~mask4(p->bits);
  const uint32_t edges[] = { p->ip - 1, p->ip, p->ip + 1,
                             last - 1,  last,  last + 1 };
  struct saturn_nat64_prefix prefixes[6];
  struct saturn_peer_policy strict = { 0 }, nat64;
  int i, k;

  nat64_policy(&nat64, prefixes);
  for (i = 0; i < COUNT(edges); i++) {
    struct saturn_address peer = plain4(edges[i]);
    struct saturn_peer_ruling ruling;

    ck_assert(saturn_peer_allowed(&strict, &peer, true, &ruling)
              == (oracle4(edges[i]) == SATURN_PEER_ALLOWED));
    ck_assert_int_eq(ruling.rule, oracle4(edges[i]));
    for (k = 0; k < COUNT(encodings); k++)
      check_encoding(&encodings[k], edges[i],
                     encodings[k].form == SATURN_FORM_OWN_NAT64 ? &nat64
                                                                : &strict);
  }
}
END_TEST

struct prefix6 {
  const char *first, *last;
  enum saturn_peer_rule rule, before, behind;
};

/* What stands right before and right behind a range is asserted, too. */
/* clang-format off */
#define FFFF "ffff:ffff:ffff:ffff"
static const struct prefix6 prefixes6[] = {
  { "::2", "::ffff:ffff", RULE(COMPATIBLE), RULE(LOOPBACK), RULE(ALLOWED) },
  { "::ffff:0:0", "::ffff:ffff:ffff", RULE(MAPPED), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "64:ff9b:1::", "64:ff9b:1:ffff:" FFFF, RULE(LOCAL_NAT64), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "100::", "100::" FFFF, RULE(DISCARD), RULE(ALLOWED), RULE(ALLOWED) },
  { "2001::", "2001:0:ffff:ffff:" FFFF, RULE(TEREDO), RULE(ALLOWED),
    RULE(PROTOCOL) },
  { "2001:1::", "2001:1ff:ffff:ffff:" FFFF, RULE(PROTOCOL), RULE(TEREDO),
    RULE(ALLOWED) },
  { "2001:db8::", "2001:db8:ffff:ffff:" FFFF, RULE(DOCUMENTATION),
    RULE(ALLOWED), RULE(ALLOWED) },
  { "2002::", "2002:ffff:ffff:ffff:" FFFF, RULE(6TO4), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "3fff::", "3fff:fff:ffff:ffff:" FFFF, RULE(DOCUMENTATION), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "5f00::", "5f00:ffff:ffff:ffff:" FFFF, RULE(ROUTING), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "fc00::", "fdff:ffff:ffff:ffff:" FFFF, RULE(PRIVATE), RULE(ALLOWED),
    RULE(ALLOWED) },
  { "fe80::", "febf:ffff:ffff:ffff:" FFFF, RULE(LINK_LOCAL), RULE(ALLOWED),
    RULE(SITE_LOCAL) },
  { "fec0::", "feff:ffff:ffff:ffff:" FFFF, RULE(SITE_LOCAL), RULE(LINK_LOCAL),
    RULE(MULTICAST) },
  { "ff00::", "ffff:ffff:ffff:ffff:" FFFF, RULE(MULTICAST), RULE(SITE_LOCAL),
    RULE(UNSPECIFIED) },
};
/* clang-format on */

/* Add 1 or -1 to an IPv6 address; it wraps. */
static struct saturn_address
step6(struct saturn_address a, int by)
{
  int i;

  for (i = 15; i >= 0; i--) {
    a.ip[i] = (uint8_t)(a.ip[i] + by);
    if (a.ip[i] != (by > 0 ? 0 : 255))
      break;
  }
  return a;
}

static void
expect6(const struct saturn_address *peer, enum saturn_peer_rule want)
{
  struct saturn_peer_policy policy = { 0 };
  struct saturn_peer_ruling ruling;

  saturn_peer_allowed(&policy, peer, true, &ruling);
  ck_assert_msg(ruling.rule == want, "%s: %s", hex(saturn_view(peer->ip, 16)),
                saturn_peer_rule_text((enum saturn_peer_rule)ruling.rule));
}

START_TEST(T_401_ipv6_boundary)
{
  const struct prefix6 *p = &prefixes6[_i];
  struct saturn_address first = address_of(p->first);
  struct saturn_address last = address_of(p->last), next;

  expect6(&first, p->rule);
  expect6(&last, p->rule);
  next = step6(first, 1);
  expect6(&next, p->rule);
  next = step6(last, -1);
  expect6(&next, p->rule);
  next = step6(first, -1);
  expect6(&next, p->before);
  next = step6(last, 1);
  expect6(&next, p->behind);
}
END_TEST

START_TEST(T_401_only_ipv6_carries)
{
  struct saturn_address carried, peer = address_of("127.0.0.1");
  int form;

  for (form = SATURN_FORM_LITERAL; form <= SATURN_FORM_ISATAP + 1; form++)
    ck_assert(
        !saturn_address_carried(&peer, (enum saturn_peer_form)form, &carried));
  peer = address_of("2606:4700::1");
  for (form = SATURN_FORM_LITERAL; form <= SATURN_FORM_ISATAP + 1; form++)
    ck_assert(
        !saturn_address_carried(&peer, (enum saturn_peer_form)form, &carried));
}
END_TEST

/* A prefix of a length that RFC 6052 does not have never matches. */
START_TEST(T_401_odd_prefix_lengths_never_match)
{
  struct saturn_nat64_prefix prefix = { { 0x26, 0x06 }, 0 };
  struct saturn_peer_policy policy = { 0 };
  struct saturn_address peer = address_of("[2606::]:1");
  unsigned bits;

  policy.nat64 = &prefix;
  policy.n_nat64 = 1;
  for (bits = 0; bits < 256; bits++) {
    bool known = bits == 32 || bits == 40 || bits == 48 || bits == 56
                 || bits == 64 || bits == 96;

    prefix.bits = (uint8_t)bits; /* what it carries is 0.0.0.0 */
    ck_assert(saturn_peer_allowed(&policy, &peer, true, NULL) == !known);
  }
}
END_TEST

Suite *
suite(void)
{
  Suite *suite = suite_create("peer_form");
  TCase *all = tcase_create("peer_form");

  tcase_add_loop_test(all, T_401_ipv4_boundary_in_every_encoding, 0,
                      COUNT(prefixes4));
  tcase_add_loop_test(all, T_401_ipv6_boundary, 0, COUNT(prefixes6));
  tcase_add_test(all, T_401_only_ipv6_carries);
  tcase_add_test(all, T_401_odd_prefix_lengths_never_match);
  suite_add_tcase(suite, all);
  return suite;
}
