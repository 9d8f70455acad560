/* SPDX-License-Identifier: MIT
 *
 * mistakes.h - which known mistake makes a given credential fit a message that
 * does not verify.
 */
#ifndef STUN_DECODE_MISTAKES_H
#define STUN_DECODE_MISTAKES_H

#include "credentials.h"
#include "finding.h"

/** Room for what a mistake consists of. */
#define MISTAKE_TEXT 400

/** So many realms of a capture are kept to be tried. */
#define REALMS_MAX 16
#define REALM_TEXT 128

/** Realms that were seen. */
struct realms {
  size_t n;
  struct {
    uint8_t data[REALM_TEXT];
    size_t len;
  } items[REALMS_MAX];
};

/** Keep a realm, once. */
void realms_note(struct realms *realms, struct saturn_bytes realm);

/** A mistake that was proven: with it the integrity verifies. */
struct mistake {
  bool found;
  enum finding_name finding;
  unsigned number;        /**< of the credential */
  char how[MISTAKE_TEXT]; /**< "credential 1 in lower case" */
};

/** What a search is about. */
struct suspect {
  const struct credentials *credentials;
  const struct realms *realms;
  const struct saturn_message *message; /**< with the attribute of MAC */
  enum saturn_mac mac;
  struct identity who;      /**< as the message says, or its request */
  struct saturn_bytes host; /**< the server, as text; may be a realm */
};

/** Look for the mistake. */
void mistake_find(const struct suspect *suspect, struct mistake *mistake);

/** Try a text as the password of the user. */
bool mistake_fits_password(const struct suspect *suspect,
                           struct saturn_bytes password);

/** Try keys of the two mechanisms, made of the bytes as they are. */
bool mistake_fits_key(const struct suspect *suspect, struct saturn_bytes key);
bool mistake_fits_parts(const struct suspect *suspect,
                        enum saturn_algorithm algorithm,
                        struct saturn_bytes user, struct saturn_bytes realm,
                        struct saturn_bytes password);

/** Note what fits; HOW follows the number of the credential. */
bool mistake_set(struct mistake *mistake, const struct credential *credential,
                 enum finding_name finding, const char *how);

/** Mistakes in the names of a key (mistaken_names.c), in its kind, and in what
    the HMAC covers (mistaken_keys.c). */
bool mistake_in_realm(const struct suspect *suspect,
                      const struct credential *credential,
                      struct mistake *mistake);
bool mistake_in_user(const struct suspect *suspect,
                     const struct credential *credential,
                     struct mistake *mistake);
bool mistake_in_key(const struct suspect *suspect,
                    const struct credential *credential,
                    struct mistake *mistake);
bool mistake_in_rules(const struct suspect *suspect,
                      const struct credential *credential,
                      struct mistake *mistake);

#endif
