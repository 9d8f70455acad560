/* SPDX-License-Identifier: MIT
 *
 * name.c - host names as text, strictly.
 */
#include "name.h"

#define LABEL_MAX 63
#define NAME_MAX 253

/* Letters, digits and underscores, hyphens between them: return how many
   there are. */
static size_t
label_length(const uint8_t *text, size_t len)
{
  size_t n = 0;

  while (n < len && n < LABEL_MAX
         && (is_letter(text[n]) || is_digit(text[n]) || text[n] == '_'
             || (text[n] == '-' && n > 0)))
    n++;
  return n > 0 && text[n - 1] == '-' ? n - 1 : n;
}

static bool
is_number(const uint8_t *label, size_t len)
{
  size_t n = 0;

  while (n < len && is_digit(label[n]))
    n++;
  return n == len;
}

size_t
saturn_name_fault(const uint8_t *name, size_t len)
{
  size_t at = 0, n;

  for (;;) {
    n = label_length(name + at, len - at);
    at += n;
    if (n == 0 || at > NAME_MAX)
      return at < NAME_MAX ? at : NAME_MAX;
    if (at == len || (name[at] == '.' && at + 1 == len))
      return is_number(name + at - n, n) ? at - n : len;
    if (name[at++] != '.')
      return at - 1;
  }
}
