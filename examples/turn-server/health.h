/* SPDX-License-Identifier: MIT
 *
 * health.h - whether the server serves: it is asked for a relay of its own,
 * through its own listener, by a user that only this process knows.
 */
#ifndef TURN_SERVER_HEALTH_H
#define TURN_SERVER_HEALTH_H

#include <stdbool.h>

#include "saturn/turn_status.h"

struct terms;
struct worker;

/** Room for what health_check has to say. */
#define HEALTH_TEXT 160

/** Make the user. Once the terms are known, before workers run. */
void health_start(void);

/** These terms are the server's from now on. */
void health_adopt(const struct terms *terms);

/**
 * Allocate and delete a relay, if the latest time is a second ago or more;
 * less often where ports are few, since each rests for 30 s. Takes 3 s at
 * most. For any thread but those of the workers.
 *
 * @param text  one line: what was done, or what went wrong
 * @return false if clients cannot be served
 */
bool health_check(char text[HEALTH_TEXT]);

/** What the latest check said, without a new one: true if there was none. */
bool health_latest(char text[HEALTH_TEXT]);

/** Does every worker answer within a second? TEXT as above. */
bool health_workers(char text[HEALTH_TEXT]);

/** Is this request one of ours? For workers. */
bool health_is_user(const struct saturn_turn_input *input,
                    struct saturn_bytes username);

/** Go on with such a request, in place of lookup. */
enum saturn_turn_result health_resume(struct worker *w,
                                      const struct saturn_turn_input *input,
                                      struct saturn_turn_output *output);

/** Is this allocation one of ours? For workers. */
bool health_is_check(const struct saturn_turn_info *info);

#endif
