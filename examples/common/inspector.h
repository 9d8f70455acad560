/* SPDX-License-Identifier: MIT
 *
 * inspector.h - which certificates are those of boxes that inspect TLS.
 */
#ifndef EXAMPLES_INSPECTOR_H
#define EXAMPLES_INSPECTOR_H

#include "saturn/base.h"

/**
 * Does an issuer's name have the name of a product in it that decrypts TLS on
 * its way, and makes certificates for that (D-12)?
 *
 * @param issuer  the distinguished name, in UTF-8
 * @return the name of the product; null if it has none that is known
 */
const char *inspector_of(struct saturn_bytes issuer);

#endif
