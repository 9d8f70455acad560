/* SPDX-License-Identifier: MIT
 *
 * mistakes.c - which known mistake makes a given credential fit a message that
 * does not verify: the order of the search, and passwords.
 */
#include "mistakes.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "forms.h"
#include "guess.h"
#include "program.h"

/* So many credentials are tried on a message. */
#define CREDENTIALS_MAX 16

/* So many deviations are combined where a password is made from a secret. */
#define DEVIATIONS_MAX 2

/* Room for user, realm and password of a key. */
#define PARTS_MAX 4096

void
realms_note(struct realms *realms, struct saturn_bytes realm)
{
  if (realm.len > REALM_TEXT || realms->n == REALMS_MAX)
    return;
  for (size_t i = 0; i < realms->n; i++)
    if (realms->items[i].len == realm.len
        && (realm.len == 0
            || memcmp(realms->items[i].data, realm.data, realm.len) == 0))
      return;
  if (realm.len > 0)
    memcpy(realms->items[realms->n].data, realm.data, realm.len);
  realms->items[realms->n++].len = realm.len;
}

bool
mistake_set(struct mistake *mistake, const struct credential *credential,
            enum finding_name finding, const char *how)
{
  mistake->found = true;
  mistake->finding = finding;
  mistake->number = credential->number;
  snprintf(mistake->how, sizeof mistake->how, "credential %u %.380s",
           credential->number, how);
  return true;
}

bool
mistake_fits_key(const struct suspect *s, struct saturn_bytes bytes)
{
  struct saturn_key key;
  bool fits;

  saturn_key_short_term(&key, bytes);
  fits = saturn_check_integrity(s->message, s->mac, &key, 16) == SATURN_OK;
  saturn_wipe(&key, sizeof key);
  return fits;
}

bool
mistake_fits_parts(const struct suspect *s, enum saturn_algorithm algorithm,
                   struct saturn_bytes user, struct saturn_bytes realm,
                   struct saturn_bytes password)
{
  const struct saturn_bytes parts[] = { user, SATURN_TEXT(":"), realm,
                                        SATURN_TEXT(":"), password };
  bool sha256 = algorithm == SATURN_SHA256, fits;
  uint8_t text[PARTS_MAX], digest[SATURN_DIGEST_MAX];
  size_t len = 0;

  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i].len > sizeof text - len)
      return false;
    if (parts[i].len > 0)
      memcpy(text + len, parts[i].data, parts[i].len);
    len += parts[i].len;
  }
  if (gnutls_hash_fast(sha256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_MD5, text, len,
                       digest)
      != 0)
    return false;
  fits = mistake_fits_key(s, saturn_view(digest, sha256 ? 32 : 16));
  saturn_wipe(text, len);
  saturn_wipe(digest, sizeof digest);
  return fits;
}

/* Short-term passwords are keys. */
bool
mistake_fits_password(const struct suspect *s, struct saturn_bytes password)
{
  if (s->who.short_term)
    return mistake_fits_key(s, password);
  return mistake_fits_parts(s, s->who.algorithm, s->who.user, s->who.realm,
                            password);
}

/* forms.h speaks of secrets; the same happens to passwords. */
static enum finding_name
of_password(enum finding_name finding)
{
  switch (finding) {
  case FINDING_SECRET_NEWLINE:
    return FINDING_PASSWORD_NEWLINE;
  case FINDING_SECRET_BLANK:
    return FINDING_PASSWORD_BLANK;
  case FINDING_SECRET_QUOTES:
    return FINDING_PASSWORD_QUOTES;
  case FINDING_SECRET_PERCENT:
    return FINDING_PASSWORD_PERCENT;
  default:
    return FINDING_PASSWORD_ENCODED;
  }
}

static bool
set_form(struct mistake *mistake, const struct credential *c,
         const struct form *form)
{
  char how[MISTAKE_TEXT];

  snprintf(how, sizeof how, "%s%s%s", form->steps[0].said,
           form->n > 1 ? ", then " : "",
           form->n > 1 ? form->steps[1].said : "");
  return mistake_set(mistake, c, of_password(form->steps[0].finding), how);
}

/* Two changes may cancel out. */
static bool
is_same(const struct form *form, const struct credential *c)
{
  return form->len == c->len && memcmp(form->data, c->secret, c->len) == 0;
}

/* What files, shells and encodings make of the password. */
static bool
in_form(const struct suspect *s, const struct credential *c,
        struct mistake *mistake)
{
  struct forms forms = { NULL, 0 };

  if (c->len > CHANGE_TEXT)
    return false;
  forms_of_secret(&forms, saturn_view(c->secret, c->len));
  for (size_t i = 1; i < forms.n && !mistake->found; i++)
    if (!is_same(&forms.items[i], c)
        && mistake_fits_password(s, form_bytes(&forms.items[i])))
      set_form(mistake, c, &forms.items[i]);
  forms_clear(&forms);
  return mistake->found;
}

static bool
in_password(const struct suspect *s, const struct credential *c,
            struct mistake *mistake)
{
  struct saturn_bytes password = saturn_view(c->secret, c->len);
  static struct change change;
  size_t at = 0;

  if (c->plain != NULL && mistake_fits_password(s, text_of(c->plain)))
    return mistake_set(mistake, c, FINDING_PASSWORD_UNPREPARED,
                       "as it was given, not prepared");
  while (!mistake->found && change_next(password, &at, &change))
    if (mistake_fits_password(s, saturn_view(change.data, change.len)))
      mistake_set(mistake, c, change.finding, change.how);
  saturn_wipe(&change, sizeof change);
  return mistake->found || in_form(s, c, mistake);
}

static bool
guess_password(void *context, struct saturn_bytes password)
{
  return mistake_fits_password(context, password);
}

/* The right password of an ephemeral user, and what became of it. */
static bool
in_made_password(const struct suspect *s, const struct credential *c,
                 struct mistake *mistake)
{
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];
  struct credential made = *c;
  bool found;

  made.secret = (uint8_t *)password;
  made.plain = NULL;
  made.len = saturn_ephemeral_password(
      SATURN_HMAC_SHA1, saturn_view(c->secret, c->len), s->who.user, password);
  found = in_password(s, &made, mistake);
  saturn_wipe(password, sizeof password);
  return found;
}

static bool
in_secret(const struct suspect *s, const struct credential *c,
          struct mistake *mistake)
{
  struct saturn_bytes secret = saturn_view(c->secret, c->len);
  struct suspect copy = *s;
  struct question question = { .mac = SATURN_HMAC_SHA1,
                               .secrets = &secret,
                               .n = 1,
                               .fits = guess_password,
                               .context = &copy,
                               .most = DEVIATIONS_MAX };
  struct guess g;
  char how[MISTAKE_TEXT];

  if (!s->who.has_user || s->who.hash.len > 0 || c->len > CHANGE_TEXT)
    return false;
  g = guess(&question, s->who.user);
  if (!g.found || g.n == 0)
    return in_made_password(s, c, mistake);
  snprintf(how, sizeof how, "as secret (%s%s%s)", g.deviations[0].seen,
           g.n > 1 ? "; " : "", g.n > 1 ? g.deviations[1].seen : "");
  return mistake_set(mistake, c, g.deviations[0].finding, how);
}

static bool
in_credential(const struct suspect *s, const struct credential *c,
              struct mistake *mistake)
{
  struct suspect own = *s;

  if (!own.who.has_user && c->user != NULL)
    own.who.user = text_of(c->user);
  if (own.who.hash.len > 0 && c->user != NULL)
    own.who.user = text_of(c->user);
  if (c->kind == CREDENTIAL_PASSWORD
      && (in_password(&own, c, mistake) || mistake_in_user(&own, c, mistake)
          || mistake_in_realm(&own, c, mistake)))
    return true;
  if (c->kind == CREDENTIAL_SECRET && in_secret(&own, c, mistake))
    return true;
  return mistake_in_key(&own, c, mistake) || mistake_in_rules(&own, c, mistake);
}

/* First those of this user, then all. */
void
mistake_find(const struct suspect *s, struct mistake *mistake)
{
  const struct credential *c;
  size_t at = 0;
  unsigned tries = 0;

  memset(mistake, 0, sizeof *mistake);
  while ((c = credentials_next(s->credentials, &s->who, &at)) != NULL
         && tries++ < CREDENTIALS_MAX)
    if (in_credential(s, c, mistake))
      return;
  for (size_t i = 0; i < s->credentials->n && i < CREDENTIALS_MAX; i++)
    if (in_credential(s, &s->credentials->items[i], mistake))
      return;
}
