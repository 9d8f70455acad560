/* SPDX-License-Identifier: MIT
 *
 * connections.h - TCP connections and TLS handshakes with TURN servers: made,
 * refused, silent, broken off.
 */
#ifndef STUN_DECODE_CONNECTIONS_H
#define STUN_DECODE_CONNECTIONS_H

#include "network.h"
#include "session.h"

/** Make the table. */
void connections_start(struct decoder *decoder);

/** Judge what is left, and release the table. */
void connections_end(struct decoder *decoder);

/** A TCP segment is seen. */
void connection_segment(struct decoder *decoder, const struct origin *origin,
                        const struct segment *segment);

/** A UDP payload is seen, which may belong to a handshake of DTLS. */
void connection_datagram(struct decoder *decoder, const struct origin *origin,
                         struct saturn_bytes payload);

/** ICMP says that a segment did not arrive. */
void connection_unreachable(struct decoder *decoder,
                            const struct report *report);

/** Is this the way back from a server that, as far as one can see, is one of
    TURN? */
bool connection_is_of_server(struct decoder *decoder, const struct flow *flow);

/** Read the certificate of a server, off the front of a stream of TLS. Returns
    whether more bytes are needed for that (certificates.c). */
void certificates_start(struct decoder *decoder);
void certificates_end(struct decoder *decoder);
bool certificates_wait(struct decoder *decoder, const struct origin *origin,
                       struct saturn_bytes bytes);

/** How far a handshake of TLS or DTLS has come. Zeroed, it has not begun. */
struct handshake {
  bool named;   /**< the hello of the client says that this is for STUN */
  bool over;    /**< it succeeded */
  bool sealed;  /**< a side has changed to encryption: client, or server */
  bool alerted; /**< with a fatal alert: */
  bool by_client;
  bool unread; /**< that is encrypted */
  uint8_t alert;
};

/** Does a payload start with a record of TLS, or of DTLS? (handshakes.c) */
bool tls_is(struct saturn_bytes payload);
bool dtls_is(struct saturn_bytes payload);

/** Is that record one of data? */
bool tls_is_data(struct saturn_bytes payload);

/** Is that record a hello of a client? */
bool tls_is_hello(struct saturn_bytes payload);
bool dtls_is_hello(struct saturn_bytes payload);

/** Follow the records of a payload. */
void tls_follow(struct handshake *handshake, bool from_client,
                struct saturn_bytes payload);
void dtls_follow(struct handshake *handshake, bool from_client,
                 struct saturn_bytes payload);

/** What an alert means. */
enum situation tls_alert_situation(const struct handshake *handshake);

#endif
