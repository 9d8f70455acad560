/* SPDX-License-Identifier: MIT
 *
 * test_turn_tables.c - what the server machine's tables stand on: lists, hash
 * tables, the wheel of timers, ports, keyed hashes and random bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "hash_table.h"
#include "random.h"
#include "relay_ports.h"
#include "rings.h"
#include "siphash.h"
#include "timer_wheel.h"

/* Memory of the size that an arena counted. */
#define CUT(arena, statement)                                                  \
  do {                                                                         \
    struct saturn_arena *a_ = (arena);                                         \
    *a_ = (struct saturn_arena){ NULL, 0, false };                             \
    statement;                                                                 \
    a_->base = aligned_alloc(ARENA_ALIGN, a_->used + ARENA_ALIGN);             \
    a_->used = 0;                                                              \
    statement;                                                                 \
  } while (0)

/* A generator of numbers for the tests' own choices. */
static uint32_t
choose(uint32_t n)
{
  static uint64_t state = 1;

  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((state >> 33) % n);
}

START_TEST(siphash_is_the_published_one)
{
  /* The first and last vectors of the reference implementation, and the one of
     the paper: key 00 to 0f, data 00, 01, 02, ... */
  static const struct {
    size_t len;
    uint64_t hash;
  } vectors[] = {
    { 0, 0x726fdb47dd0e0e31 },  { 1, 0x74f839c593dc67fd },
    { 8, 0x93f5f5799a932462 },  { 15, 0xa129ca6149be45e5 },
    { 63, 0x958a324ceb064572 },
  };
  const uint64_t key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
  uint8_t data[64];
  struct copy copy;
  size_t i;

  for (i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)i;
  for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    copy = exact_copy(saturn_view(data, vectors[i].len), 1);
    ck_assert_uint_eq(saturn_siphash(key, copy.bytes.data, copy.bytes.len),
                      vectors[i].hash);
    free(copy.block);
  }
}
END_TEST

START_TEST(arena_does_not_wrap)
{
  struct saturn_arena arena = { NULL, 0, false };

  saturn_arena_take(&arena, 10, 1);
  ck_assert_uint_eq(arena.used % ARENA_ALIGN, 0);
  ck_assert(!arena.overflow);
  saturn_arena_take(&arena, SIZE_MAX / 2, 3);
  ck_assert(arena.overflow);
}
END_TEST

START_TEST(rings_keep_their_order)
{
  struct saturn_arena arena;
  struct saturn_rings r;
  uint32_t i;

  CUT(&arena, saturn_rings_init(&r, &arena, 5, 2));
  ck_assert_uint_eq(saturn_rings_first(&r, 0), NONE);
  saturn_rings_fill(&r, 0);
  for (i = 0; i < 5; i++)
    ck_assert(saturn_rings_has(&r, i));
  saturn_rings_remove(&r, 2);
  saturn_rings_remove(&r, 2); /* is in no list: nothing happens */
  ck_assert(!saturn_rings_has(&r, 2));
  saturn_rings_append(&r, 1, 2);
  saturn_rings_splice(&r, 0, 1);
  saturn_rings_splice(&r, 0, 1); /* of an empty list: nothing happens */
  ck_assert_uint_eq(saturn_rings_pop(&r, 0), NONE);
  ck_assert_uint_eq(saturn_rings_pop(&r, 1), 2);
  ck_assert_uint_eq(saturn_rings_pop(&r, 1), 0);
  ck_assert_uint_eq(saturn_rings_after(&r, 1, 3), 4);
  ck_assert_uint_eq(saturn_rings_after(&r, 1, 4), NONE);
  free(arena.base);
}
END_TEST

/* Elements by a key of their own, with many in one bucket. */
START_TEST(hash_table_holds_what_a_list_would)
{
  enum { N = 100 };
  struct saturn_arena arena;
  struct saturn_hash_table t;
  bool in[N] = { false };
  uint32_t i, step, found;

  CUT(&arena, saturn_hash_init(&t, &arena, N));
  for (step = 0; step < 5000; step++) {
    i = choose(N);
    if (in[i])
      saturn_hash_remove(&t, i % 7, i);
    else
      saturn_hash_insert(&t, i % 7, i);
    saturn_hash_remove(&t, 8, i); /* is not there */
    in[i] = !in[i];
    i = choose(N);
    for (found = saturn_hash_first(&t, i % 7); found != NONE && found != i;)
      found = saturn_hash_after(&t, found);
    ck_assert(in[i] == (found == i));
  }
  free(arena.base);
}
END_TEST

/* Against a plain table of deadlines: nothing is popped early, everything at
   most a second late, whatever the order of things (T-953). */
START_TEST(T_953_wheel_finds_what_is_due)
{
  enum { N = 50 };
  struct saturn_arena arena;
  struct saturn_wheel wheel;
  uint64_t due[N], now = _i == 0 ? 0 : UINT64_C(1700000000123);
  uint32_t i, step, budget;
  bool late;

  CUT(&arena, saturn_wheel_init(&wheel, &arena, N));
  memset(due, 0xFF, sizeof due);
  for (step = 0; step < 20000; step++) {
    i = choose(N);
    if (choose(4) == 0) {
      saturn_wheel_unset(&wheel, i);
      due[i] = UINT64_MAX;
    } else {
      due[i] = now + choose(choose(3) == 0 ? 5000000 : 3000);
      saturn_wheel_set(&wheel, i, due[i]);
    }
    now += choose(choose(50) == 0 ? 2000000 : 900);
    do {
      budget = 3;
      while ((i = saturn_wheel_pop(&wheel, now, &budget)) != NONE) {
        ck_assert_uint_le(due[i], now);
        due[i] = UINT64_MAX;
      }
    } while (budget == 0);
    late = false;
    for (i = 0; i < N; i++)
      late |= due[i] != UINT64_MAX
              && (due[i] + 1000 <= now
                  || saturn_wheel_next(&wheel) > due[i] + 1000);
    ck_assert(!late);
  }
  free(arena.base);
}
END_TEST

START_TEST(T_953_wheel_that_is_empty_waits_for_ever)
{
  struct saturn_arena arena;
  struct saturn_wheel wheel;
  uint32_t budget = 10;

  CUT(&arena, saturn_wheel_init(&wheel, &arena, 1));
  ck_assert_uint_eq(saturn_wheel_next(&wheel), UINT64_MAX);
  ck_assert_uint_eq(saturn_wheel_pop(&wheel, 12345678, &budget), NONE);
  saturn_wheel_set(&wheel, 0, 12345678 + 7200000);
  for (;;) { /* two hours: looked at some times, found once */
    uint64_t next = saturn_wheel_next(&wheel);

    ck_assert_uint_le(next, 12345678 + 7200000 + 1000);
    budget = 10;
    if (saturn_wheel_pop(&wheel, next, &budget) == 0)
      break;
    ck_assert_uint_gt(budget, 0);
  }
  ck_assert_uint_eq(saturn_wheel_next(&wheel), UINT64_MAX);
  free(arena.base);
}
END_TEST

/* Ranges with odd and even ends; the last column is how many pairs fit. */
static const struct {
  uint16_t first, last;
  uint32_t pairs;
} ranges[] = {
  { 50000, 50003, 2 }, { 50001, 50001, 0 }, { 50000, 50000, 0 },
  { 50001, 50004, 1 }, { 50001, 50005, 2 }, { 1024, 1087, 32 },
  { 65535, 65535, 0 }, { 65530, 65535, 3 }, { 49152, 65535, 8192 },
};

START_TEST(T_101_every_port_is_taken_once)
{
  struct saturn_arena arena;
  struct saturn_ports p;
  uint32_t n = (uint32_t)(ranges[_i].last - ranges[_i].first) + 1, i;
  bool *taken = calloc(65536, 1);
  uint16_t port;

  CUT(&arena,
      saturn_ports_init(&p, &arena, ranges[_i].first, ranges[_i].last, n));
  ck_assert_uint_eq(saturn_ports_free(&p), n);
  for (i = 0; i < n; i++) {
    port = saturn_ports_take(&p, ANY_PORT, choose(UINT32_MAX), 0);
    ck_assert_uint_ge(port, ranges[_i].first);
    ck_assert_uint_le(port, ranges[_i].last);
    ck_assert(!taken[port]);
    taken[port] = true;
  }
  ck_assert_uint_eq(saturn_ports_take(&p, ANY_PORT, 0, 0), 0);
  free(taken);
  free(arena.base);
}
END_TEST

START_TEST(T_121_pairs_are_even_and_free)
{
  struct saturn_arena arena;
  struct saturn_ports p;
  bool *taken = calloc(65537, 1);
  uint32_t i;
  uint16_t port;

  CUT(&arena,
      saturn_ports_init(&p, &arena, ranges[_i].first, ranges[_i].last, 4));
  for (i = 0; i < ranges[_i].pairs; i++) {
    port = saturn_ports_take(&p, PORT_PAIR, choose(UINT32_MAX), 0);
    ck_assert_uint_ne(port, 0);
    ck_assert_uint_eq(port % 2, 0);
    ck_assert(!taken[port] && !taken[port + 1]);
    taken[port] = taken[port + 1] = true;
  }
  ck_assert_uint_eq(saturn_ports_take(&p, PORT_PAIR, 0, 0), 0);
  free(taken);
  free(arena.base);
}
END_TEST

/* Against a plain table: takes of all kinds and gives in any order. */
START_TEST(T_121_ports_of_every_kind)
{
  struct saturn_arena arena;
  struct saturn_ports p;
  bool taken[65] = { false };
  uint32_t step, i, n = 0;
  uint16_t port;

  CUT(&arena, saturn_ports_init(&p, &arena, 2000, 2063, 64));
  p.quarantine_s = 0;
  for (step = 0; step < 50000; step++) {
    i = choose(64);
    if (taken[i]) {
      saturn_ports_give(&p, (uint16_t)(2000 + i), 0);
      taken[i] = false;
      n--;
      continue;
    }
    port = saturn_ports_take(&p, (enum saturn_parity)choose(3),
                             choose(UINT32_MAX), 0);
    for (i = 0; port == 0 && i < 64; i += 2)
      ck_assert(taken[i] || taken[i + 1]); /* at least no pair was free */
    if (port == 0)
      continue;
    ck_assert(!taken[port - 2000]);
    taken[port - 2000] = true;
    n++;
    /* A pair shows by its upper port, which cannot be taken any more. */
    if (saturn_ports_free(&p) + n != 64) {
      ck_assert_uint_eq(port % 2, 0);
      ck_assert(!taken[port - 2000 + 1]);
      taken[port - 2000 + 1] = true;
      n++;
    }
    ck_assert_uint_eq(saturn_ports_free(&p) + n, 64);
  }
  free(arena.base);
}
END_TEST

START_TEST(T_106_freed_ports_wait)
{
  struct saturn_arena arena;
  struct saturn_ports p;
  uint32_t i;

  CUT(&arena, saturn_ports_init(&p, &arena, 2000, 2003, 4));
  p.quarantine_s = 30;
  for (i = 0; i < 4; i++)
    ck_assert_uint_ne(saturn_ports_take(&p, ANY_PORT, choose(UINT32_MAX), 0),
                      0);
  saturn_ports_give(&p, 2001, 1000);
  saturn_ports_give(&p, 2000, 2000);
  ck_assert_uint_eq(saturn_ports_free(&p), 0);
  /* nothing else is free: the one that waited longest */
  ck_assert_uint_eq(saturn_ports_take(&p, ANY_PORT, 0, 5000), 2001);
  saturn_ports_give(&p, 2003, 20000);
  /* 2000 is free again; 2003 is not, and not needed */
  ck_assert_uint_eq(saturn_ports_take(&p, ANY_PORT, UINT32_MAX, 32000), 2000);
  saturn_ports_give(&p, 2000, 33000);
  /* an even one is wanted: 2003 is passed over on the way */
  ck_assert_uint_eq(saturn_ports_take(&p, EVEN_PORT, 0, 34000), 2000);
  ck_assert_uint_eq(saturn_ports_take(&p, EVEN_PORT, 0, 34000), 0);
  free(arena.base);
}
END_TEST

START_TEST(random_bytes_repeat_with_their_secret)
{
  uint8_t secret[32] = { 1 }, a[100], b[100], mac[32], other[32];
  struct saturn_random one, two;

  saturn_random_init(&one, secret);
  saturn_random_init(&two, secret);
  saturn_random_bytes(&one, a, sizeof a);
  saturn_random_bytes(&two, b, 1);
  saturn_random_bytes(&two, b + 1, sizeof b - 1);
  ck_assert_mem_eq(a, b, sizeof a);
  ck_assert_mem_ne(a, a + 32, 32);
  saturn_random_mac(&one, "a", SATURN_TEXT("b"), mac);
  saturn_random_mac(&one, "ab", SATURN_TEXT(""), other);
  ck_assert_mem_ne(mac, other, 32); /* the label has an end */
  secret[31] = 1;
  saturn_random_init(&two, secret);
  saturn_random_bytes(&two, b, sizeof b);
  ck_assert_mem_ne(a, b, 16);
}
END_TEST

Suite *
suite(void)
{
  Suite *tables = suite_create("turn_tables");
  TCase *t = tcase_create("tables");

  tcase_add_test(t, siphash_is_the_published_one);
  tcase_add_test(t, arena_does_not_wrap);
  tcase_add_test(t, rings_keep_their_order);
  tcase_add_test(t, hash_table_holds_what_a_list_would);
  tcase_add_loop_test(t, T_953_wheel_finds_what_is_due, 0, 2);
  tcase_add_test(t, T_953_wheel_that_is_empty_waits_for_ever);
  tcase_add_loop_test(t, T_101_every_port_is_taken_once, 0, COUNT(ranges));
  tcase_add_loop_test(t, T_121_pairs_are_even_and_free, 0, COUNT(ranges));
  tcase_add_test(t, T_121_ports_of_every_kind);
  tcase_add_test(t, T_106_freed_ports_wait);
  tcase_add_test(t, random_bytes_repeat_with_their_secret);
  suite_add_tcase(tables, t);
  return tables;
}
