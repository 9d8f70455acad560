/* SPDX-License-Identifier: MIT
 *
 * test_user_sqlite.c - users in a file of sqlite3.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "store_engines.h"

START_TEST(sqlite_files_that_are_replaced_are_opened_anew)
{
  const char *old;

  engines[SQLITE].start();
  config.absent_s = 1;
  engines[SQLITE].set_key(REALM, "alice", MD5);
  bench_open();
  ck_assert(has_md5(bench_user("alice")));
  old = bench_path("old");
  ck_assert_int_eq(rename(config.sqlite, old), 0);
  run_sql("%s\n", schema);
  engines[SQLITE].set_key(REALM, "bob", MD5);
  ck_assert(has_md5(bench_user("bob")));
}
END_TEST

START_TEST(sqlite_files_without_tables_are_refused)
{
  engines[SQLITE].start();
  config.sqlite = bench_file("empty", "");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "no such table"));
  config.sqlite = bench_file("text", "this is no database, but long enough "
                                     "to look like one to a careless reader; "
                                     "it has a hundred bytes");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "not a database"));
}
END_TEST

START_TEST(sqlite_files_are_never_written)
{
  engines[SQLITE].start();
  engines[SQLITE].set_key(REALM, "alice", MD5);
  ck_assert_int_eq(chmod(config.sqlite, 0444), 0);
  bench_open();
  ck_assert(has_md5(bench_user("alice")));
}
END_TEST

START_TEST(sqlite_files_that_vanish_are_missed)
{
  engines[SQLITE].start();
  engines[SQLITE].set_key(REALM, "alice", MD5);
  texts_add(&config.users, "static:x");
  bench_open();
  ck_assert_int_eq(unlink(config.sqlite), 0);
  ck_assert_ptr_nonnull(strstr(bench_fault(), "turndb"));
  ck_assert(is_key_of(bench_user("static"), SATURN_MD5, "static", "x"));
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNAVAILABLE);
  ck_assert_ptr_nonnull(strstr(notes, "unable to open"));
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("users in sqlite");
  TCase *t = tcase_create("sqlite");

  tcase_add_test(t, sqlite_files_that_are_replaced_are_opened_anew);
  tcase_add_test(t, sqlite_files_without_tables_are_refused);
  tcase_add_test(t, sqlite_files_are_never_written);
  tcase_add_test(t, sqlite_files_that_vanish_are_missed);
  return run_suite_with(suite, t, engines[SQLITE].is_there());
}
