/* SPDX-License-Identifier: MIT
 *
 * load.h - many clients at once, each of which sends data at an interval and
 * gets it back: how many are served, what is lost, how long it takes.
 */
#ifndef TURN_CLIENT_LOAD_H
#define TURN_CLIENT_LOAD_H

#include "client.h"
#include "plan.h"
#include "verdict.h"

/** Numbers in the order in which they came. */
struct samples {
  double *ms;
  size_t n, cap;
};

/** One client, and the one at the other end of its data. */
struct flow {
  struct load *load;
  struct client client, other;
  uint8_t state;                       /**< enum flow_state */
  struct saturn_address peer, relayed; /**< that channels are bound to */
  bool asked;                          /**< channels of these were asked for */
  saturn_ms lost_at, again;
  uint64_t started_us;
  uint32_t sent, returned, highest;
  uint8_t *seen; /**< a bit for each packet */
  uv_timer_t *timer;
};

enum flow_state {
  FLOW_NEW,
  FLOW_RISING,
  FLOW_READY,
  FLOW_LOST, /**< it was ready, and is getting another allocation */
  FLOW_FAILED
};

/** A run, and what came of it. */
struct load {
  struct events *events;
  const struct settings *settings;
  const struct plan *plan;
  struct saturn_turn_target target;
  struct flow *flows;
  size_t n, started, ready, failed, regained;
  uint64_t sent, returned, duplicates, reordered, refused;
  uint64_t begun_us, ended_us; /**< of the data */
  struct samples rtt, setup;
  const struct verdict *verdict; /**< of the first that failed; or null */
  char seen[512];
  enum exit_code exit;
  /* private */
  uint8_t seed[4];
};

/** Run to the end. */
void load_run(const struct plan *plan, struct events *events,
              const struct settings *settings, struct load *load);

/** Say what came out, for people or as JSON. */
void load_report(struct load *load);

/** Release what a run holds. */
void load_release(struct load *load);

/** Let the next client begin, whose data DATA takes. */
void flow_start(struct load *load, client_data *data);

/** It is of no use any more, because of what became of one of its clients. */
void flow_fail(struct flow *flow, const struct client *client);

/** Of one that has lost its allocation: ask a server again that did not answer,
    until that has taken too long. */
void flow_again(struct flow *flow, saturn_ms now);

/** Add a number. */
void samples_add(struct samples *samples, double ms);

/** Put them in order, from the least. */
void samples_sort(struct samples *samples);

/** The number that PERCENT of the sorted ones do not exceed; 0 if there are
    none. */
double samples_percentile(const struct samples *samples, double percent);

#endif
