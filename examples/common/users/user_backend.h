/* SPDX-License-Identifier: MIT
 *
 * user_backend.h - a database of users, as its lane calls it: from one thread
 * at a time, and every call may block.
 */
#ifndef USERS_USER_BACKEND_H
#define USERS_USER_BACKEND_H

#include "options.h"
#include "user_digests.h"

/** What became of a look-up. */
enum backend_result {
  BACKEND_FOUND,
  BACKEND_ABSENT,
  BACKEND_BAD_KEY, /**< there is such a user, but no key one can read */
  BACKEND_DOWN     /**< no answer: nothing is known */
};

/** Room for a line that explains trouble. */
#define BACKEND_NOTE 320

/** The longest name of a user and of a realm, in bytes; a longer one is
    absent. */
#define BACKEND_NAME_MAX 763

/** The most secrets of a realm, and the longest one, in bytes. */
#define BACKEND_SECRETS_MAX 64
#define BACKEND_SECRET_MAX 1024

/** Secrets of a realm. */
struct secret_list {
  struct saturn_bytes items[BACKEND_SECRETS_MAX]; /**< on the heap */
  size_t n;
};

/** Copy a secret into the list. Empty ones, long ones, and those for which
    there is no room are left out: false. */
bool secret_list_add(struct secret_list *list, struct saturn_bytes secret);

/** Overwrite and release them. */
void secret_list_clear(struct secret_list *list);

/** Be given the name of a user while names are listed. */
typedef void backend_name(void *context, struct saturn_bytes name);

/** A kind of database. NOTE is written on BACKEND_DOWN and on BACKEND_BAD_KEY,
    and may be written otherwise: a line for the log, without secrets. */
struct backend_kind {
  const char *key; /**< of the configuration: "userdb" */

  /** Find the digests of a user. */
  enum backend_result (*find)(void *state, struct saturn_bytes realm,
                              struct saturn_bytes name,
                              struct user_digests *digests,
                              char note[BACKEND_NOTE]);

  /** List the secrets of ephemeral credentials. */
  enum backend_result (*secrets)(void *state, struct saturn_bytes realm,
                                 struct secret_list *list,
                                 char note[BACKEND_NOTE]);

  /** List the names of all users, for look-ups by USERHASH. */
  enum backend_result (*names)(void *state, struct saturn_bytes realm,
                               backend_name *each, void *context,
                               char note[BACKEND_NOTE]);

  /** Reconnect, as the operator may have changed things. */
  void (*refresh)(void *state);

  void (*close)(void *state);
};

/** A database. */
struct backend {
  const struct backend_kind *kind;
  void *state;
};

/**
 * Start with coturn's SQLite schema: tables turnusers_lt and turn_secret. It
 * is never written to.
 *
 * @param fault  on failure: what is wrong with the file, or that this program
 *               was built without SQLite
 */
bool backend_sqlite(struct backend *backend, const char *path,
                    char fault[OPTION_FAULT]);

/** Was this program built with SQLite? */
bool backend_sqlite_served(void);

/** Look for rows in tables of that schema that are not served: of peers, and
    of realms. True, with a note, if there are. */
bool backend_sqlite_unserved(const char *path, char note[BACKEND_NOTE]);

/**
 * Start with coturn's Redis schema: turn/realm/REALM/user/NAME/key and
 * turn/realm/REALM/secret. It need not be reachable yet.
 *
 * @param target  "ip=... port=... dbname=... password=... connect_timeout=..."
 * @param fault   on failure: what is wrong with TARGET, or that this program
 *                was built without Redis
 */
bool backend_redis(struct backend *backend, const char *target,
                   char fault[OPTION_FAULT]);

#endif
