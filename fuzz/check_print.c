/* SPDX-License-Identifier: MIT
 *
 * check_print.c - printing counts, ends with a null, stays inside its room
 * and writes nothing but printable ASCII.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum form { LINE, FULL, TYPE, VALUE };

static size_t
print(enum form form, const struct saturn_message *m,
      const struct saturn_attribute *a, char *out, size_t cap)
{
  switch (form) {
  case LINE:
    return saturn_print_line(m, out, cap);
  case FULL:
    return saturn_print(m, out, cap);
  case TYPE:
    return saturn_print_type(m, out, cap);
  case VALUE:
    return saturn_print_value(m, a, out, cap);
  }
  return 0;
}

static void
check_text(const char *text, size_t len, bool lines)
{
  size_t i;

  assert(strlen(text) == len);
  for (i = 0; i < len; i++)
    assert((text[i] >= ' ' && text[i] <= '~') || (lines && text[i] == '\n'));
}

static void
check_form(enum form form, const struct saturn_message *m,
           const struct saturn_attribute *a)
{
  size_t len = print(form, m, a, NULL, 0), cut = len / 2;
  char *whole = malloc(len + 1), *half = malloc(cut + 1);

  assert(whole != NULL && half != NULL);
  assert(print(form, m, a, whole, len + 1) == len);
  check_text(whole, len, form == FULL);
  assert(print(form, m, a, half, cut + 1) == len);
  check_text(half, cut, form == FULL);
  assert(memcmp(whole, half, cut) == 0);
  free(whole);
  free(half);
}

void
fuzz_check_printing(const struct saturn_message *m)
{
  struct saturn_attribute a;
  size_t at = 0, n;

  check_form(LINE, m, NULL);
  check_form(FULL, m, NULL);
  check_form(TYPE, m, NULL);
  for (n = 0; n < 32 && saturn_next(m, &at, &a); n++)
    check_form(VALUE, m, &a);
}
