/* SPDX-License-Identifier: MIT
 *
 * user_index.h - names by USERHASH, for databases that know names only.
 */
#ifndef USERS_USER_INDEX_H
#define USERS_USER_INDEX_H

#include "user_backend.h"

/** The most names that are listed. */
#define USER_INDEX_MAX 1000000

struct indexed_name;

/** The names of a realm. Zeroed, it was never made. */
struct user_index {
  struct saturn_bytes realm;
  struct indexed_name *names; /**< sorted by hash */
  size_t n, cap;
  saturn_ms made; /**< when; 0: never */
  bool full;      /**< there were more names */
};

/** List the names of a realm anew. On failure the index is empty. */
enum backend_result user_index_make(struct user_index *index,
                                    const struct backend *backend,
                                    struct saturn_bytes realm, saturn_ms now,
                                    char note[BACKEND_NOTE]);

/** Find a name; empty if there is none. */
struct saturn_bytes user_index_find(const struct user_index *index,
                                    const uint8_t hash[SATURN_USERHASH_SIZE]);

/** Release all. */
void user_index_clear(struct user_index *index);

#endif
