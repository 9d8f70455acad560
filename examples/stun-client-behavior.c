/* SPDX-License-Identifier: MIT
 *
 * stun-client-behavior.c - find out what NATs do (RFC 5780, 4), with the tests
 * of the library, two sockets, and a transaction for each request.
 */
#include <string.h>

#include "program.h"
#include "saturn/dump.h"
#include "saturn/integrity.h"
#include "saturn/transaction.h"
#include "stun-behavior.h"

/* Room for a request with PADDING that no usual link takes in one piece. */
#define REQUEST_MAX 2048

struct discovery {
  struct udp sockets[2];
  saturn_ms patience_ms;
};

/* One request on its way. */
struct asking {
  const struct saturn_behavior_query *query;
  struct udp *sender, *receiver;
  struct saturn_transaction t;
  struct saturn_bytes request;
  uint8_t buf[REQUEST_MAX];
};

/* A socket with a port that was not used before: the system draws it from
   those above 32767 (S-610). */
static void
open_socket(struct udp *udp, const struct saturn_address *server)
{
  int error = udp_open(udp, server);

  if (error != 0)
    die(EXIT_CANNOT, "no way to the server: %s", uv_strerror(error));
}

/* Let time pass; what comes is late. */
static void
wait_for(struct udp *udp, uint32_t ms)
{
  saturn_ms until = now_ms() + ms;
  struct saturn_bytes late;

  while (ms > 0 && udp_receive(udp, until, &late) != UDP_TIMEOUT)
    continue;
}

/* Is it what the query asks for? Where the answer comes from is free only if
   another source was asked for (S-025). */
static bool
is_wanted(const struct asking *a, const struct saturn_message *m)
{
  enum saturn_error fingerprint = saturn_check_fingerprint(m);

  if (fingerprint != SATURN_OK && fingerprint != SATURN_E_ABSENT)
    return false;
  if (a->query->arrival)
    return m->cls == SATURN_REQUEST
           && memcmp(saturn_tid(m), a->buf + 8, SATURN_TID_SIZE) == 0;
  return saturn_transaction_matches(&a->t, m)
         && (a->query->change != 0
             || saturn_address_equal(&a->receiver->from, &a->query->to));
}

static bool
take(const struct asking *a, struct saturn_bytes datagram,
     struct saturn_behavior_answer *answer)
{
  struct saturn_message m;

  if (saturn_parse(&m, datagram) != SATURN_OK || !is_wanted(a, &m))
    return false;
  if (a->query->arrival)
    answer->answered = true;
  else
    saturn_behavior_read(&m, answer);
  answer->socket = a->query->arrival ? !a->query->socket : a->query->socket;
  answer->source = a->receiver->from;
  return true;
}

/* Send, wait, send again, as long as there is hope. */
static void
exchange(struct asking *a, saturn_ms limit,
         struct saturn_behavior_answer *answer)
{
  struct saturn_bytes datagram;
  enum udp_event event;
  saturn_ms deadline;

  for (;;)
    switch (saturn_transaction_poll(&a->t, now_ms())) {
    case SATURN_STEP_SEND:
      if (!udp_send(a->sender, a->request))
        return;
      break;
    case SATURN_STEP_WAIT:
      deadline = saturn_transaction_deadline(&a->t);
      event = udp_receive(a->receiver, deadline < limit ? deadline : limit,
                          &datagram);
      if (event == UDP_DATAGRAM && take(a, datagram, answer))
        return;
      if (now_ms() >= limit
          || (event == UDP_UNREACHABLE && a->receiver->error.hard))
        return;
      break;
    case SATURN_STEP_OVER:
      return;
    }
}

static void
prepare(struct asking *a, struct discovery *d,
        const struct saturn_behavior_query *query)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;

  memset(a, 0, sizeof *a);
  a->query = query;
  a->sender = &d->sockets[query->socket];
  a->receiver = &d->sockets[query->arrival ? !query->socket : query->socket];
  a->sender->server = query->to;
  random_bytes(tid, sizeof tid);
  saturn_begin(&b, a->buf, sizeof a->buf, SATURN_REQUEST, SATURN_METHOD_BINDING,
               tid);
  saturn_put_behavior_query(&b, query);
  if (saturn_finish(&b, &a->request) != SATURN_OK)
    die(EXIT_CANNOT, "the request does not fit its buffer");
  saturn_transaction_start(&a->t, SATURN_METHOD_BINDING, tid, now_ms());
}

/* What was asked, and what came of it. */
static void
print_exchange(const struct discovery *d,
               const struct saturn_behavior_query *query,
               const struct saturn_behavior_answer *answer)
{
  static const char *const changes[4] = { "", " from your other port",
                                          " from your other IP",
                                          " from your other IP and port" };
  char to[SATURN_ADDRESS_TEXT], came[SATURN_ADDRESS_TEXT];

  printf("  port %u asked %s%s%s: ", d->sockets[query->socket].local.port,
         address_text(&query->to, to), changes[query->change >> 1 & 3],
         query->padding != 0 ? " with padding" : "");
  if (!answer->answered)
    puts("no answer");
  else if (query->arrival)
    puts("it arrived");
  else if (answer->code != 0)
    printf("error %u\n", answer->code);
  else
    printf("%s, from %s\n", address_text(&answer->mapped, to),
           address_text(&answer->source, came));
  fflush(stdout);
}

static struct saturn_behavior_test
run(struct discovery *d, enum saturn_behavior_kind kind,
    const struct saturn_address *server)
{
  struct saturn_behavior_test test = { 0 };
  struct saturn_behavior_answer answer;
  struct saturn_behavior_query query;
  static struct asking asking;

  saturn_behavior_start(&test, kind, server, &d->sockets[0].local);
  while (saturn_behavior_next(&test, &query)) {
    wait_for(&d->sockets[query.socket], query.wait_ms);
    if (query.fresh) {
      udp_close(&d->sockets[query.socket]);
      open_socket(&d->sockets[query.socket], server);
    }
    memset(&answer, 0, sizeof answer);
    prepare(&asking, d, &query);
    exchange(&asking, now_ms() + d->patience_ms, &answer);
    print_exchange(d, &query, &answer);
    saturn_behavior_answer(&test, &answer);
  }
  return test;
}

static int
exit_code_of(const struct saturn_behavior_test *mapping)
{
  switch ((enum saturn_behavior_result)mapping->result) {
  case SATURN_BEHAVIOR_BLOCKED:
    return EXIT_NO_ANSWER;
  case SATURN_BEHAVIOR_UNSUPPORTED:
  case SATURN_BEHAVIOR_UNREACHABLE:
    return EXIT_PROTOCOL;
  default:
    return EXIT_GOOD;
  }
}

static void
print_result(const char *name, const struct saturn_behavior_test *test)
{
  printf("%s %s\n", name,
         saturn_behavior_text((enum saturn_behavior_result)test->result));
  if (test->altered)
    puts("  something on the way rewrites MAPPED-ADDRESS (S-616)");
  if (test->forwarded)
    puts("  answers come from elsewhere than RESPONSE-ORIGIN says (S-617)");
}

int
behavior_discover(const struct saturn_address *server, saturn_ms patience_ms)
{
  static const struct {
    enum saturn_behavior_kind kind;
    const char *name;
  } tests[] = {
    { SATURN_TEST_MAPPING, "mapping" },
    { SATURN_TEST_FILTERING, "filtering" },
    { SATURN_TEST_HAIRPIN, "hairpinning" },
    { SATURN_TEST_FRAGMENTS, "fragments" },
  };
  static struct discovery d;
  struct saturn_behavior_test test;
  int code = EXIT_GOOD;

  d.patience_ms = patience_ms;
  open_socket(&d.sockets[0], server);
  open_socket(&d.sockets[1], server);
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    test = run(&d, tests[i].kind, server);
    print_result(tests[i].name, &test);
    if (i == 0)
      code = exit_code_of(&test);
    if (test.result == SATURN_BEHAVIOR_BLOCKED)
      break; /* the others would tell no more */
  }
  udp_close(&d.sockets[0]);
  udp_close(&d.sockets[1]);
  return code;
}
