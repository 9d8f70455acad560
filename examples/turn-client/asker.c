/* SPDX-License-Identifier: MIT
 *
 * asker.c - single requests to a server.
 */
#include "asker.h"

#include <string.h>

#include "program.h"
#include "record.h"

static void
opened(void *owner, struct transport *transport)
{
  struct asker *a = owner;

  (void)transport;
  a->opened = true;
}

/* Keep an answer that counts: the transaction is over. */
static void
judge(struct asker *a, const struct saturn_message *m)
{
  enum saturn_answer answer =
      m->method == SATURN_METHOD_BINDING && m->cls == SATURN_SUCCESS
          ? SATURN_ACCEPTED
          : saturn_login_answer(&a->login, &a->attempt, m);

  if (answer == SATURN_DISCARDED) {
    saturn_transaction_doubt(&a->transaction);
    return;
  }
  memcpy(a->kept, m->raw.data, m->raw.len);
  saturn_parse(&a->answer, saturn_view(a->kept, m->raw.len));
  saturn_transaction_answer(&a->transaction);
  wire_ended(&a->wire, SATURN_ANSWERED, (uint8_t)answer, a->login.hint);
  a->over = true;
}

static void
received(void *owner, struct transport *transport,
         const struct saturn_address *from, struct saturn_bytes message)
{
  const struct saturn_address *server = &transport_setup(transport)->server;
  struct asker *a = owner;
  enum saturn_error fingerprint;
  struct saturn_message m;

  wire_received(&a->wire, from, server, message);
  if (a->over || !saturn_address_equal(from, server)
      || saturn_parse(&m, message) != SATURN_OK
      || !saturn_transaction_matches(&a->transaction, &m))
    return;
  fingerprint = saturn_check_fingerprint(&m);
  if (fingerprint == SATURN_OK || fingerprint == SATURN_E_ABSENT)
    judge(a, &m);
}

static void
reported(void *owner, struct transport *transport,
         const struct udp_error *error)
{
  struct asker *a = owner;

  (void)transport;
  a->wire.last.error = *error;
  if (!error->hard)
    return;
  a->wire.last.end = WIRE_UNREACHABLE;
  wire_ended(&a->wire, SATURN_UNREACHABLE, 0, 0);
  a->over = true;
}

static void
closed(void *owner, struct transport *transport,
       const struct connection_end *why)
{
  struct asker *a = owner;

  a->transport = NULL;
  wire_broke(&a->wire, transport, why);
  a->over = true;
}

static const struct transport_calls calls = { opened, received, reported,
                                              closed };

bool
asker_open(struct asker *a, struct events *events,
           const struct settings *settings,
           const struct saturn_turn_target *target, const char *name)
{
  const struct transport_setup setup = {
    .loop = &events->loop,
    .kind = (enum saturn_turn_transport)target->transport,
    .server = target->address,
    .calls = &calls,
    .owner = a,
    .context = settings->trust,
    .name = settings_name(settings, name),
    .open_ms = settings_open_ms(settings),
    .insecure = settings->insecure,
    .tap = settings->record != NULL ? record_message : NULL,
    .tap_context = settings->record,
  };
  int error;

  memset(a, 0, sizeof *a);
  a->events = events;
  a->settings = settings;
  a->wire.last.kind = setup.kind;
  if (settings->username != NULL) {
    a->login.username = text_of(settings->username);
    a->login.password = text_of(settings->password);
  }
  a->login.turn = a->login.believe_errors = true;
  a->login.stream = transport_is_stream(setup.kind);
  a->transport = transport_open(&setup, &error);
  if (a->transport == NULL) {
    a->wire.last.end = WIRE_UNREACHABLE;
    a->wire.last.error = (struct udp_error){ .error = error, .hard = true };
    return false;
  }
  while (!a->opened && !a->over && !events->interrupted)
    events_wait(events, now_ms() + 1000);
  return a->opened && !a->over;
}

struct transport *
asker_release(struct asker *a)
{
  struct transport *transport = a->transport;

  a->transport = NULL;
  return transport;
}

void
asker_close(struct asker *a)
{
  transport_close(asker_release(a));
  saturn_login_wipe(&a->login);
}

static void
write_request(struct asker *a, uint16_t method, asker_body *body,
              const void *context)
{
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  struct saturn_bytes request;

  random_bytes(tid, sizeof tid);
  saturn_begin(&b, a->sent, sizeof a->sent, SATURN_REQUEST, method, tid);
  if (body != NULL)
    body(&b, context);
  if (method != SATURN_METHOD_BINDING)
    saturn_put_login(&b, &a->login, &a->attempt);
  saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &request) != SATURN_OK
      || saturn_parse(&a->request, request) != SATURN_OK)
    die(EXIT_USAGE, "the %s request cannot be written: attribute 0x%04X",
        saturn_method_name(method), saturn_culprit(&b));
}

static void
send_request(struct asker *a)
{
  enum saturn_turn_transport kind = transport_setup(a->transport)->kind;

  wire_sent(&a->wire, kind, a->request.raw);
  transport_send(a->transport, a->request.raw);
}

/* Wait until the transaction has ended. */
static void
run_transaction(struct asker *a, saturn_ms limit)
{
  struct saturn_transaction *t = &a->transaction;

  while (!a->over && !a->events->interrupted)
    switch (saturn_transaction_poll(t, now_ms())) {
    case SATURN_STEP_SEND:
      send_request(a);
      break;
    case SATURN_STEP_WAIT:
      if (now_ms() >= limit) {
        wire_ended(&a->wire, SATURN_TIMED_OUT, 0, a->login.hint);
        return;
      }
      events_wait(a->events, saturn_transaction_deadline(t) < limit
                                 ? saturn_transaction_deadline(t)
                                 : limit);
      break;
    case SATURN_STEP_OVER:
      wire_ended(&a->wire, t->outcome, 0, a->login.hint);
      return;
    }
}

bool
asker_ask(struct asker *a, uint16_t method, asker_body *body,
          const void *context, uint64_t patience_ms)
{
  const struct exchange *last = &a->wire.last;

  if (a->transport == NULL)
    return false;
  if (last->answer != SATURN_RETRY)
    a->attempt = (struct saturn_attempt){ 0 };
  write_request(a, method, body, context);
  a->transaction = (struct saturn_transaction){ .reliable = a->login.stream };
  saturn_transaction_start(&a->transaction, method, saturn_tid(&a->request),
                           now_ms());
  a->over = false;
  run_transaction(a, now_ms() + patience_ms);
  return last->end == WIRE_ANSWERED && last->answer == SATURN_ACCEPTED;
}
