/* SPDX-License-Identifier: MIT
 *
 * record.c - one message of a capture: what it is, and whether it is
 * well-formed.
 */
#include "record.h"

#include <string.h>

static uint8_t *
put_address(uint8_t *p, const struct saturn_address *address)
{
  *p++ = address->family;
  *p++ = (uint8_t)(address->port >> 8);
  *p++ = (uint8_t)address->port;
  memcpy(p, address->ip, sizeof address->ip);
  return p + sizeof address->ip;
}

void
flow_key(const struct flow *flow, bool opposite, uint8_t key[FLOW_KEY_SIZE])
{
  *key++ = flow->transport;
  key = put_address(key, opposite ? &flow->dst : &flow->src);
  key = put_address(key, opposite ? &flow->src : &flow->dst);
  put_address(key, &flow->inner);
}

bool
looks_like_stun(struct saturn_bytes bytes)
{
  return bytes.len >= 8 && bytes.data[0] < 4
         && memcmp(bytes.data + 4, "\x21\x12\xa4\x42", 4) == 0;
}

static enum record_verdict
verdict_of(enum saturn_error error)
{
  switch (error) {
  case SATURN_OK:
    return RECORD_OK;
  case SATURN_E_NOT_STUN:
  case SATURN_E_COOKIE:
    return RECORD_NOT_STUN;
  case SATURN_E_TRUNCATED:
    return RECORD_TRUNCATED;
  default:
    return RECORD_MALFORMED;
  }
}

static enum saturn_error
parse(struct saturn_message *m, struct saturn_bytes bytes, bool classic)
{
  return classic ? saturn_classic_parse(m, bytes) : saturn_parse(m, bytes);
}

/* Read what stands before the fault: copy the message and shorten the header
   length, to the fault or to what is there, until the copy parses. Each turn
   cuts off at least one attribute, and no fault needs more than three. */
static bool
salvage(struct record *r, bool classic)
{
  static uint8_t copy[SATURN_MESSAGE_MAX];
  size_t len = r->raw.len < sizeof copy ? r->raw.len : sizeof copy;
  size_t body = (len - SATURN_HEADER_SIZE) & ~(size_t)3;
  enum saturn_error error = r->error;
  size_t fault = r->at;

  memcpy(copy, r->raw.data, len);
  if (r->length < body)
    body = r->length & ~(size_t)3;
  for (int turn = 0; turn < 4; turn++) {
    if (error == SATURN_E_OVERRUN || error == SATURN_E_AFTER_FINGERPRINT)
      body = fault - SATURN_HEADER_SIZE;
    copy[2] = (uint8_t)(body >> 8);
    copy[3] = (uint8_t)body;
    error = parse(&r->message, saturn_view(copy, SATURN_HEADER_SIZE + body),
                  classic);
    if (error == SATURN_OK)
      return true;
    fault = r->message.fault;
  }
  return false;
}

static void
check_fingerprint(struct record *r)
{
  if (!saturn_has(&r->message, SATURN_ATTR_FINGERPRINT))
    r->fingerprint = CHECK_ABSENT;
  else if (r->error != SATURN_OK && r->error != SATURN_E_VALUE)
    r->fingerprint = CHECK_UNCHECKED; /* the message is not whole */
  else if (saturn_check_fingerprint(&r->message) == SATURN_OK)
    r->fingerprint = CHECK_VALID;
  else
    r->fingerprint = CHECK_INVALID;
}

static void
read_header(struct record *r)
{
  const uint8_t *p = r->raw.data;

  if (r->raw.len < 4)
    return;
  r->has_header = true;
  r->type = (uint16_t)(p[0] << 8 | p[1]);
  r->length = (uint16_t)(p[2] << 8 | p[3]);
}

static void
start(struct record *r, const struct origin *origin, enum record_kind kind,
      struct saturn_bytes bytes)
{
  memset(r, 0, sizeof *r);
  r->origin = origin;
  r->kind = kind;
  r->raw = bytes;
}

void
record_read(struct record *r, const struct origin *origin,
            struct saturn_bytes bytes, bool classic)
{
  struct saturn_attribute culprit;

  start(r, origin, RECORD_STUN, bytes);
  r->error = parse(&r->message, bytes, classic);
  r->has_message = r->error == SATURN_OK;
  if (!r->has_message)
    r->at = r->message.fault;
  r->verdict = verdict_of(r->error);
  if (r->verdict == RECORD_NOT_STUN) {
    r->kind = RECORD_OTHER;
    return;
  }
  read_header(r);
  if (!r->has_message && bytes.len >= SATURN_HEADER_SIZE)
    r->has_message = salvage(r, classic);
  if (r->error == SATURN_OK) {
    r->error = saturn_validate(&r->message, &culprit);
    if (r->error != SATURN_OK) {
      r->at = culprit.at;
      r->verdict = RECORD_MALFORMED;
    }
  }
  if (r->has_message)
    check_fingerprint(r);
}

/* RFC 5766 had channels up to 0x7FFF: the same form, other numbers. */
static enum saturn_error
parse_old_channel(struct saturn_bytes bytes, struct saturn_bytes *payload)
{
  size_t len;

  if (bytes.len < SATURN_CHANNEL_HEADER)
    return SATURN_E_TRUNCATED;
  len = (size_t)bytes.data[2] << 8 | bytes.data[3];
  if (len > bytes.len - SATURN_CHANNEL_HEADER)
    return SATURN_E_TRUNCATED;
  *payload = saturn_view(bytes.data + SATURN_CHANNEL_HEADER, len);
  return SATURN_OK;
}

void
record_read_channel(struct record *r, const struct origin *origin,
                    struct saturn_bytes bytes, bool old)
{
  struct saturn_channel_data data;

  start(r, origin, RECORD_CHANNEL, bytes);
  r->error = saturn_channel_parse(&data, bytes);
  if (r->error == SATURN_OK)
    r->payload = data.payload;
  else if (r->error == SATURN_E_CHANNEL && old && bytes.data[0] < 0x80)
    r->error = parse_old_channel(bytes, &r->payload);
  r->verdict = verdict_of(r->error);
  if (r->error == SATURN_E_TRUNCATED)
    r->at = bytes.len;
  read_header(r);
}

const char *
verdict_word(enum record_verdict verdict)
{
  static const char *const words[] = { "ok", "not-stun", "truncated",
                                       "malformed", "need-more" };

  return words[verdict];
}

const char *
check_word(enum record_check check)
{
  static const char *const words[] = { "absent", "valid", "invalid",
                                       "unchecked" };

  return words[check];
}
