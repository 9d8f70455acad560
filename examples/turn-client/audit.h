/* SPDX-License-Identifier: MIT
 *
 * audit.h - does the server relay to peers that it must refuse? Each of them
 * is asked for in every disguise; nothing is sent to any of them.
 */
#ifndef TURN_CLIENT_AUDIT_H
#define TURN_CLIENT_AUDIT_H

#include "client.h"
#include "finding.h"
#include "plan.h"

struct check;

/** How a server decided on a peer. */
enum audit_answer {
  AUDIT_UNTRIED, /**< no relayed address of its family */
  AUDIT_REFUSED,
  AUDIT_ACCEPTED,
  AUDIT_UNKNOWN /**< it did not decide: no answer, or another code */
};

/** One peer, in one disguise. */
struct audit_row {
  struct saturn_address peer;
  const char *what;            /**< "loopback" */
  const char *guise;           /**< "as 6to4"; or empty */
  bool hard;                   /**< nothing may open it (T-402) */
  uint8_t permission, channel; /**< enum audit_answer */
  uint16_t code;               /**< of the last refusal */
};

/** The most rows there are. */
#define AUDIT_ROWS 256

/** Permissions and channels that a client needs room for. */
#define AUDIT_PEERS (2 * AUDIT_ROWS)

/** What came out. */
struct audit {
  struct audit_row rows[AUDIT_ROWS];
  size_t n;
  unsigned tried, refused, hard_accepted, soft_accepted, unknown, untried;
  bool broken_off; /**< the allocation was lost in the middle */
};

/** Ask for all. CLIENT has an allocation; one for IPv6 is made beside it. */
struct audit *audit_make(struct client *client, const struct check *check,
                         const struct plan *plan);

/** Say the sum in one line. */
void audit_tell(const struct audit *audit, char *out, size_t cap);

/** Print the accepted rows for people. */
void audit_print(const struct audit *audit);

/** The finding, FINDINGS if there is none; and the facts it rests on. */
enum finding_name audit_verdict(const struct audit *audit, char *seen,
                                size_t cap);

#endif
