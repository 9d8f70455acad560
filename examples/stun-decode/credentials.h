/* SPDX-License-Identifier: MIT
 *
 * credentials.h - the credentials to verify with: what was given on the
 * command line and in files.
 */
#ifndef STUN_DECODE_CREDENTIALS_H
#define STUN_DECODE_CREDENTIALS_H

#include "saturn/saturn.h"

#include "options.h"

/** What a credential is. */
enum credential_kind {
  CREDENTIAL_PASSWORD, /**< of a user, or of any if USER is null */
  CREDENTIAL_DIGEST,   /**< ready-made long-term key of a user */
  CREDENTIAL_SECRET,   /**< makes the passwords of ephemeral user names */
  CREDENTIAL_KEY       /**< raw HMAC key */
};

/** One credential. */
struct credential {
  enum credential_kind kind;
  unsigned number;   /**< in the order in which they were given, from 1 */
  const char *label; /**< "-u", "--htdigest": never the secret itself */
  char *user;        /**< null: any */
  char *realm;       /**< of a digest; null: any */
  uint8_t *secret;   /**< password, digest, secret or key */
  size_t len;        /**< of SECRET */
  char *plain;       /**< a password before preparation, if that differs */
};

/** All that was given. Zeroed, it is empty. */
struct credentials {
  struct credential *items;
  size_t n, cap;
  size_t named;       /**< once sorted: the first so many have a user */
  const char *realm;  /**< of -r; null: that of each message */
  char *server_realm; /**< of a turnserver.conf; null if it names none */
  const char *file;   /**< of --password-file */
  size_t open;        /**< users of -u that still wait for a password */
};

/** Values of the options -u, -w, -r, --key, --secret; -w and those of files
    belong to the credentials that are their target. */
option_call credentials_user, credentials_password, credentials_key,
    credentials_secret;

/** Files: --htdigest, -c for a turnserver.conf, and --userdb for the SQLite
    database of coturn (userdb.c). */
option_call credentials_htdigest, credentials_conf, credentials_userdb;

/**
 * Finish when all options are read: give -u without -w the password of
 * --password-file or SATURN_PASSWORD, and sort.
 *
 * @return false, with a fault, if a user is left without a password
 */
bool credentials_ready(struct credentials *credentials,
                       char fault[OPTION_FAULT]);

/** Add one. The texts are copied; USER and REALM may be null. */
void credentials_add(struct credentials *credentials, enum credential_kind kind,
                     const char *label, const char *user, const char *realm,
                     struct saturn_bytes secret);

/** Add the ready-made key of a user, of 32 or 64 hexadecimal digits; false if
    it is something else. */
bool credentials_add_digest(struct credentials *credentials, const char *label,
                            const char *user, const char *realm,
                            const char *hex);

/** Overwrite and release all. */
void credentials_wipe(struct credentials *credentials);

/** Whose message it is, as far as that is known. */
struct identity {
  bool has_user;
  struct saturn_bytes user;
  struct saturn_bytes hash; /**< USERHASH; empty if there is none */
  bool has_realm;
  struct saturn_bytes realm;
  enum saturn_algorithm algorithm; /**< of the password */
  bool short_term;                 /**< the message names no realm */
};

/**
 * Step through the credentials that may belong to WHO; all of them if no user
 * is known.
 *
 * @param at  0 before the first call; otherwise private
 * @return null behind the last
 */
const struct credential *credentials_next(const struct credentials *credentials,
                                          const struct identity *who,
                                          size_t *at);

/** Is there a user name of this spelling, but for case and blanks? Null if
    not. */
const char *credentials_similar(const struct credentials *credentials,
                                struct saturn_bytes user);

/**
 * Make the HMAC key of a message.
 *
 * @param short_term  the password itself is the key
 * @param key         a secret
 * @return false if the credential has no such key
 */
bool credential_key(const struct credential *credential,
                    const struct identity *who, bool short_term,
                    struct saturn_key *key);

#endif
