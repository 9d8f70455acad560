/* SPDX-License-Identifier: MIT
 *
 * pair.h - credentials that expire (T-580 to T-590).
 */
#ifndef TURN_CREDENTIALS_PAIR_H
#define TURN_CREDENTIALS_PAIR_H

#include "settings.h"

/** Make a pair of user name and password, and print it. */
enum exit_code pair_print(const struct settings *settings);

/** Make a pair, and print it with the URIs as RTCConfiguration of a browser
    has them. */
enum exit_code pair_print_ice_servers(const struct settings *settings);

#endif
