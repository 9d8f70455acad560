/* SPDX-License-Identifier: MIT
 *
 * user_backend.c - what all databases of users share.
 */
#include "user_backend.h"

#include <stdio.h>

#include "bytes_copy.h"

bool
secret_list_add(struct secret_list *list, struct saturn_bytes secret)
{
  if (secret.len == 0 || secret.len > BACKEND_SECRET_MAX
      || list->n == BACKEND_SECRETS_MAX)
    return false;
  list->items[list->n++] = bytes_copy(secret);
  return true;
}

void
secret_list_clear(struct secret_list *list)
{
  for (size_t i = 0; i < list->n; i++)
    bytes_free(&list->items[i]);
  list->n = 0;
}

bool
backend_sqlite_served(void)
{
#ifdef SATURN_HAS_SQLITE
  return true;
#else
  return false;
#endif
}

#ifndef SATURN_HAS_SQLITE
bool
backend_sqlite(struct backend *backend, const char *path,
               char fault[OPTION_FAULT])
{
  (void)backend;
  snprintf(fault, OPTION_FAULT,
           "userdb=%.100s: built without SQLite; install libsqlite3-dev and "
           "build again, or use user= or htdigest=",
           path);
  return false;
}

bool
backend_sqlite_unserved(const char *path, char note[BACKEND_NOTE])
{
  (void)path;
  (void)note;
  return false;
}
#endif

#ifndef SATURN_HAS_REDIS
bool
backend_redis(struct backend *backend, const char *target,
              char fault[OPTION_FAULT])
{
  (void)backend;
  (void)target; /* there may be a password in it */
  snprintf(fault, OPTION_FAULT,
           "redis-userdb: built without Redis; install libhiredis-dev and "
           "build again, or use user=, htdigest= or userdb=");
  return false;
}
#endif
