/* SPDX-License-Identifier: MIT
 *
 * prepare.c - user names and passwords as RFC 8489 wants them.
 */
#include "prepare.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "program.h"
#include "saturn/text.h"

const char *
prepare(const char *text)
{
  gnutls_datum_t out;
  char *copy;

  if (*text == '\0' || saturn_text_is_plain(text_of(text)))
    return text;
  if (gnutls_utf8_password_normalize((const unsigned char *)text,
                                     (unsigned)strlen(text), &out, 0)
      != GNUTLS_E_SUCCESS)
    return NULL;
  copy = allocate(out.size + 1);
  memcpy(copy, out.data, out.size);
  gnutls_free(out.data);
  return copy;
}
