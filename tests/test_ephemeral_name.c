/* SPDX-License-Identifier: MIT
 *
 * test_ephemeral_name.c - the user names of time-limited credentials, by the
 * clock (T-580 to T-588).
 */
#include <stdlib.h>
#include <string.h>

#include "parties.h"

static const struct saturn_ephemeral_policy plain;

struct name {
  const char *why, *text;
  int64_t now; /* less NOW_S */
  struct saturn_ephemeral_policy policy;
  enum saturn_why want;
  const char *user; /* null: the whole name */
  uint64_t late_s;
};

#define USER_FIRST                                                             \
  {                                                                            \
    .refuse_user_first = true                                                  \
  }

static const struct name names[] = {
  { "T-583 now is the expiry",
    "1700000000:alice",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    "alice",
    0 },
  { "T-583 a second late",
    "1700000000:alice",
    1,
    { 0 },
    SATURN_WHY_EXPIRED,
    "alice",
    1 },
  { "T-583 a year late",
    "1700000000:alice",
    31536000,
    { 0 },
    SATURN_WHY_EXPIRED,
    "alice",
    31536000 },
  { "T-583 skew covers it",
    "1700000000:alice",
    30,
    { .skew_s = 30 },
    SATURN_WHY_NOTHING,
    "alice",
    30 },
  { "T-583 skew does not",
    "1700000000:alice",
    31,
    { .skew_s = 30 },
    SATURN_WHY_EXPIRED,
    "alice",
    31 },
  { "S-392 expiry 0",
    "0:alice",
    0,
    { 0 },
    SATURN_WHY_EXPIRED,
    "alice",
    1700000000 },
  { "T-588 just near enough",
    "1700086400:a",
    0,
    { .horizon_s = 86400 },
    SATURN_WHY_NOTHING,
    "a",
    0 },
  { "T-588 a second too far",
    "1700086401:a",
    0,
    { .horizon_s = 86400 },
    SATURN_WHY_TOO_FAR,
    "a",
    0 },
  { "T-588 no limit", "999999999999:a", 0, { 0 }, SATURN_WHY_NOTHING, "a", 0 },
  { "T-581 alone", "1700000000", 0, { 0 }, SATURN_WHY_NOTHING, NULL, 0 },
  { "T-586 empty user", "1700000000:", 0, { 0 }, SATURN_WHY_NOTHING, NULL, 0 },
  { "T-580 separators in the user",
    "1700000000:a:b:c",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    "a:b:c",
    0 },
  { "T-580 digits in the user",
    "1700000000:1700000001",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    "1700000001",
    0 },
  { "T-581 user first",
    "alice:1700000000",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    "alice",
    0 },
  { "T-581 user first, late",
    "alice:1700000000",
    9,
    { 0 },
    SATURN_WHY_EXPIRED,
    "alice",
    9 },
  { "T-581 user first refused", "alice:1700000000", 0, USER_FIRST,
    SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-581 expiry first is not refused", "1700000000:alice", 0, USER_FIRST,
    SATURN_WHY_NOTHING, "alice", 0 },
  { "S-391 other separator",
    "1700000000|a:b",
    0,
    { .separator = '|' },
    SATURN_WHY_NOTHING,
    "a:b",
    0 },
  { "S-391 only that one",
    "1700000000:alice",
    0,
    { .separator = '|' },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 12 digits", "170000000000:a", 0, { 0 }, SATURN_WHY_NOTHING, "a", 0 },
  { "T-587 13 digits are milliseconds",
    "1700000000000:a",
    0,
    { 0 },
    SATURN_WHY_MILLISECONDS,
    "a",
    0 },
  { "T-587 milliseconds, late",
    "1700000000000:a",
    60,
    { 0 },
    SATURN_WHY_MILLISECONDS,
    "a",
    60 },
  { "T-587 14 digits",
    "17000000000000:a",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-581 digits first are no user",
    "17000000000000:1700000000",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 20 digits",
    "99999999999999999999:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 2^64 + 1700000000",
    "18446744075409551616:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-581 empty user first",
    ":1700000000",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    NULL,
    0 },
  { "T-581 one letter first",
    "a:1700000000",
    0,
    { 0 },
    SATURN_WHY_NOTHING,
    "a",
    0 },
  { "T-581 one digit", "7", 0, { 0 }, SATURN_WHY_EXPIRED, NULL, 1699999993 },
  { "T-587 one letter", "a", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-587 nothing", "", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-587 separator alone", ":", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-587 no digits", "abc:def", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-587 minus", "-1:alice", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
  { "T-587 plus",
    "+1700000000:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 hexadecimal",
    "0x7:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 blank",
    "1700000000 :alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 blank in front",
    " 1700000000:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 fraction",
    "1700000000.5:alice",
    0,
    { 0 },
    SATURN_WHY_NOT_EPHEMERAL,
    NULL,
    0 },
  { "T-587 only a name", "alice", 0, { 0 }, SATURN_WHY_NOT_EPHEMERAL, NULL, 0 },
};

START_TEST(T_587_name_is_judged)
{
  const struct name *n = &names[_i];
  struct copy name = exact_copy(text_of(n->text), 0);
  struct saturn_ephemeral e = { 77, { NULL, 77 }, 77 };
  enum saturn_why why = saturn_ephemeral_check(
      &n->policy, name.bytes, (uint64_t)((int64_t)NOW_S + n->now), &e);

  EXPECT(why == n->want, n->why, saturn_why_text(why));
  if (n->want == SATURN_WHY_NOT_EPHEMERAL) {
    EXPECT(e.expiry_s == 77 && e.late_s == 77, n->why, "not written");
  } else {
    EXPECT(e.late_s == n->late_s, n->why, "lateness");
    EXPECT(same_bytes(e.user, n->user != NULL ? text_of(n->user) : name.bytes),
           n->why, "user");
  }
  free(name.block);
}
END_TEST

START_TEST(T_587_names_that_cannot_be_made)
{
  static uint8_t user[600], room[600];
  size_t len = 77;

  memset(user, 'u', sizeof user);
  ck_assert_int_eq(saturn_ephemeral_username(&plain, 1000000000000,
                                             saturn_view(user, 1), room,
                                             sizeof room, &len),
                   SATURN_E_RANGE);
  ck_assert_int_eq(saturn_ephemeral_username(&plain, NOW_S,
                                             saturn_view(user, 498), room,
                                             sizeof room, &len),
                   SATURN_E_RANGE);
  ck_assert_int_eq(saturn_ephemeral_username(
                       &plain, NOW_S, saturn_view(user, 8), room, 18, &len),
                   SATURN_E_SPACE);
  ck_assert_uint_eq(len, 77);
  ck_assert_int_eq(saturn_ephemeral_username(
                       &plain, NOW_S, saturn_view(user, 497), room, 508, &len),
                   SATURN_OK);
  ck_assert_uint_eq(len, 508);
  ck_assert_int_eq(saturn_ephemeral_username(&plain, 999999999999,
                                             saturn_view(user, 0), room, 12,
                                             &len),
                   SATURN_OK);
  ck_assert_mem_eq(room, "999999999999", 12);
}
END_TEST

Suite *
suite(void)
{
  Suite *suite_of_names = suite_create("ephemeral_name");
  TCase *by_clock = tcase_create("names");

  tcase_add_loop_test(by_clock, T_587_name_is_judged, 0, COUNT(names));
  tcase_add_test(by_clock, T_587_names_that_cannot_be_made);
  suite_add_tcase(suite_of_names, by_clock);
  return suite_of_names;
}
