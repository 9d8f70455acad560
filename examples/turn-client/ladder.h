/* SPDX-License-Identifier: MIT
 *
 * ladder.h - what the steps of the ladder share.
 */
#ifndef TURN_CLIENT_LADDER_H
#define TURN_CLIENT_LADDER_H

#include "asker.h"
#include "check.h"
#include "client.h"

/** Room for the detail of a step. */
#define DETAIL_MAX (sizeof((struct step *)0)->detail)

/** Addresses of a host that are tried. */
#define ADDRESSES_MAX 16

/** A check that is going on. */
struct ladder {
  struct events *events;
  const struct settings *settings;
  const struct plan *plan;
  struct check *check;
  struct saturn_address addresses[ADDRESSES_MAX];
  size_t n_addresses;
  struct saturn_turn_target target; /**< the one that is used */
  struct asker asker;               /**< before there is a client */
  struct client first;              /**< the client under test */
  struct client second;             /**< its peer, unless that was given */
  bool binding_answered;            /**< the server knows STUN at least */
  struct saturn_address peer;
};

/** Give up for a reason that is known. Returns false. */
bool ladder_fail(struct ladder *l, enum finding_name name, const char *seen);

/** Give up because of what was seen by the asker. Returns false. */
bool ladder_explain(struct ladder *l, const struct wire *wire, char *detail);

/** Give up because of the last request of a client. Returns false. */
bool ladder_explain_client(struct ladder *l, const struct client *client,
                           char *detail);

/**
 * A step: does its work and says the details.
 *
 * @param detail  room for DETAIL_MAX bytes
 * @return false if it failed; the ladder ends there if there is a finding
 */
typedef bool ladder_step(struct ladder *l, char *detail);

ladder_step step_resolve, step_connect, step_binding, step_challenge,
    step_allocate, step_audit, step_peer, step_permission, step_channel,
    step_data, step_refresh, step_delete;

#endif
