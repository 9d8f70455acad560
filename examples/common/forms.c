/* SPDX-License-Identifier: MIT
 *
 * forms.c - what becomes of a text on its way through files, shells, forms and
 * encodings.
 */
#include "forms.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "saturn/text.h"

/* What a change makes of IN: at OUT, which has room for three times as much
   and eight bytes. False if it does not apply. */
typedef bool change(struct saturn_bytes in, const char *argument, uint8_t *out,
                    size_t *len);

static bool
put(struct saturn_bytes bytes, uint8_t *out, size_t *len)
{
  if (bytes.len > 0)
    memmove(out, bytes.data, bytes.len);
  *len = bytes.len;
  return true;
}

static bool
append(struct saturn_bytes in, const char *tail, uint8_t *out, size_t *len)
{
  put(in, out, len);
  memcpy(out + in.len, tail, strlen(tail));
  *len += strlen(tail);
  return true;
}

static bool
prepend(struct saturn_bytes in, const char *head, uint8_t *out, size_t *len)
{
  memcpy(out, head, strlen(head));
  put(in, out + strlen(head), len);
  *len += strlen(head);
  return true;
}

static bool
enclose(struct saturn_bytes in, const char *quote, uint8_t *out, size_t *len)
{
  return prepend(in, quote, out, len)
         && append(saturn_view(out, *len), quote, out, len);
}

static struct saturn_bytes
trim(struct saturn_bytes in, const char *set)
{
  while (in.len > 0 && in.data[in.len - 1] != 0
         && strchr(set, in.data[in.len - 1]) != NULL)
    in.len--;
  return in;
}

struct saturn_bytes
form_trim(struct saturn_bytes in)
{
  in = trim(in, " \t\r\n");
  while (in.len > 0 && in.data[0] != 0 && strchr(" \t\r\n", in.data[0]) != NULL)
    in = saturn_view(in.data + 1, in.len - 1);
  return in;
}

static bool
cut_line_end(struct saturn_bytes in, const char *none, uint8_t *out,
             size_t *len)
{
  (void)none;
  return put(trim(in, "\r\n"), out, len) && *len < in.len;
}

static bool
cut_blanks(struct saturn_bytes in, const char *none, uint8_t *out, size_t *len)
{
  (void)none;
  return put(form_trim(in), out, len) && *len < in.len;
}

static bool
cut_quotes(struct saturn_bytes in, const char *none, uint8_t *out, size_t *len)
{
  (void)none;
  if (in.len < 2 || in.data[0] != in.data[in.len - 1]
      || (in.data[0] != '"' && in.data[0] != '\''))
    return false;
  return put(saturn_view(in.data + 1, in.len - 2), out, len);
}

static bool
to_base64(struct saturn_bytes in, const char *none, uint8_t *out, size_t *len)
{
  (void)none;
  saturn_base64_encode(in, (char *)out);
  *len = saturn_base64_size(in.len);
  return true;
}

/* Either alphabet, with or without padding. */
static bool
from_base64(struct saturn_bytes in, const char *none, uint8_t *out, size_t *len)
{
  size_t n = saturn_base64_size(trim(in, "=").len * 3 / 4);
  uint8_t *text = allocate(n + 4);
  bool good;

  (void)none;
  in = trim(in, "=");
  memset(text, '=', n + 4);
  for (size_t i = 0; i < in.len; i++)
    text[i] = in.data[i] == '-' ? '+' : in.data[i] == '_' ? '/' : in.data[i];
  good = in.len > 1 && in.len % 4 != 1
         && saturn_base64_decode(saturn_view(text, n), out, in.len + 4, len)
                == SATURN_OK;
  saturn_wipe(text, n + 4);
  free(text);
  return good && *len > 0;
}

static bool
to_hex(struct saturn_bytes in, const char *digits, uint8_t *out, size_t *len)
{
  for (size_t i = 0; i < in.len; i++) {
    out[2 * i] = (uint8_t)digits[in.data[i] >> 4];
    out[2 * i + 1] = (uint8_t)digits[in.data[i] & 15];
  }
  *len = 2 * in.len;
  return true;
}

static int
digit_of(uint8_t c)
{
  static const char digits[] = "0123456789abcdefABCDEF";
  const char *at = c == 0 ? NULL : strchr(digits, c);

  if (at == NULL)
    return -1;
  return (int)(at - digits) < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static bool
from_hex(struct saturn_bytes in, const char *none, uint8_t *out, size_t *len)
{
  (void)none;
  if (in.len == 0 || in.len % 2 != 0)
    return false;
  for (size_t i = 0; i < in.len; i++)
    if (digit_of(in.data[i]) < 0)
      return false;
  for (size_t i = 0; i < in.len / 2; i++)
    out[i] =
        (uint8_t)(digit_of(in.data[2 * i]) << 4 | digit_of(in.data[2 * i + 1]));
  *len = in.len / 2;
  return true;
}

static bool
to_percent(struct saturn_bytes in, const char *digits, uint8_t *out,
           size_t *len)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789-._~";
  size_t n = 0;

  for (size_t i = 0; i < in.len; i++)
    if (in.data[i] != 0 && strchr(plain, in.data[i]) != NULL)
      out[n++] = in.data[i];
    else {
      out[n++] = '%';
      out[n++] = (uint8_t)digits[in.data[i] >> 4];
      out[n++] = (uint8_t)digits[in.data[i] & 15];
    }
  *len = n;
  return n != in.len;
}

static bool
from_percent(struct saturn_bytes in, const char *none, uint8_t *out,
             size_t *len)
{
  size_t n = 0;

  (void)none;
  for (size_t i = 0; i < in.len; i++)
    if (in.data[i] == '%' && in.len - i > 2 && digit_of(in.data[i + 1]) >= 0
        && digit_of(in.data[i + 2]) >= 0) {
      out[n++] =
          (uint8_t)(digit_of(in.data[i + 1]) << 4 | digit_of(in.data[i + 2]));
      i += 2;
    } else
      out[n++] = in.data[i];
  *len = n;
  return n != in.len;
}

/* A form decodes '+' to a blank. */
static bool
plus_for_blank(struct saturn_bytes in, const char *none, uint8_t *out,
               size_t *len)
{
  bool found = false;

  (void)none;
  for (size_t i = 0; i < in.len; i++) {
    found = found || in.data[i] == ' ';
    out[i] = in.data[i] == ' ' ? '+' : in.data[i];
  }
  *len = in.len;
  return found;
}

struct row {
  enum finding_name finding;
  const char *said;
  change *change;
  const char *argument;
};

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

static const struct row of_secret[] = {
  { FINDING_SECRET_NEWLINE, "with a line end (LF) behind it", append, "\n" },
  { FINDING_SECRET_NEWLINE, "with a line end (CR LF) behind it", append,
    "\r\n" },
  { FINDING_SECRET_NEWLINE, "without the line end behind it", cut_line_end,
    NULL },
  { FINDING_SECRET_BLANK, "with a blank behind it", append, " " },
  { FINDING_SECRET_BLANK, "with a blank in front of it", prepend, " " },
  { FINDING_SECRET_BLANK, "with a tab behind it", append, "\t" },
  { FINDING_SECRET_BLANK, "without the blanks around it", cut_blanks, NULL },
  { FINDING_SECRET_QUOTES, "in double quotes", enclose, "\"" },
  { FINDING_SECRET_QUOTES, "in single quotes", enclose, "'" },
  { FINDING_SECRET_QUOTES, "without the quotes around it", cut_quotes, NULL },
  { FINDING_SECRET_HEX, "decoded from hexadecimal", from_hex, NULL },
  { FINDING_SECRET_BASE64, "decoded from base64", from_base64, NULL },
  { FINDING_SECRET_BASE64, "encoded in base64", to_base64, NULL },
  { FINDING_SECRET_HEX, "written in hexadecimal", to_hex, lower },
  { FINDING_SECRET_HEX, "written in hexadecimal capitals", to_hex, upper },
  { FINDING_SECRET_PERCENT, "percent-decoded", from_percent, NULL },
  { FINDING_SECRET_PERCENT, "percent-encoded", to_percent, upper },
};

static const struct row of_password[] = {
  { FINDING_PASSWORD_NEWLINE, "without the line end behind it", cut_line_end,
    NULL },
  { FINDING_PASSWORD_BLANK, "without the blanks around it", cut_blanks, NULL },
  { FINDING_PASSWORD_QUOTES, "without the quotes around it", cut_quotes, NULL },
  { FINDING_PASSWORD_PERCENT, "percent-decoded", from_percent, NULL },
  { FINDING_PASSWORD_PERCENT, "with + for its blanks", plus_for_blank, NULL },
};

static struct form *
grow(struct forms *forms)
{
  forms->items =
      reallocate(forms->items, (forms->n + 1) * sizeof *forms->items);
  return memset(&forms->items[forms->n++], 0, sizeof *forms->items);
}

/* Add what ROW makes of item AT. */
static void
derive(struct forms *forms, size_t at, const struct row *row)
{
  struct saturn_bytes in = form_bytes(&forms->items[at]);
  uint8_t *out = allocate(3 * in.len + 8);
  struct form *form;
  size_t len;

  if (!row->change(in, row->argument, out, &len)) {
    free(out);
    return;
  }
  form = grow(forms);
  *form = forms->items[at];
  form->data = out;
  form->len = len;
  form->steps[form->n].finding = row->finding;
  form->steps[form->n].said = row->said;
  form->n++;
}

static void
make_forms(struct forms *forms, struct saturn_bytes text,
           const struct row *rows, size_t n)
{
  struct form *first = grow(forms);
  size_t begin = 0, end;

  first->data = allocate(text.len + 1);
  put(text, first->data, &first->len);
  for (unsigned step = 0; step < FORM_STEPS; step++) {
    end = forms->n;
    for (size_t at = begin; at < end; at++)
      for (size_t i = 0; i < n; i++)
        derive(forms, at, &rows[i]);
    begin = end;
  }
}

void
forms_of_secret(struct forms *forms, struct saturn_bytes secret)
{
  make_forms(forms, secret, of_secret, sizeof of_secret / sizeof *of_secret);
}

void
forms_of_password(struct forms *forms, struct saturn_bytes password)
{
  make_forms(forms, password, of_password,
             sizeof of_password / sizeof *of_password);
}

void
forms_clear(struct forms *forms)
{
  for (size_t i = 0; i < forms->n; i++) {
    saturn_wipe(forms->items[i].data, forms->items[i].len);
    free(forms->items[i].data);
  }
  free(forms->items);
  forms->items = NULL;
  forms->n = 0;
}
