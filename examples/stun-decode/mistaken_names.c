/* SPDX-License-Identifier: MIT
 *
 * mistaken_names.c - mistakes in the realm and the user name of a key.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mistakes.h"
#include "program.h"

#define NAME_MAX 600

/* A text that is put together. */
struct name {
  uint8_t data[NAME_MAX];
  size_t len;
};

static void
put(struct name *name, struct saturn_bytes bytes)
{
  if (bytes.len == 0 || bytes.len > sizeof name->data - name->len)
    return;
  memcpy(name->data + name->len, bytes.data, bytes.len);
  name->len += bytes.len;
}

static struct saturn_bytes
whole(const struct name *name)
{
  return saturn_view(name->data, name->len);
}

static struct saturn_bytes
in_case(struct name *name, struct saturn_bytes text, bool upper)
{
  name->len = 0;
  put(name, text);
  for (size_t i = 0; i < name->len; i++)
    name->data[i] =
        (uint8_t)(upper ? toupper(name->data[i]) : tolower(name->data[i]));
  return whole(name);
}

static struct saturn_bytes
enclosed(struct name *name, const char *front, struct saturn_bytes text,
         const char *back)
{
  name->len = 0;
  put(name, text_of(front));
  put(name, text);
  put(name, text_of(back));
  return whole(name);
}

static struct saturn_bytes
trimmed(struct saturn_bytes text)
{
  while (text.len > 0 && isspace(text.data[0]))
    text = saturn_view(text.data + 1, text.len - 1);
  while (text.len > 0 && isspace(text.data[text.len - 1]))
    text.len--;
  return text;
}

static bool
fits_realm(const struct suspect *s, const struct credential *c,
           struct saturn_bytes realm)
{
  return mistake_fits_parts(s, s->who.algorithm, s->who.user, realm,
                            saturn_view(c->secret, c->len));
}

static bool
fits_user(const struct suspect *s, const struct credential *c,
          struct saturn_bytes user)
{
  return mistake_fits_parts(s, s->who.algorithm, user, s->who.realm,
                            saturn_view(c->secret, c->len));
}

/* What is put around the realm or the user name of a key. */
static const struct around {
  const char *front, *back;
  enum finding_name realm, user;
  const char *how;
} arounds[] = {
  { "\"", "\"", FINDING_REALM_QUOTES, FINDING_USER_KEY, "in double quotes" },
  { "'", "'", FINDING_REALM_QUOTES, FINDING_USER_KEY, "in single quotes" },
  { "", " ", FINDING_REALM_BLANK, FINDING_USER_KEY, "and a blank behind it" },
  { " ", "", FINDING_REALM_BLANK, FINDING_USER_KEY,
    "and a blank in front of it" },
  { "", "\n", FINDING_REALM_BLANK, FINDING_USER_KEY,
    "and a line end (LF) behind it" },
  { "", "\r\n", FINDING_REALM_BLANK, FINDING_USER_KEY,
    "and a line end (CR LF) behind it" },
};

static bool
around(const struct suspect *s, const struct credential *c,
       struct mistake *mistake, bool realm)
{
  char how[MISTAKE_TEXT];
  struct saturn_bytes text;
  struct name name;

  for (size_t i = 0; i < sizeof arounds / sizeof *arounds; i++) {
    const struct around *row = &arounds[i];

    text = enclosed(&name, row->front, realm ? s->who.realm : s->who.user,
                    row->back);
    if (!(realm ? fits_realm(s, c, text) : fits_user(s, c, text)))
      continue;
    snprintf(how, sizeof how, "and, in the key, the %s %s",
             realm ? "realm" : "user name", row->how);
    return mistake_set(mistake, c, realm ? row->realm : row->user, how);
  }
  return false;
}

/* The realm with zeros up to a whole word: the padding hashed with it. */
static struct saturn_bytes
padded(struct name *name, struct saturn_bytes realm)
{
  static const uint8_t zeros[4];

  name->len = 0;
  put(name, realm);
  put(name, saturn_view(zeros, (4 - realm.len % 4) % 4));
  return whole(name);
}

static bool
other_realm(const struct suspect *s, const struct credential *c,
            struct mistake *mistake)
{
  const char *given[] = { s->credentials->realm, s->credentials->server_realm,
                          c->realm, "TANDBERG", "turn" };

  for (size_t i = 0; i < sizeof given / sizeof *given; i++)
    if (given[i] != NULL && fits_realm(s, c, text_of(given[i])))
      return mistake_set(mistake, c, FINDING_REALM_KEY,
                         i < 3 ? "and the realm given here in the key"
                               : "and a default realm in the key");
  for (size_t i = 0; i < s->realms->n; i++)
    if (fits_realm(
            s, c,
            saturn_view(s->realms->items[i].data, s->realms->items[i].len)))
      return mistake_set(mistake, c, FINDING_REALM_KEY,
                         "and another realm of this capture in the key");
  if (s->host.len > 0 && fits_realm(s, c, s->host))
    return mistake_set(mistake, c, FINDING_REALM_KEY,
                       "and the server's address as realm in the key");
  return false;
}

bool
mistake_in_realm(const struct suspect *s, const struct credential *c,
                 struct mistake *mistake)
{
  struct saturn_bytes realm = s->who.realm;
  struct name name;

  if (s->who.user.data == NULL || !s->who.has_realm)
    return false;
  if (other_realm(s, c, mistake) || around(s, c, mistake, true))
    return true;
  if (fits_realm(s, c, saturn_view("", 0)))
    return mistake_set(mistake, c, FINDING_REALM_KEY,
                       "and no realm at all in the key");
  if (fits_realm(s, c, padded(&name, realm)))
    return mistake_set(mistake, c, FINDING_REALM_BLANK,
                       "and, in the key, the realm with its padding");
  if (fits_realm(s, c, trimmed(realm)))
    return mistake_set(mistake, c, FINDING_REALM_BLANK,
                       "and, in the key, the realm without its blanks");
  if (fits_realm(s, c, in_case(&name, realm, false)))
    return mistake_set(mistake, c, FINDING_REALM_CASE,
                       "and, in the key, the realm in lower case");
  if (fits_realm(s, c, in_case(&name, realm, true)))
    return mistake_set(mistake, c, FINDING_REALM_CASE,
                       "and, in the key, the realm in upper case");
  return false;
}

/* The user name up to or behind the byte C, or all of it. */
static struct saturn_bytes
part(struct saturn_bytes user, char c, bool behind)
{
  const uint8_t *at = user.len == 0 ? NULL : memchr(user.data, c, user.len);
  size_t len;

  if (at == NULL)
    return user;
  len = (size_t)(at - user.data);
  return behind ? saturn_view(at + 1, user.len - len - 1)
                : saturn_view(user.data, len);
}

static bool
set_user(struct mistake *mistake, const struct credential *c, const char *how)
{
  return mistake_set(mistake, c, FINDING_USER_KEY, how);
}

static bool
shape_of_user(const struct suspect *s, const struct credential *c,
              struct mistake *mistake)
{
  struct saturn_bytes user = s->who.user;
  struct name name;

  if (fits_user(s, c, in_case(&name, user, false)))
    return set_user(mistake, c, "and, in the key, the user in lower case");
  if (fits_user(s, c, in_case(&name, user, true)))
    return set_user(mistake, c, "and, in the key, the user in upper case");
  if (fits_user(s, c, trimmed(user)))
    return set_user(mistake, c, "and, in the key, the user without blanks");
  if (fits_user(s, c, part(user, '@', false)))
    return set_user(mistake, c, "and, in the key, the user without @domain");
  if (fits_user(s, c, part(user, '\\', true)))
    return set_user(mistake, c, "and, in the key, the user without domain\\");
  enclosed(&name, "", user, "@");
  put(&name, s->who.realm);
  if (fits_user(s, c, whole(&name)))
    return set_user(mistake, c, "and, in the key, the user with @realm");
  if (fits_user(s, c, saturn_view("", 0)))
    return set_user(mistake, c, "and no user name in the key");
  return false;
}

bool
mistake_in_user(const struct suspect *s, const struct credential *c,
                struct mistake *mistake)
{
  if (s->who.user.data == NULL || !s->who.has_realm)
    return false;
  if (c->user != NULL && strlen(c->user) == s->who.user.len
      && memcmp(c->user, s->who.user.data, s->who.user.len) == 0) {
    for (size_t i = 0; i < s->credentials->named; i++)
      if (fits_user(s, c, text_of(s->credentials->items[i].user)))
        return set_user(mistake, c, "and another user given here in the key");
  } else if (fits_user(s, c, s->who.user)) {
    return mistake_set(mistake, c, FINDING_USER_OTHER,
                       "as password, under another user name");
  } else if (c->user != NULL) {
    if (mistake_fits_parts(s, s->who.algorithm, s->who.user, s->who.realm,
                           text_of(c->user)))
      return mistake_set(mistake, c, FINDING_SWAPPED,
                         "with user name and password exchanged");
    if (fits_user(s, c, text_of(c->user)))
      return set_user(mistake, c, "and, in the key, its own user name");
  }
  return shape_of_user(s, c, mistake) || around(s, c, mistake, false);
}
