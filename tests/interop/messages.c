/* SPDX-License-Identifier: MIT
 *
 * messages.c - write a capture with every kind of message that the library
 * builds: each method and class, each current attribute, each ending. For
 * other decoders to read.
 */
#include <stdio.h>
#include <string.h>

#include "../sample.h"

/* An IPv4 packet from a client to port 3478, or back. */
enum { IP_HEADER = 20, UDP_HEADER = 8, RAW_IP = 101 };

static void
put32le(uint32_t value)
{
  int i;

  for (i = 0; i < 4; i++, value >>= 8)
    putchar((int)(value & 0xFF));
}

static void
store(uint8_t *p, size_t value)
{
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
}

static uint16_t
checksum(const uint8_t *header)
{
  uint32_t sum = 0;
  int i;

  for (i = 0; i < IP_HEADER; i += 2)
    sum += (uint32_t)header[i] << 8 | header[i + 1];
  sum = (sum & 0xFFFF) + (sum >> 16);
  sum = (sum & 0xFFFF) + (sum >> 16);
  return (uint16_t)~sum;
}

static void
write_packet(struct saturn_bytes message, bool from_server)
{
  static const uint8_t ends[2][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };
  static uint32_t time_s;
  uint8_t head[IP_HEADER + UDP_HEADER] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17 };
  size_t whole = sizeof head + message.len;

  store(head + 2, whole);
  memcpy(head + 12, ends[from_server], 4);
  memcpy(head + 16, ends[!from_server], 4);
  store(head + 10, checksum(head));
  store(head + 20, from_server ? 3478 : 50000);
  store(head + 22, from_server ? 50000 : 3478);
  store(head + 24, UDP_HEADER + message.len);
  put32le(time_s++);
  put32le(0);
  put32le((uint32_t)whole);
  put32le((uint32_t)whole);
  fwrite(head, 1, sizeof head, stdout);
  fwrite(message.data, 1, message.len, stdout);
}

static uint8_t buf[2048];

static void
begin(struct saturn_builder *b, enum saturn_class cls, uint16_t method)
{
  static uint8_t tid[SATURN_TID_SIZE] = { 0x5A, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

  store(tid + 10, (size_t)tid[10] * 256 + tid[11] + 1);
  saturn_begin(b, buf, sizeof buf, cls, method, tid);
}

static bool
finish(struct saturn_builder *b, enum saturn_class cls)
{
  struct saturn_bytes message;

  if (saturn_finish(b, &message) != SATURN_OK) {
    fprintf(stderr, "attribute %04x: not built\n", saturn_culprit(b));
    return false;
  }
  write_packet(message, cls >= SATURN_SUCCESS);
  return true;
}

static bool
write_methods(void)
{
  struct saturn_builder b;
  uint16_t method;
  unsigned cls;
  bool good = true;

  for (method = 0; method <= 0xFF; method++)
    for (cls = 0; cls < 4; cls++) {
      if (!saturn_method_has(method, (enum saturn_class)cls)
          || method == SATURN_METHOD_GOOG_PING
          || method == SATURN_METHOD_SHARED_SECRET)
        continue;
      begin(&b, (enum saturn_class)cls, method);
      if (cls == SATURN_FAILURE)
        saturn_put_error(&b, 400, saturn_view(NULL, 0));
      saturn_put_text(&b, SATURN_ATTR_SOFTWARE, SATURN_TEXT("saturn"));
      saturn_put_fingerprint(&b);
      good = finish(&b, (enum saturn_class)cls) && good;
    }
  return good;
}

static bool
write_attributes(void)
{
  const struct saturn_attr_info *row;
  struct saturn_builder b;
  bool good = true;
  size_t i;

  for (i = 0; (row = saturn_attr_row(i)) != NULL; i++) {
    if (row->status != SATURN_CURRENT || sample_is_ending(row))
      continue;
    begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
    sample_put(&b, row);
    saturn_put_fingerprint(&b);
    good = finish(&b, SATURN_REQUEST) && good;
  }
  return good;
}

/* S-110: nothing, either, both; with and without FINGERPRINT. */
static bool
write_endings(void)
{
  struct saturn_builder b;
  struct saturn_key key;
  unsigned ending;
  bool good = true;

  sample_key(&key);
  for (ending = 0; ending < 8; ending++) {
    begin(&b, SATURN_REQUEST, SATURN_METHOD_REFRESH);
    saturn_put_text(&b, SATURN_ATTR_USERNAME, SATURN_TEXT("alice"));
    saturn_put_text(&b, SATURN_ATTR_REALM, SATURN_TEXT("example.org"));
    saturn_put_text(&b, SATURN_ATTR_NONCE, SATURN_TEXT("obMatJos2AAAB17"));
    saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 600);
    if (ending & 1)
      saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
    if (ending & 2)
      saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
    if (ending & 4)
      saturn_put_fingerprint(&b);
    good = finish(&b, SATURN_REQUEST) && good;
  }
  return good;
}

/* IPv6, in the clear and XORed. */
static bool
write_ipv6(void)
{
  struct saturn_address address = { 0 };
  struct saturn_builder b;

  if (saturn_address_parse(&address, SATURN_TEXT("[2001:db8::1:2]:5349"))
      != SATURN_OK)
    return false;
  begin(&b, SATURN_SUCCESS, SATURN_METHOD_ALLOCATE);
  saturn_put_address(&b, SATURN_ATTR_XOR_RELAYED_ADDRESS, &address);
  saturn_put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &address);
  saturn_put_address(&b, SATURN_ATTR_MAPPED_ADDRESS, &address);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 600);
  saturn_put_fingerprint(&b);
  return finish(&b, SATURN_SUCCESS);
}

int
main(void)
{
  put32le(0xA1B2C3D4);
  put32le(2 | 4 << 16);
  put32le(0);
  put32le(0);
  put32le(65535);
  put32le(RAW_IP);
  return write_methods() && write_attributes() && write_endings()
                 && write_ipv6() && fflush(stdout) == 0
             ? 0
             : 1;
}
