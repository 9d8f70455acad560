/* SPDX-License-Identifier: MIT
 *
 * session.h - who asks whom: requests, their answers, and the challenges
 * between a client and a server.
 */
#ifndef STUN_DECODE_SESSION_H
#define STUN_DECODE_SESSION_H

#include "decoder.h"
#include "summary.h"
#include "verify.h"

/** Bytes of its own. */
struct text {
  uint8_t *data;
  size_t len;
};

/** How many sightings are kept of a series. */
#define SERIES_MAX 8

/** The last sightings of a series. */
struct series {
  struct sighting at[SERIES_MAX];
  size_t n; /**< of AT */
  unsigned count;
};

/** Kinds of requests; ICE checks are none of them. */
enum ask {
  ASK_BINDING,
  ASK_BARE,   /**< of TURN, without credentials */
  ASK_SEALED, /**< of TURN, with an integrity attribute */
  ASKS
};

/** What is known of a client's requests to a server. */
struct session {
  struct table_entry entry;
  uint8_t key[FLOW_KEY_SIZE];
  struct flow flow;  /**< of the requests */
  bool turn;         /**< TURN messages were seen */
  bool old_channels; /**< one above 0x4FFF was bound, as RFC 5766 allowed */
  bool answered;
  bool challenged; /**< REALM and NONCE are those of the last 401 or 438 */
  struct text realm;
  uint64_t nonce;       /**< hash */
  uint64_t server_time; /**< by the nonce, or 0 */
  bool allocated;       /**< the answer to an Allocate was seen */
  int64_t refreshed_us, lifetime_us;
  bool partial; /**< messages of it were cut by the capture */
  bool waiting; /**< no credentials came after the challenge */
  struct sighting challenge;
  struct series asked;      /**< requests, but for ICE checks */
  struct series vain[ASKS]; /**< of each kind since its last answer */
  unsigned kinds_answered;  /**< bits of enum ask */
  int64_t heard_us;         /**< when the server last sent anything */
  bool excused;             /**< ICMP says why there is no answer */
  bool limited;             /**< ICMP says that packets are too large: */
  uint32_t limit;
  struct origin limiter;
  struct series stale; /**< 438 answers in a row */
  unsigned stale_old;  /**< of those to an older nonce */
  struct text user;    /**< of the last request that has one */
  struct summary summary;
};

/** Bytes of a RESERVATION-TOKEN (RFC 8656, 18.10). */
#define TOKEN_SIZE 8

/** So many peers are noted of a request. */
#define PEERS_MAX 8

/** And so many attributes behind its integrity. */
#define UNCOVERED_MAX 4

/** Bytes of a flow and a transaction id, with the cookie, as a key. */
#define TRANSACTION_KEY_SIZE (FLOW_KEY_SIZE + 16)

/** One request. */
struct transaction {
  struct table_entry entry;
  uint8_t key[TRANSACTION_KEY_SIZE];
  struct sighting at;
  uint16_t method;
  bool authenticated; /**< with an integrity attribute */
  bool answered;
  bool has_user, hashed, has_realm, short_term;
  enum saturn_algorithm algorithm;
  struct text user, realm;
  uint64_t nonce;     /**< hash */
  bool realm_differs; /**< from that of the challenge */
  bool nonce_differs;
  unsigned copies;
  struct proof proof;
  struct mistake *mistake;    /**< that was found; null if none was */
  struct saturn_address peer; /**< XOR-PEER-ADDRESS, the first */
  struct saturn_address peer_list[PEERS_MAX];
  size_t peers;
  bool more_peers;  /**< than there is room for */
  uint16_t channel; /**< CHANNEL-NUMBER, or 0 */
  bool reserved;    /**< it has a RESERVATION-TOKEN: */
  uint8_t token[TOKEN_SIZE];
  uint16_t uncovered[UNCOVERED_MAX]; /**< types behind the integrity, or 0 */
};

/** An answer, and what it answers. */
struct answer {
  struct decoder *decoder;
  struct session *session;         /**< null if no request was seen */
  struct transaction *transaction; /**< the same */
  const struct record *record;
  struct proof proof;
  struct identity who;
  unsigned code; /**< 0 of a success */
};

/** Make the tables. */
void sessions_start(struct decoder *decoder);

/** Verify a STUN message, and note and judge what it means. */
void session_take(struct decoder *decoder, struct record *record);

/** Note a STUN message that was cut by the capture, behind its header or later
    (cut.c). */
void session_take_cut(struct decoder *decoder, const struct record *record);

/** The session that a STUN message belongs to. */
struct session *session_of(struct decoder *decoder,
                           const struct record *record);

/** The key of the request of a message, or of the request it answers. */
void transaction_key(const struct record *record, bool opposite,
                     uint8_t key[TRANSACTION_KEY_SIZE]);

/** Which ChannelData may be expected between two addresses. */
enum channels {
  CHANNELS_NONE,    /**< none: no TURN message was seen */
  CHANNELS_CURRENT, /**< 0x4000 to 0x4FFF */
  CHANNELS_OLD      /**< 0x4000 to 0x7FFF */
};

/** What ChannelData may be expected in this flow? */
enum channels session_channels(struct decoder *decoder,
                               const struct flow *flow);

/** Judge what never came, and release the tables. */
void sessions_end(struct decoder *decoder);

/** A series grows. */
void series_add(struct series *series, const struct sighting *at);

/** View a text; what is not there has no data. */
struct saturn_bytes text_view(const struct text *text);

/** Judge the first answer to a request (judge.c). */
void judge_answer(const struct answer *answer);

/** Set a text to a copy of bytes (transactions.c). */
void text_set(struct text *text, struct saturn_bytes bytes);

/** Note what a request says (transactions.c). */
void transaction_fill(struct transaction *transaction,
                      const struct session *session, const struct identity *who,
                      const struct saturn_message *message);

/** Whose answer is it? That of the request's user (transactions.c). */
void identity_of_answer(const struct transaction *transaction,
                        const struct saturn_message *message,
                        struct identity *who);

/** Judge a request that is forgotten, if no answer came (silence.c). */
void judge_unanswered(struct decoder *decoder,
                      const struct transaction *transaction);

/** Look for the mistake in a message that does not verify; null if none is
    found, or enough were looked for. The caller frees it (suspect.c). */
struct mistake *suspect_search(struct decoder *decoder,
                               const struct identity *who,
                               const struct record *record,
                               const struct saturn_address *server);

/** Judge a session that ends (silence.c). */
void judge_session(struct decoder *decoder, const struct session *session);

/** Judge a refusal of credentials: 401, 431 or 436 (refusal.c). */
void judge_refusal(const struct answer *answer, struct facts *facts);

/** Judge an allocation, a redirect, and a refused user name that has a time;
    false if that is no reason to refuse it (allocation.c). */
void judge_allocation(const struct answer *answer, struct facts *facts);
void judge_redirect(const struct answer *answer, struct facts *facts);
bool judge_time(const struct answer *answer, struct facts *facts);

/** Note whom a request asks, and to whom a nonce is given; judge an answer to
    no request of its flow; was the nonce of a refused request given to another
    address, which is noted as the peer? (origins.c) */
void origins_start(struct decoder *decoder);
void origins_end(struct decoder *decoder);
void origins_request(struct decoder *decoder, const struct record *record);
void origins_stray(struct decoder *decoder, const struct record *record);
void origins_challenge(const struct answer *answer, uint64_t nonce);
bool origins_moved(const struct answer *answer, struct facts *facts);

/** An address has answered: it is a server. Is the IP address one of a server?
    (origins.c) */
void origins_server(struct decoder *decoder,
                    const struct saturn_address *address);
bool origins_is_server(struct decoder *decoder,
                       const struct saturn_address *address);

/** Are they the same IP address and port? (origins.c) */
bool address_is_same(const struct saturn_address *a,
                     const struct saturn_address *b);

/** Does a redirect lead back, or too far? A success ends a chain of them. Was
    a client sent to this server? (redirects.c) */
void redirects_start(struct decoder *decoder);
void redirects_end(struct decoder *decoder);
bool redirect_is_loop(struct decoder *decoder, const struct flow *answer,
                      const struct saturn_address *target);
void redirect_ends(struct decoder *decoder, const struct flow *answer);
bool redirect_is_target(struct decoder *decoder,
                        const struct saturn_address *server);

/** Read a RESERVATION-TOKEN; note those that an answer hands out or that its
    request used up; judge the refusal of one, if it is that (tokens.c). */
void tokens_start(struct decoder *decoder);
void tokens_end(struct decoder *decoder);
bool token_read(const struct saturn_message *message,
                uint8_t token[TOKEN_SIZE]);
void tokens_note(const struct answer *answer);
bool judge_token(const struct answer *answer, struct facts *facts);

/** Has the client an allocation at that time? (allocation.c) */
bool allocation_lives(struct decoder *decoder, const struct flow *client,
                      const struct sighting *at);

/** Why a packet did not arrive. */
enum obstacle {
  OBSTACLE_PORT,  /**< nothing listens */
  OBSTACLE_ROUTE, /**< no way, or a filter */
  OBSTACLE_TIME,  /**< it went in circles */
  OBSTACLE_SIZE   /**< it was too large */
};

/** What ICMP says of a packet. */
struct report {
  struct flow flow; /**< of the packet */
  const struct origin *from;
  enum obstacle obstacle;
  unsigned code;
  uint32_t size; /**< that would do, of OBSTACLE_SIZE */
};

/** A Data indication may report what ICMP says of a peer (unreachable.c). */
void session_peer_unreachable(struct decoder *decoder,
                              const struct record *record);

/** An ICMP message about a datagram came. Note what it says as a finding
    (unreachable.c). */
void session_unreachable(struct decoder *decoder, const struct report *report);
void report_find(struct decoder *decoder, const struct report *report);

/** Note a finding about an answer and its request. */
void answer_find(const struct answer *answer, enum situation name,
                 const struct facts *facts);

#endif
