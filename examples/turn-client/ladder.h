/* SPDX-License-Identifier: MIT
 *
 * ladder.h - what the steps of the ladder share.
 */
#ifndef TURN_CLIENT_LADDER_H
#define TURN_CLIENT_LADDER_H

#include "check.h"

/** Room for the detail of a step. */
#define DETAIL_MAX (sizeof((struct step *)0)->detail)

/** A check that is going on. */
struct ladder {
  const struct settings *settings;
  struct check *check;
  struct saturn_uri uri;
  struct session *first;  /**< the client under test */
  struct session *second; /**< its peer; null if another one was given */
  bool allocated, second_allocated;
  bool anonymous;        /**< no credentials were asked for */
  bool binding_answered; /**< the server knows STUN at least */
  struct saturn_address peer;
};

/** Give up for a reason that is known. Returns false. */
bool ladder_fail(struct ladder *l, enum finding_name name, const char *seen);

/** Give up because of the session's last exchange. Returns false. */
bool ladder_explain(struct ladder *l, const struct session *session,
                    char *detail);

/** Open a socket to the server, with the credentials of the settings; null,
    with an error of libuv, if there is no way to it. */
struct session *ladder_open(const struct ladder *l,
                            const struct saturn_address *server, int *error);

/** What an Allocate success must say (T-175). */
struct allocation {
  struct saturn_address relayed, mapped;
  uint32_t lifetime_s;
};

/** Put what an Allocate request asks for: a session_body. */
void ladder_put_allocate(struct saturn_builder *b, const void *context);

/** Read the answer of a session to it. False: the ladder has its finding. */
bool ladder_read_allocation(struct ladder *l, const struct session *session,
                            struct allocation *allocation);

/** Delete the allocation of a session. */
bool ladder_delete(struct session *session);

/**
 * A step: does its work and says the details.
 *
 * @param detail  room for DETAIL_MAX bytes
 * @return false if it failed; the ladder ends there if there is a finding
 */
typedef bool ladder_step(struct ladder *l, char *detail);

ladder_step step_resolve, step_binding, step_challenge, step_allocate,
    step_peer, step_permission, step_channel, step_data, step_refresh,
    step_delete;

#endif
