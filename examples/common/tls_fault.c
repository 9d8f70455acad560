/* SPDX-License-Identifier: MIT
 *
 * tls_fault.c - why a session of TLS or DTLS is over, and who is at its other
 * end.
 */
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "program.h"
#include "tls_session.h"

/* Texts from the network are printed: keep only what is printable. */
static void
keep_printable(char *text)
{
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
      *text = '?';
}

/* Sentences of GnuTLS end with a blank. */
static void
cut_blanks(char *text)
{
  size_t len = strlen(text);

  while (len > 0 && text[len - 1] == ' ')
    text[--len] = '\0';
}

/* What is wrong with a certificate, the worst first. */
static enum tls_reason
of_status(unsigned status)
{
  static const struct {
    unsigned bit;
    enum tls_reason reason;
  } rows[] = {
    { GNUTLS_CERT_REVOKED, TLS_CERTIFICATE },
    { GNUTLS_CERT_SIGNER_NOT_FOUND, TLS_BAD_ISSUER },
    { GNUTLS_CERT_SIGNER_NOT_CA, TLS_BAD_ISSUER },
    { GNUTLS_CERT_SIGNATURE_FAILURE, TLS_BAD_ISSUER },
    { GNUTLS_CERT_EXPIRED, TLS_EXPIRED },
    { GNUTLS_CERT_NOT_ACTIVATED, TLS_NOT_YET_VALID },
    { GNUTLS_CERT_UNEXPECTED_OWNER, TLS_BAD_NAME },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (status & rows[i].bit)
      return rows[i].reason;
  return TLS_CERTIFICATE;
}

static enum tls_reason
of_alert(gnutls_alert_description_t alert)
{
  switch (alert) {
  case GNUTLS_A_PROTOCOL_VERSION:
    return TLS_VERSION;
  case GNUTLS_A_NO_APPLICATION_PROTOCOL:
    return TLS_ALPN;
  case GNUTLS_A_CLOSE_NOTIFY:
    return TLS_CLOSED;
  default:
    return TLS_ALERT;
  }
}

static enum tls_reason
of_error(int error)
{
  switch (error) {
  case GNUTLS_E_PREMATURE_TERMINATION:
  case GNUTLS_E_PULL_ERROR:
  case GNUTLS_E_PUSH_ERROR:
  case GNUTLS_E_SESSION_EOF:
    return TLS_CLOSED;
  case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
    return TLS_VERSION;
  case GNUTLS_E_NO_APPLICATION_PROTOCOL:
    return TLS_ALPN;
  case GNUTLS_E_UNEXPECTED_PACKET:
  case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
  case GNUTLS_E_RECORD_OVERFLOW:
    return TLS_NOT_TLS;
  case GNUTLS_E_TIMEDOUT:
    return TLS_SILENT;
  default:
    return TLS_OTHER;
  }
}

static void
note_certificate(struct tls *tls)
{
  unsigned status = gnutls_session_get_verify_cert_status(tls->session);
  gnutls_datum_t text;

  tls->fault.reason = (uint8_t)of_status(status);
  if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509,
                                                   &text, 0)
      < 0)
    return;
  snprintf(tls->fault.detail, sizeof tls->fault.detail, "%s",
           (const char *)text.data);
  gnutls_free(text.data);
}

void
tls_note_fault(struct tls *tls, int error)
{
  struct tls_fault *fault = &tls->fault;
  const char *text;

  fault->in_handshake = tls->state == TLS_SHAKING;
  if (error == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
    note_certificate(tls);
  else if (error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
    gnutls_alert_description_t alert = gnutls_alert_get(tls->session);

    fault->reason = (uint8_t)of_alert(alert);
    text = gnutls_alert_get_name(alert);
    snprintf(fault->detail, sizeof fault->detail, "alert %u, %s",
             (unsigned)alert, text ? text : "unknown");
  } else {
    fault->reason = (uint8_t)of_error(error);
    /* OpenSSL's clients send their alert before they encrypt. */
    text = fault->in_handshake && error == GNUTLS_E_DECRYPTION_FAILED
               ? "an alert that is not encrypted: perhaps the certificate is "
                 "not trusted"
               : gnutls_strerror(error);
    snprintf(fault->detail, sizeof fault->detail, "%s", text);
  }
  keep_printable(fault->detail);
  cut_blanks(fault->detail);
}

const struct tls_fault *
tls_fault(const struct tls *tls)
{
  return &tls->fault;
}

const char *
tls_reason_text(enum tls_reason reason)
{
  static const char *const words[] = {
    [TLS_FINE] = "fine",         [TLS_BAD_NAME] = "name",
    [TLS_EXPIRED] = "expired",   [TLS_NOT_YET_VALID] = "not yet valid",
    [TLS_BAD_ISSUER] = "issuer", [TLS_CERTIFICATE] = "certificate",
    [TLS_VERSION] = "version",   [TLS_ALPN] = "alpn",
    [TLS_ALERT] = "alert",       [TLS_NOT_TLS] = "not tls",
    [TLS_CLOSED] = "closed",     [TLS_SILENT] = "silent",
    [TLS_OTHER] = "other",
  };

  return words[reason];
}

struct saturn_bytes
tls_alpn(const struct tls *tls)
{
  gnutls_datum_t protocol;

  if (gnutls_alpn_get_selected_protocol(tls->session, &protocol) < 0)
    return saturn_view("", 0);
  return saturn_view(protocol.data, protocol.size);
}

void
tls_describe(const struct tls *tls, char *out, size_t cap)
{
  char *text = gnutls_session_get_desc(tls->session);

  snprintf(out, cap, "%s", text ? text : "");
  gnutls_free(text);
}

static void
print_name(int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned),
           gnutls_x509_crt_t certificate, char *out, size_t cap)
{
  gnutls_datum_t name;

  snprintf(out, cap, "nobody");
  if (get(certificate, &name, 0) < 0)
    return;
  snprintf(out, cap, "%s", (const char *)name.data);
  gnutls_free(name.data);
  keep_printable(out);
}

static void
print_date(time_t seconds, char out[16])
{
  struct tm date;

  if (gmtime_r(&seconds, &date) == NULL
      || strftime(out, 16, "%Y-%m-%d", &date) == 0)
    snprintf(out, 16, "?");
}

/* Print an IP address in place of its bytes. */
static bool
print_ip(char name[SATURN_ADDRESS_TEXT], size_t len)
{
  struct saturn_address address = { .family =
                                        len == 4 ? SATURN_IPV4 : SATURN_IPV6 };

  if (len != 4 && len != 16)
    return false;
  memcpy(address.ip, name, len);
  saturn_address_print_ip(&address, name, SATURN_ADDRESS_TEXT);
  return true;
}

/* The names that it is valid for, as far as there is room. */
static void
print_hosts(gnutls_x509_crt_t certificate, char *out, size_t cap)
{
  char name[256];
  size_t at = 0;

  out[0] = '\0';
  for (unsigned i = 0; at < cap; i++) {
    size_t len = sizeof name - 1;
    int kind =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &len, NULL);

    if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
      return;
    if (kind == GNUTLS_SAN_DNSNAME) {
      name[len] = '\0';
      keep_printable(name);
    } else if (kind != GNUTLS_SAN_IPADDRESS || !print_ip(name, len))
      continue;
    at += (size_t)snprintf(out + at, cap - at, "%s%s", at ? " " : "", name);
  }
}

void
tls_describe_peer(const struct tls *tls, char *out, size_t cap)
{
  char subject[128], issuer[128], hosts[128], from[16], to[16];
  const gnutls_datum_t *chain;
  gnutls_x509_crt_t certificate;
  unsigned n = 0;

  out[0] = '\0';
  chain = gnutls_certificate_get_peers(tls->session, &n);
  if (chain == NULL || n == 0 || gnutls_x509_crt_init(&certificate) < 0)
    return;
  if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER)
      >= 0) {
    print_name(gnutls_x509_crt_get_dn3, certificate, subject, sizeof subject);
    print_name(gnutls_x509_crt_get_issuer_dn3, certificate, issuer,
               sizeof issuer);
    print_hosts(certificate, hosts, sizeof hosts);
    print_date(gnutls_x509_crt_get_activation_time(certificate), from);
    print_date(gnutls_x509_crt_get_expiration_time(certificate), to);
    snprintf(out, cap, "%s, names %s, by %s, from %s to %s", subject,
             hosts[0] ? hosts : "none", issuer, from, to);
  }
  gnutls_x509_crt_deinit(certificate);
}
