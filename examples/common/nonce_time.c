/* SPDX-License-Identifier: MIT
 *
 * nonce_time.c - the clock of a server, as its nonces show it.
 */
#include "nonce_time.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define FAR_S (5 * UINT64_C(31557600))

/* Where a nonce has its time. The first row that fits counts. */
static const struct way {
  const char *cookie; /* that the nonce starts with, or empty */
  size_t at, digits;  /* of the time; 0: as many as there are */
  uint64_t base, per_second;
  char end;   /* that follows; 0: anything */
  size_t len; /* of the whole nonce; 0: any that has more */
} ways[] = {
  { "obMatJos2", 13, 8, 16, 1, 0, 0 }, /* saturn */
  { "", 0, 16, 16, 1000, 0, 80 },      /* pion */
  { "", 0, 0, 10, 1, ':', 0 },         /* reTURN */
  { "", 0, 8, 16, 1, 0, 0 },           /* coturn, since its nonces have one */
};

/* 16 random digits, as coturn's were, now and then look like a time. */
#define RANDOM_NONCE 16

static uint64_t
digit_of(uint8_t c, uint64_t base)
{
  uint64_t digit = base;

  if (c >= '0' && c <= '9')
    digit = c - (uint64_t)'0';
  else if (c >= 'a' && c <= 'f')
    digit = c - (uint64_t)'a' + 10;
  return digit;
}

static bool
has_time_in(const struct way *way, struct saturn_bytes nonce)
{
  size_t cookie = strlen(way->cookie);

  if (way->len != 0 ? nonce.len != way->len
                    : nonce.len <= way->at + way->digits)
    return false;
  return nonce.len >= cookie && memcmp(nonce.data, way->cookie, cookie) == 0;
}

/* The time, or 0 if it is none. */
static uint64_t
read_time(const struct way *way, struct saturn_bytes nonce)
{
  size_t most = way->digits != 0 ? way->digits : 10, i = 0;
  uint64_t time = 0, digit;

  for (; i < most && way->at + i < nonce.len; i++) {
    digit = digit_of(nonce.data[way->at + i], way->base);
    if (digit >= way->base)
      break;
    time = time * way->base + digit;
  }
  if (way->digits != 0 && i < way->digits)
    return 0;
  if (way->end != 0
      && (way->at + i >= nonce.len
          || nonce.data[way->at + i] != (uint8_t)way->end))
    return 0;
  return time / way->per_second;
}

uint64_t
nonce_time(struct saturn_bytes nonce, uint64_t now_s)
{
  if (nonce.len == RANDOM_NONCE)
    return 0;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    uint64_t time =
        has_time_in(&ways[i], nonce) ? read_time(&ways[i], nonce) : 0;

    if (time + FAR_S > now_s && time < now_s + FAR_S && time != 0)
      return time;
  }
  return 0;
}
