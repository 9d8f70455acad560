/* SPDX-License-Identifier: MIT
 *
 * names.c - ephemeral user names: their parts, and what else may have been
 * hashed instead of them.
 */
#include "names.h"

#include <string.h>

#include "forms.h"

#define DIGITS_MIN 9
#define DIGITS_MAX 13

static bool
is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static bool
is_time(size_t digits)
{
  return digits >= DIGITS_MIN && digits <= DIGITS_MAX;
}

static size_t
digits_in_front(struct saturn_bytes name)
{
  size_t n = 0;

  while (n < name.len && is_digit(name.data[n]))
    n++;
  return n;
}

static size_t
digits_behind(struct saturn_bytes name)
{
  size_t n = 0;

  while (n < name.len && is_digit(name.data[name.len - 1 - n]))
    n++;
  return n;
}

/* A letter cannot separate: it belongs to the user. */
static bool
separates(uint8_t c)
{
  return c > 0x20 && c < 0x7F && !is_digit(c) && !(c >= 'a' && c <= 'z')
         && !(c >= 'A' && c <= 'Z');
}

struct name_parts
name_parts(struct saturn_bytes name, char separator)
{
  struct name_parts parts = { false, true, 0, { NULL, 0 }, { NULL, 0 } };
  size_t front = digits_in_front(name), back = digits_behind(name);
  const uint8_t *p = name.data;

  if (is_time(front) && front == name.len) {
    parts.digits = name;
    parts.found = true;
  } else if (is_time(front)
             && (p[front] == (uint8_t)separator || separates(p[front]))) {
    parts.digits = saturn_view(p, front);
    parts.separator = (char)p[front];
    parts.user = saturn_view(p + front + 1, name.len - front - 1);
    parts.found = true;
  } else if (is_time(back) && back + 1 < name.len
             && (p[name.len - 1 - back] == (uint8_t)separator
                 || separates(p[name.len - 1 - back]))) {
    parts.time_first = false;
    parts.digits = saturn_view(p + name.len - back, back);
    parts.separator = (char)p[name.len - 1 - back];
    parts.user = saturn_view(p, name.len - 1 - back);
    parts.found = true;
  }
  return parts;
}

/* Where a text is put together. */
struct list {
  struct hashed *items;
  size_t n;
};

static void
add(struct list *list, enum finding_name finding, const char *said,
    const struct saturn_bytes *pieces, size_t n)
{
  struct hashed *h = &list->items[list->n];

  h->len = 0;
  h->deviates = said != NULL;
  h->finding = finding;
  h->said = said;
  for (size_t i = 0; i < n; i++) {
    if (pieces[i].len > sizeof h->data - h->len)
      return;
    if (pieces[i].len > 0)
      memcpy(h->data + h->len, pieces[i].data, pieces[i].len);
    h->len += pieces[i].len;
  }
  list->n++;
}

/* The same parts in another order or with another separator. */
static void
add_rearranged(struct list *list, const struct name_parts *parts,
               char separator)
{
  static const char others[] = ":;,_-|/.+@";
  const struct saturn_bytes *front = &parts->digits, *back = &parts->user;
  char here = parts->separator;

  if (!parts->time_first) {
    front = &parts->user;
    back = &parts->digits;
  }
  add(list, FINDING_USER_ORDER, "the name with time and user exchanged",
      (const struct saturn_bytes[]){ *back, saturn_view(&here, 1), *front }, 3);
  if (separator != here)
    add(list, FINDING_SEPARATOR, "the name with the separator expected here",
        (const struct saturn_bytes[]){ *front, saturn_view(&separator, 1),
                                       *back },
        3);
  for (const char *c = others; *c != '\0'; c++)
    if (*c != here && *c != separator)
      add(list, FINDING_SEPARATOR, "the name with another separator",
          (const struct saturn_bytes[]){ *front, saturn_view(c, 1), *back }, 3);
}

size_t
names_hashed(struct saturn_bytes name, char separator,
             struct hashed out[HASHED_MAX])
{
  struct list list = { out, 0 };
  struct saturn_bytes trimmed = form_trim(name);
  struct name_parts parts = name_parts(trimmed, separator);

  add(&list, FINDING_UNKNOWN, NULL, &name, 1);
  if (trimmed.len != name.len)
    add(&list, FINDING_USER_BLANK, "the name without the blanks around it",
        &trimmed, 1);
  add(&list, FINDING_USER_BLANK, "the name with a line end (LF) behind it",
      (const struct saturn_bytes[]){ name, SATURN_TEXT("\n") }, 2);
  if (!parts.found || parts.separator == 0)
    return list.n;
  if (parts.user.len > 0)
    add(&list, FINDING_USER_PART, "the user part alone", &parts.user, 1);
  add(&list, FINDING_USER_PART, "the time alone", &parts.digits, 1);
  add_rearranged(&list, &parts, separator);
  return list.n;
}
