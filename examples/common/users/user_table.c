/* SPDX-License-Identifier: MIT
 *
 * user_table.c - users that are known from the start.
 */
#include "user_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "prepare.h"
#include "program.h"

/* What USERNAME may hold: RFC 8489, 14.3. */
#define NAME_MAX_LEN 508

static void
push(struct user_table *table, struct saturn_bytes realm,
     struct saturn_bytes name, const struct user_digests *digests)
{
  struct table_user *user;

  if (table->n == table->cap) {
    table->cap = table->cap == 0 ? 16 : 2 * table->cap;
    table->users = reallocate(table->users, table->cap * sizeof *table->users);
  }
  user = &table->users[table->n++];
  user->name = bytes_copy(name);
  user->realm = bytes_copy(realm);
  user->digests = *digests;
  saturn_userhash(name, realm, user->hash);
}

static const char *
prepared(const char *what, const char *text, char *fault)
{
  const char *out = prepare(text);

  if (out == NULL)
    snprintf(fault, OPTION_FAULT,
             "the %s has characters that RFC 8265 does not allow", what);
  return out;
}

/* Release what prepare made. */
static void
release(const char *prepared_text, const char *text)
{
  struct saturn_bytes copy = text_of(prepared_text);

  if (prepared_text != text)
    bytes_free(&copy);
}

static bool
read_secret(struct user_digests *digests, struct saturn_bytes name,
            struct saturn_bytes realm, const char *text, char *fault)
{
  const char *password;

  if (text[0] == '0' && text[1] == 'x') {
    if (user_digests_read(digests, text_of(text + 2)))
      return true;
    snprintf(fault, OPTION_FAULT,
             "the key of user %.*s is neither 32 hexadecimal digits (MD5) nor "
             "64 (SHA-256)",
             (int)(name.len < 100 ? name.len : 100), (const char *)name.data);
    return false;
  }
  password = prepared("password", text, fault);
  if (password == NULL)
    return false;
  user_digests_of_password(digests, name, realm, text_of(password));
  release(password, text);
  return true;
}

bool
user_table_add(struct user_table *table, struct saturn_bytes realm,
               const char *text, char fault[OPTION_FAULT])
{
  struct user_digests digests = { .has_md5 = false };
  size_t len = strcspn(text, ":");
  struct saturn_bytes copy;
  const char *name;
  bool good;

  if (len == 0 || len > NAME_MAX_LEN || text[len] == '\0'
      || text[len + 1] == '\0') {
    snprintf(fault, OPTION_FAULT,
             "a user is name:password or name:0xKEY, and "
             "neither part is empty");
    return false;
  }
  copy = bytes_copy(saturn_view(text, len));
  name = prepared("user name", (const char *)copy.data, fault);
  good = name != NULL
         && read_secret(&digests, text_of(name), realm, text + len + 1, fault);
  if (good)
    push(table, realm, text_of(name), &digests);
  if (name != NULL)
    release(name, (const char *)copy.data);
  bytes_free(&copy);
  saturn_wipe(&digests, sizeof digests);
  return good;
}

/* The realm lies between the first colon and the last one. */
static bool
add_line(struct user_table *table, const char *line)
{
  const char *colon = strchr(line, ':'), *last = strrchr(line, ':');
  struct user_digests digests = { .has_md5 = false };

  if (colon == NULL || colon == last || colon == line
      || colon - line > NAME_MAX_LEN || last == colon + 1
      || !user_digests_read(&digests, text_of(last + 1)))
    return false;
  push(table, saturn_view(colon + 1, (size_t)(last - colon - 1)),
       saturn_view(line, (size_t)(colon - line)), &digests);
  saturn_wipe(&digests, sizeof digests);
  return true;
}

bool
user_table_add_htdigest(struct user_table *table, const char *path,
                        char fault[OPTION_FAULT])
{
  char *text = file_read(path), *next;
  unsigned number = 1;
  bool good = true;

  if (text == NULL) {
    snprintf(fault, OPTION_FAULT, "%.150s: %s", path, strerror(errno));
    return false;
  }
  for (char *line = text; good && *line != '\0'; line = next, number++) {
    size_t len = strcspn(line, "\n");

    next = line + len + (line[len] == '\n');
    line[len] = '\0';
    line[strcspn(line, "\r")] = '\0';
    if (*line != '\0' && *line != '#' && !add_line(table, line)) {
      snprintf(fault, OPTION_FAULT,
               "%.150s:%u: not user:realm:KEY with 32 or 64 hexadecimal digits",
               path, number);
      good = false;
    }
    saturn_wipe(line, len);
  }
  free(text);
  return good;
}

static int
compare(const struct table_user *user, struct saturn_bytes realm,
        struct saturn_bytes name)
{
  int order = bytes_compare(user->realm, realm);

  return order != 0 ? order : bytes_compare(user->name, name);
}

static int
compare_users(const void *x, const void *y)
{
  const struct table_user *a = x, *b = y;

  return compare(a, b->realm, b->name);
}

static int
compare_hashes(const void *x, const void *y)
{
  const struct table_user *const *a = x, *const *b = y;

  return memcmp((*a)->hash, (*b)->hash, sizeof(*a)->hash);
}

/* The later of two entries of a user counts. Only a ready-made key of the other
   algorithm stays: a password that was replaced must not. */
static void
merge(struct table_user *user, struct table_user *later)
{
  struct user_digests *old = &user->digests, *new = &later->digests;

  if (!old->of_password && !new->of_password) {
    if (!new->has_md5)
      memcpy(new->md5, old->md5, sizeof new->md5);
    if (!new->has_sha256)
      memcpy(new->sha256, old->sha256, sizeof new->sha256);
    new->has_md5 = new->has_md5 || old->has_md5;
    new->has_sha256 = new->has_sha256 || old->has_sha256;
  }
  *old = *new;
  bytes_free(&later->name);
  bytes_free(&later->realm);
}

/* Sort N users, those of one name in the order in which they came. */
static void
sort(struct table_user *users, struct table_user *room, size_t n)
{
  size_t half = n / 2, i = 0, j = half;

  if (n < 2)
    return;
  sort(users, room, half);
  sort(users + half, room, n - half);
  memcpy(room, users, n * sizeof *users);
  for (size_t k = 0; k < n; k++)
    users[k] = j == n || (i < half && compare_users(&room[i], &room[j]) <= 0)
                   ? room[i++]
                   : room[j++];
}

void
user_table_sort(struct user_table *table)
{
  struct table_user *room = allocate((table->n + 1) * sizeof *room);
  size_t kept = 0;

  sort(table->users, room, table->n);
  saturn_wipe(room, table->n * sizeof *room);
  free(room);
  for (size_t i = 0; i < table->n; i++)
    if (kept > 0
        && compare_users(&table->users[kept - 1], &table->users[i]) == 0)
      merge(&table->users[kept - 1], &table->users[i]);
    else
      table->users[kept++] = table->users[i];
  table->n = kept;
  table->by_hash =
      reallocate(table->by_hash, (kept + 1) * sizeof *table->by_hash);
  for (size_t i = 0; i < kept; i++)
    table->by_hash[i] = &table->users[i];
  qsort(table->by_hash, kept, sizeof *table->by_hash, compare_hashes);
}

const struct table_user *
user_table_find(const struct user_table *table, struct saturn_bytes realm,
                struct saturn_bytes name)
{
  size_t low = 0, high = table->n;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare(&table->users[middle], realm, name);

    if (order == 0)
      return &table->users[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* Two names of different realms may have one hash, by a colon in either. */
const struct table_user *
user_table_find_hash(const struct user_table *table, struct saturn_bytes realm,
                     const uint8_t hash[SATURN_USERHASH_SIZE])
{
  size_t low = 0, high = table->n;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (memcmp(table->by_hash[middle]->hash, hash, SATURN_USERHASH_SIZE) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < table->n; low++) {
    const struct table_user *user = table->by_hash[low];

    if (memcmp(user->hash, hash, sizeof user->hash) != 0)
      break;
    if (bytes_compare(user->realm, realm) == 0)
      return user;
  }
  return NULL;
}

void
user_table_clear(struct user_table *table)
{
  for (size_t i = 0; i < table->n; i++) {
    bytes_free(&table->users[i].name);
    bytes_free(&table->users[i].realm);
  }
  if (table->users != NULL)
    saturn_wipe(table->users, table->n * sizeof *table->users);
  free(table->users);
  free(table->by_hash);
  memset(table, 0, sizeof *table);
}
