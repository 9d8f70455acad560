/* SPDX-License-Identifier: MIT
 *
 * transaction.c - when to send a request again and when to give up.
 */
#include "saturn/transaction.h"

#include <string.h>

/* A server that knows the counter but not the number of its answers. */
#define COUNTER_MAX 254

static uint32_t
rto_of(const struct saturn_transaction *t)
{
  uint32_t rto_ms = t->rto_ms != 0 ? t->rto_ms : SATURN_RTO_MS;

  return rto_ms < SATURN_RTO_MAX_MS ? rto_ms : SATURN_RTO_MAX_MS;
}

static uint8_t
rc_of(const struct saturn_transaction *t)
{
  uint8_t rc = t->rc != 0 ? t->rc : SATURN_RC;

  if (t->reliable)
    return 1;
  return rc < SATURN_RC_MAX ? rc : SATURN_RC_MAX;
}

static saturn_ms
later(saturn_ms time, uint64_t by)
{
  return by < SATURN_NEVER - time ? time + by : SATURN_NEVER;
}

/* When send number I, from 0, is due: RTO * (2^I - 1) after the first. */
static saturn_ms
slot_time(const struct saturn_transaction *t, unsigned i)
{
  return later(t->first, (uint64_t)rto_of(t) * ((1u << i) - 1));
}

static saturn_ms
end_time(const struct saturn_transaction *t)
{
  uint8_t rm = t->rm != 0 ? t->rm : SATURN_RM;

  if (t->reliable)
    return later(t->first, t->ti_ms != 0 ? t->ti_ms : SATURN_TI_MS);
  return later(slot_time(t, rc_of(t) - 1u), (uint64_t)rm * rto_of(t));
}

void
saturn_transaction_start(struct saturn_transaction *t, uint16_t method,
                         const uint8_t tid[SATURN_TID_SIZE], saturn_ms now)
{
  memcpy(t->tid, tid, sizeof t->tid);
  t->method = method;
  t->outcome = SATURN_OPEN;
  t->sent = t->slot = 0;
  t->doubted = false;
  t->first = now;
  memset(t->at_ms, 0, sizeof t->at_ms);
}

/* Note a send at NOW, and pass over all slots that are due by then. */
static enum saturn_step
send_now(struct saturn_transaction *t, saturn_ms now)
{
  if (t->sent == 0)
    t->first = now;
  t->at_ms[t->sent++] = saturn_transaction_elapsed_ms(t, now);
  while (t->slot < rc_of(t) && slot_time(t, t->slot) <= now)
    t->slot++;
  return SATURN_STEP_SEND;
}

bool
saturn_transaction_expire(struct saturn_transaction *t, saturn_ms now)
{
  if (t->outcome == SATURN_OPEN && t->sent > 0 && now >= end_time(t))
    t->outcome = t->doubted ? SATURN_UNTRUSTED : SATURN_TIMED_OUT;
  return t->outcome != SATURN_OPEN;
}

enum saturn_step
saturn_transaction_poll(struct saturn_transaction *t, saturn_ms now)
{
  if (saturn_transaction_expire(t, now))
    return SATURN_STEP_OVER;
  if (t->sent > 0 && now < saturn_transaction_deadline(t))
    return SATURN_STEP_WAIT;
  return send_now(t, now);
}

saturn_ms
saturn_transaction_deadline(const struct saturn_transaction *t)
{
  if (t->outcome != SATURN_OPEN)
    return SATURN_NEVER;
  if (t->sent == 0)
    return t->first;
  return t->slot < rc_of(t) ? slot_time(t, t->slot) : end_time(t);
}

bool
saturn_transaction_matches(const struct saturn_transaction *t,
                           const struct saturn_message *m)
{
  return t->outcome == SATURN_OPEN && t->sent > 0
         && (m->cls == SATURN_SUCCESS || m->cls == SATURN_FAILURE)
         && m->method == t->method
         && memcmp(saturn_tid(m), t->tid, sizeof t->tid) == 0;
}

static void
end(struct saturn_transaction *t, enum saturn_outcome outcome)
{
  if (t->outcome == SATURN_OPEN)
    t->outcome = (uint8_t)outcome;
}

void
saturn_transaction_answer(struct saturn_transaction *t)
{
  end(t, SATURN_ANSWERED);
}

void
saturn_transaction_doubt(struct saturn_transaction *t)
{
  t->doubted = true;
  if (t->reliable)
    end(t, SATURN_UNTRUSTED);
}

void
saturn_transaction_unreachable(struct saturn_transaction *t)
{
  end(t, SATURN_UNREACHABLE);
}

bool
saturn_icmp_is_hard(enum saturn_family family, unsigned type, unsigned code)
{
  if (family == SATURN_IPV4)
    return type == 3 && (code == 2 || code == 3);
  return family == SATURN_IPV6 && type == 1 && code == 4;
}

uint32_t
saturn_transaction_elapsed_ms(const struct saturn_transaction *t, saturn_ms now)
{
  uint64_t elapsed = now > t->first ? now - t->first : 0;

  return elapsed < UINT32_MAX ? (uint32_t)elapsed : UINT32_MAX;
}

bool
saturn_transaction_rtt(const struct saturn_transaction *t,
                       const struct saturn_message *response, saturn_ms now,
                       uint32_t *rtt_ms)
{
  uint32_t elapsed_ms = saturn_transaction_elapsed_ms(t, now);
  uint8_t requests, responses, n = 1;

  if (saturn_get_transmit_counter(response, &requests, &responses) == SATURN_OK
      && requests > 0)
    n = requests;
  else if (t->sent != 1)
    return false;
  if (n > t->sent || elapsed_ms < t->at_ms[n - 1])
    return false;
  *rtt_ms = elapsed_ms - t->at_ms[n - 1];
  return true;
}

uint32_t
saturn_transmit_counter(unsigned n)
{
  return (uint32_t)(n < COUNTER_MAX ? n : COUNTER_MAX) << 8;
}

enum saturn_error
saturn_get_transmit_counter(const struct saturn_message *m, uint8_t *requests,
                            uint8_t *responses)
{
  uint32_t value;
  enum saturn_error e =
      saturn_get_u32(m, SATURN_ATTR_TRANSACTION_TRANSMIT_COUNTER, &value);

  if (e != SATURN_OK)
    return e;
  *requests = (uint8_t)(value >> 8);
  *responses = (uint8_t)value;
  return SATURN_OK;
}
