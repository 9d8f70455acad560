/* SPDX-License-Identifier: MIT
 *
 * certificates.h - an authority and certificates of it, made for a test.
 */
#ifndef TESTS_CERTIFICATES_H
#define TESTS_CERTIFICATES_H

/** What a certificate is like. */
struct certificate {
  const char *file;   /**< FILE.pem and FILE.key are written */
  const char *issuer; /**< file of the authority; null: signed by itself */
  const char *host;   /**< whom it is for; null: an authority */
  long from_s, to_s;  /**< valid, relative to now */
};

/** Make a directory for files that are removed at the end of the test. */
const char *certificates_begin(void);

/** Make a certificate in the directory. */
void certificates_make(const struct certificate *certificate);

/** The path of a file in the directory; valid until the fourth next call. */
const char *certificates_path(const char *file, const char *ending);

/** Remove the directory. */
void certificates_end(void);

#endif
