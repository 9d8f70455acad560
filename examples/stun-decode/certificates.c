/* SPDX-License-Identifier: MIT
 *
 * certificates.c - who has signed the certificates that TURN servers show:
 * perhaps a box on the way (D-12). TLS 1.3 hides them.
 */
#include <gnutls/x509.h>
#include <string.h>

#include "connections.h"
#include "inspector.h"
#include "program.h"

#define SERVERS_MAX 1024
#define NAME_MAX_LEN 256

/* The first messages of a server are no longer than that. */
#define FLIGHT_MAX 65536

enum { HANDSHAKE = 22, SERVER_HELLO = 2, CERTIFICATE = 11 };

#define RECORD_HEADER 5
#define MESSAGE_HEADER 4

/* Names of a certificate. */
struct names {
  char subject[NAME_MAX_LEN], issuer[NAME_MAX_LEN];
  char organization[NAME_MAX_LEN]; /* of the issuer; its name if it has none */
};

/* A server, and the first certificate that was seen of it. */
struct shown {
  struct table_entry entry;
  uint8_t key[FLOW_KEY_SIZE];
  struct sighting at;
  struct names names;
};

void
certificates_start(struct decoder *d)
{
  table_init(&d->certificates, FLOW_KEY_SIZE, sizeof(struct shown), SERVERS_MAX,
             NULL, NULL);
}

void
certificates_end(struct decoder *d)
{
  table_clear(&d->certificates);
}

/* The bytes of handshake messages at the front of a stream, without the
   records around them. Returns whether more of them may come. */
static bool
unwrap(struct saturn_bytes bytes, uint8_t *out, size_t *len)
{
  *len = 0;
  while (bytes.len >= RECORD_HEADER) {
    size_t size = get16(bytes.data + 3), have = bytes.len - RECORD_HEADER;

    if (bytes.data[0] != HANDSHAKE)
      return false;
    if (have > size)
      have = size;
    if (have > FLIGHT_MAX - *len)
      return false;
    memcpy(out + *len, bytes.data + RECORD_HEADER, have);
    *len += have;
    bytes = skip(bytes, RECORD_HEADER + size);
  }
  return *len < FLIGHT_MAX;
}

static size_t
get24(const uint8_t *p)
{
  return (size_t)p[0] << 16 | (size_t)get16(p + 1);
}

/* The first certificate of the list in a Certificate message (RFC 5246,
   7.4.2). */
static struct saturn_bytes
first_of(struct saturn_bytes list)
{
  struct saturn_bytes one = skip(list, 6);

  if (list.len < 6 || get24(list.data + 3) > one.len)
    return saturn_view(NULL, 0);
  one.len = get24(list.data + 3);
  return one;
}

static bool
read_names(struct saturn_bytes der, struct names *names)
{
  gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.data,
                           (unsigned)der.len };
  size_t subject = sizeof names->subject, issuer = sizeof names->issuer,
         organization = sizeof names->organization;
  gnutls_x509_crt_t certificate;
  bool read;

  memset(names, 0, sizeof *names);
  if (gnutls_x509_crt_init(&certificate) < 0)
    return false;
  read = gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_DER) >= 0
         && gnutls_x509_crt_get_dn(certificate, names->subject, &subject) >= 0
         && gnutls_x509_crt_get_issuer_dn(certificate, names->issuer, &issuer)
                >= 0;
  if (read
      && gnutls_x509_crt_get_issuer_dn_by_oid(
             certificate, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, 0,
             names->organization, &organization)
             < 0)
    memcpy(names->organization, names->issuer, sizeof names->organization);
  gnutls_x509_crt_deinit(certificate);
  return read;
}

/* A server that has two certificates for a name has them of one authority. */
static void
compare(struct decoder *d, const struct origin *o, const struct names *names)
{
  struct flow server = { .src = o->flow.src, .transport = o->flow.transport };
  struct facts facts = { .server = o->flow.src };
  struct sighting frames[2];
  uint8_t key[FLOW_KEY_SIZE];
  struct shown *first;
  bool made;

  flow_key(&server, false, key);
  first = table_get(&d->certificates, key, &made);
  if (made) {
    first->at = o->at;
    first->names = *names;
  }
  if (strcmp(first->names.subject, names->subject) != 0
      || strcmp(first->names.organization, names->organization) == 0)
    return;
  facts.user = text_of(names->subject);
  facts.realm = text_of(first->names.issuer);
  facts.other = text_of(names->issuer);
  frames[0] = first->at;
  frames[1] = o->at;
  findings_add(&d->findings, SITUATION_TLS_TWO_ISSUERS, &facts, frames, 2);
}

static void
judge(struct decoder *d, const struct origin *o, struct saturn_bytes der)
{
  struct facts facts = { .server = o->flow.src };
  struct names names;

  if (!read_names(der, &names))
    return;
  facts.other = text_of(names.issuer);
  facts.method = inspector_of(facts.other);
  if (facts.method != NULL)
    findings_add(&d->findings, SITUATION_TLS_INTERCEPTED, &facts, &o->at, 1);
  else
    compare(d, o, &names);
}

bool
certificates_wait(struct decoder *d, const struct origin *o,
                  struct saturn_bytes bytes)
{
  static uint8_t flight[FLIGHT_MAX];
  struct saturn_bytes rest = { flight, 0 };
  bool more = unwrap(bytes, flight, &rest.len);

  if (!connection_is_of_server(d, &o->flow)
      || (rest.len > 0 && rest.data[0] != SERVER_HELLO))
    return false;
  while (rest.len >= MESSAGE_HEADER) {
    size_t len = get24(rest.data + 1);
    struct saturn_bytes body = skip(rest, MESSAGE_HEADER);

    if (len > body.len)
      return more;
    if (rest.data[0] == CERTIFICATE) {
      judge(d, o, first_of(saturn_view(body.data, len)));
      return false;
    }
    rest = skip(body, len);
  }
  return more;
}
