/* SPDX-License-Identifier: MIT
 *
 * keys.c - the long-term keys of a user as servers store them (RFC 8489,
 * 9.2.2).
 */
#include "keys.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define HEX_MAX (2 * SATURN_DIGEST_MAX + 1)

struct keys {
  const char *user, *realm;
  char md5[HEX_MAX], sha256[HEX_MAX], userhash[HEX_MAX];
};

static void
write_hex(const uint8_t *bytes, size_t len, char out[HEX_MAX])
{
  for (size_t i = 0; i < len; i++)
    snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void
derive(const struct settings *s, struct keys *keys)
{
  struct saturn_bytes user = text_of(s->user), realm = text_of(s->realm);
  struct saturn_bytes password = text_of(s->password);
  uint8_t digest[SATURN_DIGEST_MAX];
  size_t len;

  keys->user = s->user;
  keys->realm = s->realm;
  len = saturn_long_term_digest(SATURN_MD5, user, realm, password, digest);
  write_hex(digest, len, keys->md5);
  len = saturn_long_term_digest(SATURN_SHA256, user, realm, password, digest);
  write_hex(digest, len, keys->sha256);
  saturn_userhash(user, realm, digest);
  write_hex(digest, SATURN_USERHASH_SIZE, keys->userhash);
  saturn_wipe(digest, sizeof digest);
}

/* A line grows at its end. */
struct line {
  char *text;
  size_t len;
};

static void
add(struct line *line, const char *text, size_t len)
{
  line->text = reallocate(line->text, line->len + len + 1);
  memcpy(line->text + line->len, text, len);
  line->len += len;
  line->text[line->len] = '\0';
}

static void
add_text(struct line *line, const char *text)
{
  add(line, text, strlen(text));
}

static char *
join(const char *const *parts, size_t n)
{
  struct line line = { NULL, 0 };

  for (size_t i = 0; i < n; i++)
    add_text(&line, parts[i]);
  return line.text;
}

#define JOIN(...)                                                              \
  join((const char *const[]){ __VA_ARGS__ },                                   \
       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* As a string of SQL. */
static void
add_sql(struct line *line, const char *text)
{
  add_text(line, "'");
  for (; *text != '\0'; text++)
    add(line, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
  add_text(line, "'");
}

/* As redis-cli reads it: in quotes if it has to be. */
static void
add_redis(struct line *line, const char *text)
{
  bool quoted = strpbrk(text, " \"'\\") != NULL;

  if (quoted)
    add_text(line, "\"");
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\')
      add_text(line, "\\");
    add(line, text, 1);
  }
  if (quoted)
    add_text(line, "\"");
}

static char *
htdigest_line(const struct keys *k)
{
  if (strchr(k->user, ':') != NULL || strchr(k->realm, ':') != NULL)
    return NULL;
  return JOIN(k->user, ":", k->realm, ":", k->md5);
}

/* Would a reader of configuration files give this name back? */
static bool
fits_configuration(const char *user)
{
  size_t len = strlen(user);

  return strchr(user, ':') == NULL && strchr(" \t\"'", user[0]) == NULL
         && strchr(" \t\"'", user[len - 1]) == NULL;
}

static char *
turnserver_line(const struct keys *k)
{
  return fits_configuration(k->user) ? JOIN("user=", k->user, ":0x", k->md5)
                                     : NULL;
}

static char *
sha256_line(const struct keys *k)
{
  return fits_configuration(k->user) ? JOIN("user=", k->user, ":0x", k->sha256)
                                     : NULL;
}

static char *
sqlite_line(const struct keys *k)
{
  struct line line = { NULL, 0 };

  add_text(&line, "INSERT OR REPLACE INTO turnusers_lt (realm, name, hmackey) "
                  "VALUES (");
  add_sql(&line, k->realm);
  add_text(&line, ", ");
  add_sql(&line, k->user);
  add_text(&line, ", ");
  add_sql(&line, k->md5);
  add_text(&line, ");");
  return line.text;
}

static char *
redis_line(const struct keys *k)
{
  char *key = JOIN("turn/realm/", k->realm, "/user/", k->user, "/key");
  struct line line = { NULL, 0 };

  add_text(&line, "set ");
  add_redis(&line, key);
  add_text(&line, " ");
  add_text(&line, k->md5);
  free(key);
  return line.text;
}

/* One row for each way to store a key; a line is null if it cannot hold the
   name. */
static const struct format {
  const char *name, *heading;
  char *(*line)(const struct keys *keys);
} formats[] = {
  { "htdigest", "htdigest file", htdigest_line },
  { "turnserver", "turnserver.conf", turnserver_line },
  { "sqlite", "SQLite (userdb)", sqlite_line },
  { "redis", "Redis (redis-userdb)", redis_line },
  { "sha256", "turnserver.conf, SHA-256 key of RFC 8489, not for coturn",
    sha256_line },
};

#define FORMATS (sizeof formats / sizeof *formats)

static const char no_room[] =
    "cannot hold this name: a colon, or a blank or quote at its end, would "
    "read as something else";

static enum exit_code
print_one(const struct format *format, const struct keys *keys)
{
  char *line = format->line(keys);

  if (line == NULL)
    die(EXIT_USAGE, "--format: %s %s", format->name, no_room);
  printf("%s\n", line);
  free(line);
  return EXIT_GOOD;
}

static enum exit_code
print_all(const struct keys *keys)
{
  for (size_t i = 0; i < FORMATS; i++) {
    char *line = formats[i].line(keys);

    if (line == NULL)
      complain("left out: %s %s", formats[i].name, no_room);
    else
      printf("# %s\n%s\n", formats[i].heading, line);
    free(line);
  }
  return EXIT_GOOD;
}

static enum exit_code
print_json(const struct keys *keys)
{
  json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "user", keys->user,
                        "realm", keys->realm, "md5", keys->md5, "sha256",
                        keys->sha256, "userhash", keys->userhash);

  for (size_t i = 0; i < FORMATS; i++)
    if (json_object_get(o, formats[i].name) == NULL) {
      char *line = formats[i].line(keys);

      json_object_set_new(o, formats[i].name,
                          line == NULL ? json_null() : json_string(line));
      free(line);
    }
  json_dumpf(o, stdout, JSON_COMPACT);
  putchar('\n');
  json_decref(o);
  return EXIT_GOOD;
}

enum exit_code
keys_print(const struct settings *s)
{
  struct keys keys;

  derive(s, &keys);
  if (s->format == NULL)
    return s->json ? print_json(&keys) : print_all(&keys);
  for (size_t i = 0; i < FORMATS; i++)
    if (strcmp(s->format, formats[i].name) == 0)
      return print_one(&formats[i], &keys);
  die(EXIT_USAGE,
      "--format: %.60s is none of htdigest, turnserver, sqlite, "
      "redis, sha256",
      s->format);
}
