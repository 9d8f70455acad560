/* SPDX-License-Identifier: MIT
 *
 * codec.c - reads and writes ICE checks with saturn, libnice and libre, turn
 * by turn in one run, and prints the median of the rounds for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "saturn/saturn.h"

#define ROUNDS 31
#define TIMES 20000

static struct saturn_key key;

static void
start(void)
{
  saturn_key_short_term(&key, SATURN_TEXT(BENCH_PASSWORD));
}

static uint64_t
read_check(const uint8_t *message, size_t len)
{
  struct saturn_bytes username;
  struct saturn_message m;
  uint32_t priority;
  uint64_t tie;

  if (saturn_parse(&m, saturn_view(message, len)) != SATURN_OK
      || saturn_get_bytes(&m, SATURN_ATTR_USERNAME, &username) != SATURN_OK
      || saturn_get_u32(&m, SATURN_ATTR_PRIORITY, &priority) != SATURN_OK
      || saturn_get_u64(&m, SATURN_ATTR_ICE_CONTROLLED, &tie) != SATURN_OK
      || saturn_check_fingerprint(&m) != SATURN_OK
      || saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0) != SATURN_OK)
    return 0;
  return username.len + priority + tie;
}

static size_t
write_check(uint8_t *buf, size_t cap)
{
  struct saturn_builder b;
  struct saturn_bytes message;

  saturn_begin(&b, buf, cap, SATURN_REQUEST, SATURN_METHOD_BINDING,
               (const uint8_t *)BENCH_ID);
  saturn_put_u32(&b, SATURN_ATTR_PRIORITY, BENCH_PRIORITY);
  saturn_put_u64(&b, SATURN_ATTR_ICE_CONTROLLED, BENCH_TIE);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT(BENCH_USERNAME));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
  saturn_put_fingerprint(&b);
  return saturn_finish(&b, &message) == SATURN_OK ? message.len : 0;
}

static const struct codec codec_saturn = { "saturn", start, read_check,
                                           write_check };
static const struct codec *const codecs[] = { &codec_saturn, &codec_nice,
                                              &codec_re };

#define CODECS (sizeof codecs / sizeof *codecs)

static double
now_ns(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
time_read(const struct codec *codec, const uint8_t *message, size_t len)
{
  double begin = now_ns();
  uint64_t sum = 0;
  int i;

  for (i = 0; i < TIMES; i++)
    sum += codec->read(message, len);
  if (sum == 0)
    exit(1);
  return (now_ns() - begin) / TIMES;
}

static double
time_write(const struct codec *codec)
{
  double begin = now_ns();
  uint8_t buf[512];
  size_t sum = 0;
  int i;

  for (i = 0; i < TIMES; i++)
    sum += codec->write(buf, sizeof buf);
  if (sum == 0)
    exit(1);
  return (now_ns() - begin) / TIMES;
}

static void
print(const char *what, double times[CODECS][ROUNDS])
{
  double first = 0, median;
  size_t i;

  for (i = 0; i < CODECS; i++) {
    qsort(times[i], ROUNDS, sizeof **times, compare);
    median = times[i][ROUNDS / 2];
    if (i == 0)
      first = median;
    printf("%-6s %-8s %8.0f ns  %5.1f x saturn\n", what, codecs[i]->name,
           median, median / first);
  }
}

int
main(void)
{
  static double reads[CODECS][ROUNDS], writes[CODECS][ROUNDS];
  uint8_t message[512];
  size_t i, len;
  int round;

  for (i = 0; i < CODECS; i++)
    codecs[i]->start();
  len = write_check(message, sizeof message);
  for (i = 0; i < CODECS; i++)
    if (codecs[i]->read(message, len) == 0) {
      fprintf(stderr, "bench: %s refuses the message\n", codecs[i]->name);
      return 1;
    }
  for (round = 0; round < ROUNDS; round++)
    for (i = 0; i < CODECS; i++) {
      reads[i][round] = time_read(codecs[i], message, len);
      writes[i][round] = time_write(codecs[i]);
    }
  print("read", reads);
  print("write", writes);
  return 0;
}
