/* SPDX-License-Identifier: MIT
 *
 * oracle.c - the library's answers, found in the plainest way.
 */
#include "oracle.h"

static size_t
number(const uint8_t *p, size_t bytes)
{
  size_t value = 0;

  while (bytes-- > 0)
    value = value * 256 + *p++;
  return value;
}

static size_t
words(size_t len)
{
  return (len + 3) / 4 * 4;
}

static enum saturn_error
walk(struct saturn_bytes datagram, size_t *fault)
{
  bool closed = false;
  size_t at = 20, len;

  while (at < datagram.len) {
    *fault = at;
    len = number(datagram.data + at + 2, 2);
    if (at + 4 + words(len) > datagram.len)
      return SATURN_E_OVERRUN;
    if (closed)
      return SATURN_E_AFTER_FINGERPRINT;
    closed = number(datagram.data + at, 2) == SATURN_ATTR_FINGERPRINT;
    at += 4 + words(len);
  }
  return SATURN_OK;
}

enum saturn_error
oracle_parse(struct saturn_bytes datagram, bool classic, size_t *fault)
{
  size_t length;

  *fault = 0;
  if (datagram.len > 0 && datagram.data[0] > 3)
    return SATURN_E_NOT_STUN;
  *fault = datagram.len;
  if (datagram.len < 20)
    return SATURN_E_TRUNCATED;
  length = number(datagram.data + 2, 2);
  if (length % 4 != 0) {
    *fault = 2;
    return SATURN_E_LENGTH;
  }
  if (length + 20 > datagram.len)
    return SATURN_E_TRUNCATED;
  if (length + 20 < datagram.len) {
    *fault = length + 20;
    return SATURN_E_TRAILING;
  }
  *fault = 4;
  if (!classic && number(datagram.data + 4, 4) != 0x2112A442)
    return SATURN_E_COOKIE;
  return walk(datagram, fault);
}

static bool
is_first(const struct oracle_attribute *list, size_t n)
{
  size_t i;

  for (i = 0; i < n; i++)
    if (list[i].type == list[n].type && list[i].covered)
      return false;
  return list[n].covered;
}

size_t
oracle_walk(struct saturn_bytes message, struct oracle_attribute *list,
            size_t max)
{
  bool sha1 = false, sha256 = false;
  size_t at = 20, n;

  for (n = 0; at < message.len && n < max; n++) {
    struct oracle_attribute *a = &list[n];

    a->at = at;
    a->type = (uint16_t)number(message.data + at, 2);
    a->len = number(message.data + at + 2, 2);
    a->covered =
        a->type == SATURN_ATTR_FINGERPRINT
        || (!sha256
            && (!sha1 || a->type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256));
    a->first = is_first(list, n);
    sha1 = sha1 || (a->covered && a->type == SATURN_ATTR_MESSAGE_INTEGRITY);
    sha256 = sha256 || a->type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256;
    at += 4 + words(a->len);
  }
  return n;
}

uint32_t
oracle_crc32(struct saturn_bytes bytes)
{
  uint32_t crc = 0xFFFFFFFF;
  size_t i;
  int bit;

  for (i = 0; i < bytes.len; i++) {
    crc ^= bytes.data[i];
    for (bit = 0; bit < 8; bit++)
      crc = crc % 2 != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

/* How many bytes the character at P has, of at most LEN; 0 if it is wrong. */
static size_t
character(const uint8_t *p, size_t len)
{
  static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t n = p[0] < 0x80   ? 1
             : p[0] < 0xC0 ? 0
             : p[0] < 0xE0 ? 2
             : p[0] < 0xF0 ? 3
             : p[0] < 0xF8 ? 4
                           : 0;
  uint32_t value;
  size_t i;

  if (n < 2)
    return n;
  if (n > len)
    return 0;
  value = p[0] & (0x7Fu >> n);
  for (i = 1; i < n; i++) {
    if (p[i] / 64 != 2)
      return 0;
    value = value * 64 + p[i] % 64;
  }
  if (value < least[n] || value > 0x10FFFF || value / 0x800 == 0x1B)
    return 0;
  return n;
}

bool
oracle_utf8(struct saturn_bytes text)
{
  size_t at = 0, n;

  while (at < text.len) {
    n = character(text.data + at, text.len - at);
    if (n == 0)
      return false;
    at += n;
  }
  return true;
}

static enum saturn_frame
bad_at(size_t offset, size_t *size)
{
  *size = offset;
  return SATURN_FRAME_BAD;
}

static enum saturn_frame
more(size_t missing, size_t *size)
{
  *size = missing;
  return SATURN_FRAME_MORE;
}

enum saturn_frame
oracle_frame(struct saturn_bytes stream, bool turn, size_t limit,
             size_t *frame_len, size_t *size)
{
  bool channel;
  size_t len, whole;

  if (stream.len == 0)
    return more(4, size);
  channel = stream.data[0] >= 0x40 && stream.data[0] <= 0x7F && turn;
  if (!channel && stream.data[0] > 3)
    return bad_at(0, size);
  if (stream.len < 4)
    return more(4 - stream.len, size);
  len = number(stream.data + 2, 2);
  if (!channel && len % 4 != 0)
    return bad_at(2, size);
  *frame_len = channel ? 4 + len : 20 + len;
  whole = words(*frame_len);
  if (limit != 0 && whole > limit)
    return bad_at(2, size);
  if (!channel && stream.len >= 8 && number(stream.data + 4, 4) != 0x2112A442)
    return bad_at(4, size);
  if (stream.len < whole)
    return more(whole - stream.len, size);
  *size = whole;
  if (!channel)
    return SATURN_FRAME_STUN;
  return stream.data[0] < 0x50 ? SATURN_FRAME_CHANNEL : SATURN_FRAME_SKIP;
}

enum saturn_error
oracle_channel(struct saturn_bytes datagram, size_t *payload_len)
{
  if (datagram.len < 4)
    return SATURN_E_TRUNCATED;
  if (datagram.data[0] < 0x40)
    return SATURN_E_NOT_STUN;
  if (datagram.data[0] > 0x4F)
    return SATURN_E_CHANNEL;
  *payload_len = number(datagram.data + 2, 2);
  if (*payload_len > datagram.len - 4)
    return SATURN_E_TRUNCATED;
  return SATURN_OK;
}

enum saturn_protocol
oracle_demux(struct saturn_bytes datagram, bool turn)
{
  uint8_t first = datagram.len > 0 ? datagram.data[0] : 4;

  if (first <= 3)
    return SATURN_IS_STUN;
  if (first <= 15)
    return SATURN_IS_UNKNOWN;
  if (first <= 19)
    return SATURN_IS_ZRTP;
  if (first <= 63)
    return SATURN_IS_DTLS;
  if (first <= 79)
    return turn ? SATURN_IS_CHANNEL : SATURN_IS_QUIC;
  if (first <= 127 || first >= 192)
    return SATURN_IS_QUIC;
  if (datagram.len > 1 && datagram.data[1] >= 192 && datagram.data[1] <= 223)
    return SATURN_IS_RTCP;
  return SATURN_IS_RTP;
}
