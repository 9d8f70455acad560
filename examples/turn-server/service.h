/* SPDX-License-Identifier: MIT
 *
 * service.h - what the operator tells the running server by signals.
 */
#ifndef TURN_SERVER_SERVICE_H
#define TURN_SERVER_SERVICE_H

/** Catch signals from now on. */
void service_start(int argc, char **argv);

/** Obey them until the server is to end. */
void service_run(void);

#endif
