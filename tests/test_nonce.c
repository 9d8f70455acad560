/* SPDX-License-Identifier: MIT
 *
 * test_nonce.c - nonces: features of any server's, states and lifetime of
 * ours.
 */
#include <stdlib.h>
#include <string.h>

#include "parties.h"

/*
 * vectors/nonce-cookies.tsv.
 */

static const struct table *rows;

START_TEST(S_325_features_are_read_in_either_numbering)
{
  const char *text = table_cell(rows, _i, "nonce");
  const char *bits = table_cell(rows, _i, "features");
  struct copy copy = exact_copy(unescape(text), 0);
  struct saturn_features f = saturn_nonce_features(copy.bytes);

  EXPECT(f.cookie == (*table_cell(rows, _i, "cookie") == '1'), text, "cookie");
  EXPECT(f.algorithms == (*table_cell(rows, _i, "pa_either") == '1'), text,
         "algorithms");
  EXPECT(f.anonymity == (*table_cell(rows, _i, "ua_either") == '1'), text,
         "anonymity");
  EXPECT(f.bits == (f.cookie ? strtoul(bits, NULL, 16) : 0), text, "bits");
  free(copy.block);
}
END_TEST

/* Every nonce of another server, and every prefix of ours, is foreign. */
START_TEST(S_328_nonces_of_other_servers_are_foreign)
{
  struct saturn_bytes nonce = unescape(table_cell(rows, _i, "nonce"));
  struct server server;

  server_start(&server);
  ck_assert_int_eq(saturn_nonce_check(&server.policy, &here, NOW_S, nonce),
                   SATURN_FORGED);
}
END_TEST

/*
 * Ours.
 */

struct nonce {
  uint8_t text[SATURN_NONCE_SIZE];
};

static struct nonce
mint(const struct server *server, const struct saturn_address *client)
{
  struct nonce n;

  saturn_nonce_mint(&server->policy, client, server->now_s, n.text);
  return n;
}

static enum saturn_freshness
check(const struct server *server, const struct saturn_address *client,
      const struct nonce *n)
{
  return saturn_nonce_check(&server->policy, client, server->now_s,
                            saturn_view(n->text, sizeof n->text));
}

static const char *const cookies[3][4] = {
  [SATURN_LSB_FIRST] = { "AAAA", "AAAB", "AAAC", "AAAD" },
  [SATURN_MSB_FIRST] = { "AAAA", "gAAA", "QAAA", "wAAA" },
  [SATURN_BOTH_ENDS] = { "AAAA", "gAAB", "QAAC", "wAAD" },
};

/* 13 characters of cookie, eight of time, a hyphen, ten of MAC, and all of them
   may stand in a quoted string: S-322, S-324, S-327, S-147. */
START_TEST(S_324_nonce_has_the_form_and_the_features)
{
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  struct server server;
  struct nonce n;
  int i;

  server_start(&server);
  server.policy.feature_order = (uint8_t)(_i / 4);
  server.policy.sha256 = _i % 2 != 0;
  server.policy.anonymity = _i / 2 % 2 != 0;
  n = mint(&server, &here);
  ck_assert_mem_eq(n.text, "obMatJos2", 9);
  ck_assert_mem_eq(n.text + 9, cookies[_i / 4][_i % 4], 4);
  ck_assert_mem_eq(n.text + 13, "6553f100-", 9); /* NOW_S */
  for (i = 22; i < SATURN_NONCE_SIZE; i++)
    ck_assert_ptr_nonnull(memchr(digits, n.text[i], 64));
  ck_assert_int_eq(check(&server, &here, &n), SATURN_FRESH);
}
END_TEST

static const struct {
  const char *why;
  struct saturn_address client;
} others[] = {
  { "S-327 port", { SATURN_IPV4, 40001, { 192, 0, 2, 7 } } },
  { "S-327 address", { SATURN_IPV4, 40000, { 192, 0, 2, 8 } } },
  { "S-327 family", { SATURN_IPV6, 40000, { 192, 0, 2, 7 } } },
  { "S-327 last byte of IPv6",
    { SATURN_IPV6,
      40000,
      { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } } },
};

/* Made by other means: HMAC-SHA256 over "saturn nonce", the first 22
   characters, the realm, and for the first 8 digits the address. Servers of
   one cluster may be of different versions, so this must not change. */
START_TEST(T_058_nonce_is_known)
{
  struct server server;
  struct nonce n;

  server_start(&server);
  n = mint(&server, &here);
  ck_assert_mem_eq(n.text, "obMatJos2AAAA6553f100-fRQ3d37eMT", sizeof n.text);
  n = mint(&server, &others[3].client);
  ck_assert_mem_eq(n.text, "obMatJos2AAAA6553f100-XV6iBwuvMT", sizeof n.text);
}
END_TEST

START_TEST(T_058_any_server_with_the_secret_takes_it)
{
  struct server issuer, other;
  struct nonce n;

  server_start(&issuer);
  server_start(&other);
  other.policy.sha256 = true; /* another configuration, the same cluster */
  other.policy.anonymity = true;
  other.policy.feature_order = SATURN_MSB_FIRST;
  n = mint(&issuer, &here);
  ck_assert_int_eq(check(&other, &here, &n), SATURN_FRESH);
  other.policy.secret[0][0] ^= 1;
  ck_assert_int_eq(check(&other, &here, &n), SATURN_FORGED);
}
END_TEST

START_TEST(S_327_nonce_is_bound_to_address_and_port)
{
  const struct saturn_address *other = &others[_i].client;
  struct saturn_address same = *other;
  struct server server;
  struct nonce n;

  server_start(&server);
  n = mint(&server, &here);
  EXPECT(check(&server, other, &n) == SATURN_OTHER_ADDRESS, others[_i].why,
         "not for others");
  n = mint(&server, other);
  EXPECT(check(&server, other, &n) == SATURN_FRESH, others[_i].why, "for it");
  EXPECT(check(&server, &here, &n) == SATURN_OTHER_ADDRESS, others[_i].why,
         "for nobody else");
  if (same.family == SATURN_IPV4)
    memset(same.ip + 4, 0xEE, 12); /* what an IPv4 address does not have */
  EXPECT(check(&server, &same, &n) == SATURN_FRESH, others[_i].why,
         "unused bytes");
}
END_TEST

START_TEST(S_327_nonce_is_bound_to_the_realm)
{
  struct server server;
  struct nonce n;

  server_start(&server);
  n = mint(&server, &here);
  server.policy.realm = SATURN_TEXT("example.net");
  ck_assert_int_eq(check(&server, &here, &n), SATURN_FORGED);
}
END_TEST

/*
 * Time.
 */

static const struct {
  const char *why;
  uint32_t lifetime_s;
  int64_t age_s;
  enum saturn_freshness want;
} ages[] = {
  { "S-328 default, just issued", 0, 0, SATURN_FRESH },
  { "S-328 default, 600 s", 0, 600, SATURN_FRESH },
  { "S-328 default, 601 s", 0, 601, SATURN_EXPIRED },
  { "S-328 a day", 0, 86400, SATURN_EXPIRED },
  { "T-059 lifetime 10 is 40", 10, 40, SATURN_FRESH },
  { "T-059 and no longer", 10, 41, SATURN_EXPIRED },
  { "T-059 lifetime 1", 1, 39, SATURN_FRESH },
  { "T-059 lifetime 39", 39, 40, SATURN_FRESH },
  { "T-059 lifetime 40", 40, 41, SATURN_EXPIRED },
  { "T-059 lifetime 41", 41, 41, SATURN_FRESH },
  { "S-328 lifetime 3600", 3600, 3600, SATURN_FRESH },
  { "S-328 lifetime 3601 is 3600", 3601, 3601, SATURN_EXPIRED },
  { "S-328 lifetime without end is 3600", UINT32_MAX, 3601, SATURN_EXPIRED },
  { "T-058 issued by a node 30 s ahead", 0, -30, SATURN_FRESH },
  { "T-058 31 s ahead", 0, -31, SATURN_EXPIRED },
  { "T-058 a day ahead", 0, -86400, SATURN_EXPIRED },
};

START_TEST(T_059_lifetime_has_edges)
{
  struct server server;
  struct nonce n;

  server_start(&server);
  server.policy.nonce_lifetime_s = ages[_i].lifetime_s;
  n = mint(&server, &here);
  server.now_s = (uint64_t)((int64_t)NOW_S + ages[_i].age_s);
  EXPECT(check(&server, &here, &n) == ages[_i].want, ages[_i].why, "state");
  if (ages[_i].want == SATURN_EXPIRED)
    EXPECT(check(&server, &elsewhere, &n) == SATURN_OTHER_ADDRESS, ages[_i].why,
           "the address is told before the age");
}
END_TEST

/* The second 2^32, in the year 2106, is no edge. */
START_TEST(S_328_time_may_wrap)
{
  struct server server;
  struct nonce n;

  server_start(&server);
  server.now_s = UINT64_C(0xFFFFFFF0);
  n = mint(&server, &here);
  server.now_s += 600;
  ck_assert_int_eq(check(&server, &here, &n), SATURN_FRESH);
  server.now_s += 1;
  ck_assert_int_eq(check(&server, &here, &n), SATURN_EXPIRED);
}
END_TEST

/*
 * Rotation.
 */

static void
rotate(struct server *server, uint8_t fill)
{
  memcpy(server->policy.secret[1], server->policy.secret[0],
         SATURN_SECRET_SIZE);
  memset(server->policy.secret[0], fill, SATURN_SECRET_SIZE);
  server->policy.rotated = true;
}

START_TEST(T_058_the_secret_before_still_counts)
{
  struct server server;
  struct nonce old, fresh;

  server_start(&server);
  old = mint(&server, &here);
  rotate(&server, 7);
  fresh = mint(&server, &here);
  ck_assert_mem_ne(old.text, fresh.text, sizeof old.text);
  ck_assert_int_eq(check(&server, &here, &old), SATURN_OLDER_SECRET);
  ck_assert_int_eq(check(&server, &here, &fresh), SATURN_FRESH);
  ck_assert_int_eq(check(&server, &elsewhere, &old), SATURN_OTHER_ADDRESS);
  server.now_s += 601;
  ck_assert_int_eq(check(&server, &here, &old), SATURN_EXPIRED);
  server.now_s -= 601;
  server.policy.rotated = false;
  ck_assert_int_eq(check(&server, &here, &old), SATURN_FORGED);
  server.policy.rotated = true;
  rotate(&server, 8);
  ck_assert_int_eq(check(&server, &here, &old), SATURN_FORGED);
  ck_assert_int_eq(check(&server, &here, &fresh), SATURN_OLDER_SECRET);
}
END_TEST

/*
 * Forgeries.
 */

/* No bit of a nonce can change, with one secret or two: also not one of the
   features, which are under the MAC. */
START_TEST(S_328_no_bit_can_change)
{
  enum saturn_freshness state;
  struct server server;
  struct nonce n;
  int bit;

  server_start(&server);
  server.policy.sha256 = true;
  n = mint(&server, &here);
  if (_i == 1)
    rotate(&server, 9);
  for (bit = 0; bit < 8 * SATURN_NONCE_SIZE; bit++) {
    n.text[bit / 8] ^= (uint8_t)(1 << bit % 8);
    state = check(&server, &here, &n);
    ck_assert_msg(state == SATURN_FORGED || state == SATURN_OTHER_ADDRESS,
                  "bit %d of character %d", bit % 8, bit / 8);
    if (bit / 8 < 22 || bit / 8 >= 30)
      ck_assert_msg(state == SATURN_FORGED, "character %d", bit / 8);
    n.text[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}
END_TEST

/* A client that would refresh its own nonce, or take features from it. */
START_TEST(S_327_time_and_features_are_under_the_mac)
{
  struct server server, later;
  struct nonce old, young, n;

  server_start(&server);
  server_start(&later);
  later.now_s += 300;
  later.policy.sha256 = true;
  old = mint(&server, &here);
  young = mint(&later, &here);
  n = old;
  memcpy(n.text + 13, young.text + 13, 8);
  ck_assert_int_eq(check(&later, &here, &n), SATURN_FORGED);
  n = young;
  memcpy(n.text + 9, old.text + 9, 4);
  ck_assert_int_eq(check(&later, &here, &n), SATURN_FORGED);
  n = young;
  memcpy(n.text + 22, old.text + 22, 8);
  ck_assert_int_eq(check(&later, &here, &n), SATURN_OTHER_ADDRESS);
}
END_TEST

START_TEST(S_328_other_lengths_are_foreign)
{
  uint8_t text[SATURN_NONCE_SIZE + 1] = { 0 };
  struct server server;
  struct nonce n;
  struct copy copy;
  size_t len;

  server_start(&server);
  n = mint(&server, &here);
  memcpy(text, n.text, sizeof n.text);
  for (len = 0; len <= sizeof text; len++) {
    copy = exact_copy(saturn_view(text, len), 0);
    ck_assert_int_eq(
        saturn_nonce_check(&server.policy, &here, NOW_S, copy.bytes),
        len == SATURN_NONCE_SIZE ? SATURN_FRESH : SATURN_FORGED);
    free(copy.block);
  }
}
END_TEST

/* The MAC is HMAC-SHA256 with a secret of 32 bytes, all of which count. */
START_TEST(S_327_every_byte_of_the_secret_counts)
{
  struct server server, other;
  struct nonce a, b;
  int i;

  server_start(&server);
  a = mint(&server, &here);
  for (i = 0; i < SATURN_SECRET_SIZE; i++) {
    server_start(&other);
    other.policy.secret[0][i] ^= 0x80;
    b = mint(&other, &here);
    ck_assert_mem_eq(a.text, b.text, 22);
    ck_assert_mem_ne(a.text + 22, b.text + 22, SATURN_NONCE_SIZE - 22);
  }
}
END_TEST

static void
add_ours(TCase *t)
{
  tcase_add_loop_test(t, S_324_nonce_has_the_form_and_the_features, 0, 12);
  tcase_add_test(t, T_058_nonce_is_known);
  tcase_add_test(t, T_058_any_server_with_the_secret_takes_it);
  tcase_add_loop_test(t, S_327_nonce_is_bound_to_address_and_port, 0,
                      COUNT(others));
  tcase_add_test(t, S_327_nonce_is_bound_to_the_realm);
  tcase_add_loop_test(t, T_059_lifetime_has_edges, 0, COUNT(ages));
  tcase_add_test(t, S_328_time_may_wrap);
  tcase_add_test(t, T_058_the_secret_before_still_counts);
  tcase_add_loop_test(t, S_328_no_bit_can_change, 0, 2);
  tcase_add_test(t, S_327_time_and_features_are_under_the_mac);
  tcase_add_test(t, S_328_other_lengths_are_foreign);
  tcase_add_test(t, S_327_every_byte_of_the_secret_counts);
}

Suite *
suite(void)
{
  Suite *nonce = suite_create("nonce");
  TCase *cookie = tcase_create("nonce-cookies.tsv");
  TCase *ours = tcase_create("ours");
  int n;

  rows = table_load("vectors/nonce-cookies.tsv");
  n = table_rows(rows);
  tcase_add_loop_test(cookie, S_325_features_are_read_in_either_numbering, 0,
                      n);
  tcase_add_loop_test(cookie, S_328_nonces_of_other_servers_are_foreign, 0, n);
  add_ours(ours);
  suite_add_tcase(nonce, cookie);
  suite_add_tcase(nonce, ours);
  return nonce;
}
