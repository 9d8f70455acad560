/* SPDX-License-Identifier: MIT
 *
 * plan.h - what is to be checked: a URI, over one transport.
 */
#ifndef TURN_CLIENT_PLAN_H
#define TURN_CLIENT_PLAN_H

#include "saturn/uri.h"

#include "events.h"
#include "settings.h"

/** A URI over one transport. */
struct plan {
  const char *uri; /**< as it was given */
  char label[600]; /**< the URI, and the transport where that is not in it */
  char host[256];  /**< without brackets */
  uint16_t port;
  uint8_t transport; /**< enum saturn_turn_transport */
  bool is_name;      /**< the host is no IP address */
  bool by_records;   /**< a name without port: NAPTR and SRV come first */
};

/**
 * Make the plans for all URIs of the settings.
 *
 * @param n  how many there are
 * @return to be freed; the program ends, with a line that says what is wrong,
 *         if a URI cannot be checked
 */
struct plan *plans_make(const struct settings *settings, size_t *n);

/**
 * Find the addresses of the host. Blocks; a signal ends the program meanwhile.
 *
 * @param n    how many there are
 * @param why  room for WHY_MAX bytes; if there are none: the reason; otherwise
 *             the records of DNS that led there, or nothing
 * @return false if there are none
 */
bool plan_resolve(const struct plan *plan, struct events *events,
                  const struct settings *settings,
                  struct saturn_address *addresses, size_t max, size_t *n,
                  char *why);
#define WHY_MAX 400

#endif
