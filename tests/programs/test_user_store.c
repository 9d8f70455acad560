/* SPDX-License-Identifier: MIT
 *
 * test_user_store.c - who may use a relay: what is in memory, the order of the
 * places, and the exact reasons.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "store_bench.h"

#define MD5 "00112233445566778899aabbccddeeff"

static void
use_secrets(const char *first, const char *second)
{
  config.ephemeral = true;
  texts_add(&config.secrets, first);
  if (second != NULL)
    texts_add(&config.secrets, second);
}

/* Is the key of NAME, made with SECRET, number AT of the answer? */
static bool
has_ephemeral_key(const struct answer *a, size_t at, const char *secret,
                  const char *name)
{
  static const struct saturn_ephemeral_policy policy;
  struct saturn_key key;

  saturn_ephemeral_key(&key, &policy, SATURN_MD5, text_of(secret),
                       text_of(name), SATURN_TEXT(REALM));
  return a->why == SATURN_WHY_NOTHING && at < a->n_keys
         && memcmp(&key, &a->keys[at], sizeof key) == 0;
}

START_TEST(users_of_the_configuration_are_known_at_once)
{
  const struct answer *a;

  texts_add(&config.users, "alice:a secret");
  bench_open();
  a = bench_user("alice");
  ck_assert(is_key_of(a, SATURN_MD5, "alice", "a secret"));
  ck_assert(!a->late);
  ck_assert_int_eq(a->source, USER_SOURCE_CONFIGURATION);
  ck_assert_str_eq(a->name, "alice");
  ck_assert_str_eq(a->account, "alice");
  ck_assert_uint_eq(a->expiry_s, 0);
  ck_assert_uint_eq(user_store_count(store), 1);
  ck_assert_uint_eq(user_store_waiting(store), 0);
}
END_TEST

START_TEST(S_371_the_algorithm_of_the_wish_counts)
{
  struct user_wish wish = wish_for("alice");

  texts_add(&config.users, "alice:a secret");
  texts_add(&config.users, "bob:0x" MD5);
  bench_open();
  wish.algorithm = SATURN_SHA256;
  ck_assert(is_key_of(bench_find(&wish), SATURN_SHA256, "alice", "a secret"));
  wish.username = SATURN_TEXT("bob");
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_NO_KEY);
  wish.algorithm = SATURN_MD5;
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_NOTHING);
}
END_TEST

START_TEST(S_376_users_are_found_by_their_hash)
{
  struct user_wish wish = wish_for("ignored");
  uint8_t hash[SATURN_USERHASH_SIZE];
  const struct answer *a;

  texts_add(&config.users, "alice:a secret");
  texts_add(&config.htdigests, bench_file("users", "bob:" REALM ":" MD5 "\n"));
  bench_open();
  saturn_userhash(SATURN_TEXT("alice"), SATURN_TEXT(REALM), hash);
  wish.userhash = hash;
  a = bench_find(&wish);
  ck_assert(is_key_of(a, SATURN_MD5, "alice", "a secret"));
  ck_assert_str_eq(a->name, "alice");
  ck_assert_str_eq(a->account, "alice");
  saturn_userhash(SATURN_TEXT("bob"), SATURN_TEXT(REALM), hash);
  ck_assert_str_eq(bench_find(&wish)->name, "bob");
  hash[31] ^= 1;
  a = bench_find(&wish);
  ck_assert_int_eq(a->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_str_eq(a->name, "");
}
END_TEST

START_TEST(T_587_the_first_place_that_knows_a_name_decides)
{
  const struct answer *a;

  texts_add(&config.users, "1800000000:alice:static");
  texts_add(&config.users, "both:static");
  texts_add(&config.htdigests,
            bench_file("users", "both:" REALM ":" MD5 "\n"
                                "1800000000:" REALM ":" MD5 "\n"));
  use_secrets("north", NULL);
  bench_open();
  ck_assert(is_key_of(bench_user("both"), SATURN_MD5, "both", "static"));
  a = bench_user("1800000000");
  ck_assert_int_eq(a->source, USER_SOURCE_CONFIGURATION);
  ck_assert(is_key_of(a, SATURN_MD5, "1800000000", "alice:static"));
  a = bench_user("1800000001");
  ck_assert_int_eq(a->source, USER_SOURCE_EPHEMERAL);
}
END_TEST

START_TEST(htdigest_comes_before_secrets)
{
  const struct answer *a;

  texts_add(&config.htdigests,
            bench_file("users", "1800000000:" REALM ":" MD5 "\n"));
  use_secrets("north", NULL);
  bench_open();
  a = bench_user("1800000000");
  ck_assert_int_eq(a->source, USER_SOURCE_HTDIGEST);
  ck_assert_uint_eq(a->n_keys, 1);
}
END_TEST

START_TEST(T_589_ephemeral_users_have_the_keys_of_the_vectors)
{
  static const struct {
    const char *name, *digest;
  } rows[] = { { "1700000000:alice", "57e147f4ad1095d075bd395320578316" },
               { "1700000000", "51a078a9f7524fa48cbb24e0df121df0" },
               { "alice:1700000000", "6fff01da96b5bd008961eee88eb5142b" } };
  struct user_wish wish = wish_for("");
  struct saturn_key key;
  uint8_t digest[16];

  use_secrets("north", NULL);
  bench_open();
  wish.realm = SATURN_TEXT("turn.example.org");
  for (int i = 0; i < COUNT(rows); i++) {
    for (int j = 0; j < 16; j++) {
      const char pair[] = { rows[i].digest[2 * j], rows[i].digest[2 * j + 1],
                            '\0' };

      digest[j] = (uint8_t)strtoul(pair, NULL, 16);
    }
    saturn_key_short_term(&key, saturn_view(digest, sizeof digest));
    wish.username = text_of(rows[i].name);
    ck_assert_mem_eq(bench_find(&wish)->keys, &key, sizeof key);
  }
}
END_TEST

START_TEST(T_585_all_secrets_are_tried_in_their_order)
{
  const struct answer *a;

  use_secrets("north", "south");
  bench_open();
  a = bench_user("1800000000:alice");
  ck_assert_uint_eq(a->n_keys, 2);
  ck_assert(has_ephemeral_key(a, 0, "north", "1800000000:alice"));
  ck_assert(has_ephemeral_key(a, 1, "south", "1800000000:alice"));
}
END_TEST

START_TEST(T_586_quotas_count_by_the_user_part)
{
  const struct answer *a;

  use_secrets("north", NULL);
  bench_open();
  a = bench_user("1800000000:alice:x");
  ck_assert_str_eq(a->name, "1800000000:alice:x");
  ck_assert_str_eq(a->account, "alice:x");
  ck_assert_uint_eq(a->expiry_s, 1800000000);
  ck_assert_str_eq(bench_user("1800000000")->account, "1800000000");
  ck_assert_str_eq(bench_user("alice:1800000000")->account, "alice");
}
END_TEST

static const struct {
  const char *name;
  enum saturn_why why;
} reasons[] = {
  { "1700000000:alice", SATURN_WHY_NOTHING },
  { "1699999999:alice", SATURN_WHY_EXPIRED },
  { "1:alice", SATURN_WHY_EXPIRED },
  { "1800000000000:alice", SATURN_WHY_MILLISECONDS },
  { "1700100001:alice", SATURN_WHY_TOO_FAR },
  { "alice", SATURN_WHY_NOT_EPHEMERAL },
  { "alice:bob", SATURN_WHY_NOT_EPHEMERAL },
  { "", SATURN_WHY_NOT_EPHEMERAL },
};

START_TEST(T_583_reasons_are_exact)
{
  use_secrets("north", NULL);
  config.policy.horizon_s = 100000;
  bench_open();
  ck_assert_int_eq(bench_user(reasons[_i].name)->why, reasons[_i].why);
}
END_TEST

START_TEST(T_584_living_allocations_outlive_their_credentials)
{
  struct user_wish wish = wish_for("1600000000:alice");
  const struct answer *a;

  use_secrets("north", NULL);
  bench_open();
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_EXPIRED);
  wish.ignore_expiry = true;
  a = bench_find(&wish);
  ck_assert(has_ephemeral_key(a, 0, "north", "1600000000:alice"));
  ck_assert_uint_eq(a->expiry_s, 1600000000);
}
END_TEST

START_TEST(unknown_users_are_unknown_where_there_are_others)
{
  texts_add(&config.users, "bob:x");
  use_secrets("north", NULL);
  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("1600000000:alice")->why, SATURN_WHY_EXPIRED);
}
END_TEST

START_TEST(secrets_count_only_when_they_are_switched_on)
{
  texts_add(&config.secrets, "north");
  bench_open();
  ck_assert_int_eq(bench_user("1800000000:alice")->why,
                   SATURN_WHY_UNKNOWN_USER);
}
END_TEST

START_TEST(a_store_without_places_knows_nobody)
{
  bench_open();
  ck_assert_int_eq(bench_user("alice")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_uint_eq(user_store_count(store), 0);
}
END_TEST

START_TEST(realms_are_apart)
{
  struct user_wish wish = wish_for("alice");

  texts_add(&config.users, "alice:x");
  texts_add(&config.htdigests, bench_file("users", "alice:south:" MD5 "\n"));
  bench_open();
  wish.realm = SATURN_TEXT("south");
  ck_assert_int_eq(bench_find(&wish)->source, USER_SOURCE_HTDIGEST);
  wish.realm = SATURN_TEXT("east");
  ck_assert_int_eq(bench_find(&wish)->why, SATURN_WHY_UNKNOWN_USER);
}
END_TEST

START_TEST(reload_takes_the_new_and_forgets_the_old)
{
  const char *path = bench_file("users", "bob:" REALM ":" MD5 "\n");

  texts_add(&config.users, "alice:old");
  texts_add(&config.htdigests, path);
  use_secrets("north", NULL);
  bench_open();
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_NOTHING);

  bench_file("users", "carol:" REALM ":" MD5 "\n");
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_NOTHING);
  texts_clear(&config.users);
  texts_clear(&config.secrets);
  texts_add(&config.users, "alice:new");
  texts_add(&config.secrets, "south");
  bench_reload();
  ck_assert(is_key_of(bench_user("alice"), SATURN_MD5, "alice", "new"));
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_UNKNOWN_USER);
  ck_assert_int_eq(bench_user("carol")->why, SATURN_WHY_NOTHING);
  ck_assert(
      has_ephemeral_key(bench_user("1800000000"), 0, "south", "1800000000"));
}
END_TEST

START_TEST(a_reload_that_fails_changes_nothing)
{
  const char *path = bench_file("users", "bob:" REALM ":" MD5 "\n");

  texts_add(&config.users, "alice:old");
  texts_add(&config.htdigests, path);
  bench_open();
  texts_clear(&config.users);
  texts_add(&config.users, "alice:new");
  bench_file("users", "bob:" REALM ":" MD5 "\nnonsense\n");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "users:2"));
  ck_assert(is_key_of(bench_user("alice"), SATURN_MD5, "alice", "old"));
  ck_assert_int_eq(bench_user("bob")->why, SATURN_WHY_NOTHING);
}
END_TEST

START_TEST(faults_name_the_place)
{
  texts_add(&config.users, "alice");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "name:password"));
  texts_clear(&config.users);
  texts_add(&config.htdigests, "/nowhere/users");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "/nowhere/users"));
  texts_clear(&config.htdigests);
  use_secrets("good", "");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "secret 2"));
  texts_clear(&config.secrets);
  config.redis = "ip=a nonsense";
  ck_assert_ptr_nonnull(strstr(bench_fault(), "redis-userdb"));
  config.redis = NULL;
  config.sqlite = "/nowhere/turndb";
  ck_assert_ptr_nonnull(strstr(bench_fault(), "/nowhere/turndb"));
}
END_TEST

START_TEST(more_secrets_than_room_are_refused)
{
  config.ephemeral = true;
  for (int i = 0; i < 64; i++)
    texts_add(&config.secrets, "north");
  bench_open();
  ck_assert_uint_eq(bench_user("1800000000")->n_keys, 64);
  texts_add(&config.secrets, "south");
  ck_assert_ptr_nonnull(strstr(bench_fault(), "secret 65"));
}
END_TEST

START_TEST(places_have_names)
{
  for (int i = USER_SOURCE_NONE; i <= USER_SOURCE_EPHEMERAL; i++)
    for (int j = 0; j < i; j++)
      ck_assert_str_ne(user_source_text((enum user_source)i),
                       user_source_text((enum user_source)j));
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("user store");
  TCase *t = tcase_create("memory");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture(t, bench_start, bench_end);
  tcase_add_test(t, users_of_the_configuration_are_known_at_once);
  tcase_add_test(t, S_371_the_algorithm_of_the_wish_counts);
  tcase_add_test(t, S_376_users_are_found_by_their_hash);
  tcase_add_test(t, T_587_the_first_place_that_knows_a_name_decides);
  tcase_add_test(t, htdigest_comes_before_secrets);
  tcase_add_test(t, T_589_ephemeral_users_have_the_keys_of_the_vectors);
  tcase_add_test(t, T_585_all_secrets_are_tried_in_their_order);
  tcase_add_test(t, T_586_quotas_count_by_the_user_part);
  tcase_add_loop_test(t, T_583_reasons_are_exact, 0, COUNT(reasons));
  tcase_add_test(t, T_584_living_allocations_outlive_their_credentials);
  tcase_add_test(t, unknown_users_are_unknown_where_there_are_others);
  tcase_add_test(t, secrets_count_only_when_they_are_switched_on);
  tcase_add_test(t, a_store_without_places_knows_nobody);
  tcase_add_test(t, realms_are_apart);
  tcase_add_test(t, reload_takes_the_new_and_forgets_the_old);
  tcase_add_test(t, a_reload_that_fails_changes_nothing);
  tcase_add_test(t, faults_name_the_place);
  tcase_add_test(t, more_secrets_than_room_are_refused);
  tcase_add_test(t, places_have_names);
  suite_add_tcase(suite, t);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
