/* SPDX-License-Identifier: MIT
 *
 * turn_server.c - the server machine: its start, and the way of a datagram to
 * the ladder of its method (T-001 to T-039).
 */
#include "turn_server.h"

#include <string.h>

#include "bytes.h"

/* Comprehension-required attributes that a server of RFC 8656 and RFC 6062
   knows, in whatever message they stand (T-008). */
static const uint16_t supported[] = {
  SATURN_ATTR_MAPPED_ADDRESS,
  SATURN_ATTR_USERNAME,
  SATURN_ATTR_MESSAGE_INTEGRITY,
  SATURN_ATTR_ERROR_CODE,
  SATURN_ATTR_UNKNOWN_ATTRIBUTES,
  SATURN_ATTR_CHANNEL_NUMBER,
  SATURN_ATTR_LIFETIME,
  SATURN_ATTR_XOR_PEER_ADDRESS,
  SATURN_ATTR_DATA,
  SATURN_ATTR_REALM,
  SATURN_ATTR_NONCE,
  SATURN_ATTR_XOR_RELAYED_ADDRESS,
  SATURN_ATTR_REQUESTED_ADDRESS_FAMILY,
  SATURN_ATTR_EVEN_PORT,
  SATURN_ATTR_REQUESTED_TRANSPORT,
  SATURN_ATTR_DONT_FRAGMENT,
  SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
  SATURN_ATTR_PASSWORD_ALGORITHM,
  SATURN_ATTR_USERHASH,
  SATURN_ATTR_XOR_MAPPED_ADDRESS,
  SATURN_ATTR_RESERVATION_TOKEN,
  SATURN_ATTR_CONNECTION_ID,
};

size_t
saturn_turn_unknown(const struct saturn_message *m, uint16_t *types, size_t max)
{
  return saturn_unknown(m, supported, sizeof supported / sizeof *supported,
                        types, max);
}

/* A request: whether it is for the allocation of its 5-tuple, and its ladder,
   which may assume that there is one and that the user owns it. */
struct method {
  uint16_t method;
  bool on_allocation;
  unsigned (*ladder)(struct saturn_turn_server *s, struct turn_request *r);
};

static unsigned
binding(struct saturn_turn_server *s, struct turn_request *r)
{
  (void)r;
  s->counters->binding++;
  return ANSWER_SUCCESS;
}

static const struct method methods[] = {
  { SATURN_METHOD_BINDING, false, binding },
  { SATURN_METHOD_ALLOCATE, false, saturn_turn_allocate },
  { SATURN_METHOD_REFRESH, true, saturn_turn_refresh },
  { SATURN_METHOD_CREATE_PERMISSION, true, saturn_turn_create_permission },
  { SATURN_METHOD_CHANNEL_BIND, true, saturn_turn_channel_bind },
  { SATURN_METHOD_CONNECT, true, saturn_turn_connect },
  { SATURN_METHOD_CONNECTION_BIND, false, saturn_turn_connection_bind },
};

static const struct method *
method_of(const struct saturn_turn_server *s, uint16_t number)
{
  size_t i;

  if (number == SATURN_METHOD_BINDING
      && s->config.binding == SATURN_BINDING_OFF)
    return NULL;
  if ((number == SATURN_METHOD_CONNECT
       || number == SATURN_METHOD_CONNECTION_BIND)
      && !s->config.tcp_relays)
    return NULL;
  for (i = 0; i < sizeof methods / sizeof *methods; i++)
    if (methods[i].method == number)
      return &methods[i];
  return NULL;
}

static void
set_sizes(struct saturn_turn_server *s)
{
  const struct saturn_turn_config *c = &s->config;

  s->n_relays = c->max_relays;
  s->n_permissions = c->max_permissions;
  s->n_channels = c->max_channels;
  s->n_connections = c->max_connections;
  s->n_paths = c->max_relays;
  if (c->may_move || c->mobility == SATURN_MOBILITY_ON)
    s->n_paths *= 2;
}

/* The tables stand behind the machine itself, at the next address that is
   aligned for them. */
static uint8_t *
behind(struct saturn_turn_server *s)
{
  uint8_t *end = (uint8_t *)(s + 1);

  return end + (ARENA_ALIGN - (uintptr_t)end % ARENA_ALIGN) % ARENA_ALIGN;
}

size_t
saturn_turn_server_size(const struct saturn_turn_config *config)
{
  struct saturn_arena arena = { NULL, 0, false };
  struct saturn_turn_server s = { .config = *config };

  if (!saturn_config_fill(&s.config))
    return 0;
  saturn_arena_take(&arena, 1, sizeof s + ARENA_ALIGN);
  set_sizes(&s);
  saturn_tables_init(&s, &arena);
  return arena.overflow ? 0 : arena.used;
}

struct saturn_turn_server *
saturn_turn_server_init(void *memory, size_t size,
                        const struct saturn_turn_config *config,
                        const uint8_t secret[SATURN_SECRET_SIZE])
{
  struct saturn_turn_config filled = *config;
  struct saturn_turn_server *s = memory;
  size_t need = saturn_turn_server_size(config);
  struct saturn_arena arena = { NULL, 0, false };

  if (need == 0 || size < need || !saturn_config_fill(&filled))
    return NULL;
  memset(s, 0, sizeof *s);
  s->told = NONE;
  s->config = filled;
  saturn_random_init(&s->random, secret);
  saturn_random_bytes(&s->random, (uint8_t *)s->hash_key, sizeof s->hash_key);
  saturn_random_bytes(&s->random, (uint8_t *)s->tid_key, sizeof s->tid_key);
  set_sizes(s);
  arena.base = behind(s);
  saturn_tables_init(s, &arena);
  filled.addresses = s->addresses;
  saturn_config_apply(s, &filled);
  return s;
}

/* The allocation that a ticket or a CONNECTION-ID names. */
static void
find_named(struct saturn_turn_server *s, struct turn_request *r)
{
  struct saturn_bytes ticket;
  uint32_t id, move;
  bool live;

  if (r->message.method == SATURN_METHOD_REFRESH
      && s->config.mobility != SATURN_MOBILITY_OFF
      && saturn_get_bytes(&r->message, SATURN_ATTR_MOBILITY_TICKET, &ticket)
             == SATURN_OK
      && saturn_ticket_open(s, ticket, &id, &move, &live) && live)
    r->named = id;
  if (r->message.method == SATURN_METHOD_CONNECTION_BIND
      && saturn_get_u32(&r->message, SATURN_ATTR_CONNECTION_ID, &id)
             == SATURN_OK)
    r->connection = saturn_connection_find(s, id);
  if (r->connection != NONE)
    r->named = s->connections[r->connection].allocation;
}

static void
find_allocation(struct saturn_turn_server *s, struct turn_request *r)
{
  uint32_t allocation;

  r->path = saturn_path_find(s, &r->input->from);
  r->allocation = saturn_allocation_of(s, r->path);
  if (r->allocation == NONE) /* what was over has ended just now */
    r->path = saturn_path_find(s, &r->input->from);
  allocation = r->path == NONE ? NONE : s->paths[r->path].allocation;
  if (allocation != NONE
      && s->allocations[allocation].state == ALLOCATION_OPENING)
    r->opening = allocation;
  find_named(s, r);
}

/* A Refresh that its ticket speaks for, not its 5-tuple (T-502). */
static bool
is_move(const struct saturn_turn_server *s, const struct turn_request *r)
{
  return r->message.method == SATURN_METHOD_REFRESH
         && s->config.mobility != SATURN_MOBILITY_OFF && !s->config.anonymous
         && saturn_has(&r->message, SATURN_ATTR_MOBILITY_TICKET);
}

static bool
is_owner(const struct saturn_turn_server *s, const struct turn_request *r)
{
  return s->config.anonymous
         || saturn_equal_secret(r->owner, s->allocations[r->allocation].owner,
                                DIGEST_SIZE);
}

static bool
has_unknown(struct saturn_turn_server *s, const struct turn_request *r)
{
  s->reply.n_types =
      (uint16_t)saturn_turn_unknown(&r->message, s->types, TYPES_MAX);
  return s->reply.n_types > 0;
}

/* Steps 3 to 6 of T-030. */
static unsigned
judge(struct saturn_turn_server *s, const struct method *method,
      struct turn_request *r)
{
  if (has_unknown(s, r))
    return 420;
  if (is_move(s, r))
    return saturn_turn_move(s, r);
  if (!method->on_allocation)
    return method->ladder(s, r);
  if (r->allocation == NONE)
    return 437;
  if (!is_owner(s, r))
    return 441;
  return method->ladder(s, r);
}

static bool
needs_nobody(const struct saturn_turn_server *s, const struct turn_request *r)
{
  return s->config.anonymous
         || (r->message.method == SATURN_METHOD_BINDING
             && s->config.binding == SATURN_BINDING_OPEN);
}

/* A2: a redirection that asks nobody who he is. */
static bool
is_sent_away(struct saturn_turn_server *s, const struct turn_request *r)
{
  if (!s->config.redirect_before_auth
      || r->message.method != SATURN_METHOD_ALLOCATE || r->path != NONE
      || !saturn_redirect_due(s, &r->input->from,
                              s->counters->relays >= s->n_relays))
    return false;
  saturn_reply_begin(s, r, 300);
  return true;
}

static void
note(struct saturn_turn_server *s, const struct turn_request *r, unsigned code)
{
  if (r->path != NONE)
    s->paths[r->path].fingerprint =
        saturn_has(&r->message, SATURN_ATTR_FINGERPRINT);
  if (r->allocation == NONE)
    return;
  s->allocations[r->allocation].requests++;
  if (code >= 300)
    s->allocations[r->allocation].errors++;
}

static enum saturn_turn_result
request(struct saturn_turn_server *s, const struct method *method,
        struct turn_request *r)
{
  enum turn_auth auth = AUTH_ACCEPTED;
  unsigned code;

  saturn_reply_clear(s);
  find_allocation(s, r);
  if (is_sent_away(s, r))
    return SATURN_TURN_NOTHING;
  if (needs_nobody(s, r))
    saturn_turn_nobody(s, r);
  else
    auth = saturn_turn_authenticate(s, r);
  if (auth == AUTH_ASK)
    return SATURN_TURN_ASK;
  if (auth == AUTH_REJECTED)
    return SATURN_TURN_NOTHING;
  note(s, r, 0);
  code = judge(s, method, r);
  if (code != ANSWER_NOTHING)
    saturn_reply_begin(s, r, code);
  return SATURN_TURN_NOTHING;
}

static enum saturn_turn_result
garbage(struct saturn_turn_server *s)
{
  s->counters->garbage++;
  return SATURN_TURN_NOTHING;
}

static enum saturn_turn_result
stun(struct saturn_turn_server *s, struct turn_request *r,
     struct saturn_turn_output *output)
{
  const struct saturn_message *m = &r->message;
  const struct method *method;
  enum saturn_error e;

  if (saturn_parse(&r->message, r->input->datagram) != SATURN_OK)
    return garbage(s);
  e = saturn_check_fingerprint(m);
  if (e != SATURN_OK && e != SATURN_E_ABSENT)
    return garbage(s);
  if (r->user == NULL) /* a request that is resumed was counted */
    s->counters->stun++;
  if (m->cls == SATURN_INDICATION && m->method == SATURN_METHOD_SEND)
    return saturn_turn_send(s, r->input, m, output);
  method = method_of(s, m->method);
  if (m->cls != SATURN_REQUEST || method == NULL)
    return SATURN_TURN_NOTHING;
  return request(s, method, r);
}

static enum saturn_turn_result
take(struct saturn_turn_server *s, const struct saturn_turn_input *input,
     const struct saturn_turn_user *user, struct saturn_turn_output *output)
{
  uint8_t last = s->config.legacy_channels ? 0x7F : 0x4F, first;
  struct turn_request r = { .input = input, .user = user };

  s->now = input->now;
  s->now_s = input->now_s;
  memset(output, 0, sizeof *output);
  if (input->datagram.len == 0)
    return garbage(s);
  first = input->datagram.data[0];
  if (first >= 0x40 && first <= last)
    return saturn_turn_channel_data(s, input, output);
  if (first > 3)
    return garbage(s);
  r.query = &output->query;
  r.path = r.allocation = r.opening = r.named = r.connection = NONE;
  return stun(s, &r, output);
}

enum saturn_turn_result
saturn_turn_server_input(struct saturn_turn_server *server,
                         const struct saturn_turn_input *input,
                         struct saturn_turn_output *output)
{
  return take(server, input, NULL, output);
}

enum saturn_turn_result
saturn_turn_server_resume(struct saturn_turn_server *server,
                          const struct saturn_turn_input *input,
                          const struct saturn_turn_user *user,
                          struct saturn_turn_output *output)
{
  return take(server, input, user, output);
}

void
saturn_turn_server_drain(struct saturn_turn_server *server, bool draining)
{
  server->draining = draining;
}
