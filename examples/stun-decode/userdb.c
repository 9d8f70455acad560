/* SPDX-License-Identifier: MIT
 *
 * userdb.c - credentials from the SQLite database of coturn.
 */
#include "credentials.h"

#include <stdio.h>

#include "program.h"

#ifdef HAVE_SQLITE3
#include <sqlite3.h>
#include <sys/stat.h>

#define BUSY_MS 2000

static const char *
text_at(sqlite3_stmt *row, int column)
{
  const unsigned char *text = sqlite3_column_text(row, column);

  return text == NULL ? "" : (const char *)text;
}

static const char *
take_key(struct credentials *c, sqlite3_stmt *row)
{
  if (credentials_add_digest(c, "--userdb", text_at(row, 1), text_at(row, 0),
                             text_at(row, 2)))
    return NULL;
  return "turnusers_lt holds a key that has not 32 or 64 hexadecimal digits";
}

static const char *
take_secret(struct credentials *c, sqlite3_stmt *row)
{
  credentials_add(c, CREDENTIAL_SECRET, "--userdb", NULL, NULL,
                  text_of(text_at(row, 0)));
  return NULL;
}

/* Take each row of a query; null, or what is wrong. */
static const char *
take_rows(struct credentials *c, sqlite3 *db, const char *query,
          const char *(*take)(struct credentials *c, sqlite3_stmt *row))
{
  const char *wrong = NULL;
  sqlite3_stmt *row;
  int result;

  if (sqlite3_prepare_v2(db, query, -1, &row, NULL) != SQLITE_OK)
    return sqlite3_errmsg(db);
  while ((result = sqlite3_step(row)) == SQLITE_ROW && wrong == NULL)
    wrong = take(c, row);
  if (wrong == NULL && result != SQLITE_DONE)
    wrong = sqlite3_errmsg(db);
  sqlite3_finalize(row);
  return wrong;
}

static bool
is_directory(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool
credentials_userdb(void *target, const char *value, char *fault)
{
  struct credentials *c = target;
  const char *wrong = NULL;
  size_t before = c->n;
  sqlite3 *db = NULL;

  if (is_directory(value))
    wrong = "is a directory";
  else if (sqlite3_open_v2(value, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
    wrong = sqlite3_errmsg(db);
  if (wrong == NULL) {
    sqlite3_busy_timeout(db, BUSY_MS);
    wrong = take_rows(c, db, "SELECT realm, name, hmackey FROM turnusers_lt",
                      take_key);
  }
  if (wrong == NULL)
    wrong = take_rows(c, db, "SELECT value FROM turn_secret", take_secret);
  if (wrong == NULL && c->n == before)
    wrong = "has no users and no secrets";
  if (wrong != NULL)
    snprintf(fault, OPTION_FAULT,
             "%.150s: cannot be read as coturn's SQLite database: %.70s", value,
             wrong);
  sqlite3_close(db);
  return wrong == NULL;
}
#else
bool
credentials_userdb(void *target, const char *value, char *fault)
{
  (void)target;
  (void)value;
  snprintf(fault, OPTION_FAULT, "this program was built without SQLite");
  return false;
}
#endif
