/* SPDX-License-Identifier: MIT
 *
 * fuzz_text.c - texts from outside: URIs, addresses, ranges, base64, UTF-8,
 * nonces and user names with an expiry. What is read can be written again.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "oracle.h"

static bool
inside(struct saturn_bytes part, struct saturn_bytes whole)
{
  return part.len == 0
         || (part.data >= whole.data
             && part.data + part.len <= whole.data + whole.len);
}

static void
check_uri(struct saturn_bytes text)
{
  struct saturn_uri uri;
  struct saturn_address address;
  enum saturn_error e = saturn_uri_parse(&uri, text);

  if (e != SATURN_OK) {
    assert(e == SATURN_E_SCHEME || e == SATURN_E_HOST || e == SATURN_E_PORT
           || e == SATURN_E_QUERY || e == SATURN_E_SECURE_IP);
    assert(uri.fault <= text.len);
    return;
  }
  assert(text.len <= SATURN_URI_MAX && uri.port != 0);
  assert(uri.host.len > 0 && inside(uri.host, text));
  assert(inside(uri.transport_word, text));
  assert(uri.turn || uri.transport_word.len == 0);
  assert(uri.explicit_port || uri.port == (uri.secure ? 5349 : 3478));
  if (uri.host_type == SATURN_HOST_NAME) {
    assert(saturn_address_parse(&address, uri.host) != SATURN_OK);
    return;
  }
  assert(!uri.secure || uri.turn);
  assert(saturn_address_parse(&address, uri.host) == SATURN_OK);
  assert(address.family
         == (uri.host_type == SATURN_HOST_IPV4 ? SATURN_IPV4 : SATURN_IPV6));
}

static void
check_address(struct saturn_bytes text)
{
  struct saturn_address address, again;
  char printed[SATURN_ADDRESS_TEXT];
  enum saturn_error e = saturn_address_parse(&address, text);
  size_t len;

  assert(e == SATURN_OK || e == SATURN_E_HOST || e == SATURN_E_PORT);
  if (e != SATURN_OK)
    return;
  len = saturn_address_print(&address, printed, sizeof printed);
  assert(len < sizeof printed);
  assert(saturn_address_parse(&again, saturn_view(printed, len)) == SATURN_OK);
  assert(saturn_address_equal(&address, &again));
  assert(saturn_address_compare(&address, &again) == 0);
}

/* Decoded and encoded, it is the same text: decoding is strict. */
static void
check_base64(struct saturn_bytes text)
{
  uint8_t *bytes = malloc(text.len + 1);
  size_t len = 0, again = 0;
  char *encoded;

  assert(bytes != NULL);
  if (saturn_base64_decode(text, bytes, text.len, &len) == SATURN_OK) {
    assert(saturn_base64_size(len) == text.len);
    encoded = malloc(text.len + 1);
    assert(encoded != NULL);
    saturn_base64_encode(saturn_view(bytes, len), encoded);
    assert(text.len == 0 || memcmp(encoded, text.data, text.len) == 0);
    if (len > 0)
      assert(saturn_base64_decode(text, bytes, len - 1, &again)
             == SATURN_E_SPACE);
    free(encoded);
  }
  free(bytes);
}

static void
check_nonce(struct saturn_bytes text)
{
  static const struct saturn_policy policy;
  static const struct saturn_address client = { SATURN_IPV4, 9, { 10 } };
  struct saturn_features features = saturn_nonce_features(text);

  assert(saturn_nonce_check(&policy, &client, 1000, text) == SATURN_FORGED);
  assert(features.bits < 1u << 24);
  assert(features.cookie || (!features.algorithms && !features.anonymity));
  if (features.cookie) {
    assert(text.len >= 13 && memcmp(text.data, "obMatJos2", 9) == 0);
    assert(features.algorithms == ((features.bits & 0x800001) != 0));
    assert(features.anonymity == ((features.bits & 0x400002) != 0));
  }
}

static void
check_range(struct saturn_bytes text)
{
  struct saturn_ip_range range;
  struct saturn_address address;

  if (saturn_ip_range_parse(&range, text) != SATURN_OK)
    return;
  /* An address alone is a range of one. */
  if (saturn_address_parse(&address, text) == SATURN_OK)
    assert(saturn_ip_range_has(&range, &address));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct saturn_bytes text = { data, size };

  check_uri(text);
  check_address(text);
  check_range(text);
  check_base64(text);
  check_nonce(text);
  assert(saturn_text_is_utf8(text) == oracle_utf8(text));
  assert(!saturn_text_is_plain(text) || saturn_text_is_utf8(text));
  return 0;
}
