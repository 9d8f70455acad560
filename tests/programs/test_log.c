/* SPDX-License-Identifier: MIT
 *
 * test_log.c - the log of turn-server, by a clock of the test: what is equal
 * is written once, and counted every minute (B-41).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../examples/turn-server/log.h"
#include "program.h"

static saturn_ms clock_ms = 1000000;
static char path[] = "/tmp/saturn-log-XXXXXX";

/* log.c was built to ask this one. */
saturn_ms
now_ms(void)
{
  return clock_ms;
}

static void
open_log(void)
{
  int fd;

  strcpy(path + strlen(path) - 6, "XXXXXX");
  fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  close(fd);
  ck_assert(log_open(path, false));
}

/* Close it; how many lines there are, and the last without its time. */
static unsigned
close_log(char last[1024])
{
  FILE *file;
  char line[1024];
  unsigned n = 0;

  log_close();
  file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  while (fgets(line, sizeof line, file) != NULL) {
    strcpy(last, line + 25);
    n++;
  }
  fclose(file);
  unlink(path);
  return n;
}

static void
guess(const char *user)
{
  const struct saturn_address a = { .family = SATURN_IPV4, .ip = { 192, 0 } };

  log_repeated(LOG_WARNING, "TURN-AUTH-FAIL", &a, user, "user %s", user);
}

static void
wait_s(unsigned seconds)
{
  for (unsigned i = 0; i < seconds; i++) {
    clock_ms += 1000;
    log_tick(clock_ms);
  }
}

START_TEST(B41_first_then_a_count_each_minute)
{
  char last[1024];

  open_log();
  for (int i = 0; i < 50; i++) {
    guess("alice");
    wait_s(1);
  }
  wait_s(10); /* alice: 49 in the first minute */
  guess("alice");
  wait_s(60);
  ck_assert_uint_eq(close_log(last), 3);
  ck_assert_str_eq(last,
                   "warning TURN-AUTH-FAIL user alice (and 1 like it since)\n");
}
END_TEST

START_TEST(B41_after_a_quiet_minute_it_is_news)
{
  char last[1024];

  open_log();
  guess("alice");
  wait_s(61);
  guess("alice");
  ck_assert_uint_eq(close_log(last), 2);
  ck_assert_str_eq(last, "warning TURN-AUTH-FAIL user alice\n");
}
END_TEST

START_TEST(B41_nothing_is_lost_where_many_are_told_apart)
{
  unsigned lines;
  char name[16], last[1024];

  open_log();
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 1000; i++) {
      snprintf(name, sizeof name, "user%d", i);
      guess(name);
    }
  lines = close_log(last);
  ck_assert_uint_ge(lines, 1000); /* each was written, */
  ck_assert_uint_le(lines, 2000); /* and none twice without need */
}
END_TEST

START_TEST(B41_what_is_left_is_said_at_the_end)
{
  char last[1024];

  open_log();
  for (int i = 0; i < 5; i++)
    guess("alice");
  ck_assert_uint_eq(close_log(last), 2);
  ck_assert_ptr_nonnull(strstr(last, "(and 4 like it since)"));
}
END_TEST

START_TEST(a_line_stays_one)
{
  char last[1024], text[2000];

  open_log();
  log_event(LOG_INFO, "TURN-USERDB", "%s", "a\nb\r\x1b[2Jc");
  ck_assert_uint_eq(close_log(last), 1);
  ck_assert_str_eq(last, "info TURN-USERDB a?b??[2Jc\n");
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  open_log();
  log_event(LOG_INFO, "TURN-USERDB", "%s", text);
  ck_assert_uint_eq(close_log(last), 1);
  ck_assert_uint_le(strlen(last), 1000);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("log");
  TCase *all = tcase_create("all");
  SRunner *runner = srunner_create(suite);
  int failed;

  tcase_add_test(all, B41_first_then_a_count_each_minute);
  tcase_add_test(all, B41_after_a_quiet_minute_it_is_news);
  tcase_add_test(all, B41_nothing_is_lost_where_many_are_told_apart);
  tcase_add_test(all, B41_what_is_left_is_said_at_the_end);
  tcase_add_test(all, a_line_stays_one);
  suite_add_tcase(suite, all);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
