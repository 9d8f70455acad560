/* SPDX-License-Identifier: MIT
 *
 * backend_redis.c - users and secrets in coturn's Redis schema.
 */
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "redis_target.h"
#include "user_backend.h"

/* After a connection has failed, look-ups fail at once for so long. */
#define PAUSE_MS 1000

/* Names that one step of a SCAN looks at, and the most steps. */
#define SCAN_COUNT 1000
#define SCAN_STEPS 100000

struct redis {
  struct redis_target target;
  redisContext *link;
  saturn_ms paused_until;
  char trouble[BACKEND_NOTE]; /* why it is paused */
};

static void
disconnect(struct redis *r)
{
  if (r->link != NULL)
    redisFree(r->link);
  r->link = NULL;
}

static enum backend_result __attribute__((format(printf, 3, 4)))
fail(struct redis *r, char *note, const char *format, ...)
{
  char text[200];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  text[strcspn(text, "\r\n")] = '\0';
  snprintf(note, BACKEND_NOTE, "redis-userdb: %.60s port %u: %s",
           r->target.host, r->target.port, text);
  return BACKEND_DOWN;
}

/* How much of an error may be repeated: what quotes the arguments of a command
   may quote a password. */
static size_t
said_of(const redisReply *reply)
{
  const char *quoted = strstr(reply->str, " with args");
  size_t len = quoted == NULL ? reply->len : (size_t)(quoted - reply->str);

  return len < 120 ? len : 120;
}

/* Is there a reply that is no error? Otherwise the reply is freed. */
static bool
is_good(struct redis *r, redisReply **reply, const char *what, char *note)
{
  if (*reply == NULL)
    fail(r, note, "%s: %s", what,
         r->link->errstr[0] != '\0' ? r->link->errstr : "no answer");
  else if ((*reply)->type == REDIS_REPLY_ERROR)
    fail(r, note, "%s: %.*s", what, (int)said_of(*reply), (*reply)->str);
  else
    return true;
  if (*reply != NULL)
    freeReplyObject(*reply);
  *reply = NULL;
  return false;
}

/* Send a command whose answer says no more than that it was taken. */
static bool
tell(struct redis *r, const char *what, int argc, const char **argv, char *note)
{
  redisReply *reply = redisCommandArgv(r->link, argc, argv, NULL);

  if (!is_good(r, &reply, what, note))
    return false;
  freeReplyObject(reply);
  return true;
}

static bool
introduce(struct redis *r, char *note)
{
  const struct redis_target *t = &r->target;
  const char *named[] = { "AUTH", t->user, t->password };
  const char *alone[] = { "AUTH", t->password };
  char number[16];
  const char *choose[] = { "SELECT", number };

  snprintf(number, sizeof number, "%u", t->database);
  if (t->password[0] != '\0'
      && !(t->user[0] != '\0' ? tell(r, "AUTH", 3, named, note)
                              : tell(r, "AUTH", 2, alone, note)))
    return false;
  return tell(r, "SELECT", 2, choose, note);
}

static bool
open_link(struct redis *r, char *note)
{
  const struct timeval limit = { .tv_sec = r->target.timeout_s };

  r->link =
      r->target.host[0] == '/'
          ? redisConnectUnixWithTimeout(r->target.host, limit)
          : redisConnectWithTimeout(r->target.host, r->target.port, limit);
  if (r->link == NULL || r->link->err != 0) {
    fail(r, note, "cannot connect: %.120s",
         r->link == NULL ? "out of memory" : r->link->errstr);
    return false;
  }
  redisSetTimeout(r->link, limit);
  redisEnableKeepAlive(r->link);
  return introduce(r, note);
}

static void
rest(struct redis *r, const char *note)
{
  r->paused_until = now_ms() + PAUSE_MS;
  snprintf(r->trouble, sizeof r->trouble, "%s", note);
}

static bool
be_connected(struct redis *r, char *note)
{
  if (r->link != NULL && r->link->err == 0)
    return true;
  disconnect(r);
  if (now_ms() < r->paused_until) {
    snprintf(note, BACKEND_NOTE, "%s", r->trouble);
    return false;
  }
  if (open_link(r, note))
    return true;
  disconnect(r);
  rest(r, note);
  return false;
}

/* Send a command and take its answer; null, with a note, if there is trouble.
   The server may have closed an idle connection, so there is a second try. */
static redisReply *
ask(struct redis *r, int argc, const char **argv, const size_t *lens,
    char *note)
{
  redisReply *reply = NULL;

  for (bool fresh = false; reply == NULL && !fresh;) {
    fresh = r->link == NULL;
    if (!be_connected(r, note))
      return NULL;
    reply = redisCommandArgv(r->link, argc, argv, lens);
    if (reply == NULL) {
      fail(r, note, "%s: %.120s", argv[0], r->link->errstr);
      disconnect(r);
      if (fresh)
        rest(r, note);
    }
  }
  if (reply == NULL)
    return NULL;
  note[0] = '\0'; /* the second try made up for the first */
  return is_good(r, &reply, argv[0], note) ? reply : NULL;
}

/* Room for a key: its words, a realm and a name. */
#define KEY_MAX (2 * BACKEND_NAME_MAX + 64)

static size_t
append(char *key, size_t at, struct saturn_bytes text)
{
  if (text.len > 0)
    memcpy(key + at, text.data, text.len);
  return at + text.len;
}

static enum backend_result
find(void *state, struct saturn_bytes realm, struct saturn_bytes name,
     struct user_digests *digests, char *note)
{
  struct redis *r = state;
  enum backend_result result = BACKEND_FOUND;
  char key[KEY_MAX];
  const char *argv[] = { "GET", key };
  size_t lens[] = { 3, 0 }, at;
  redisReply *reply;

  at = append(key, 0, SATURN_TEXT("turn/realm/"));
  at = append(key, at, realm);
  at = append(key, at, SATURN_TEXT("/user/"));
  at = append(key, at, name);
  lens[1] = append(key, at, SATURN_TEXT("/key"));
  reply = ask(r, 2, argv, lens, note);
  if (reply == NULL)
    return BACKEND_DOWN;
  if (reply->type == REDIS_REPLY_NIL)
    result = BACKEND_ABSENT;
  else if (reply->type != REDIS_REPLY_STRING
           || !user_digests_read(digests,
                                 saturn_view(reply->str, reply->len))) {
    fail(r, note, "key of user %.*s is not 32 or 64 hexadecimal digits",
         (int)(name.len < 100 ? name.len : 100), (const char *)name.data);
    result = BACKEND_BAD_KEY;
  }
  freeReplyObject(reply);
  return result;
}

static enum backend_result
secrets(void *state, struct saturn_bytes realm, struct secret_list *list,
        char *note)
{
  struct redis *r = state;
  char key[KEY_MAX];
  const char *argv[] = { "SMEMBERS", key };
  size_t lens[] = { 8, 0 }, at;
  redisReply *reply;

  at = append(key, 0, SATURN_TEXT("turn/realm/"));
  at = append(key, at, realm);
  lens[1] = append(key, at, SATURN_TEXT("/secret"));
  reply = ask(r, 2, argv, lens, note);
  if (reply == NULL)
    return BACKEND_DOWN;
  for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements;
       i++)
    if (reply->element[i]->type != REDIS_REPLY_STRING
        || !secret_list_add(
            list, saturn_view(reply->element[i]->str, reply->element[i]->len)))
      fail(r, note,
           "secrets are left out: empty, longer than %d bytes, or more than %d",
           BACKEND_SECRET_MAX, BACKEND_SECRETS_MAX);
  freeReplyObject(reply);
  return BACKEND_FOUND;
}

/* The realm as a pattern that matches nothing else. */
static size_t
append_escaped(char *pattern, size_t at, struct saturn_bytes text)
{
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] != 0 && strchr("*?[]\\", text.data[i]) != NULL)
      pattern[at++] = '\\';
    pattern[at++] = (char)text.data[i];
  }
  return at;
}

/* Cut the name out of each key; FRONT is the length of what is before it. */
static void
cut_names(const redisReply *keys, size_t front, backend_name *each,
          void *context)
{
  const size_t back = sizeof "/key" - 1;

  for (size_t i = 0; i < keys->elements; i++) {
    const redisReply *key = keys->element[i];

    if (key->type == REDIS_REPLY_STRING && key->len > front + back)
      each(context, saturn_view(key->str + front, key->len - front - back));
  }
}

static enum backend_result
names(void *state, struct saturn_bytes realm, backend_name *each, void *context,
      char *note)
{
  char pattern[2 * KEY_MAX], cursor[32] = "0", count[16];
  const char *argv[] = { "SCAN", cursor, "MATCH", pattern, "COUNT", count };
  size_t lens[] = { 4, 1, 5, 0, 5, 0 }, at;
  size_t front = sizeof "turn/realm//user/" - 1 + realm.len;

  lens[5] = (size_t)snprintf(count, sizeof count, "%d", SCAN_COUNT);
  at = append(pattern, 0, SATURN_TEXT("turn/realm/"));
  at = append_escaped(pattern, at, realm);
  lens[3] = append(pattern, at, SATURN_TEXT("/user/*/key"));
  for (unsigned step = 0; step < SCAN_STEPS; step++) {
    redisReply *reply = ask(state, 6, argv, lens, note);

    if (reply == NULL)
      return BACKEND_DOWN;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2
        || reply->element[0]->type != REDIS_REPLY_STRING
        || reply->element[0]->len >= sizeof cursor) {
      freeReplyObject(reply);
      return fail(state, note, "SCAN: unexpected answer");
    }
    cut_names(reply->element[1], front, each, context);
    lens[1] = reply->element[0]->len;
    memcpy(cursor, reply->element[0]->str, lens[1] + 1);
    freeReplyObject(reply);
    if (strcmp(cursor, "0") == 0)
      return BACKEND_FOUND;
  }
  return fail(state, note, "SCAN: too many keys");
}

static void
refresh(void *state)
{
  struct redis *r = state;

  disconnect(r);
  r->paused_until = 0;
}

static void
close_state(void *state)
{
  struct redis *r = state;

  disconnect(r);
  saturn_wipe(r, sizeof *r);
  free(r);
}

static const struct backend_kind kind = {
  "redis-userdb", find, secrets, names, refresh, close_state,
};

bool
backend_redis(struct backend *backend, const char *target,
              char fault[OPTION_FAULT])
{
  struct redis *r = allocate(sizeof *r);

  if (!redis_target_read(&r->target, target, fault)) {
    close_state(r);
    return false;
  }
  backend->kind = &kind;
  backend->state = r;
  return true;
}
