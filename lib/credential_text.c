/* SPDX-License-Identifier: MIT
 *
 * credential_text.c - what text.h offers, on the base layer.
 */
#include "base64.h"
#include "saturn/text.h"
#include "utf8.h"

bool
saturn_text_is_plain(struct saturn_bytes text)
{
  size_t i;

  for (i = 0; i < text.len; i++)
    if (text.data[i] < 0x20 || text.data[i] > 0x7E)
      return false;
  return text.len > 0;
}

bool
saturn_text_is_utf8(struct saturn_bytes text)
{
  return saturn_utf8_valid(text.data, text.len);
}

void
saturn_base64_encode(struct saturn_bytes bytes, char *out)
{
  saturn_base64_put(bytes.data, bytes.len, out);
}

static size_t
decoded_size(struct saturn_bytes text)
{
  size_t size = text.len / 4 * 3, i;

  for (i = 0; i < 2 && i < text.len && text.data[text.len - 1 - i] == '='; i++)
    size--;
  return size;
}

enum saturn_error
saturn_base64_decode(struct saturn_bytes text, uint8_t *out, size_t cap,
                     size_t *len)
{
  size_t n;

  if (text.len % 4 != 0)
    return SATURN_E_VALUE;
  if (decoded_size(text) > cap)
    return SATURN_E_SPACE;
  if (!saturn_base64_get(text.data, text.len, out, &n))
    return SATURN_E_VALUE;
  *len = n;
  return SATURN_OK;
}
