/* SPDX-License-Identifier: MIT
 *
 * fuzz_behavior.c - NAT behaviour discovery (RFC 5780): tests that get any
 * answer, and a server that is asked anything. Tests end; a server answers with
 * messages that parse, no larger than it was told, and from where it said.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "source.h"

enum { ROOM = 2048 };

static const uint8_t tid[SATURN_TID_SIZE] = { 5, 7, 8, 0 };

static struct saturn_address
place(unsigned i)
{
  struct saturn_address address = { SATURN_IPV4, 3478, { 192, 0, 2, 1 } };

  address.ip[3] = (uint8_t)(1 + (i & 1));
  address.port = (uint16_t)(3478 + (i >> 1 & 1));
  if (i % 16 == 15)
    address.family = 0;
  return address;
}

/* An answer of nobody, of a server that says anything, or of a true one. */
static void
take_answer(struct source *s, const struct saturn_behavior_query *query,
            struct saturn_behavior_answer *answer)
{
  unsigned what = take(s), more = take(s);

  memset(answer, 0, sizeof *answer);
  if (what % 4 == 0)
    return;
  answer->answered = true;
  answer->socket = what & 4 ? query->socket : !query->socket;
  answer->code = what & 8 ? (uint16_t)(300 + more) : 0;
  answer->mapped = place(more);
  answer->plain = place(more >> (what >> 4 & 1));
  answer->origin = place(what >> 5);
  answer->other = place(take(s));
  answer->source = what & 64 ? query->to : place(take(s));
}

static void
check_query(const struct saturn_behavior_query *query)
{
  uint8_t buf[ROOM];
  struct saturn_builder b;
  struct saturn_bytes request;
  struct saturn_message m;

  assert(query->socket <= 1);
  assert(query->to.family == SATURN_IPV4 || query->to.family == SATURN_IPV6);
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  saturn_put_behavior_query(&b, query);
  assert(saturn_finish(&b, &request) == SATURN_OK);
  assert(saturn_parse(&m, request) == SATURN_OK);
}

static void
run_test(struct source *s)
{
  struct saturn_behavior_test test = { 0 };
  struct saturn_address server = place(0), local = place(take(s));
  struct saturn_behavior_query query;
  struct saturn_behavior_answer answer;
  unsigned kind = take(s), steps = 0;

  if (kind & 8) {
    test.least_s = take(s) * 100;
    test.most_s = take(s) * 100;
    test.resolution_s = take(s);
  }
  saturn_behavior_start(&test, (enum saturn_behavior_kind)(kind % 5), &server,
                        &local);
  while (saturn_behavior_next(&test, &query)) {
    check_query(&query);
    take_answer(s, &query, &answer);
    saturn_behavior_answer(&test, &answer);
    assert(++steps < 100);
  }
  assert(test.result != SATURN_BEHAVIOR_OPEN);
  assert(saturn_behavior_text((enum saturn_behavior_result)test.result)[0]
         != '\0');
}

static void
answer_request(const struct saturn_message *request, unsigned bits)
{
  struct saturn_behavior_server server = { place(0), place(3), bits & 1 };
  struct saturn_address arrived = place(bits >> 1 & 3);
  struct saturn_address client = { SATURN_IPV4, 50000, { 198, 51, 100, 9 } };
  struct saturn_behavior_reply reply;
  uint8_t buf[ROOM];
  struct saturn_builder b;
  struct saturn_bytes message;
  struct saturn_message m;

  if (bits & 8)
    server.second.family = 0;
  saturn_behavior_judge(&server, request, &arrived, &client, &reply);
  assert(reply.code == 0 || reply.code == 400 || reply.code == 420);
  assert(memcmp(reply.to.ip, client.ip, sizeof client.ip) == 0);
  assert(bits & 1 || saturn_address_equal(&reply.to, &client));
  assert(!(bits & 8) || (!reply.other_ip && !reply.other_port));
  saturn_begin_reply(&b, buf, sizeof buf,
                     reply.code != 0 ? SATURN_FAILURE : SATURN_SUCCESS,
                     request);
  saturn_put_behavior_reply(&b, &reply);
  assert(saturn_finish(&b, &message) == SATURN_OK);
  assert(saturn_parse(&m, message) == SATURN_OK);
  assert(!saturn_has(&m, SATURN_ATTR_PADDING) || message.len <= reply.limit);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct source s = { data, size };
  unsigned bits = take(&s);
  struct saturn_behavior_answer answer;
  struct saturn_message m;

  if (saturn_parse(&m, saturn_view(s.data, s.len)) == SATURN_OK) {
    if (m.cls == SATURN_REQUEST)
      answer_request(&m, bits);
    saturn_behavior_read(&m, &answer);
  }
  run_test(&s);
  return 0;
}
