/* SPDX-License-Identifier: MIT
 *
 * builder.c - a message that grows in the caller's buffer, and what may follow
 * what.
 */
#include "builder.h"

#include <string.h>

#include "bytes.h"
#include "message.h"

#define BODY_MAX (SATURN_MESSAGE_MAX - SATURN_HEADER_SIZE)

/* Of the 12 bits of a method those are in use that leave the first byte of a
   message below 4: all others belong to other protocols (S-003). */
#define METHOD_MAX 0xFF

/* What has been put that bounds what may follow: S-110. */
enum stage { OPEN, SIGNED_SHA1, SIGNED_SHA256, CLOSED };

void
saturn_builder_fail(struct saturn_builder *b, enum saturn_error error,
                    uint16_t type)
{
  if (b->error != SATURN_OK)
    return;
  b->error = (uint8_t)error;
  b->culprit = type;
}

static void
begin(struct saturn_builder *b, uint8_t *buf, size_t cap, enum saturn_class cls,
      uint16_t method)
{
  memset(b, 0, sizeof *b);
  b->buf = buf;
  b->cap = cap;
  b->len = SATURN_HEADER_SIZE;
  if (method > METHOD_MAX || (unsigned)cls > SATURN_FAILURE) {
    saturn_builder_fail(b, SATURN_E_RANGE, 0);
    return;
  }
  if (cap < SATURN_HEADER_SIZE) {
    saturn_builder_fail(b, SATURN_E_SPACE, 0);
    return;
  }
  store16(buf, saturn_type(method, cls));
  store16(buf + 2, 0);
}

void
saturn_begin(struct saturn_builder *b, uint8_t *buf, size_t cap,
             enum saturn_class cls, uint16_t method,
             const uint8_t tid[SATURN_TID_SIZE])
{
  begin(b, buf, cap, cls, method);
  if (b->error != SATURN_OK)
    return;
  store32(buf + 4, COOKIE);
  memcpy(buf + 8, tid, SATURN_TID_SIZE);
}

void
saturn_begin_id(struct saturn_builder *b, uint8_t *buf, size_t cap,
                enum saturn_class cls, uint16_t method, const uint8_t id[16])
{
  begin(b, buf, cap, cls, method);
  if (b->error == SATURN_OK)
    memcpy(buf + 4, id, 16);
}

void
saturn_begin_reply(struct saturn_builder *b, uint8_t *buf, size_t cap,
                   enum saturn_class cls, const struct saturn_message *request)
{
  saturn_begin_id(b, buf, cap, cls, request->method, request->raw.data + 4);
}

static bool
may_follow(enum stage stage, uint16_t type)
{
  switch (stage) {
  case OPEN:
    return true;
  case SIGNED_SHA1:
    return type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256
           || type == SATURN_ATTR_FINGERPRINT;
  case SIGNED_SHA256:
    return type == SATURN_ATTR_FINGERPRINT;
  case CLOSED:
    break;
  }
  return false;
}

static enum stage
stage_after(enum stage stage, uint16_t type)
{
  switch (type) {
  case SATURN_ATTR_MESSAGE_INTEGRITY:
    return SIGNED_SHA1;
  case SATURN_ATTR_MESSAGE_INTEGRITY_SHA256:
    return SIGNED_SHA256;
  case SATURN_ATTR_FINGERPRINT:
    return CLOSED;
  default:
    return stage;
  }
}

/* Is this a length for TYPE, and can the message still grow by it? */
static bool
in_range(const struct saturn_builder *b, uint16_t type, size_t len)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  size_t left = BODY_MAX - (b->len - SATURN_HEADER_SIZE);

  if (info != NULL && (len < info->min || len > info->max))
    return false;
  return left >= 4 && len <= left - 4 && padded(len) <= left - 4;
}

uint8_t *
saturn_put_space(struct saturn_builder *b, uint16_t type, size_t len)
{
  size_t at = b->len;
  uint8_t *p;

  /* Only a full buffer lets the builder go on, to count. */
  if (b->error != SATURN_OK && b->error != SATURN_E_SPACE)
    return NULL;
  if (!may_follow((enum stage)b->stage, type)) {
    saturn_builder_fail(b, SATURN_E_ORDER, type);
    return NULL;
  }
  if (!in_range(b, type, len)) {
    saturn_builder_fail(b, SATURN_E_RANGE, type);
    return NULL;
  }
  b->stage = (uint8_t)stage_after((enum stage)b->stage, type);
  b->len += 4 + padded(len);
  if (b->len > b->cap)
    saturn_builder_fail(b, SATURN_E_SPACE, type);
  if (b->error != SATURN_OK)
    return NULL;
  p = b->buf + at;
  store16(p, type);
  store16(p + 2, (uint16_t)len);
  memset(p + 4 + len, 0, padded(len) - len);
  store16(b->buf + 2, (uint16_t)(b->len - SATURN_HEADER_SIZE));
  return p + 4;
}

enum saturn_error
saturn_finish(const struct saturn_builder *b, struct saturn_bytes *message)
{
  if (b->error == SATURN_OK)
    *message = saturn_view(b->buf, b->len);
  return (enum saturn_error)b->error;
}

uint16_t
saturn_culprit(const struct saturn_builder *b)
{
  return b->culprit;
}

size_t
saturn_size(const struct saturn_builder *b)
{
  return b->len;
}
