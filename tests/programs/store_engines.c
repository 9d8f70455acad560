/* SPDX-License-Identifier: MIT
 *
 * store_engines.c - databases that tests can write to.
 */
#include "store_engines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

int redis_pid;
unsigned redis_port;
char redis_target[200];
struct answer many[300];

const char schema[] =
    "CREATE TABLE turnusers_lt (realm varchar(127) default '', name "
    "varchar(512), hmackey char(128), PRIMARY KEY (realm,name));"
    "CREATE TABLE turn_secret (realm varchar(127) default '', value "
    "varchar(256), primary key (realm,value));";

static const char *
sqlite_path(void)
{
  return bench_path("turndb");
}

void
run_sql(const char *format, ...)
{
  const char *command[] = { bench_program("sqlite3"), "-bail", sqlite_path(),
                            NULL };
  char text[2000];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  ck_assert_msg(bench_feed(command, text), "%s", text);
}

static bool
is_sqlite_there(void)
{
#ifdef SATURN_HAS_SQLITE
  return bench_program("sqlite3") != NULL;
#else
  return false;
#endif
}

static void
start_sqlite(void)
{
  static char path[256];

  run_sql("%s\n", schema);
  snprintf(path, sizeof path, "%s", sqlite_path());
  config.sqlite = path;
}

static const char *
sql_text(const char *text)
{
  static char out[4][300];
  static unsigned n;
  char *at = out[n++ % 4], *start = at;

  for (; *text != '\0'; text++) {
    if (*text == '\'')
      *at++ = '\'';
    *at++ = *text;
  }
  *at = '\0';
  return start;
}

static void
set_key_sqlite(const char *realm, const char *user, const char *hex)
{
  run_sql("INSERT OR REPLACE INTO turnusers_lt VALUES ('%s', '%s', '%s');\n",
          sql_text(realm), sql_text(user), hex);
}

static void
drop_key_sqlite(const char *realm, const char *user)
{
  run_sql("DELETE FROM turnusers_lt WHERE realm='%s' AND name='%s';\n",
          sql_text(realm), sql_text(user));
}

static void
add_secret_sqlite(const char *realm, const char *secret)
{
  run_sql("INSERT INTO turn_secret VALUES ('%s', '%s');\n", sql_text(realm),
          sql_text(secret));
}

void
launch_redis(const char *password)
{
  char number[16];
  const char *command[] = { bench_program("redis-server"),
                            "--port",
                            number,
                            "--bind",
                            "127.0.0.1",
                            "--save",
                            "",
                            "--appendonly",
                            "no",
                            "--dir",
                            bench_path("."),
                            "--requirepass",
                            password,
                            NULL };

  snprintf(number, sizeof number, "%u", redis_port);
  redis_pid = bench_launch(command);
  ck_assert(bench_listens(redis_port));
}

static bool
is_redis_there(void)
{
#ifdef SATURN_HAS_REDIS
  return bench_program("redis-server") != NULL
         && bench_program("redis-cli") != NULL;
#else
  return false;
#endif
}

static void
start_redis(void)
{
  redis_port = bench_port();
  launch_redis("");
  snprintf(redis_target, sizeof redis_target,
           "ip=127.0.0.1 port=%u connect_timeout=2", redis_port);
  config.redis = redis_target;
}

static void
run_redis(const char *a, const char *b, const char *c)
{
  char number[16];
  const char *command[] = {
    bench_program("redis-cli"), "-e", "-p", number, a, b, c, NULL
  };

  snprintf(number, sizeof number, "%u", redis_port);
  ck_assert(bench_feed(command, ""));
}

const char *
redis_key(const char *realm, const char *user)
{
  static char key[600];

  snprintf(key, sizeof key, "turn/realm/%s/user/%s/key", realm, user);
  return key;
}

static void
set_key_redis(const char *realm, const char *user, const char *hex)
{
  run_redis("set", redis_key(realm, user), hex);
}

static void
drop_key_redis(const char *realm, const char *user)
{
  run_redis("del", redis_key(realm, user), NULL);
}

static void
add_secret_redis(const char *realm, const char *secret)
{
  char key[300];

  snprintf(key, sizeof key, "turn/realm/%s/secret", realm);
  run_redis("sadd", key, secret);
}

const struct engine engines[ENGINES] = {
  { "sqlite3", USER_SOURCE_SQLITE, is_sqlite_there, start_sqlite,
    set_key_sqlite, drop_key_sqlite, add_secret_sqlite },
  { "redis-server", USER_SOURCE_REDIS, is_redis_there, start_redis,
    set_key_redis, drop_key_redis, add_secret_redis },
};

bool
has_md5(const struct answer *a)
{
  struct saturn_key key;
  uint8_t digest[16];

  for (int i = 0; i < 16; i++) {
    const char pair[] = { MD5[2 * i], MD5[2 * i + 1], '\0' };

    digest[i] = (uint8_t)strtoul(pair, NULL, 16);
  }
  saturn_key_short_term(&key, saturn_view(digest, sizeof digest));
  return a->n_keys == 1 && memcmp(&key, a->keys, sizeof key) == 0;
}

bool
has_secret(const struct answer *a, const char *secret, const char *name)
{
  static const struct saturn_ephemeral_policy policy;
  struct saturn_key key;

  saturn_ephemeral_key(&key, &policy, SATURN_MD5, text_of(secret),
                       text_of(name), SATURN_TEXT(REALM));
  for (size_t i = 0; i < a->n_keys; i++)
    if (memcmp(&key, &a->keys[i], sizeof key) == 0)
      return true;
  return false;
}

static bool
never(void *context)
{
  (void)context;
  return false;
}

void
bench_pass(unsigned ms)
{
  bench_wait(never, NULL, ms);
}

bool
are_all_answered(void *context)
{
  int n = *(int *)context;

  while (n > 0 && many[n - 1].times > 0)
    n--;
  return n == 0;
}

int
run_suite_with(Suite *suite, TCase *tests, bool is_there)
{
  SRunner *runner = srunner_create(suite);
  int failed;

  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, bench_start, bench_end);
  suite_add_tcase(suite, tests);
  if (!is_there)
    printf("sqlite3 or redis-server is not installed, or was not built in\n");
  else
    srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  if (!is_there)
    return 77;
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
