/* SPDX-License-Identifier: MIT
 *
 * test_user_tables.c - what user stores are made of: stored keys, tables, and
 * the addresses of databases.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "redis_target.h"
#include "store_bench.h"
#include "user_table.h"

#define MD5 "00112233445566778899aabbccddeeff"
#define SHA256 MD5 "FFEEDDCCBBAA99887766554433221100"

static struct user_table table;
static char fault[OPTION_FAULT];

static void
start(void)
{
  memset(&table, 0, sizeof table);
  fault[0] = '\0';
  bench_start();
}

static void
end(void)
{
  user_table_clear(&table);
  bench_end();
}

static bool
add(const char *text)
{
  return user_table_add(&table, SATURN_TEXT(REALM), text, fault);
}

static const struct table_user *
find(const char *name)
{
  return user_table_find(&table, SATURN_TEXT(REALM), text_of(name));
}

static bool
has_password(const char *name, enum saturn_algorithm algorithm,
             const char *password)
{
  const struct table_user *user = find(name);
  struct saturn_key key, want;

  saturn_key_long_term(&want, algorithm, text_of(name), SATURN_TEXT(REALM),
                       text_of(password));
  return user != NULL && user_digests_key(&user->digests, algorithm, &key)
         && memcmp(&key, &want, sizeof key) == 0;
}

START_TEST(stored_keys_are_read)
{
  struct user_digests d = { .has_md5 = false };
  struct saturn_key key, want;

  ck_assert(user_digests_read(&d, SATURN_TEXT(MD5)));
  ck_assert(d.has_md5 && !d.has_sha256);
  ck_assert_int_eq(d.md5[0], 0);
  ck_assert_int_eq(d.md5[15], 0xFF);
  ck_assert(!user_digests_key(&d, SATURN_SHA256, &key));
  ck_assert(user_digests_key(&d, SATURN_MD5, &key));
  saturn_key_short_term(&want, saturn_view(d.md5, 16));
  ck_assert_mem_eq(&key, &want, sizeof key);

  ck_assert(user_digests_read(&d, SATURN_TEXT(SHA256)));
  ck_assert(d.has_md5 && d.has_sha256);
  ck_assert_int_eq(d.sha256[31], 0);
  ck_assert_int_eq(d.sha256[16], 0xFF);
  ck_assert(user_digests_key(&d, SATURN_SHA256, &key));
}
END_TEST

static const char *const no_keys[] = {
  "",
  "0",
  "00112233445566778899aabbccddeef",
  "00112233445566778899aabbccddeeff0",
  "00112233445566778899aabbccddeefg",
  " 0112233445566778899aabbccddeeff",
  "00112233445566778899aabbccddee f",
  MD5 "00",
  MD5 "0011223344556677/899aabbccddeeff",
  SHA256 "00",
};

START_TEST(other_texts_are_no_keys)
{
  struct user_digests d = { .has_md5 = false };

  ck_assert(!user_digests_read(&d, text_of(no_keys[_i])));
  ck_assert(!d.has_md5 && !d.has_sha256);
}
END_TEST

START_TEST(users_have_keys_of_both_algorithms)
{
  ck_assert(add("alice:a:b:c"));
  ck_assert(add("bob: blanks count "));
  user_table_sort(&table);
  ck_assert(has_password("alice", SATURN_MD5, "a:b:c"));
  ck_assert(has_password("alice", SATURN_SHA256, "a:b:c"));
  ck_assert(has_password("bob", SATURN_MD5, " blanks count "));
  ck_assert_ptr_null(find("carol"));
  ck_assert_ptr_null(find("alic"));
  ck_assert_ptr_null(find("alice "));
  ck_assert_ptr_null(find("Alice"));
  ck_assert_ptr_null(user_table_find(&table, SATURN_TEXT("south.example.org"),
                                     SATURN_TEXT("alice")));
}
END_TEST

START_TEST(S_382_names_and_passwords_are_prepared)
{
  ck_assert(add("e\xCC\x81ve:p\xC2\xA0w")); /* e + acute; no-break space */
  user_table_sort(&table);
  ck_assert(has_password("\xC3\xA9ve", SATURN_MD5, "p w"));
  ck_assert_ptr_null(find("e\xCC\x81ve"));
}
END_TEST

static const char *const no_users[] = {
  "",
  ":",
  "alice",
  "alice:",
  ":Wh1sper",
  "alice:0x",
  "alice:0x" MD5 "0",
  "alice:0xnothexadecimal",
  "alice:Wh1sper\x07",
  "alice:Wh1sper\xFF",
  "ali\x07:Wh1sper",
};

START_TEST(other_texts_are_no_users)
{
  ck_assert(!add(no_users[_i]));
  ck_assert_str_ne(fault, "");
  ck_assert_ptr_null(strstr(fault, "Wh1sper"));
  ck_assert_ptr_null(strstr(fault, "nothex"));
  user_table_sort(&table);
  ck_assert_uint_eq(table.n, 0);
}
END_TEST

START_TEST(S_144_long_names_are_refused)
{
  char text[600];

  memset(text, 'a', sizeof text);
  strcpy(text + 508, ":pw");
  ck_assert(add(text));
  memset(text, 'a', sizeof text);
  strcpy(text + 509, ":pw");
  ck_assert(!add(text));
}
END_TEST

START_TEST(of_a_user_twice_the_last_counts)
{
  struct saturn_key key;

  ck_assert(add("alice:first"));
  ck_assert(add("bob:first"));
  ck_assert(add("alice:second"));
  ck_assert(add("bob:0x" MD5));
  ck_assert(add("carol:0x" MD5));
  ck_assert(add("carol:third"));
  user_table_sort(&table);
  ck_assert_uint_eq(table.n, 3);
  ck_assert(has_password("alice", SATURN_MD5, "second"));
  ck_assert(has_password("alice", SATURN_SHA256, "second"));
  ck_assert(!user_digests_key(&find("bob")->digests, SATURN_SHA256, &key));
  ck_assert(has_password("carol", SATURN_MD5, "third"));
}
END_TEST

START_TEST(keys_of_both_algorithms_count_together)
{
  ck_assert(add("alice:0x" SHA256));
  ck_assert(add("alice:0x" MD5));
  user_table_sort(&table);
  ck_assert_uint_eq(table.n, 1);
  ck_assert(find("alice")->digests.has_md5);
  ck_assert(find("alice")->digests.has_sha256);
}
END_TEST

START_TEST(each_of_many_users_is_found)
{
  uint8_t hash[SATURN_USERHASH_SIZE];
  char text[64];

  for (unsigned i = 0; i < 2000; i++) {
    snprintf(text, sizeof text, "user%u:0x%032x", i * 7919 % 2000, i);
    ck_assert(add(text));
  }
  user_table_sort(&table);
  ck_assert_uint_eq(table.n, 2000);
  for (unsigned i = 0; i < 2000; i++) {
    snprintf(text, sizeof text, "user%u", i);
    ck_assert_ptr_nonnull(find(text));
    saturn_userhash(text_of(text), SATURN_TEXT(REALM), hash);
    ck_assert_ptr_eq(user_table_find_hash(&table, SATURN_TEXT(REALM), hash),
                     find(text));
    ck_assert_ptr_null(user_table_find_hash(&table, SATURN_TEXT("x"), hash));
    hash[_i % SATURN_USERHASH_SIZE] ^= 1;
    ck_assert_ptr_null(user_table_find_hash(&table, SATURN_TEXT(REALM), hash));
  }
}
END_TEST

START_TEST(empty_tables_have_no_users)
{
  uint8_t hash[SATURN_USERHASH_SIZE] = { 0 };

  ck_assert_ptr_null(find("alice"));
  user_table_sort(&table);
  ck_assert_ptr_null(find("alice"));
  ck_assert_ptr_null(user_table_find_hash(&table, SATURN_TEXT(REALM), hash));
}
END_TEST

START_TEST(htdigest_files_are_read)
{
  const char *path = bench_file("users", "# made by htdigest\n"
                                         "\n"
                                         "alice:" REALM ":" MD5 "\r\n"
                                         "alice:south:" SHA256 "\n"
                                         "bob:a:b:" MD5 "\n"
                                         "carol:" REALM ":" SHA256);

  ck_assert_msg(user_table_add_htdigest(&table, path, fault), "%s", fault);
  user_table_sort(&table);
  ck_assert_uint_eq(table.n, 4);
  ck_assert(find("alice")->digests.has_md5);
  ck_assert(find("carol")->digests.has_sha256);
  ck_assert_ptr_nonnull(
      user_table_find(&table, SATURN_TEXT("a:b"), SATURN_TEXT("bob")));
}
END_TEST

static const char *const bad_lines[] = {
  "alice",
  "alice:" MD5,
  "alice::" MD5,
  ":realm:" MD5,
  "alice:realm:",
  "alice:realm:password",
  "alice:realm:" MD5 " ",
  "alice:realm:" MD5 ":",
};

START_TEST(bad_lines_of_htdigest_files_are_named)
{
  char text[300];

  snprintf(text, sizeof text, "# one\nbob:r:" MD5 "\n%s\nx:r:" MD5 "\n",
           bad_lines[_i]);
  ck_assert(!user_table_add_htdigest(&table, bench_file("users", text), fault));
  ck_assert_ptr_nonnull(strstr(fault, "users:3: "));
  ck_assert_ptr_null(strstr(fault, "password"));
}
END_TEST

START_TEST(missing_htdigest_files_are_named)
{
  ck_assert(!user_table_add_htdigest(&table, "/nowhere/users", fault));
  ck_assert_str_eq(fault, "/nowhere/users: No such file or directory");
}
END_TEST

static const struct {
  const char *text, *host;
  uint16_t port;
  unsigned database, timeout_s;
  const char *user, *password;
} targets[] = {
  { "", "127.0.0.1", 6379, 0, 5, "", "" },
  { "ip=192.0.2.1 dbname=2 password=turn port=6380 connect_timeout=30",
    "192.0.2.1", 6380, 2, 30, "", "turn" },
  { "  host=redis.example.org\tdb=3  ", "redis.example.org", 6379, 3, 5, "",
    "" },
  { "user=u pwd=a=b:c,d", "127.0.0.1", 6379, 0, 5, "u", "a=b:c,d" },
  { "password= timeout=1", "127.0.0.1", 6379, 0, 1, "", "" },
  { "ip=/run/redis.sock", "/run/redis.sock", 6379, 0, 5, "", "" },
  { "ip=a ip=b", "b", 6379, 0, 5, "", "" },
};

START_TEST(redis_addresses_are_read)
{
  struct redis_target t;

  ck_assert_msg(redis_target_read(&t, targets[_i].text, fault), "%s", fault);
  ck_assert_str_eq(t.host, targets[_i].host);
  ck_assert_uint_eq(t.port, targets[_i].port);
  ck_assert_uint_eq(t.database, targets[_i].database);
  ck_assert_uint_eq(t.timeout_s, targets[_i].timeout_s);
  ck_assert_str_eq(t.user, targets[_i].user);
  ck_assert_str_eq(t.password, targets[_i].password);
}
END_TEST

static const struct {
  const char *text, *said;
} no_targets[] = {
  { "192.0.2.1", "word 1" },
  { "ip=a Wh1sper", "word 2" },
  { "ip=a =Wh1sper", "word 2" },
  { "ip=", "value of ip" },
  { "port=0", "value of port" },
  { "port=65536", "value of port" },
  { "port=12x", "value of port" },
  { "dbname=-1", "value of dbname" },
  { "connect_timeout=0", "value of connect_timeout" },
  { "password=Wh1sper with blanks", "word 2" },
};

START_TEST(other_texts_are_no_redis_addresses)
{
  struct redis_target t = { .port = 7 };

  ck_assert(!redis_target_read(&t, no_targets[_i].text, fault));
  ck_assert_msg(strstr(fault, no_targets[_i].said) != NULL, "%s", fault);
  ck_assert_ptr_null(strstr(fault, "Wh1sper"));
  ck_assert_uint_eq(t.port, 7);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("user tables");
  TCase *t = tcase_create("tables");
  SRunner *runner;
  int failed;

  tcase_add_checked_fixture(t, start, end);
  tcase_add_test(t, stored_keys_are_read);
  tcase_add_loop_test(t, other_texts_are_no_keys, 0, COUNT(no_keys));
  tcase_add_test(t, users_have_keys_of_both_algorithms);
  tcase_add_test(t, S_382_names_and_passwords_are_prepared);
  tcase_add_loop_test(t, other_texts_are_no_users, 0, COUNT(no_users));
  tcase_add_test(t, S_144_long_names_are_refused);
  tcase_add_test(t, of_a_user_twice_the_last_counts);
  tcase_add_test(t, keys_of_both_algorithms_count_together);
  tcase_add_loop_test(t, each_of_many_users_is_found, 0, 2);
  tcase_add_test(t, empty_tables_have_no_users);
  tcase_add_test(t, htdigest_files_are_read);
  tcase_add_loop_test(t, bad_lines_of_htdigest_files_are_named, 0,
                      COUNT(bad_lines));
  tcase_add_test(t, missing_htdigest_files_are_named);
  tcase_add_loop_test(t, redis_addresses_are_read, 0, COUNT(targets));
  tcase_add_loop_test(t, other_texts_are_no_redis_addresses, 0,
                      COUNT(no_targets));
  suite_add_tcase(suite, t);
  runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
