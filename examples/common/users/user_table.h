/* SPDX-License-Identifier: MIT
 *
 * user_table.h - users that are known from the start: those of the
 * configuration, and those of htdigest files.
 */
#ifndef USERS_USER_TABLE_H
#define USERS_USER_TABLE_H

#include "options.h"
#include "user_digests.h"

/** A user of a realm. */
struct table_user {
  struct saturn_bytes name, realm;
  uint8_t hash[SATURN_USERHASH_SIZE];
  struct user_digests digests;
};

/** Users, to be looked up once they are sorted. Zeroed, it is empty. */
struct user_table {
  struct table_user *users; /**< by realm and name */
  struct table_user **by_hash;
  size_t n, cap;
};

/**
 * Add a user as coturn writes one: "name:password", or "name:0xKEY" with 32
 * hexadecimal digits of an MD5 key or 64 of a SHA-256 key. Name and password
 * are prepared as RFC 8265 has it. Of a user that is added twice the last
 * counts, but ready-made keys of both algorithms count together.
 *
 * @param fault  on failure: what is wrong; no password is in it
 */
bool user_table_add(struct user_table *table, struct saturn_bytes realm,
                    const char *text, char fault[OPTION_FAULT]);

/** Add all lines "user:realm:KEY" of a file; empty ones and those that start
    with '#' do not count. On failure nothing is lost: throw the table away. */
bool user_table_add_htdigest(struct user_table *table, const char *path,
                             char fault[OPTION_FAULT]);

/** Sort: needed behind the last user, before the first look-up. */
void user_table_sort(struct user_table *table);

/** Find a user by name. */
const struct table_user *user_table_find(const struct user_table *table,
                                         struct saturn_bytes realm,
                                         struct saturn_bytes name);

/** Find a user by USERHASH (RFC 8489, 14.4). */
const struct table_user *
user_table_find_hash(const struct user_table *table, struct saturn_bytes realm,
                     const uint8_t hash[SATURN_USERHASH_SIZE]);

/** Overwrite and release all. */
void user_table_clear(struct user_table *table);

#endif
