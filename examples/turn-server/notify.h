/* SPDX-License-Identifier: MIT
 *
 * notify.h - tell the service manager what the server is at (sd_notify(3)).
 */
#ifndef TURN_SERVER_NOTIFY_H
#define TURN_SERVER_NOTIFY_H

/**
 * Send a state such as "READY=1" to the socket that NOTIFY_SOCKET names. Does
 * nothing where nobody asked for it.
 */
void notify(const char *state);

/** The server reads its settings again: done with notify("READY=1"). */
void notify_reloading(void);

#endif
