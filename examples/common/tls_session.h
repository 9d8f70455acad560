/* SPDX-License-Identifier: MIT
 *
 * tls_session.h - what the files of tls.h share.
 */
#ifndef EXAMPLES_TLS_SESSION_H
#define EXAMPLES_TLS_SESSION_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "tls.h"

struct tls_context {
  _Atomic unsigned uses;
  gnutls_certificate_credentials_t credentials;
};

struct tls {
  gnutls_session_t session;
  struct tls_context *context;
  tls_send *send;
  void *owner;
  bool server, datagram, sent_goodbye;
  uint8_t state; /* enum tls_state */
  struct tls_fault fault;
  struct saturn_bytes in; /* has come, and GnuTLS has not yet taken it */
  bool in_end;
};

/** Note why a session ends: an error of GnuTLS. */
void tls_note_fault(struct tls *tls, int error);

#endif
