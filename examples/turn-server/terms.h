/* SPDX-License-Identifier: MIT
 *
 * terms.h - what clients are served by: configuration, users, certificate,
 * peer lists. On SIGHUP new terms take the place of the old, as a whole.
 */
#ifndef TURN_SERVER_TERMS_H
#define TURN_SERVER_TERMS_H

#include <stdatomic.h>

#include "saturn/turn_config.h"

#include "options.h"
#include "tls.h"
#include "user_store.h"

/** The most threads. */
#define WORKERS_MAX 64

/** Terms. They do not change once they are made, but for places, of which each
    worker takes its own. */
struct terms {
  atomic_uint holders;
  struct saturn_turn_config config; /**< borrows from the rest */
  struct saturn_peer_policy peers;
  struct user_roster *roster;
  struct user_places *places[WORKERS_MAX];
  struct tls_context *tls; /**< null: neither TLS nor DTLS */
  bool dtls;               /**< offer it where there is UDP, too */
  bool tls_streams;        /**< take it where there is TCP, too */
  struct texts texts;      /**< copies that CONFIG borrows */
  saturn_ms idle_ms;       /**< a stream may have no allocation (T-018) */
  uint32_t user_quota;     /**< relays of a user, on all workers */
  uint32_t total_quota;    /**< relays of all workers */
};

/**
 * Make terms of the settings, for the addresses of the server.
 *
 * @param fault  on failure one line: what is wrong
 * @return null on failure
 */
struct terms *terms_new(char fault[OPTION_FAULT]);

/** Hold them once more; the same are returned. */
struct terms *terms_hold(struct terms *terms);

/** Let go of them, which may be null. */
void terms_release(struct terms *terms);

/** Is it in 127.0.0.0/8, or ::1? */
bool address_is_loopback(const struct saturn_address *a);

#endif
