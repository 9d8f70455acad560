/* SPDX-License-Identifier: MIT
 *
 * status_visits.h - connections to the status page.
 */
#ifndef TURN_SERVER_STATUS_VISITS_H
#define TURN_SERVER_STATUS_VISITS_H

#include <microhttpd.h>

/** Connections at a time, of the page and of the metrics each. */
#define STATUS_CONNECTIONS 32

/** Note that a connection begins or ends: MHD_OPTION_NOTIFY_CONNECTION. */
void visits_note(void *context, struct MHD_Connection *connection, void **ours,
                 enum MHD_ConnectionNotificationCode code);

#endif
