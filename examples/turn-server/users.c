/* SPDX-License-Identifier: MIT
 *
 * users.c - who may allocate.
 */
#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prepare.h"
#include "program.h"
#include "saturn/ephemeral.h"

struct user {
  struct saturn_bytes name;
  struct saturn_key keys[2]; /**< of SATURN_MD5 and SATURN_SHA256 */
  bool has[2];
};

struct users {
  struct saturn_bytes realm;
  struct saturn_ephemeral_policy ephemeral;
  struct user *users; /**< sorted by name */
  size_t n_users;
  struct saturn_bytes *secrets;
  size_t n_secrets;
};

static struct saturn_bytes
copy_bytes(struct saturn_bytes bytes)
{
  uint8_t *copy = allocate(bytes.len + 1);

  memcpy(copy, bytes.data, bytes.len);
  return saturn_view(copy, bytes.len);
}

static void
release(struct saturn_bytes *bytes)
{
  void *memory = (void *)(uintptr_t)bytes->data;

  saturn_wipe(memory, bytes->len);
  free(memory);
}

struct users *
users_new(struct saturn_bytes realm, char separator)
{
  struct users *users = allocate(sizeof *users);

  users->realm = realm;
  users->ephemeral.separator = separator;
  return users;
}

void
users_free(struct users *users)
{
  if (users == NULL)
    return;
  for (size_t i = 0; i < users->n_users; i++)
    release(&users->users[i].name);
  for (size_t i = 0; i < users->n_secrets; i++)
    release(&users->secrets[i]);
  if (users->users != NULL)
    saturn_wipe(users->users, users->n_users * sizeof *users->users);
  free(users->users);
  free(users->secrets);
  free(users);
}

static int
compare(struct saturn_bytes a, struct saturn_bytes b)
{
  int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Where NAME stands, or has to be inserted. */
static size_t
position(const struct users *users, struct saturn_bytes name)
{
  size_t low = 0, high = users->n_users;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (compare(users->users[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static const struct user *
find(const struct users *users, struct saturn_bytes name)
{
  size_t at;

  if (users->n_users == 0 || name.len == 0)
    return NULL;
  at = position(users, name);
  return at < users->n_users && compare(users->users[at].name, name) == 0
             ? &users->users[at]
             : NULL;
}

static int
hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Take the key of 32 or 64 hexadecimal digits. */
static bool
read_key(struct user *user, const char *hex, char *fault)
{
  uint8_t key[SATURN_DIGEST_MAX];
  size_t digits = strlen(hex), i;
  bool is_md5 = digits == 32;
  int high, low;

  for (i = 0; i < digits / 2 && i < sizeof key; i++) {
    high = hex_digit(hex[2 * i]);
    low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0)
      break;
    key[i] = (uint8_t)(high << 4 | low);
  }
  if ((digits != 32 && digits != 64) || i != digits / 2) {
    snprintf(fault, OPTION_FAULT,
             "the key of user %.*s is not 32 hexadecimal digits (MD5) or 64 "
             "(SHA-256)",
             (int)user->name.len, (const char *)user->name.data);
    return false;
  }
  user->has[!is_md5] = true;
  return saturn_key_stored(&user->keys[!is_md5],
                           is_md5 ? SATURN_MD5 : SATURN_SHA256,
                           saturn_view(key, i))
         == SATURN_OK;
}

/* Make both keys of a password, prepared as RFC 8265 has it. */
static bool
derive_keys(const struct users *users, struct user *user, const char *password,
            char *fault)
{
  const char *prepared = prepare(password);

  if (prepared == NULL) {
    snprintf(fault, OPTION_FAULT,
             "the password of user %.*s is no text that RFC 8265 allows",
             (int)user->name.len, (const char *)user->name.data);
    return false;
  }
  saturn_key_long_term(&user->keys[0], SATURN_MD5, user->name, users->realm,
                       text_of(prepared));
  saturn_key_long_term(&user->keys[1], SATURN_SHA256, user->name, users->realm,
                       text_of(prepared));
  user->has[0] = user->has[1] = true;
  if (prepared != password) {
    struct saturn_bytes copy = text_of(prepared);

    release(&copy);
  }
  return true;
}

/* Insert USER, or replace the one of that name: the last one counts. */
static void
insert(struct users *users, const struct user *user)
{
  size_t at = position(users, user->name);

  if (at < users->n_users && compare(users->users[at].name, user->name) == 0) {
    release(&users->users[at].name);
    users->users[at] = *user;
    return;
  }
  users->users =
      reallocate(users->users, (users->n_users + 1) * sizeof *users->users);
  memmove(&users->users[at + 1], &users->users[at],
          (users->n_users - at) * sizeof *users->users);
  users->users[at] = *user;
  users->n_users++;
}

bool
users_add(struct users *users, const char *text, char fault[OPTION_FAULT])
{
  size_t len = strcspn(text, ":");
  struct user user = { .name = saturn_view(text, len) };
  const char *rest = text + len;
  bool good;

  if (len == 0 || len > 508 || rest[0] == '\0' || rest[1] == '\0') {
    snprintf(fault, OPTION_FAULT,
             "a user is name:password or name:0xKEY, and neither part is "
             "empty");
    return false;
  }
  rest++;
  if (rest[0] == '0' && rest[1] == 'x')
    good = read_key(&user, rest + 2, fault);
  else
    good = derive_keys(users, &user, rest, fault);
  if (good) {
    user.name = copy_bytes(user.name);
    insert(users, &user);
  }
  saturn_wipe(&user.keys, sizeof user.keys);
  return good;
}

void
users_add_secret(struct users *users, struct saturn_bytes secret)
{
  users->secrets = reallocate(users->secrets,
                              (users->n_secrets + 1) * sizeof *users->secrets);
  users->secrets[users->n_secrets++] = copy_bytes(secret);
}

size_t
users_count(const struct users *users)
{
  return users->n_users + users->n_secrets;
}

static enum saturn_why
judge_ephemeral(const struct users *users, const struct key_wish *wish)
{
  struct saturn_ephemeral e;
  enum saturn_why why;

  if (users->n_secrets == 0)
    return SATURN_WHY_UNKNOWN_USER;
  why = saturn_ephemeral_check(&users->ephemeral, wish->username, wish->now_s,
                               &e);
  if (why == SATURN_WHY_NOT_EPHEMERAL && users->n_users > 0)
    return SATURN_WHY_UNKNOWN_USER;
  if (why == SATURN_WHY_EXPIRED && !wish->check_expiry)
    return SATURN_WHY_NOTHING;
  return why;
}

bool
users_next_key(const struct users *users, const struct key_wish *wish,
               size_t *at, struct saturn_key *key, enum saturn_why *why)
{
  const struct user *user = find(users, wish->username);
  size_t index = (*at)++;

  if (user != NULL) {
    bool sha256 = wish->algorithm == SATURN_SHA256;

    *why = SATURN_WHY_UNKNOWN_USER;
    if (index > 0 || !user->has[sha256])
      return false;
    *key = user->keys[sha256];
    return true;
  }
  *why = judge_ephemeral(users, wish);
  if (*why != SATURN_WHY_NOTHING || index >= users->n_secrets)
    return false;
  saturn_ephemeral_key(key, &users->ephemeral, wish->algorithm,
                       users->secrets[index], wish->username, users->realm);
  return true;
}

static bool
is_ephemeral(const struct users *users, struct saturn_bytes username,
             struct saturn_ephemeral *e)
{
  return users->n_secrets > 0 && find(users, username) == NULL
         && saturn_ephemeral_check(&users->ephemeral, username, 0, e)
                == SATURN_WHY_NOTHING;
}

struct saturn_bytes
users_account(const struct users *users, struct saturn_bytes username)
{
  struct saturn_ephemeral e;

  return is_ephemeral(users, username, &e) ? e.user : username;
}

uint64_t
users_expiry(const struct users *users, struct saturn_bytes username)
{
  struct saturn_ephemeral e;

  return is_ephemeral(users, username, &e) ? e.expiry_s : 0;
}
