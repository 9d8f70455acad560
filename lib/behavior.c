/* SPDX-License-Identifier: MIT
 *
 * behavior.c - behaviour discovery, the client's side: RFC 5780, 4.
 */
#include "saturn/behavior.h"

#include <string.h>

#define PACE_MS 100     /* at most ten transactions a second: S-609 */
#define FRAGMENTED 1480 /* PADDING that no usual link takes in one piece */
#define MOST_S 1800
#define RESOLUTION_S 10
#define FARTHEST_S 4000000 /* in milliseconds still 32 bits */

/* The steps of all tests, in their order. */
enum step {
  ASK_FIRST,      /* Binding to A1:P1 */
  ASK_OTHER_IP,   /* to A2:P1 */
  ASK_OTHER_BOTH, /* to A2:P2 */
  ASK_FRESH,      /* to A1:P1, from a port that is new */
  ASK_CHANGE_BOTH,
  ASK_CHANGE_PORT,
  ASK_RESPONSE_PORT,
  ASK_ITSELF, /* to the mapped address of the other socket */
  ASK_PADDING
};

void
saturn_behavior_start(struct saturn_behavior_test *test,
                      enum saturn_behavior_kind kind,
                      const struct saturn_address *server,
                      const struct saturn_address *local)
{
  struct saturn_behavior_test fresh;

  memset(&fresh, 0, sizeof fresh);
  fresh.kind = (uint8_t)kind;
  fresh.server = *server;
  fresh.local = *local;
  fresh.step = kind == SATURN_TEST_LIFETIME    ? ASK_FRESH
               : kind == SATURN_TEST_FRAGMENTS ? ASK_PADDING
                                               : ASK_FIRST;
  fresh.least_s = test->least_s;
  fresh.most_s = test->most_s != 0 ? test->most_s : MOST_S;
  if (fresh.most_s > FARTHEST_S)
    fresh.most_s = FARTHEST_S;
  if (fresh.least_s > fresh.most_s)
    fresh.least_s = fresh.most_s;
  fresh.resolution_s =
      test->resolution_s != 0 ? test->resolution_s : RESOLUTION_S;
  *test = fresh;
}

static uint32_t
middle_s(const struct saturn_behavior_test *test)
{
  return test->least_s + (test->most_s - test->least_s) / 2;
}

/* The filtering test learns of the other address from another local port than
   the one whose filter it tests: S-612. */
static uint8_t
socket_for(const struct saturn_behavior_test *test)
{
  bool early = test->step == ASK_FIRST || test->step == ASK_OTHER_BOTH;

  if (test->step == ASK_RESPONSE_PORT || test->step == ASK_ITSELF)
    return 1;
  return test->kind == SATURN_TEST_FILTERING && early;
}

static struct saturn_address
target_of(const struct saturn_behavior_test *test)
{
  struct saturn_address to = test->server;

  switch (test->step) {
  case ASK_OTHER_IP:
    to = test->other;
    to.port = test->server.port;
    break;
  case ASK_OTHER_BOTH:
    to = test->other;
    break;
  case ASK_ITSELF:
    to = test->mapped;
    break;
  default:
    break;
  }
  return to;
}

bool
saturn_behavior_next(const struct saturn_behavior_test *test,
                     struct saturn_behavior_query *query)
{
  if (test->result != SATURN_BEHAVIOR_OPEN)
    return false;
  memset(query, 0, sizeof *query);
  query->to = target_of(test);
  query->socket = socket_for(test);
  query->wait_ms = test->steps > 0 ? PACE_MS : 0;
  switch (test->step) {
  case ASK_FRESH:
    query->fresh = test->steps == 0 || test->kind == SATURN_TEST_FILTERING;
    break;
  case ASK_CHANGE_BOTH:
    query->change = SATURN_CHANGE_IP | SATURN_CHANGE_PORT;
    break;
  case ASK_CHANGE_PORT:
    query->change = SATURN_CHANGE_PORT;
    break;
  case ASK_RESPONSE_PORT:
    query->response_port = test->mapped.port;
    query->wait_ms = middle_s(test) * 1000;
    break;
  case ASK_ITSELF:
    query->arrival = true;
    break;
  case ASK_PADDING:
    query->padding = FRAGMENTED;
    break;
  default:
    break;
  }
  return true;
}

/* The test is over. */
static void
end(struct saturn_behavior_test *test, enum saturn_behavior_result result)
{
  test->result = (uint8_t)result;
}

/* Does the server have another address, with both another IP and another port?
   Servers with one IP address that tell one all the same are about. */
static bool
has_other(const struct saturn_behavior_test *test)
{
  return test->other.family == test->server.family
         && !saturn_address_same_ip(&test->other, &test->server)
         && test->other.port != test->server.port;
}

/* The first answer: S-611 I. */
static void
on_first(struct saturn_behavior_test *test,
         const struct saturn_behavior_answer *a)
{
  test->mapped = a->mapped;
  test->other = a->other;
  if (test->kind == SATURN_TEST_HAIRPIN)
    test->step = ASK_ITSELF;
  else if (!has_other(test))
    end(test, SATURN_BEHAVIOR_UNSUPPORTED);
  else if (test->kind == SATURN_TEST_FILTERING)
    test->step = ASK_OTHER_BOTH;
  else if (saturn_address_equal(&a->mapped, &test->local))
    end(test, SATURN_BEHAVIOR_NO_NAT);
  else
    test->step = ASK_OTHER_IP;
}

static void
on_other_ip(struct saturn_behavior_test *test,
            const struct saturn_behavior_answer *a)
{
  if (!a->answered)
    end(test, SATURN_BEHAVIOR_UNREACHABLE);
  else if (saturn_address_equal(&a->mapped, &test->mapped))
    end(test, SATURN_BEHAVIOR_ENDPOINT);
  else {
    test->second = a->mapped;
    test->step = ASK_OTHER_BOTH;
  }
}

static void
on_other_both(struct saturn_behavior_test *test,
              const struct saturn_behavior_answer *a)
{
  if (!a->answered)
    end(test, SATURN_BEHAVIOR_UNREACHABLE);
  else if (test->kind == SATURN_TEST_FILTERING)
    test->step = ASK_FRESH;
  else
    end(test, saturn_address_equal(&a->mapped, &test->second)
                  ? SATURN_BEHAVIOR_ADDRESS
                  : SATURN_BEHAVIOR_PORT);
}

/* Refreshed: now wait, or see what the filter lets through. */
static void
on_fresh(struct saturn_behavior_test *test,
         const struct saturn_behavior_answer *a)
{
  test->mapped = a->mapped;
  test->step =
      test->kind == SATURN_TEST_FILTERING ? ASK_CHANGE_BOTH : ASK_RESPONSE_PORT;
}

/* Halve the range: S-613. */
static void
on_response_port(struct saturn_behavior_test *test,
                 const struct saturn_behavior_answer *a)
{
  uint32_t tried_s = middle_s(test);

  if (a->answered && a->socket == 0)
    test->least_s = tried_s;
  else
    test->most_s = tried_s;
  if (test->most_s - test->least_s <= test->resolution_s)
    end(test, SATURN_BEHAVIOR_YES);
  else
    test->step = ASK_FRESH;
}

/* Does the answer come from where the request went, although another address
   was asked for? Then the server has ignored CHANGE-REQUEST, and nothing
   follows from the answer (S-605). */
static bool
is_unchanged(const struct saturn_behavior_test *test,
             const struct saturn_behavior_answer *a)
{
  if (test->step == ASK_CHANGE_BOTH)
    return saturn_address_same_ip(&a->source, &test->server);
  return test->step == ASK_CHANGE_PORT
         && saturn_address_equal(&a->source, &test->server);
}

/* Is a success of use to the step? */
static bool
is_useful(const struct saturn_behavior_test *test,
          const struct saturn_behavior_answer *a)
{
  switch ((enum step)test->step) {
  case ASK_FIRST:
  case ASK_FRESH:
  case ASK_OTHER_IP:
  case ASK_OTHER_BOTH:
    return a->mapped.family != SATURN_NO_FAMILY; /* S-263 */
  default:
    return !is_unchanged(test, a);
  }
}

/* Whatever the test: no answer where there must be one, and errors. */
static bool
is_hopeless(struct saturn_behavior_test *test,
            const struct saturn_behavior_answer *a)
{
  bool first = test->step == ASK_FIRST || test->step == ASK_FRESH;

  if (!a->answered && first) {
    end(test, SATURN_BEHAVIOR_BLOCKED);
    return true;
  }
  if (a->answered && (a->code != 0 || !is_useful(test, a))) {
    end(test, SATURN_BEHAVIOR_UNSUPPORTED);
    return true;
  }
  return false;
}

/* What any answer shows by the way: S-616, S-617. */
static void
notice(struct saturn_behavior_test *test,
       const struct saturn_behavior_answer *a)
{
  if (a->plain.family != SATURN_NO_FAMILY
      && !saturn_address_equal(&a->plain, &a->mapped))
    test->altered = true;
  if (a->origin.family != SATURN_NO_FAMILY
      && a->source.family != SATURN_NO_FAMILY
      && !saturn_address_equal(&a->origin, &a->source))
    test->forwarded = true;
}

void
saturn_behavior_answer(struct saturn_behavior_test *test,
                       const struct saturn_behavior_answer *answer)
{
  if (test->result != SATURN_BEHAVIOR_OPEN)
    return;
  test->steps++;
  if (answer->answered)
    notice(test, answer);
  if (is_hopeless(test, answer))
    return;
  switch ((enum step)test->step) {
  case ASK_FIRST:
    on_first(test, answer);
    break;
  case ASK_OTHER_IP:
    on_other_ip(test, answer);
    break;
  case ASK_OTHER_BOTH:
    on_other_both(test, answer);
    break;
  case ASK_FRESH:
    on_fresh(test, answer);
    break;
  case ASK_CHANGE_BOTH:
    if (answer->answered)
      end(test, SATURN_BEHAVIOR_ENDPOINT);
    else
      test->step = ASK_CHANGE_PORT;
    break;
  case ASK_CHANGE_PORT:
    end(test,
        answer->answered ? SATURN_BEHAVIOR_ADDRESS : SATURN_BEHAVIOR_PORT);
    break;
  case ASK_RESPONSE_PORT:
    on_response_port(test, answer);
    break;
  case ASK_ITSELF:
  case ASK_PADDING:
    end(test, answer->answered ? SATURN_BEHAVIOR_YES : SATURN_BEHAVIOR_NO);
    break;
  }
}
