/* SPDX-License-Identifier: MIT
 *
 * backend_sqlite.c - users and secrets in coturn's SQLite schema, read only.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes_copy.h"
#include "program.h"
#include "user_backend.h"

/* How long to wait for whoever writes. */
#define BUSY_MS 1000

enum statement { FIND_KEY, LIST_SECRETS, LIST_NAMES, STATEMENTS };

static const char *const sql[STATEMENTS] = {
  [FIND_KEY] = "SELECT hmackey FROM turnusers_lt WHERE realm=?1 AND name=?2",
  [LIST_SECRETS] = "SELECT value FROM turn_secret WHERE realm=?1",
  [LIST_NAMES] = "SELECT name FROM turnusers_lt WHERE realm=?1",
};

struct sqlite {
  char *path;
  sqlite3 *base;
  sqlite3_stmt *statements[STATEMENTS]; /* prepared at their first use */
  dev_t device;                         /* of the file that is open */
  ino_t inode;
};

static void
disconnect(struct sqlite *s)
{
  for (size_t i = 0; i < STATEMENTS; i++) {
    sqlite3_finalize(s->statements[i]);
    s->statements[i] = NULL;
  }
  sqlite3_close(s->base);
  s->base = NULL;
}

/* Say what SQLite says, and start anew next time. */
static enum backend_result
fail(struct sqlite *s, char *note)
{
  snprintf(note, BACKEND_NOTE, "userdb: %.150s: %.100s", s->path,
           s->base == NULL ? "out of memory" : sqlite3_errmsg(s->base));
  disconnect(s);
  return BACKEND_DOWN;
}

/* Has the file been replaced since it was opened? */
static bool
is_another_file(const struct sqlite *s)
{
  struct stat now;

  return stat(s->path, &now) == 0
         && (now.st_dev != s->device || now.st_ino != s->inode);
}

static bool
be_connected(struct sqlite *s, char *note)
{
  struct stat now = { .st_ino = 0 };

  if (s->base != NULL && !is_another_file(s))
    return true;
  disconnect(s);
  stat(s->path, &now);
  s->device = now.st_dev;
  s->inode = now.st_ino;
  if (sqlite3_open_v2(s->path, &s->base,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL)
      != SQLITE_OK) {
    fail(s, note);
    return false;
  }
  sqlite3_busy_timeout(s->base, BUSY_MS);
  return true;
}

static bool
bind_text(sqlite3_stmt *statement, int number, struct saturn_bytes text)
{
  return sqlite3_bind_text(statement, number, (const char *)text.data,
                           (int)text.len, SQLITE_TRANSIENT)
         == SQLITE_OK;
}

/* A statement that is ready to be stepped; null, with a note, if there is
   trouble. */
static sqlite3_stmt *
start(struct sqlite *s, enum statement which, struct saturn_bytes realm,
      const struct saturn_bytes *name, char *note)
{
  sqlite3_stmt **statement = &s->statements[which];

  if (!be_connected(s, note))
    return NULL;
  if ((*statement == NULL
       && sqlite3_prepare_v2(s->base, sql[which], -1, statement, NULL)
              != SQLITE_OK)
      || sqlite3_reset(*statement) != SQLITE_OK
      || !bind_text(*statement, 1, realm)
      || (name != NULL && !bind_text(*statement, 2, *name))) {
    fail(s, note);
    return NULL;
  }
  return *statement;
}

static struct saturn_bytes
column(sqlite3_stmt *statement)
{
  const unsigned char *text = sqlite3_column_text(statement, 0);

  return saturn_view(text, (size_t)sqlite3_column_bytes(statement, 0));
}

static enum backend_result
find(void *state, struct saturn_bytes realm, struct saturn_bytes name,
     struct user_digests *digests, char *note)
{
  struct sqlite *s = state;
  sqlite3_stmt *statement = start(s, FIND_KEY, realm, &name, note);
  enum backend_result result = BACKEND_FOUND;

  if (statement == NULL)
    return BACKEND_DOWN;
  switch (sqlite3_step(statement)) {
  case SQLITE_ROW:
    if (!user_digests_read(digests, column(statement))) {
      snprintf(note, BACKEND_NOTE,
               "userdb: %.100s: hmackey of user %.*s is not 32 or 64 "
               "hexadecimal digits",
               s->path, (int)(name.len < 100 ? name.len : 100),
               (const char *)name.data);
      result = BACKEND_BAD_KEY;
    }
    break;
  case SQLITE_DONE:
    result = BACKEND_ABSENT;
    break;
  default:
    return fail(s, note);
  }
  sqlite3_reset(statement);
  return result;
}

static enum backend_result
secrets(void *state, struct saturn_bytes realm, struct secret_list *list,
        char *note)
{
  struct sqlite *s = state;
  sqlite3_stmt *statement = start(s, LIST_SECRETS, realm, NULL, note);
  int step = SQLITE_DONE;

  if (statement == NULL)
    return BACKEND_DOWN;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW)
    if (!secret_list_add(list, column(statement)))
      snprintf(note, BACKEND_NOTE,
               "userdb: %.100s: secrets are left out: empty, longer than %d "
               "bytes, or more than %d",
               s->path, BACKEND_SECRET_MAX, BACKEND_SECRETS_MAX);
  if (step != SQLITE_DONE)
    return fail(s, note);
  sqlite3_reset(statement);
  return BACKEND_FOUND;
}

static enum backend_result
names(void *state, struct saturn_bytes realm, backend_name *each, void *context,
      char *note)
{
  struct sqlite *s = state;
  sqlite3_stmt *statement = start(s, LIST_NAMES, realm, NULL, note);
  int step;

  if (statement == NULL)
    return BACKEND_DOWN;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW)
    each(context, column(statement));
  if (step != SQLITE_DONE)
    return fail(s, note);
  sqlite3_reset(statement);
  return BACKEND_FOUND;
}

static void
refresh(void *state)
{
  disconnect(state);
}

static void
close_state(void *state)
{
  struct sqlite *s = state;

  disconnect(s);
  free(s->path);
  free(s);
}

bool
backend_sqlite_unserved(const char *path, char note[BACKEND_NOTE])
{
  static const char *const tables[][2] = {
    { "denied_peer_ip", "denied-peer-ip" },
    { "allowed_peer_ip", "allowed-peer-ip" },
    { "turn_realm_option", "user-quota, total-quota or max-bps" },
    { "turn_origin_to_realm", "one realm" },
  };
  sqlite3_stmt *statement = NULL;
  sqlite3 *base = NULL;
  bool found = false;

  sqlite3_open_v2(path, &base, SQLITE_OPEN_READONLY, NULL);
  for (size_t i = 0; i < sizeof tables / sizeof *tables && !found; i++) {
    char text[80];

    snprintf(text, sizeof text, "SELECT 1 FROM %s", tables[i][0]);
    found = sqlite3_prepare_v2(base, text, -1, &statement, NULL) == SQLITE_OK
            && sqlite3_step(statement) == SQLITE_ROW;
    if (found)
      snprintf(note, BACKEND_NOTE,
               "userdb: %.150s: table %s has rows, and is not served: give %s",
               path, tables[i][0], tables[i][1]);
    sqlite3_finalize(statement);
    statement = NULL;
  }
  sqlite3_close(base);
  return found;
}

static const struct backend_kind kind = {
  "userdb", find, secrets, names, refresh, close_state,
};

bool
backend_sqlite(struct backend *backend, const char *path,
               char fault[OPTION_FAULT])
{
  struct sqlite *s = allocate(sizeof *s);
  char note[BACKEND_NOTE] = "";
  bool good;

  s->path = allocate(strlen(path) + 1);
  memcpy(s->path, path, strlen(path));
  good = start(s, LIST_NAMES, SATURN_TEXT(""), NULL, note) != NULL;
  if (!good) {
    snprintf(fault, OPTION_FAULT, "%s", note);
    close_state(s);
    return false;
  }
  disconnect(s); /* it belongs to the thread of the look-ups from now on */
  backend->kind = &kind;
  backend->state = s;
  return true;
}
