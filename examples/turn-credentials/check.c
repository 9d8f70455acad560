/* SPDX-License-Identifier: MIT
 *
 * check.c - why a pair of user name and password is not valid now.
 */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "forms.h"
#include "names.h"
#include "when.h"

/* As long as this before its end, a credential may be over when it is used;
   so far ahead, its expiry was hardly meant. */
#define SOON_S 60
#define FAR_S UINT64_C(315576000)

#define MILLISECONDS_DIGITS 13

static void __attribute__((format(printf, 4, 5)))
find(struct check *c, enum finding_name name, bool note, const char *seen, ...)
{
  va_list arguments;

  if (c->n == CHECK_MAX)
    return;
  c->found[c->n].name = name;
  c->found[c->n].note = note;
  va_start(arguments, seen);
  vsnprintf(c->found[c->n].seen, GUESS_TEXT, seen, arguments);
  va_end(arguments);
  c->faulty = c->faulty || !note;
  c->n++;
}

static uint64_t
number_of(struct saturn_bytes digits)
{
  uint64_t number = 0;

  for (size_t i = 0; i < digits.len; i++)
    number = number * 10 + (uint64_t)(digits.data[i] - '0');
  return number;
}

static void
check_time(struct check *c)
{
  uint64_t now = c->settings->now_s;
  char date[DATE_TEXT], span[SPAN_TEXT];

  date_text(c->expiry_s, date);
  if (c->expiry_s < now)
    find(c, FINDING_EXPIRED, false, "expired %s ago, at %s",
         span_text(now - c->expiry_s, span), date);
  else if (c->expiry_s - now < SOON_S)
    find(c, FINDING_EXPIRY_SOON, true, "expires in %s, at %s",
         span_text(c->expiry_s - now, span), date);
  else if (c->expiry_s - now > FAR_S)
    find(c, FINDING_EXPIRY_FAR, true, "expires in %s: %s",
         span_text(c->expiry_s - now, span), date);
}

/* Order and separator, once there are both. */
static void
check_order(struct check *c, const struct name_parts *parts, char separator)
{
  if (parts->separator == 0)
    return;
  if (parts->separator != separator)
    find(c, FINDING_SEPARATOR, false,
         "the name has %c between time and user, not %c", parts->separator,
         separator);
  if (parts->user.len > 0 && parts->time_first == c->settings->user_first)
    find(c, FINDING_USER_ORDER, true,
         c->settings->user_first
             ? "the time is in front, not behind the user"
             : "the time is behind the user; some servers take that too, such "
               "as coturn");
}

static void
check_name(struct check *c)
{
  char separator =
      c->settings->policy.separator == 0 ? ':' : c->settings->policy.separator;
  struct saturn_bytes name = text_of(c->settings->user);
  struct saturn_bytes trimmed = form_trim(name);
  struct name_parts parts = name_parts(trimmed, separator);
  char date[DATE_TEXT];

  if (trimmed.len < name.len)
    find(c, FINDING_USER_BLANK, false,
         "%zu blanks or line ends are around the name as it was given",
         name.len - trimmed.len);
  c->user = trimmed;
  if (!parts.found) {
    find(c, FINDING_USER_FORMAT, false,
         "neither at its start nor at its end stand 9 to 12 digits");
    return;
  }
  c->has_expiry = true;
  c->user = parts.user;
  c->expiry_s = number_of(parts.digits);
  if (parts.digits.len == MILLISECONDS_DIGITS) {
    c->expiry_s /= 1000;
    find(c, FINDING_EXPIRY_FORMAT, false,
         "the time has 13 digits; in milliseconds it is %s",
         date_text(c->expiry_s, date));
  }
  check_order(c, &parts, separator);
  check_time(c);
}

static void
check_password(struct check *c)
{
  const struct settings *s = c->settings;
  struct saturn_bytes *secrets = allocate(s->secrets.n * sizeof *secrets);
  struct question question = { .mac = (enum saturn_mac)s->policy.mac,
                               .separator = s->policy.separator,
                               .secrets = secrets,
                               .n = s->secrets.n,
                               .password = text_of(s->password) };

  for (size_t i = 0; i < s->secrets.n; i++)
    secrets[i] = text_of(s->secrets.items[i]);
  c->password_checked = true;
  c->guess = guess(&question, text_of(s->user));
  free(secrets);
  if (!c->guess.found)
    find(c, FINDING_SECRET, false,
         "%zu secret%s tried: as text, base64, hexadecimal, with and without "
         "line ends, blanks and quotes; SHA-1 and SHA-256",
         s->secrets.n, s->secrets.n == 1 ? "" : "s");
  for (size_t i = 0; i < c->guess.n; i++)
    find(c, c->guess.deviations[i].finding, false, "%s",
         c->guess.deviations[i].seen);
}

void
check_pair(struct check *c, const struct settings *s)
{
  memset(c, 0, sizeof *c);
  c->settings = s;
  check_name(c);
  if (s->password != NULL && s->secrets.n > 0)
    check_password(c);
}
