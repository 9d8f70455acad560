/* SPDX-License-Identifier: MIT
 *
 * client.c - one client: the machine, and what it has done for it.
 */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include "client_path.h"
#include "program.h"

/* Of what is asked for, so many requests with credentials are sent before
   giving up, lest a server bars the user for trying too often. */
#define TRIES_MAX 2

/* More than any request takes: three texts of 763 bytes. */
#define REQUEST_MAX 4096

#define PAYLOAD_MAX 65536

/*
 * What the machine wants, and what it tells.
 */

/* Nothing more is expected of the machine. */
static void
finish(struct client *c)
{
  c->over = true;
  c->allocated = false;
}

/* Would this be one try with credentials too many? One Allocate after the
   other, each from another port, counts too. */
static bool
is_too_much(struct client *c, const struct transport *transport,
            struct saturn_bytes message)
{
  const struct exchange *last = &c->wire.last;
  unsigned tries =
      wire_sent(&c->wire, transport_setup(transport)->kind, message);

  if (last->method != SATURN_METHOD_ALLOCATE)
    return tries > TRIES_MAX;
  if (last->authenticated && last->sent == 1)
    c->allocates++;
  if (last->authenticated && c->challenge == 0)
    c->challenge = last->code;
  return tries > TRIES_MAX || c->allocates > TRIES_MAX;
}

static void
send_message(struct client *c, const struct saturn_client_action *action)
{
  struct transport *transport = c->paths[action->path].transport;
  const struct exchange before = c->wire.last;
  struct saturn_message m;

  if (transport == NULL)
    return;
  if (saturn_parse(&m, action->message) == SATURN_OK && m.cls == SATURN_REQUEST
      && is_too_much(c, transport, action->message)) {
    c->wire.last = before.authenticated ? before : c->concluded;
    wire_ended(&c->wire, SATURN_ANSWERED,
               before.code == 438 ? SATURN_STALE_LOOP : SATURN_REFUSED, 0);
    c->failed = c->wire.last;
    c->tired = true;
    finish(c);
    return;
  }
  transport_send(transport, action->message);
}

static void
note_record(struct client *c, const struct saturn_client_record *record)
{
  c->records++;
  wire_ended(&c->wire, record->outcome, record->answer, record->hint);
  if (record->outcome == SATURN_ANSWERED)
    c->wire.last.unprotected &= !record->authentic;
  c->concluded = c->wire.last;
}

static void
note_failure(struct client *c, const struct saturn_client_action *event)
{
  c->reason = event->reason;
  c->code = event->code;
  c->failed = c->records == 0 || event->reason == SATURN_BECAUSE_CONNECTION
                      || c->wire.last.end == WIRE_BROKEN
                  ? c->wire.last
                  : c->concluded;
}

static void
note_event(struct client *c, const struct saturn_client_action *event)
{
  switch ((enum saturn_client_action_kind)event->kind) {
  case SATURN_EVENT_ALLOCATED:
  case SATURN_EVENT_MOVED:
    c->allocated = true;
    c->allocates = 0;
    saturn_turn_client_allocation(c->machine, &c->allocation);
    break;
  case SATURN_EVENT_REDIRECTED:
    c->redirects++;
    c->redirected = event->address;
    c->allocates = 0;
    break;
  case SATURN_EVENT_PERMITTED:
  case SATURN_EVENT_BOUND:
    c->granted++;
    break;
  case SATURN_EVENT_REFUSED:
  case SATURN_EVENT_EXPIRED:
  case SATURN_EVENT_UNBOUND:
    note_failure(c, event);
    c->refused++;
    break;
  case SATURN_EVENT_LOST:
    note_failure(c, event);
    c->allocated = false;
    c->over = !c->setup.recover;
    break;
  case SATURN_EVENT_FAILED:
    note_failure(c, event);
    finish(c);
    break;
  case SATURN_EVENT_CLOSED:
    finish(c);
    break;
  default:
    break;
  }
}

static void
perform(struct client *c, const struct saturn_client_action *action)
{
  switch ((enum saturn_client_action_kind)action->kind) {
  case SATURN_DO_SEND:
    send_message(c, action);
    return;
  case SATURN_DO_OPEN:
    client_path_open(c, action);
    return;
  case SATURN_DO_CLOSE:
    client_path_close(c, action->path);
    return;
  case SATURN_EVENT_TRANSACTION:
    note_record(c, action->record);
    return;
  default:
    note_event(c, action);
    if (c->setup.event != NULL)
      c->setup.event(c->setup.owner, c, action);
    return;
  }
}

static void
due(uv_timer_t *timer)
{
  client_pump(timer->data);
}

void
client_pump(struct client *c)
{
  static uint8_t buf[16384]; /* queued data included */
  struct saturn_client_action action;
  saturn_ms deadline, now = now_ms();

  if (c->pumping || c->machine == NULL)
    return;
  c->pumping = true;
  while (!c->tired
         && saturn_turn_client_next(c->machine, now, buf, sizeof buf, &action))
    perform(c, &action);
  c->pumping = false;
  deadline = saturn_turn_client_deadline(c->machine);
  uv_update_time(&c->events->loop);
  if (!c->tired && deadline != SATURN_NEVER)
    uv_timer_start(c->timer, due, deadline > now ? deadline - now : 0, 0);
  else
    uv_timer_stop(c->timer);
}

/*
 * What others want.
 */

void
client_start(struct client *c, struct events *events,
             const struct settings *settings, const struct client_setup *setup)
{
  struct saturn_turn_client_config config = {
    .servers = &setup->server,
    .n_servers = 1,
    .allow_anonymous = true,
    .believe_redirect = settings->follow_unprotected,
    .family = setup->family,
    .insist = true,
    .recover = setup->recover,
    .fingerprint = true,
    .max_peers = setup->peers,
    .max_message = REQUEST_MAX,
    .ti_ms = (uint32_t)settings->patience_ms,
  };
  uint8_t secret[32];
  size_t size;

  memset(c, 0, sizeof *c);
  if (settings->username != NULL) {
    config.username = text_of(settings->username);
    config.password = text_of(settings->password);
  }
  c->events = events;
  c->settings = settings;
  c->setup = *setup;
  c->wire.last.kind = (enum saturn_turn_transport)setup->server.transport;
  c->wire.quiet = settings->clients > 0;
  size = saturn_turn_client_size(&config);
  random_bytes(secret, sizeof secret);
  if (size > 0)
    c->machine = saturn_turn_client_init(allocate(size), size, &config, secret);
  if (c->machine == NULL)
    die(EXIT_USAGE, "the server cannot be asked for this");
  c->timer = allocate(sizeof *c->timer);
  uv_timer_init(&events->loop, c->timer);
  c->timer->data = c;
  saturn_turn_client_start(c->machine, now_ms());
  client_pump(c);
}

bool
client_send(struct client *c, const struct saturn_address *peer,
            struct saturn_bytes payload)
{
  static uint8_t
      room[SATURN_CLIENT_HEADROOM + PAYLOAD_MAX + SATURN_CLIENT_TAILROOM];
  const struct saturn_client_data data = {
    .peer = *peer,
    .payload = room + SATURN_CLIENT_HEADROOM,
    .len = payload.len,
  };
  struct saturn_bytes message;
  unsigned path;

  if (payload.len > PAYLOAD_MAX)
    return false;
  memcpy(data.payload, payload.data, payload.len);
  if (saturn_turn_client_send(c->machine, &data, now_ms(), &path, &message)
      != SATURN_SENT_NOW)
    return false;
  return c->paths[path].transport != NULL
         && transport_send(c->paths[path].transport, message);
}

void
client_begin_delete(struct client *c)
{
  if (c->over || c->closing)
    return;
  c->closing = true;
  saturn_turn_client_close(c->machine, now_ms());
  client_pump(c);
}

void
client_again(struct client *c)
{
  c->over = false;
  saturn_turn_client_start(c->machine, now_ms());
  client_pump(c);
}

static void
forget(uv_handle_t *timer)
{
  free(timer);
}

void
client_end(struct client *c)
{
  if (c->machine == NULL)
    return;
  for (unsigned i = 0; i < SATURN_CLIENT_PATHS; i++)
    client_path_close(c, i);
  transport_close(c->setup.transport);
  c->setup.transport = NULL;
  saturn_turn_client_wipe(c->machine);
  free(c->machine);
  c->machine = NULL;
  uv_close((uv_handle_t *)c->timer, forget);
}
