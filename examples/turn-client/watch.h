/* SPDX-License-Identifier: MIT
 *
 * watch.h - checks that are repeated: a status, as conferencing servers show
 * it of their TURN servers.
 */
#ifndef TURN_CLIENT_WATCH_H
#define TURN_CLIENT_WATCH_H

#include "check.h"

/**
 * Check each plan again and again until SIGINT or SIGTERM, or for as many
 * rounds as the settings say.
 *
 * @return how the last check of the first plan ended that was not good
 */
enum exit_code watch_run(const struct plan *plans, size_t n,
                         struct events *events,
                         const struct settings *settings);

#endif
