/* SPDX-License-Identifier: MIT
 *
 * events.h - the loop that everything runs on, and waiting on it.
 */
#ifndef TURN_CLIENT_EVENTS_H
#define TURN_CLIENT_EVENTS_H

#include <uv.h>

#include "saturn/base.h"

/** The loop of the program. It must not move. */
struct events {
  uv_loop_t loop;
  bool interrupted; /**< SIGINT or SIGTERM came */
  /* private */
  uv_timer_t timer;
  uv_signal_t interrupt, terminate;
};

/** Begin. Until events_catch a signal ends the program as usual. */
void events_begin(struct events *events);

/** From now on SIGINT and SIGTERM only note that they came. */
void events_catch(struct events *events);

/** Until events_catch a signal ends the program again: before what blocks. */
void events_let_go(struct events *events);

/** Let happen what happens next, or nothing until UNTIL, by now_ms. */
void events_wait(struct events *events, saturn_ms until);

/** Let everything be closed that was. */
void events_end(struct events *events);

#endif
