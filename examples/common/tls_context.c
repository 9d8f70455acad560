/* SPDX-License-Identifier: MIT
 *
 * tls_context.c - certificates for TLS and DTLS.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "tls_session.h"

static struct tls_context *
new_context(void)
{
  struct tls_context *context = allocate(sizeof *context);

  context->uses = 1;
  if (gnutls_certificate_allocate_credentials(&context->credentials) < 0)
    die(EXIT_CANNOT, "out of memory");
  return context;
}

void
tls_context_release(struct tls_context *context)
{
  if (context == NULL || atomic_fetch_sub(&context->uses, 1) != 1)
    return;
  gnutls_certificate_free_credentials(context->credentials);
  free(context);
}

struct tls_context *
tls_context_hold(struct tls_context *context)
{
  atomic_fetch_add(&context->uses, 1);
  return context;
}

static bool
readable(const char *path, char *fault)
{
  if (access(path, R_OK) == 0)
    return true;
  snprintf(fault, TLS_FAULT_TEXT, "%.180s: %s", path, strerror(errno));
  return false;
}

struct tls_context *
tls_context_serve(const char *certificate, const char *key,
                  char fault[TLS_FAULT_TEXT])
{
  struct tls_context *context;
  int e;

  if (!readable(certificate, fault) || !readable(key, fault))
    return NULL;
  context = new_context();
  e = gnutls_certificate_set_x509_key_file(context->credentials, certificate,
                                           key, GNUTLS_X509_FMT_PEM);
  if (e >= 0) {
    gnutls_certificate_set_known_dh_params(context->credentials,
                                           GNUTLS_SEC_PARAM_MEDIUM);
    return context;
  }
  snprintf(fault, TLS_FAULT_TEXT, "%.90s with %.90s: %s", certificate, key,
           e == GNUTLS_E_CERTIFICATE_KEY_MISMATCH
               ? "the key is not the one of the certificate"
               : gnutls_strerror(e));
  tls_context_release(context);
  return NULL;
}

struct tls_context *
tls_context_trust(const char *authorities, char fault[TLS_FAULT_TEXT])
{
  struct tls_context *context;
  int n;

  if (authorities != NULL && !readable(authorities, fault))
    return NULL;
  context = new_context();
  n = authorities == NULL
          ? gnutls_certificate_set_x509_system_trust(context->credentials)
          : gnutls_certificate_set_x509_trust_file(
              context->credentials, authorities, GNUTLS_X509_FMT_PEM);
  /* A system without authorities is one that trusts nobody. */
  if (n > 0 || authorities == NULL)
    return context;
  snprintf(fault, TLS_FAULT_TEXT, "%.180s: %s", authorities,
           n == 0 ? "no certificate in it" : gnutls_strerror(n));
  tls_context_release(context);
  return NULL;
}
