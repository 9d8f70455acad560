/* SPDX-License-Identifier: MIT
 *
 * turn_server.h - how the parts of the server machine work together: a
 * request goes through authentication to the ladder of its method, which says
 * how it is answered.
 */
#ifndef SATURN_LIB_TURN_SERVER_H
#define SATURN_LIB_TURN_SERVER_H

#include "turn_allocation.h"

/* What a ladder says besides an error code. */
#define ANSWER_SUCCESS 0
#define ANSWER_NOTHING 1 /* now: it is parked, or ignored */

/* A request that is being processed. */
struct turn_request {
  const struct saturn_turn_input *input;
  const struct saturn_turn_user *user; /* null until asked for */
  struct saturn_query *query;
  struct saturn_message message;
  uint32_t path;
  uint32_t allocation; /* live, on this path */
  uint32_t opening;    /* parked, on this path */
  uint32_t named;      /* live, named by a ticket or CONNECTION-ID */
  uint32_t connection; /* named by a CONNECTION-ID */
  const struct saturn_key *key;
  uint8_t owner[DIGEST_SIZE]; /* of the user name */
};

enum turn_auth {
  AUTH_ACCEPTED,
  AUTH_ASK,     /* whose key is it? */
  AUTH_REJECTED /* and answered, or dropped */
};

/* turn_server_config.c: fill in defaults. False if the configuration
   contradicts itself. */
bool saturn_config_fill(struct saturn_turn_config *config);

/* Take a configuration whose defaults are filled in, and another generation of
   the peer policy. False if there is no room for its realm. */
bool saturn_config_apply(struct saturn_turn_server *s,
                         const struct saturn_turn_config *config);

/* turn_server_auth.c: authenticate a request (T-050 to T-062). */
enum turn_auth saturn_turn_authenticate(struct saturn_turn_server *s,
                                        struct turn_request *r);

/* Who is it, if authentication is off? */
void saturn_turn_nobody(struct saturn_turn_server *s, struct turn_request *r);

/* turn_server_reply.c: forget the last reply, before ladders note things. */
struct turn_reply *saturn_reply_clear(struct saturn_turn_server *s);

/* Prepare the answer to a request. */
void saturn_reply_begin(struct saturn_turn_server *s,
                        const struct turn_request *r, unsigned code);

/* Put an Allocate or Connect that was parked into the reply. */
void saturn_reply_parked(struct saturn_turn_server *s, uint32_t allocation);
void saturn_reply_connect(struct saturn_turn_server *s, uint32_t connection);

/* Build the reply into BUF. */
enum saturn_error saturn_reply_build(const struct saturn_turn_server *s,
                                     uint8_t *buf, size_t cap,
                                     struct saturn_bytes *message);

/* Is a message on this path to have FINGERPRINT? */
bool saturn_reply_fingerprint(const struct saturn_turn_server *s, bool mirror);

/* The ladders of the methods: an error code, or one of the above. */
unsigned saturn_turn_allocate(struct saturn_turn_server *s,
                              struct turn_request *r);
unsigned saturn_turn_refresh(struct saturn_turn_server *s,
                             struct turn_request *r);
unsigned saturn_turn_create_permission(struct saturn_turn_server *s,
                                       struct turn_request *r);
unsigned saturn_turn_channel_bind(struct saturn_turn_server *s,
                                  struct turn_request *r);
unsigned saturn_turn_connect(struct saturn_turn_server *s,
                             struct turn_request *r);
unsigned saturn_turn_connection_bind(struct saturn_turn_server *s,
                                     struct turn_request *r);

/* turn_server_open.c: give up an Allocate that has waited too long. */
void saturn_turn_give_up(struct saturn_turn_server *s, uint32_t allocation);

/* turn_server_tcp.c: end a connection that has waited too long. */
void saturn_turn_connection_late(struct saturn_turn_server *s,
                                 uint32_t connection);

/* turn_server_refresh.c: the lifetime to grant for what a request says, at
   most MOST unless that is 0 (T-126). False if LIFETIME is malformed. */
bool saturn_turn_lifetime(const struct saturn_turn_server *s,
                          const struct saturn_message *m, uint32_t most,
                          uint32_t *lifetime_s);

/* The family that a Refresh means, or 0 for all: 0, 400 or 443 (T-201). */
unsigned saturn_turn_refresh_family(const struct saturn_turn_server *s,
                                    const struct turn_request *r,
                                    uint32_t allocation, uint8_t *family);

/* turn_server_mobility.c: a Refresh with a ticket (T-502). */
unsigned saturn_turn_move(struct saturn_turn_server *s, struct turn_request *r);

/* The ticket of an allocation's latest move. */
void saturn_ticket_make(const struct saturn_turn_server *s, uint32_t allocation,
                        uint8_t ticket[TICKET_SIZE]);

/* The allocation that a ticket was made for, live or not, and which of its
   moves; false if it was not made here. */
bool saturn_ticket_open(const struct saturn_turn_server *s,
                        struct saturn_bytes ticket, uint32_t *allocation,
                        uint32_t *move, bool *live);

/* turn_server_redirect.c: is there an alternate to name to a client? */
bool saturn_redirect_can(const struct saturn_turn_server *s,
                         const struct saturn_five_tuple *client);

/* Is an Allocate to be redirected, where the tables are FULL? */
bool saturn_redirect_due(const struct saturn_turn_server *s,
                         const struct saturn_five_tuple *client, bool full);

/* Put ALTERNATE-SERVER, and ALTERNATE-DOMAIN where it is called for. */
void saturn_redirect_put(const struct saturn_turn_server *s,
                         struct saturn_builder *b);

/* turn_server.c: the required types of a message that no server of TURN
   knows, at most MAX of them. Those that are known but have no meaning in the
   message are not among them (T-008). */
size_t saturn_turn_unknown(const struct saturn_message *m, uint16_t *types,
                           size_t max);

/* turn_server_data.c: ChannelData and Send of a client. */
enum saturn_turn_result
saturn_turn_channel_data(struct saturn_turn_server *s,
                         const struct saturn_turn_input *input,
                         struct saturn_turn_output *output);
enum saturn_turn_result saturn_turn_send(struct saturn_turn_server *s,
                                         const struct saturn_turn_input *input,
                                         const struct saturn_message *message,
                                         struct saturn_turn_output *output);

/* turn_server_ip.c: what to set on a datagram that goes on to FAMILY
   (RFC 8656, 13 to 16). False if it must not go on. */
bool saturn_turn_fields(const struct saturn_turn_server *s,
                        const struct saturn_ip_fields *in, uint8_t from,
                        uint8_t to, struct saturn_ip_fields *out);

/* A transaction id for an indication. */
void saturn_turn_new_tid(struct saturn_turn_server *s,
                         uint8_t tid[SATURN_TID_SIZE]);

/* Is a client's transport a stream? */
static inline bool
saturn_turn_is_stream(const struct saturn_five_tuple *tuple)
{
  return tuple->transport == SATURN_OVER_TCP
         || tuple->transport == SATURN_OVER_TLS;
}

#endif
