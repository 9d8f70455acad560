/* SPDX-License-Identifier: MIT
 *
 * credentials.c - the credentials to verify with: options, order, keys.
 */
#include "credentials.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "prepare.h"
#include "program.h"

/* A key may hold any byte, so a null is put behind a copy only to be safe. */
static void *
copy_of(const void *data, size_t len)
{
  uint8_t *copy = allocate(len + 1);

  if (len > 0)
    memcpy(copy, data, len);
  return copy;
}

void
credentials_add(struct credentials *c, enum credential_kind kind,
                const char *label, const char *user, const char *realm,
                struct saturn_bytes secret)
{
  struct credential *item;

  if (c->n == c->cap) {
    c->cap = c->cap == 0 ? 16 : 2 * c->cap;
    c->items = reallocate(c->items, c->cap * sizeof *c->items);
  }
  item = &c->items[c->n++];
  item->kind = kind;
  item->number = (unsigned)c->n;
  item->label = label;
  item->user = user == NULL ? NULL : copy_of(user, strlen(user));
  item->realm = realm == NULL ? NULL : copy_of(realm, strlen(realm));
  item->secret = secret.data == NULL ? NULL : copy_of(secret.data, secret.len);
  item->len = secret.len;
  item->plain = NULL;
}

bool
credentials_user(void *target, const char *value, char *fault)
{
  struct credentials *c = target;

  (void)fault;
  credentials_add(c, CREDENTIAL_PASSWORD, "-u", value, NULL,
                  saturn_view(NULL, 0));
  c->open = c->n;
  return true;
}

/* A password belongs to the last user named before it; a second one for the
   same user is another candidate. */
bool
credentials_password(void *target, const char *value, char *fault)
{
  struct credentials *c = target;
  struct credential *last = c->open > 0 ? &c->items[c->open - 1] : NULL;
  struct saturn_bytes password = text_of(value);

  (void)fault;
  if (last != NULL && last->secret == NULL) {
    last->secret = copy_of(password.data, password.len);
    last->len = password.len;
    return true;
  }
  credentials_add(c, CREDENTIAL_PASSWORD, "-w",
                  last != NULL ? last->user : NULL, NULL, password);
  return true;
}

bool
credentials_secret(void *target, const char *value, char *fault)
{
  (void)fault;
  credentials_add(target, CREDENTIAL_SECRET, "--secret", NULL, NULL,
                  text_of(value));
  return true;
}

static int
digit_of(char c)
{
  const char *digits = "0123456789abcdef", *found;

  found = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
  return found == NULL ? -1 : (int)(found - digits);
}

/* Read hexadecimal digits into OUT. Returns how many bytes they make, SIZE_MAX
   if they are none. */
static size_t
read_hex(const char *text, uint8_t *out)
{
  size_t n = 0;

  for (; *text != '\0'; text += 2, n++) {
    int high = digit_of(text[0]), low = high < 0 ? -1 : digit_of(text[1]);

    if (low < 0)
      return SIZE_MAX;
    out[n] = (uint8_t)(high << 4 | low);
  }
  return n;
}

bool
credentials_key(void *target, const char *value, char *fault)
{
  uint8_t *key = allocate(strlen(value) / 2 + 1);
  size_t len = read_hex(value, key);

  if (len != SIZE_MAX)
    credentials_add(target, CREDENTIAL_KEY, "--key", NULL, NULL,
                    saturn_view(key, len));
  else
    snprintf(fault, OPTION_FAULT, "needs pairs of hexadecimal digits");
  saturn_wipe(key, strlen(value) / 2 + 1);
  free(key);
  return len != SIZE_MAX;
}

bool
credentials_add_digest(struct credentials *c, const char *label,
                       const char *user, const char *realm, const char *hex)
{
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len = strlen(hex);

  if (len != 32 && len != 64)
    return false;
  if (read_hex(hex, digest) != len / 2)
    return false;
  credentials_add(c, CREDENTIAL_DIGEST, label, user, realm,
                  saturn_view(digest, len / 2));
  saturn_wipe(digest, sizeof digest);
  return true;
}

/* Those with a user first, by user, then by number. */
static int
compare(const void *x, const void *y)
{
  const struct credential *a = x, *b = y;
  int order;

  if (a->user == NULL || b->user == NULL)
    order = (a->user == NULL) - (b->user == NULL);
  else
    order = strcmp(a->user, b->user);
  if (order == 0)
    order = a->number < b->number ? -1 : 1;
  return order;
}

/* Give the users without a password SPARE. Returns the first that is left
   without one. */
static const struct credential *
give_spare(struct credentials *c, const char *spare)
{
  for (size_t i = 0; i < c->n; i++) {
    struct credential *item = &c->items[i];

    if (item->secret != NULL)
      continue;
    if (spare == NULL)
      return item;
    item->secret = copy_of(spare, strlen(spare));
    item->len = strlen(spare);
  }
  return NULL;
}

static bool
is_complete(const struct credentials *c)
{
  for (size_t i = 0; i < c->n; i++)
    if (c->items[i].secret == NULL)
      return false;
  return true;
}

/* Passwords beyond ASCII are hashed prepared (S-381). */
static void
prepare_password(struct credential *item)
{
  char *text = (char *)item->secret;
  const char *prepared;

  if (item->kind != CREDENTIAL_PASSWORD || strlen(text) != item->len)
    return;
  prepared = prepare(text);
  if (prepared == NULL || strcmp(prepared, text) == 0)
    return;
  item->plain = text;
  item->secret = copy_of(prepared, strlen(prepared));
  item->len = strlen(prepared);
}

bool
credentials_ready(struct credentials *c, char fault[OPTION_FAULT])
{
  const struct credential *bare = NULL;
  const char *spare;

  if (!is_complete(c)) {
    spare = password_of(NULL, c->file);
    bare = give_spare(c, spare);
    if (c->file != NULL) /* it was read for us */
      free((void *)(uintptr_t)spare);
  }
  if (bare != NULL) {
    snprintf(fault, OPTION_FAULT,
             "no password for user %.80s: give -w, --password-file or "
             "SATURN_PASSWORD",
             bare->user);
    return false;
  }
  for (size_t i = 0; i < c->n; i++)
    prepare_password(&c->items[i]);
  if (c->n > 0)
    qsort(c->items, c->n, sizeof *c->items, compare);
  while (c->named < c->n && c->items[c->named].user != NULL)
    c->named++;
  return true;
}

void
credentials_wipe(struct credentials *c)
{
  for (size_t i = 0; i < c->n; i++) {
    struct credential *item = &c->items[i];

    if (item->secret != NULL)
      saturn_wipe(item->secret, item->len);
    if (item->plain != NULL)
      saturn_wipe(item->plain, strlen(item->plain));
    free(item->plain);
    free(item->secret);
    free(item->user);
    free(item->realm);
  }
  free(c->items);
  free(c->server_realm);
  memset(c, 0, sizeof *c);
}

static bool
is_text(const char *text, struct saturn_bytes bytes)
{
  return strlen(text) == bytes.len
         && (bytes.len == 0 || memcmp(text, bytes.data, bytes.len) == 0);
}

static bool
belongs(const struct credential *item, const struct identity *who)
{
  uint8_t hash[SATURN_USERHASH_SIZE];

  if (item->realm != NULL && who->has_realm
      && !is_text(item->realm, who->realm))
    return false;
  if (item->user == NULL || !who->has_user)
    return true;
  if (who->hash.len == 0)
    return is_text(item->user, who->user);
  saturn_userhash(text_of(item->user), who->realm, hash);
  return who->hash.len == sizeof hash
         && memcmp(hash, who->hash.data, sizeof hash) == 0;
}

/* The first credential whose user is not before NAME. */
static size_t
lower_bound(const struct credentials *c, struct saturn_bytes name)
{
  size_t low = 0, high = c->named;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const char *user = c->items[middle].user;
    size_t len = strlen(user);
    int order = memcmp(user, name.data, len < name.len ? len : name.len);

    if (order < 0 || (order == 0 && len < name.len))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const struct credential *
credentials_next(const struct credentials *c, const struct identity *who,
                 size_t *at)
{
  bool by_name = who->has_user && who->hash.len == 0 && who->user.len > 0;

  if (*at == 0 && by_name)
    *at = lower_bound(c, who->user);
  while (*at < c->n) {
    const struct credential *item = &c->items[(*at)++];

    if (belongs(item, who))
      return item;
    if (by_name && *at < c->named && !is_text(item->user, who->user))
      *at = c->named; /* names are sorted: no other is equal */
  }
  return NULL;
}

const char *
credentials_similar(const struct credentials *c, struct saturn_bytes user)
{
  while (user.len > 0 && isspace(user.data[0]))
    user = saturn_view(user.data + 1, user.len - 1);
  while (user.len > 0 && isspace(user.data[user.len - 1]))
    user.len--;
  for (size_t i = 0; i < c->named; i++)
    if (strlen(c->items[i].user) == user.len
        && strncasecmp(c->items[i].user, (const char *)user.data, user.len)
               == 0)
      return c->items[i].user;
  return NULL;
}

bool
credential_key(const struct credential *item, const struct identity *who,
               bool short_term, struct saturn_key *key)
{
  struct saturn_bytes secret = saturn_view(item->secret, item->len);
  struct saturn_bytes user = who->user;
  char password[SATURN_EPHEMERAL_PASSWORD_MAX];

  if (item->user != NULL)
    user = text_of(item->user);
  switch (item->kind) {
  case CREDENTIAL_KEY:
    saturn_key_short_term(key, secret);
    return !short_term;
  case CREDENTIAL_DIGEST:
    return !short_term
           && saturn_key_stored(key, who->algorithm, secret) == SATURN_OK;
  case CREDENTIAL_SECRET:
    if (!who->has_user || who->hash.len > 0)
      return false;
    secret = saturn_view(password,
                         saturn_ephemeral_password(SATURN_HMAC_SHA1, secret,
                                                   who->user, password));
    break;
  case CREDENTIAL_PASSWORD:
    break;
  }
  if (short_term)
    saturn_key_short_term(key, secret);
  else
    saturn_key_long_term(key, who->algorithm, user, who->realm, secret);
  saturn_wipe(password, sizeof password);
  return short_term || (who->has_realm && user.data != NULL);
}
