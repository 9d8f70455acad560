/* SPDX-License-Identifier: MIT
 *
 * lookup.h - the servers of a URI without port, as DNS has them: NAPTR and SRV
 * (RFC 5928). The library decides; the questions are asked here.
 */
#ifndef TURN_CLIENT_LOOKUP_H
#define TURN_CLIENT_LOOKUP_H

#include "plan.h"

/** Room for the records that led to the addresses. */
#define LOOKUP_TEXT 200

/** What came of it. */
enum lookup_result {
  LOOKUP_FOUND,   /**< by records that the URI's name has */
  LOOKUP_NOTHING, /**< no such records: ask for the addresses of the host */
  LOOKUP_NONE     /**< the records say that there is no such service, or lead
                       nowhere */
};

/**
 * Ask for the servers over the transport of PLAN. Blocks, for a few seconds
 * where no name server answers.
 *
 * @param n    how many addresses there are
 * @param how  the records that led there, or why there are none
 */
enum lookup_result lookup(const struct plan *plan,
                          const struct settings *settings,
                          struct saturn_address *addresses, size_t max,
                          size_t *n, char how[LOOKUP_TEXT]);

#endif
