/* SPDX-License-Identifier: MIT
 *
 * uri_read.h - URIs of servers as users type them.
 */
#ifndef EXAMPLES_URI_READ_H
#define EXAMPLES_URI_READ_H

#include "saturn/uri.h"

/**
 * Read a URI of any of the four schemes, over a transport that is known.
 *
 * @return what is wrong with it, for a line behind the URI; null if nothing is
 */
const char *uri_read(const char *text, struct saturn_uri *uri);

#endif
