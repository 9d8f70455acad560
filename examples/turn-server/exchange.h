/* SPDX-License-Identifier: MIT
 *
 * exchange.h - a request while it is being answered.
 */
#ifndef TURN_SERVER_EXCHANGE_H
#define TURN_SERVER_EXCHANGE_H

#include "server.h"

/** A request, who sent it, and what is known of it. */
struct exchange {
  struct server *server;
  const struct path *path;
  const struct saturn_message *request;
  saturn_ms now;
  struct allocation *allocation; /**< of the 5-tuple; may be null */
  struct saturn_query query;
  struct saturn_key key; /**< of the user */
  bool has_key;          /**< authenticated: protect the answer */
  bool fingerprint;      /**< the request had one */
};

/** A refusal. Zeroed, there is none. */
struct refusal {
  unsigned code;
  const char *why; /**< for the log */
};

/** Refuse with CODE: return it from a function that returns a refusal. */
static inline struct refusal
refuse(unsigned code, const char *why)
{
  struct refusal refusal = { code, why };

  return refusal;
}

/** Nothing to refuse. */
static inline struct refusal
granted(void)
{
  return refuse(0, NULL);
}

/** Start an answer. */
void answer_begin(const struct exchange *x, struct saturn_builder *b,
                  enum saturn_class cls);

/** Protect the answer with the key of the request, and send it. */
void answer_send(const struct exchange *x, struct saturn_builder *b);

/** Answer with success and no attributes. */
void answer_success(const struct exchange *x);

/** Answer with an error, and say in the log why. */
void answer_refusal(const struct exchange *x, const struct refusal *refusal);

/** Answer 420 with one type, or with the N of the server's list. */
void answer_unknown(const struct exchange *x, const uint16_t *types, size_t n);

/** Put SOFTWARE, if it is configured (T-035). */
void put_software(const struct exchange *x, struct saturn_builder *b);

/** Check who sent the request. Returns false if it was answered. */
bool authenticate(struct exchange *x);

/** Serve an Allocate of an authenticated client. */
void serve_allocate(struct exchange *x);

/** Serve a method that needs an allocation, and is sent by its owner. */
struct refusal serve_refresh(struct exchange *x);
struct refusal serve_create_permission(struct exchange *x);
struct refusal serve_channel_bind(struct exchange *x);

/** Why may a client not reach PEER? Null if it may; HAS_PORT as in
    peer_policy.h. */
const char *peer_refusal(const struct server_config *config,
                         const struct saturn_address *peer, bool has_port);

/** Relay a Send indication to a peer. */
void serve_send(struct server *server, struct allocation *allocation,
                const struct saturn_message *m, saturn_ms now);

/** Relay ChannelData to a peer. */
void serve_channel_data(struct server *server, struct allocation *allocation,
                        struct saturn_bytes datagram, saturn_ms now);

/** The lifetime that an Allocate or a Refresh gets (T-126, T-128). */
uint32_t grant_lifetime(const struct server *server, bool asked,
                        uint32_t lifetime_s);

#endif
