/* SPDX-License-Identifier: MIT
 *
 * userdb.c - credentials from the SQLite database of coturn.
 */
#include "credentials.h"

#include <stdio.h>

#include "program.h"

#ifdef HAVE_SQLITE3
#include <sqlite3.h>

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

bool
credentials_userdb(void *target, const char *value, char *fault)
{
  const char *wrong = NULL;
  sqlite3 *db = NULL;

  if (sqlite3_open_v2(value, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
    wrong = sqlite3_errmsg(db);
  if (wrong == NULL) {
    sqlite3_busy_timeout(db, BUSY_MS);
    wrong = take_rows(
        target, db, "SELECT realm, name, hmackey FROM turnusers_lt", take_key);
  }
  if (wrong == NULL)
    wrong = take_rows(target, db, "SELECT value FROM turn_secret", take_secret);
  if (wrong != NULL)
    snprintf(fault, OPTION_FAULT, "%.200s: %.100s", value, wrong);
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
