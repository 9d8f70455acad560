/* SPDX-License-Identifier: MIT
 *
 * test_user_databases.c - users in databases: what holds for each of them. The
 * one that is not installed is left out.
 */
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "store_engines.h"

#define ODD "o'neil\" or 1=1 --*"

static const struct engine *engine;

static void
start(int number)
{
  engine = &engines[number];
  engine->start();
}

START_TEST(users_of_databases_are_found)
{
  const struct answer *a;

  start(_i);
  engine->set_key(REALM, "alice", MD5);
  engine->set_key("south", "bob", MD5);
  bench_open();
  a = bench_user("alice");
  ck_assert(a->late);
  ck_assert(has_md5(a));
  ck_assert_int_eq(a->source, engine->source);
  ck_assert_str_eq(a->name, "alice");
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("Alice")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(names_are_data_and_never_commands)
{
  start(_i);
  engine->set_key(REALM, ODD, MD5);
  engine->set_key(REALM, "%s%n", MD5);
  bench_open();
  ck_assert(has_md5(bench_user(ODD)));
  ck_assert(has_md5(bench_user("%s%n")));
  ck_assert_int_eq(bench_user("*")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("' OR '1'='1")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("x\r\nFLUSHALL\r\n")->why,
                   SATURN_WHY_UNKNOWN_USER);
  ck_assert(has_md5(bench_user(ODD)));
  ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(S_371_keys_of_sha256_are_taken)
{
  struct user_wish wish = wish_for("alice");

  start(_i);
  engine->set_key(REALM, "alice", SHA256);
  bench_open();
  wish.algorithm = SATURN_SHA256;
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_NOTHING);
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_NO_KEY);
}
END_TEST

START_TEST(keys_one_cannot_read_are_noted)
{
  start(_i);
  engine->set_key(REALM, "alice", "Wh1sper");
  texts_add(&config.users, "static:x");
  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_NO_KEY);
  ck_assert_ptr_nonnull(strstr(notes, "user alice"));
  ck_assert_ptr_null(strstr(notes, "Wh1sper"));
}
END_TEST

START_TEST(S_376_users_of_databases_are_found_by_hash)
{
  struct user_wish wish = wish_for("");
  uint8_t hash[SATURN_USERHASH_SIZE];
  const struct answer *a;
  char name[32];

  start(_i);
  for (int i = 0; i < 20; i++) {
    snprintf(name, sizeof name, "user%d", i);
    engine->set_key(REALM, name, MD5);
  }
  engine->set_key("south", "bob", MD5);
  bench_open();
  wish.userhash = hash;
  for (int i = 0; i < 20; i++) {
    snprintf(name, sizeof name, "user%d", i);
    saturn_userhash(text_of(name), wish.realm, hash);
    a = bench_find(&wish);
    ck_assert(has_md5(a));
    ck_assert_str_eq(a->name, name);
  }
  ck_assert(!bench_find(&wish)->late);
  ck_assert(!bench_user("user3")->late);
  saturn_userhash(SATURN_TEXT("bob"), wish.realm, hash);
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_UNKNOWN_USER);
}
END_TEST

START_TEST(T_585_secrets_of_databases_are_taken)
{
  const char *name = "1800000000:alice";
  const struct answer *a;

  start(_i);
  engine->add_secret(REALM, "north");
  engine->add_secret(REALM, "east's");
  engine->add_secret("south", "south");
  config.ephemeral = true;
  texts_add(&config.secrets, "static");
  bench_open();
  a = bench_user(name);
  ck_assert_uint_eq(a->n_keys, 3);
  ck_assert(has_secret(a, "static", name) && has_secret(a, "north", name)
            && has_secret(a, "east's", name));
  ck_assert_int_eq(a->source, USER_SOURCE_EPHEMERAL);
  ck_assert_str_eq(a->account, "alice");
  ck_assert(!bench_user(name)->late);
  ck_assert_int_eq(bench_user("1600000000:alice")->why, SATURN_WHY_EXPIRED);
}
END_TEST

START_TEST(T_587_users_of_databases_come_before_secrets)
{
  start(_i);
  engine->add_secret(REALM, "north");
  engine->set_key(REALM, "1800000000:alice", MD5);
  config.ephemeral = true;
  texts_add(&config.users, "1700000000:x");
  bench_open();
  ck_assert(has_md5(bench_user("1800000000:alice")));
  ck_assert_int_eq(bench_user("1800000000:bob")->source, USER_SOURCE_EPHEMERAL);
  ck_assert(is_key_of(bench_user("1700000000"), SATURN_MD5, "1700000000", "x"));
}
END_TEST

START_TEST(what_databases_say_is_believed_for_a_while)
{
  start(_i);
  config.cache_s = config.absent_s = 1;
  engine->set_key(REALM, "alice", MD5);
  bench_open();
  ck_assert(bench_user("alice")->late);
  ck_assert(bench_user("bob")->late);
  engine->drop_key(REALM, "alice");
  engine->set_key(REALM, "bob", MD5);
  ck_assert(has_md5(bench_user("alice")));
  ck_assert(!bench_user("alice")->late);
  ck_assert(!bench_user("bob")->late);
  bench_pass(1100);
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert(has_md5(bench_user("bob")));
}
END_TEST

START_TEST(a_reload_forgets_what_databases_have_said)
{
  start(_i);
  engine->set_key(REALM, "alice", MD5);
  bench_open();
  ck_assert(has_md5(bench_user("alice")));
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_UNKNOWN_USER);
  engine->drop_key(REALM, "alice");
  engine->set_key(REALM, "bob", MD5);
  bench_reload();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert(has_md5(bench_user("bob")));
}
END_TEST

START_TEST(many_questions_at_once_are_answered)
{
  int n = COUNT(many);
  char name[16];

  start(_i);
  for (int i = 0; i < 10; i++) {
    snprintf(name, sizeof name, "user%d", i);
    engine->set_key(REALM, name, MD5);
  }
  bench_open();
  for (int i = 0; i < n; i++) {
    struct user_wish wish;

    snprintf(name, sizeof name, "user%d", i % 20);
    wish = wish_for(name);
    ck_assert_ptr_nonnull(bench_ask(&wish, &many[i]));
  }
  ck_assert_uint_eq(user_store_waiting(store), (size_t)n);
  ck_assert(bench_wait(are_all_answered, &n, 20000));
  for (int i = 0; i < n; i++) {
    ck_assert_int_eq(many[i].times, 1);
    ck_assert_int_eq(many[i].why, i % 20 < 10 ? SATURN_WHY_NOTHING
                                              : SATURN_WHY_UNKNOWN_USER);
  }
  ck_assert_uint_eq(user_store_waiting(store), 0);
}
END_TEST

START_TEST(questions_can_be_dropped_and_stores_closed_while_they_wait)
{
  struct user_question *questions[100];

  start(_i);
  engine->set_key(REALM, "alice", MD5);
  bench_open();
  for (int i = 0; i < 100; i++) {
    const struct user_wish wish = wish_for("alice");

    questions[i] = bench_ask(&wish, &many[i]);
  }
  for (int i = 0; i < 100; i += 2)
    user_store_drop(questions[i]);
  ck_assert_uint_eq(user_store_waiting(store), 50);
  uv_run(&loop, UV_RUN_ONCE); /* some may be answered */
  user_store_close(store);
  store = NULL;
  uv_run(&loop, UV_RUN_DEFAULT);
  for (int i = 0; i < 100; i += 2)
    ck_assert_int_eq(many[i].times, 0);
}
END_TEST

START_TEST(a_reload_while_questions_wait_answers_them)
{
  int n = 100;

  start(_i);
  engine->set_key(REALM, "alice", MD5);
  texts_add(&config.users, "bob:x");
  bench_open();
  for (int i = 0; i < n; i++) {
    const struct user_wish wish = wish_for("alice");

    bench_ask(&wish, &many[i]);
  }
  texts_clear(&config.users);
  texts_add(&config.users, "alice:new");
  bench_reload();
  ck_assert(bench_wait(are_all_answered, &n, 20000));
  for (int i = 0; i < n; i++) {
    ck_assert_int_eq(many[i].times, 1);
    ck_assert(is_key_of(&many[i], SATURN_MD5, "alice", "new"));
  }
}
END_TEST

START_TEST(both_databases_are_asked_in_their_order)
{
  start(SQLITE);
  engines[SQLITE].set_key(REALM, "both", MD5);
  engines[SQLITE].set_key(REALM, "first", MD5);
  start(REDIS);
  engines[REDIS].set_key(REALM, "both", MD5);
  engines[REDIS].set_key(REALM, "second", MD5);
  texts_add(&config.users, "zeroth:x");
  bench_open();
  ck_assert_int_eq(bench_user("zeroth")->source, USER_SOURCE_CONFIGURATION);
  ck_assert_int_eq(bench_user("both")->source, USER_SOURCE_SQLITE);
  ck_assert_int_eq(bench_user("first")->source, USER_SOURCE_SQLITE);
  ck_assert_int_eq(bench_user("second")->source, USER_SOURCE_REDIS);
  ck_assert_int_eq(bench_user("third")->why, SATURN_WHY_UNKNOWN_USER);
  bench_stop(redis_pid);
  bench_reload();
  ck_assert_int_eq(bench_user("first")->source, USER_SOURCE_SQLITE);
  ck_assert_int_eq(bench_user("third")->why, SATURN_WHY_UNAVAILABLE);
}
END_TEST

static void
add_tests(TCase *t, int from, int to)
{
  tcase_add_loop_test(t, users_of_databases_are_found, from, to);
  tcase_add_loop_test(t, names_are_data_and_never_commands, from, to);
  tcase_add_loop_test(t, S_371_keys_of_sha256_are_taken, from, to);
  tcase_add_loop_test(t, keys_one_cannot_read_are_noted, from, to);
  tcase_add_loop_test(t, S_376_users_of_databases_are_found_by_hash, from, to);
  tcase_add_loop_test(t, T_585_secrets_of_databases_are_taken, from, to);
  tcase_add_loop_test(t, T_587_users_of_databases_come_before_secrets, from,
                      to);
  tcase_add_loop_test(t, what_databases_say_is_believed_for_a_while, from, to);
  tcase_add_loop_test(t, a_reload_forgets_what_databases_have_said, from, to);
  tcase_add_loop_test(t, many_questions_at_once_are_answered, from, to);
  tcase_add_loop_test(
      t, questions_can_be_dropped_and_stores_closed_while_they_wait, from, to);
  tcase_add_loop_test(t, a_reload_while_questions_wait_answers_them, from, to);
}

int
main(void)
{
  bool sqlite = engines[SQLITE].is_there(), redis = engines[REDIS].is_there();
  Suite *suite = suite_create("user databases");
  TCase *t = tcase_create("databases");

  add_tests(t, sqlite ? SQLITE : REDIS, redis ? ENGINES : REDIS);
  if (sqlite && redis)
    tcase_add_test(t, both_databases_are_asked_in_their_order);
  else if (sqlite || redis)
    printf("left out: %s\n", engines[sqlite ? REDIS : SQLITE].name);
  return run_suite_with(suite, t, sqlite || redis);
}
