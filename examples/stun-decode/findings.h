/* SPDX-License-Identifier: MIT
 *
 * findings.h - what a capture says is wrong, who is at fault, and what to do.
 */
#ifndef STUN_DECODE_FINDINGS_H
#define STUN_DECODE_FINDINGS_H

#include "mistakes.h"
#include "record.h"
#include "table.h"

/** What leads to a finding, SITUATION_PASSWORD_CLIENT and so on. */
enum situation {
#define SITUATION(name, finding, undone_by, text, fix) SITUATION_##name,
#include "situations.def"
#undef SITUATION
  SITUATIONS
};

/**
 * What a server's acceptance of a request says of the credential in it. It
 * takes back what was only inferred about the same user and server.
 */
enum acceptance {
  ACCEPTED_VALID = 1,     /**< and it verified with a given credential */
  ACCEPTED_INVALID = 2,   /**< though it did not verify with those given */
  ACCEPTED_UNCHECKED = 4, /**< and nothing was given to verify it with */
  ACCEPTED = 7
};

/** What the words in braces of situations.def stand for. */
struct facts {
  struct saturn_address server, peer;     /**< "no address" is left out */
  struct saturn_bytes user, realm, other; /**< from the network */
  unsigned code, count;
  char list[64]; /**< of attributes */
  const char *method;
  unsigned given, second;        /**< numbers of credentials */
  const struct mistake *mistake; /**< its finding replaces UNKNOWN */
};

/** All findings so far. */
struct findings {
  struct found *items;
  size_t n;
  uint64_t dropped;      /**< how many found no room */
  struct table accepted; /**< by server and user */
};

/** Make an empty list. */
void findings_init(struct findings *findings);

/** Note a finding. One of the same text is noted once, with all frames. */
void findings_add(struct findings *findings, enum situation name,
                  const struct facts *facts, const struct sighting *frames,
                  size_t n);

/** Note that a server accepted a request of a user. */
void findings_accept(struct findings *findings, const struct facts *facts,
                     enum acceptance acceptance);

/** Drop what acceptances take back, and put the rest in the order of frames.
    Returns how many there are. */
size_t findings_settle(struct findings *findings);

/** A finding, ready to be printed. */
struct finding_view {
  const char *id, *text, *fix, *reference;
  const struct sighting *frames;
  size_t n;      /**< of frames that are listed */
  uint64_t more; /**< frames that are not */
};

/** Look at a finding. */
struct finding_view findings_view(const struct findings *findings, size_t i);

/**
 * Is a finding new, and does it stay? What a success may still take back waits
 * for some seconds. It is new once.
 */
bool findings_fresh(struct findings *findings, size_t i, int64_t now_us);

/** Was a finding new before? */
bool findings_shown(const struct findings *findings, size_t i);

/** Release all. */
void findings_clear(struct findings *findings);

#endif
