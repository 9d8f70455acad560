/* SPDX-License-Identifier: MIT
 *
 * tls.h - TLS and DTLS without sockets, on GnuTLS: bytes from the wire go in,
 * bytes for the wire come out of a function of the owner.
 *
 *     tls = tls_new(&setup);                     setup.send sends
 *     tls_start(tls);                            a client's first flight
 *     for each piece, or datagram, from the wire:
 *       tls_input(tls, bytes);
 *       while ((n = tls_read(tls, buf, sizeof buf)) > 0)
 *         take the n bytes; with DTLS they are one message
 *       if (tls_state(tls) == TLS_OVER)
 *         tls_fault(tls) says why
 *     after tls_timeout_ms(tls) milliseconds without anything:
 *       tls_timer(tls);
 *
 * A server gets datagrams of unknown clients by tls_cookie_check first, which
 * keeps nothing (T-722). It reloads its certificate by making a new context
 * and letting go of the old one, which lives on as long as its sessions do.
 *
 * TLS 1.2 and 1.3 and DTLS 1.2, with ephemeral keys and authenticated ciphers
 * only; no compression, no renegotiation, no tickets (T-721).
 */
#ifndef EXAMPLES_TLS_H
#define EXAMPLES_TLS_H

#include "saturn/address.h"

/** Room for the line that explains why a context could not be made. */
#define TLS_FAULT_TEXT 256

/** Certificates: the server's own, or those that a client trusts. Any number
    of sessions may use it, in several threads. */
struct tls_context;

/**
 * A server's certificate.
 *
 * @param certificate  path of the chain, PEM, the server's first
 * @param key          path of its key, PEM
 * @param fault        on failure one line: which file, and what is wrong
 * @return null on failure
 */
struct tls_context *tls_context_serve(const char *certificate, const char *key,
                                      char fault[TLS_FAULT_TEXT]);

/**
 * The authorities that a client trusts.
 *
 * @param authorities  path of certificates, PEM; null: those of the system
 * @return null on failure
 */
struct tls_context *tls_context_trust(const char *authorities,
                                      char fault[TLS_FAULT_TEXT]);

/** Hold a context once more: the same context is returned. */
struct tls_context *tls_context_hold(struct tls_context *context);

/** Let go of a context, which may be null. It is freed with its last
    session. */
void tls_context_release(struct tls_context *context);

/** Application protocols (RFC 7443). */
#define TLS_ALPN_TURN "stun.turn"
#define TLS_ALPN_DISCOVERY "stun.nat-discovery"

/** A session. */
struct tls;

/**
 * Send bytes to the other side: all of them, or with DTLS one datagram that
 * may get lost. It must not free the session, nor call its functions.
 */
typedef void tls_send(void *owner, struct saturn_bytes bytes);

/** What a session needs. */
struct tls_setup {
  struct tls_context *context;
  bool server;    /**< the role */
  bool datagram;  /**< DTLS */
  bool insecure;  /**< a client that takes any certificate: report it (T-726) */
  bool discovery; /**< a server that also does NAT discovery, and selects
                       TLS_ALPN_DISCOVERY; otherwise TLS_ALPN_TURN only */
  const char *name;     /**< a client: the host that the certificate must name,
                             and that is asked for unless it is an IP address */
  const void *prestate; /**< a server, DTLS: what tls_cookie_check wrote */
  tls_send *send;
  void *owner; /**< handed to SEND */
};

/** Make a session. Nothing is sent yet. Null if the system has no memory. */
struct tls *tls_new(const struct tls_setup *setup);

/** Free a session at once, without a word to the other side. */
void tls_free(struct tls *tls);

/** How far a session is. */
enum tls_state {
  TLS_SHAKING, /**< hands */
  TLS_READY,   /**< data may be sent and read */
  TLS_OVER     /**< see tls_fault; nothing can be sent any more */
};

enum tls_state tls_state(const struct tls *tls);

/** Begin: a client sends its first flight. For a server there is nothing to
    do, but it does no harm. */
void tls_start(struct tls *tls);

/** Take bytes from the wire, or one datagram. They are not copied: read what
    comes of them with tls_read until that has nothing more. */
void tls_input(struct tls *tls, struct saturn_bytes bytes);

/** The wire has ended: the TCP connection was closed or reset. */
void tls_input_end(struct tls *tls);

/**
 * Read data that has come.
 *
 * @param cap  with DTLS TLS_RECORD_MAX or more, lest messages be cut
 * @return how many bytes; with DTLS one message. 0: there is nothing more
 */
size_t tls_read(struct tls *tls, uint8_t *out, size_t cap);

/** The most data in one record. */
#define TLS_RECORD_MAX 16384

/** The largest message over DTLS: with its header it is one record. */
#define TLS_MESSAGE_MAX 16300

/**
 * Send data; with DTLS as one record.
 *
 * @return false if it was not sent: the session is not ready, or the message
 *         is larger than TLS_MESSAGE_MAX with DTLS
 */
bool tls_write(struct tls *tls, struct saturn_bytes data);

/** Say goodbye: close_notify, without waiting for the other side's. */
void tls_goodbye(struct tls *tls);

/** When tls_timer is due, in milliseconds from now; UINT32_MAX: never. */
uint32_t tls_timeout_ms(struct tls *tls);

/** Send a flight of DTLS again that was not answered. */
void tls_timer(struct tls *tls);

/** Why a session is over. */
enum tls_reason {
  TLS_FINE,          /**< it is not */
  TLS_BAD_NAME,      /**< the certificate is for another host */
  TLS_EXPIRED,       /**< the certificate, or one above it */
  TLS_NOT_YET_VALID, /**< the same: see the clocks */
  TLS_BAD_ISSUER,    /**< nobody whom the client trusts has signed it */
  TLS_CERTIFICATE,   /**< revoked, of the wrong purpose, of weak algorithms */
  TLS_VERSION,       /**< no version in common */
  TLS_ALPN,          /**< no application protocol in common */
  TLS_ALERT,         /**< the other side refused for another reason */
  TLS_NOT_TLS,       /**< what came is no TLS */
  TLS_CLOSED,        /**< the other side closed, in the handshake or later */
  TLS_SILENT,        /**< the handshake of DTLS was not answered */
  TLS_OTHER
};

/** Why a session is over, and the words of it. */
struct tls_fault {
  uint8_t reason;    /**< enum tls_reason */
  bool in_handshake; /**< it was never ready */
  char detail[200];  /**< printable */
};

const struct tls_fault *tls_fault(const struct tls *tls);

/** Say a reason in a word: "name", "expired", "issuer", "version", "alpn",
    "closed" and others. */
const char *tls_reason_text(enum tls_reason reason);

/** The application protocol that was agreed, or an empty text. */
struct saturn_bytes tls_alpn(const struct tls *tls);

/** Describe a session that is ready: version and ciphers. */
void tls_describe(const struct tls *tls, char *out, size_t cap);

/** Describe the certificate of the other side, printable: subject, issuer,
    dates. Empty if there was none. */
void tls_describe_peer(const struct tls *tls, char *out, size_t cap);

/** Bytes of the key of cookies. */
#define TLS_COOKIE_KEY 16

/** Room for what tls_cookie_check hands to tls_new. */
#define TLS_PRESTATE 64

/**
 * Judge the first datagram of a DTLS client that has no session. A ClientHello
 * without a good cookie is answered with one by SEND; the answer is not larger
 * than the datagram, and nothing is remembered.
 *
 * @param key       random, the same for all workers of a server
 * @param prestate  written on success: aligned, TLS_PRESTATE bytes
 * @return true if the client can be reached at its address: make a session of
 *         it with PRESTATE and give it the same datagram
 */
bool tls_cookie_check(const uint8_t key[TLS_COOKIE_KEY],
                      const struct saturn_address *client,
                      struct saturn_bytes datagram, tls_send *send, void *owner,
                      void *prestate);

#endif
