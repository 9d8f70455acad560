/* SPDX-License-Identifier: MIT
 *
 * certificates.c - an authority and certificates of it, made for a test.
 */
#include "certificates.h"

#include <check.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILES 24

static char directory[64];
static char files[FILES][128];
static size_t n_files;

const char *
certificates_begin(void)
{
  strcpy(directory, "/tmp/saturn-test-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(directory));
  return directory;
}

const char *
certificates_path(const char *file, const char *ending)
{
  static char paths[4][128];
  static unsigned at;
  char *path = paths[at++ % 4];

  snprintf(path, sizeof paths[0], "%s/%s.%s", directory, file, ending);
  return path;
}

static void
write_file(const char *path, const gnutls_datum_t *text)
{
  FILE *file = fopen(path, "w");

  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(text->data, 1, text->size, file), text->size);
  ck_assert_int_eq(fclose(file), 0);
  ck_assert_uint_lt(n_files, FILES);
  snprintf(files[n_files++], sizeof files[0], "%s", path);
}

static gnutls_datum_t
read_file(const char *path)
{
  gnutls_datum_t text;

  ck_assert_int_ge(gnutls_load_file(path, &text), 0);
  return text;
}

static void
sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *issuer)
{
  gnutls_datum_t text;
  gnutls_x509_crt_t above;
  gnutls_x509_privkey_t its_key;

  if (issuer == NULL) {
    ck_assert_int_ge(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0),
                     0);
    return;
  }
  gnutls_x509_crt_init(&above);
  gnutls_x509_privkey_init(&its_key);
  text = read_file(certificates_path(issuer, "pem"));
  gnutls_x509_crt_import(above, &text, GNUTLS_X509_FMT_PEM);
  gnutls_free(text.data);
  text = read_file(certificates_path(issuer, "key"));
  gnutls_x509_privkey_import(its_key, &text, GNUTLS_X509_FMT_PEM);
  gnutls_free(text.data);
  ck_assert_int_ge(
      gnutls_x509_crt_sign2(crt, above, its_key, GNUTLS_DIG_SHA256, 0), 0);
  gnutls_x509_privkey_deinit(its_key);
  gnutls_x509_crt_deinit(above);
}

static void
describe(gnutls_x509_crt_t crt, const struct certificate *c)
{
  const char *name = c->host ? c->host : "an authority";
  static unsigned char serial;

  serial++;
  gnutls_x509_crt_set_version(crt, 3);
  gnutls_x509_crt_set_serial(crt, &serial, 1);
  gnutls_x509_crt_set_activation_time(crt, time(NULL) + c->from_s);
  gnutls_x509_crt_set_expiration_time(crt, time(NULL) + c->to_s);
  gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                (unsigned)strlen(name));
  gnutls_x509_crt_set_ca_status(crt, c->host == NULL);
  gnutls_x509_crt_set_key_usage(crt, c->host == NULL
                                         ? GNUTLS_KEY_KEY_CERT_SIGN
                                         : GNUTLS_KEY_DIGITAL_SIGNATURE);
  if (c->host != NULL)
    gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, c->host,
                                         (unsigned)strlen(c->host), 0);
}

void
certificates_make(const struct certificate *c)
{
  gnutls_x509_crt_t crt;
  gnutls_x509_privkey_t key;
  gnutls_datum_t text;

  gnutls_x509_privkey_init(&key);
  ck_assert_int_ge(gnutls_x509_privkey_generate(
                       key, GNUTLS_PK_ECDSA,
                       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                   0);
  gnutls_x509_crt_init(&crt);
  describe(crt, c);
  gnutls_x509_crt_set_key(crt, key);
  sign(crt, key, c->issuer);
  ck_assert_int_ge(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &text), 0);
  write_file(certificates_path(c->file, "pem"), &text);
  gnutls_free(text.data);
  gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text);
  write_file(certificates_path(c->file, "key"), &text);
  gnutls_free(text.data);
  gnutls_x509_crt_deinit(crt);
  gnutls_x509_privkey_deinit(key);
}

void
certificates_end(void)
{
  while (n_files > 0)
    unlink(files[--n_files]);
  rmdir(directory);
}
