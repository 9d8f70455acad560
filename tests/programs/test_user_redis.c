/* SPDX-License-Identifier: MIT
 *
 * test_user_redis.c - users in a redis-server that comes and goes.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "store_engines.h"

START_TEST(redis_that_is_away_is_unavailable_and_noted_once)
{
  engines[REDIS].start();
  config.ephemeral = true;
  texts_add(&config.secrets, "north");
  texts_add(&config.users, "static:x");
  bench_stop(redis_pid);
  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert(is_key_of(bench_user("static"), SATURN_MD5, "static", "x"));
  ck_assert(has_secret(bench_user("1800000000:a"), "north", "1800000000:a"));
  ck_assert_ptr_nonnull(strstr(notes, "redis-userdb: 127.0.0.1 port "));
  ck_assert_ptr_nonnull(strstr(notes, "Connection refused"));
  ck_assert_ptr_eq(strchr(notes, '\n'), notes + strlen(notes) - 1);
}
END_TEST

START_TEST(redis_that_comes_back_is_connected_again)
{
  engines[REDIS].start();
  engines[REDIS].set_key(REALM, "alice", MD5);
  bench_open();
  ck_assert(has_md5(bench_user("alice")));
  bench_stop(redis_pid);
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_UNAVAILABLE);
  launch_redis("");
  engines[REDIS].set_key(REALM, "bob", MD5);
  bench_pass(1100);
  ck_assert(has_md5(bench_user("bob")));
  ck_assert_ptr_nonnull(strstr(notes, "well again"));
}
END_TEST

START_TEST(redis_that_restarts_unseen_is_connected_again)
{
  engines[REDIS].start();
  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNKNOWN_USER);
  bench_stop(redis_pid);
  launch_redis("");
  engines[REDIS].set_key(REALM, "bob", MD5);
  ck_assert(has_md5(bench_user("bob")));
  ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(secrets_of_a_redis_that_went_away_are_still_used)
{
  const char *name = "1800000000:alice";

  engines[REDIS].start();
  config.cache_s = 1;
  config.ephemeral = true;
  engines[REDIS].add_secret(REALM, "north");
  bench_open();
  ck_assert(has_secret(bench_user(name), "north", name));
  bench_stop(redis_pid);
  bench_pass(1100);
  ck_assert(has_secret(bench_user(name), "north", name));
}
END_TEST

START_TEST(redis_passwords_and_numbers_of_databases_count)
{
  char number[16];
  const char *command[] = { bench_program("redis-cli"),
                            "-e",
                            "-n",
                            "3",
                            "-a",
                            "Wh1sper",
                            "-p",
                            number,
                            "set",
                            redis_key(REALM, "alice"),
                            MD5,
                            NULL };

  engines[REDIS].start();
  bench_stop(redis_pid);
  launch_redis("Wh1sper");
  command[0] = bench_program("redis-cli");
  snprintf(number, sizeof number, "%u", redis_port);
  ck_assert(bench_feed(command, ""));

  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert_ptr_nonnull(strstr(notes, "NOAUTH"));
  snprintf(redis_target, sizeof redis_target,
           "ip=127.0.0.1 port=%u dbname=3 password=no", redis_port);
  bench_reload();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert_ptr_nonnull(strstr(notes, "AUTH: "));
  snprintf(redis_target, sizeof redis_target,
           "ip=127.0.0.1 port=%u dbname=3 password=Wh1sper", redis_port);
  bench_reload();
  ck_assert(has_md5(bench_user("alice")));
  snprintf(redis_target, sizeof redis_target,
           "ip=127.0.0.1 port=%u dbname=3 user=default password=Wh1sper",
           redis_port);
  bench_reload();
  ck_assert(has_md5(bench_user("alice")));
  snprintf(redis_target, sizeof redis_target,
           "port=%u dbname=99 password=Wh1sper", redis_port);
  bench_reload();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert_ptr_null(strstr(notes, "Wh1sper"));
}
END_TEST

/* A Redis that says nothing holds up those who wait for it, but neither the
   loop nor more than so many. */
START_TEST(redis_that_hangs_holds_up_nothing_else)
{
  struct answer last;
  struct user_wish wish = wish_for("alice");
  uint64_t start;
  int n = 4;

  engines[REDIS].start();
  config.max_waiting = 4;
  texts_add(&config.users, "static:x");
  snprintf(redis_target, sizeof redis_target, "port=%u connect_timeout=1",
           redis_port);
  ck_assert_int_eq(kill(redis_pid, SIGSTOP), 0);
  bench_open();
  for (int i = 0; i < n; i++)
    ck_assert_ptr_nonnull(bench_ask(&wish, &many[i]));
  ck_assert_ptr_null(bench_ask(&wish, &last));
  ck_assert_int_eq(last.why, SATURN_WHY_UNAVAILABLE);
  start = now_ms();
  ck_assert(is_key_of(bench_user("static"), SATURN_MD5, "static", "x"));
  bench_pass(100);
  ck_assert_uint_lt(now_ms() - start, 800);
  ck_assert(bench_wait(are_all_answered, &n, 10000));
  ck_assert_int_eq(many[0].why, SATURN_WHY_UNAVAILABLE);
  ck_assert_uint_lt(now_ms() - start, 5000);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("users in redis");
  TCase *t = tcase_create("redis");

  tcase_add_test(t, redis_that_is_away_is_unavailable_and_noted_once);
  tcase_add_test(t, redis_that_comes_back_is_connected_again);
  tcase_add_test(t, redis_that_restarts_unseen_is_connected_again);
  tcase_add_test(t, secrets_of_a_redis_that_went_away_are_still_used);
  tcase_add_test(t, redis_passwords_and_numbers_of_databases_count);
  tcase_add_test(t, redis_that_hangs_holds_up_nothing_else);
  return run_suite_with(suite, t, engines[REDIS].is_there());
}
