/* SPDX-License-Identifier: MIT
 *
 * settings.h - what the user asked for.
 */
#ifndef TURN_CLIENT_SETTINGS_H
#define TURN_CLIENT_SETTINGS_H

#include "saturn/turn_client.h"

#include "options.h"
#include "tls.h"

/** What the user asked for. */
struct settings {
  struct texts uris;
  const char *username; /**< prepared; null: none */
  const char *password; /**< prepared */
  const char *secret;   /**< the credentials were made of; null: were not */
  const char *realm;    /**< that is expected; null: any */

  /* What to do. */
  bool all_transports; /**< check each URI over each of them */
  bool audit;          /**< try forbidden peers */
  bool probe;          /**< permits more tries, to tell user from password */
  bool follow_unprotected;    /**< a 300 without integrity */
  uint64_t repeat_ms;         /**< 0: once */
  uint64_t rounds;            /**< of repeat; 0: for ever */
  uint64_t clients;           /**< of the load mode; 0: no load mode */
  uint64_t interval_ms;       /**< between packets of a client there */
  struct saturn_address peer; /**< of --peer; no family: a second allocation
                                   is the peer */
  uint64_t count;             /**< packets of data */
  uint64_t len;               /**< bytes in each */

  /* How. */
  uint64_t patience_ms;             /**< for each request */
  enum saturn_family family;        /**< to the server */
  uint64_t tls_port;                /**< with all_transports */
  struct saturn_address nameserver; /**< no family: those of the system */
  struct tls_context *trust;        /**< null: no URI wants TLS */
  const char *server_name; /**< that certificates must name instead of the
                                host of the URI; null: none */
  bool insecure;           /**< take any certificate */
  bool json;
  struct record *record; /**< of packets; null: none */
};

/** The host that a certificate of the server must name. */
const char *settings_name(const struct settings *settings, const char *host);

/** The patience with opening a connection. */
uint32_t settings_open_ms(const struct settings *settings);

/** The family to ask a relayed address of, which is that of the peer; 0: not
    said. */
uint8_t settings_relay_family(const struct settings *settings);

/** Read the command line and all that it names, or end the program with a line
    that says what is wrong. */
void settings_read(struct settings *settings, int argc, char **argv);

/** Overwrite what is secret, close files. */
void settings_end(struct settings *settings);

#endif
