/* SPDX-License-Identifier: MIT
 *
 * test_user_cache.c - what databases have said of users, for a while.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "user_cache.h"

#define REALM "north.example.org"

static struct cached_user
cached(const char *name, saturn_ms expires)
{
  struct cached_user user = { .name = text_of(name),
                              .realm = SATURN_TEXT(REALM),
                              .expires = expires };

  saturn_userhash(user.name, user.realm, user.hash);
  return user;
}

static bool
knows(struct user_cache *cache, const char *name, saturn_ms now)
{
  struct cached_user user = cached(name, 0);
  const struct cached_user *found =
      user_cache_find(cache, user.hash, user.name, user.realm, now);

  ck_assert(found == NULL
            || (found->name.len == strlen(name)
                && memcmp(found->name.data, name, found->name.len) == 0));
  return found != NULL;
}

static void
remember(struct user_cache *cache, const char *name, saturn_ms expires)
{
  struct cached_user user = cached(name, expires);

  user_cache_keep(cache, &user);
}

START_TEST(caches_forget_in_time)
{
  struct user_cache *cache = user_cache_new(10);

  remember(cache, "alice", 100);
  ck_assert(knows(cache, "alice", 99));
  ck_assert(!knows(cache, "bob", 99));
  ck_assert(!knows(cache, "alice", 100));
  ck_assert_uint_eq(user_cache_count(cache), 0);
  remember(cache, "alice", 200);
  remember(cache, "alice", 300);
  ck_assert_uint_eq(user_cache_count(cache), 1);
  ck_assert(knows(cache, "alice", 299));
  user_cache_clear(cache);
  ck_assert(!knows(cache, "alice", 0));
  user_cache_free(cache);
}
END_TEST

START_TEST(full_caches_forget_who_was_not_used)
{
  struct user_cache *cache = user_cache_new(3);

  remember(cache, "a", 9);
  remember(cache, "b", 9);
  remember(cache, "c", 9);
  ck_assert(knows(cache, "a", 0));
  remember(cache, "d", 9);
  ck_assert_uint_eq(user_cache_count(cache), 3);
  ck_assert(!knows(cache, "b", 0));
  ck_assert(knows(cache, "a", 0) && knows(cache, "c", 0)
            && knows(cache, "d", 0));
  user_cache_free(cache);
}
END_TEST

START_TEST(caches_of_many_stay_bounded)
{
  struct user_cache *cache = user_cache_new(1000);
  char name[32];

  for (unsigned i = 0; i < 5000; i++) {
    snprintf(name, sizeof name, "user%u", i);
    remember(cache, name, 9);
    ck_assert_uint_le(user_cache_count(cache), 1000);
  }
  for (unsigned i = 4000; i < 5000; i++) {
    snprintf(name, sizeof name, "user%u", i);
    ck_assert(knows(cache, name, 0));
  }
  user_cache_free(cache);
}
END_TEST

START_TEST(caches_may_keep_nobody)
{
  struct user_cache *cache = user_cache_new(0);

  remember(cache, "a", 9);
  ck_assert(!knows(cache, "a", 0));
  user_cache_free(cache);
}
END_TEST

START_TEST(one_hash_of_two_realms_is_not_confused)
{
  struct user_cache *cache = user_cache_new(4);
  struct cached_user user = { .name = SATURN_TEXT("a:b"),
                              .realm = SATURN_TEXT("c"),
                              .expires = 9 };

  saturn_userhash(user.name, user.realm, user.hash);
  user_cache_keep(cache, &user);
  ck_assert_ptr_nonnull(
      user_cache_find(cache, user.hash, user.name, user.realm, 0));
  ck_assert_ptr_null(user_cache_find(cache, user.hash, SATURN_TEXT("a"),
                                     SATURN_TEXT("b:c"), 0));
  ck_assert_ptr_nonnull(
      user_cache_find(cache, user.hash, SATURN_TEXT(""), SATURN_TEXT("c"), 0));
  user_cache_free(cache);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("user cache");
  TCase *t = tcase_create("cache");
  SRunner *runner;
  int failed;

  tcase_add_test(t, caches_forget_in_time);
  tcase_add_test(t, full_caches_forget_who_was_not_used);
  tcase_add_test(t, caches_of_many_stay_bounded);
  tcase_add_test(t, caches_may_keep_nobody);
  tcase_add_test(t, one_hash_of_two_realms_is_not_confused);
  suite_add_tcase(suite, t);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
