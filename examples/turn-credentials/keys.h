/* SPDX-License-Identifier: MIT
 *
 * keys.h - the long-term keys of a user as servers store them.
 */
#ifndef TURN_CREDENTIALS_KEYS_H
#define TURN_CREDENTIALS_KEYS_H

#include "settings.h"

/** Print the keys of user, realm and password. */
enum exit_code keys_print(const struct settings *settings);

#endif
