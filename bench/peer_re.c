/* SPDX-License-Identifier: MIT
 *
 * peer_re.c - libre at the same work.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <re.h>

#include "bench.h"

static void
start(void)
{
}

static uint64_t
read_check(const uint8_t *message, size_t len)
{
  struct stun_msg *m = NULL;
  struct stun_attr *username, *priority, *tie;
  struct mbuf *mb = mbuf_alloc(len);
  uint64_t sum = 0;

  if (mbuf_write_mem(mb, message, len) != 0)
    return 0;
  mbuf_set_pos(mb, 0);
  if (stun_msg_decode(&m, mb, NULL) == 0 && stun_msg_chk_fingerprint(m) == 0
      && stun_msg_chk_mi(m, (const uint8_t *)BENCH_PASSWORD,
                         sizeof BENCH_PASSWORD - 1)
             == 0) {
    username = stun_msg_attr(m, STUN_ATTR_USERNAME);
    priority = stun_msg_attr(m, STUN_ATTR_PRIORITY);
    tie = stun_msg_attr(m, STUN_ATTR_CONTROLLED);
    if (username != NULL && priority != NULL && tie != NULL)
      sum = strlen(username->v.username) + priority->v.priority + tie->v.uint64;
  }
  mem_deref(m);
  mem_deref(mb);
  return sum;
}

static size_t
write_check(uint8_t *buf, size_t cap)
{
  uint32_t priority = BENCH_PRIORITY;
  uint64_t tie = BENCH_TIE;
  struct mbuf *mb = mbuf_alloc(256);
  size_t len = 0;

  if (stun_msg_encode(
          mb, STUN_METHOD_BINDING, STUN_CLASS_REQUEST,
          (const uint8_t *)BENCH_ID, NULL, (const uint8_t *)BENCH_PASSWORD,
          sizeof BENCH_PASSWORD - 1, true, 0, 3, STUN_ATTR_PRIORITY, &priority,
          STUN_ATTR_CONTROLLED, &tie, STUN_ATTR_USERNAME, BENCH_USERNAME)
          == 0
      && mb->end <= cap) {
    memcpy(buf, mb->buf, mb->end);
    len = mb->end;
  }
  mem_deref(mb);
  return len;
}

const struct codec codec_re = { "libre", start, read_check, write_check };
