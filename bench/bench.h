/* SPDX-License-Identifier: MIT
 *
 * bench.h - what every codec under measurement does.
 *
 * READ takes one ICE check: parse, read USERNAME, PRIORITY and the
 * tie-breaker, verify FINGERPRINT and MESSAGE-INTEGRITY. WRITE makes the same
 * message. Both return something that depends on all of the work, and 0 when
 * the work failed.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_USERNAME "evtj:h6vY"
#define BENCH_PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"
#define BENCH_PRIORITY 1845494271u
#define BENCH_TIE 0x932FF9B151263B36u
#define BENCH_ID "0123456789ab"

struct codec {
  const char *name;
  void (*start)(void);
  uint64_t (*read)(const uint8_t *message, size_t len);
  size_t (*write)(uint8_t *buf, size_t cap);
};

extern const struct codec codec_nice, codec_re;

#endif
