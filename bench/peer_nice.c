/* SPDX-License-Identifier: MIT
 *
 * peer_nice.c - libnice's STUN at the same work.
 */
#include <stun/stunagent.h>

#include "bench.h"

static StunAgent agent;

static void
start(void)
{
  static const uint16_t known[] = {
    STUN_ATTRIBUTE_USERNAME,    STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
    STUN_ATTRIBUTE_PRIORITY,    STUN_ATTRIBUTE_ICE_CONTROLLED,
    STUN_ATTRIBUTE_FINGERPRINT, 0
  };

  stun_agent_init(&agent, known, STUN_COMPATIBILITY_RFC5389,
                  STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS
                      | STUN_AGENT_USAGE_USE_FINGERPRINT);
}

static uint64_t
read_check(const uint8_t *message, size_t len)
{
  static StunDefaultValidaterData credentials[] = {
    { (uint8_t *)BENCH_USERNAME, sizeof BENCH_USERNAME - 1,
      (uint8_t *)BENCH_PASSWORD, sizeof BENCH_PASSWORD - 1 },
    { NULL, 0, NULL, 0 }
  };
  const void *username;
  uint16_t username_len;
  StunMessage m;
  uint32_t priority;
  uint64_t tie;

  if (stun_agent_validate(&agent, &m, message, len,
                          stun_agent_default_validater, credentials)
          != STUN_VALIDATION_SUCCESS
      || (username =
              stun_message_find(&m, STUN_ATTRIBUTE_USERNAME, &username_len))
             == NULL
      || stun_message_find32(&m, STUN_ATTRIBUTE_PRIORITY, &priority)
             != STUN_MESSAGE_RETURN_SUCCESS
      || stun_message_find64(&m, STUN_ATTRIBUTE_ICE_CONTROLLED, &tie)
             != STUN_MESSAGE_RETURN_SUCCESS)
    return 0;
  return username_len + priority + tie;
}

static size_t
write_check(uint8_t *buf, size_t cap)
{
  StunTransactionId id;
  StunMessage m;
  size_t len;

  if (!stun_agent_init_request(&agent, &m, buf, cap, STUN_BINDING))
    return 0;
  stun_message_append32(&m, STUN_ATTRIBUTE_PRIORITY, BENCH_PRIORITY);
  stun_message_append64(&m, STUN_ATTRIBUTE_ICE_CONTROLLED, BENCH_TIE);
  stun_message_append_bytes(&m, STUN_ATTRIBUTE_USERNAME, BENCH_USERNAME,
                            sizeof BENCH_USERNAME - 1);
  len = stun_agent_finish_message(&agent, &m, (const uint8_t *)BENCH_PASSWORD,
                                  sizeof BENCH_PASSWORD - 1);
  stun_message_id(&m, id);
  stun_agent_forget_transaction(&agent, id);
  return len;
}

const struct codec codec_nice = { "libnice", start, read_check, write_check };
