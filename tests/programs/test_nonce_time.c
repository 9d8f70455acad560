/* SPDX-License-Identifier: MIT
 *
 * test_nonce_time.c - the clock of a server is read from its nonces.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "nonce_time.h"

#define NOW UINT64_C(1710342816) /* 0x65f1c2a0 */

/* clang-format off */
static const struct {
  const char *why, *nonce;
  uint64_t want;
} nonces[] = {
  { "saturn's", "obMatJos2AAAA65f1c2a0-7c1f0e3d", NOW },
  { "coturn's", "65f1c2a08a7b4e1f02", NOW },
  { "pion's, milliseconds",
    "0000018e388ad300"
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    UINT64_C(0x18e388ad300) / 1000 },
  { "reTURN's", "1710342817:0123456789abcdef", NOW + 1 },
  { "16 random digits", "65f1c2a08a7b4e1f", 0 },
  { "a cookie and no time", "obMatJos2AAAAnonsense", 0 },
  { "no cookie, digits at its end", "xxxxxxxxxxxxx65f1c2a0zz", 0 },
  { "another year", "75f1c2a08a7b4e1f02", 0 },
  { "upper case", "65F1C2A08A7B4E1F02", 0 },
  { "too short", "65f1c2a0", 0 },
  { "empty", "", 0 },
};
/* clang-format on */

START_TEST(time_is_found)
{
  struct saturn_bytes nonce = { (const uint8_t *)nonces[_i].nonce,
                                strlen(nonces[_i].nonce) };

  ck_assert_msg(nonce_time(nonce, NOW) == nonces[_i].want, "%s",
                nonces[_i].why);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("nonce_time");
  TCase *one = tcase_create("forms");
  SRunner *runner;
  int failed;

  tcase_add_loop_test(one, time_is_found, 0,
                      (int)(sizeof nonces / sizeof *nonces));
  suite_add_tcase(suite, one);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
