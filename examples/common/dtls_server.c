/* SPDX-License-Identifier: MIT
 *
 * dtls_server.c - the DTLS clients of a UDP socket.
 */
#include "dtls_server.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "saturn/stream.h"

#define SESSIONS_MAX 4096
#define STRANGERS_MAX 512
#define IDLE_MS 900000
#define STRANGER_MS 60000

/* Sources are counted by a keyed hash: those that share a slot share its
   limit, and nobody can choose with whom. */
#define SOURCES 16384

/* A client that has begun has so long to finish the handshake. */
#define HANDSHAKE_MS 30000

struct session {
  struct session *next; /* in its bucket */
  struct dtls_server *server;
  struct saturn_address client;
  struct tls *tls;
  saturn_ms begun, heard;
  bool was_ready, over;
  bool known; /* in use, once: not counted as a stranger */
};

struct dtls_server {
  struct dtls_setup setup;
  uint8_t cookie_key[TLS_COOKIE_KEY];
  uint64_t seed; /* of the table: clients choose their ports */
  uint32_t n, buckets;
  struct session **table;
  uint16_t strangers[SOURCES];
};

/* Whoever is asked for a cookie has no session yet. */
struct stranger {
  struct dtls_server *server;
  const struct saturn_address *client;
};

bool
dtls_is(struct saturn_bytes datagram)
{
  return saturn_demux(datagram, true) == SATURN_IS_DTLS;
}

/* Mixing as of splitmix64; the seed is secret. */
static uint64_t
mix(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/* How many strangers there are of an address. */
static uint16_t *
strangers_of(struct dtls_server *server, const struct saturn_address *client)
{
  uint64_t word = 0;

  memcpy(&word, client->ip, client->family == SATURN_IPV4 ? 4 : 8);
  return &server->strangers[mix(~server->seed ^ word) % SOURCES];
}

static struct session **
find(struct dtls_server *server, const struct saturn_address *client)
{
  struct session **at;
  uint64_t word[2];

  memcpy(word, client->ip, sizeof word);
  word[0] = mix(mix(mix(server->seed ^ word[0]) ^ word[1])
                ^ (uint64_t)client->port << 8 ^ client->family);
  at = &server->table[word[0] % server->buckets];
  while (*at != NULL && !saturn_address_equal(&(*at)->client, client))
    at = &(*at)->next;
  return at;
}

static void
forget(struct session **at)
{
  struct session *session = *at;

  *at = session->next;
  session->server->n--;
  if (!session->known)
    --*strangers_of(session->server, &session->client);
  tls_free(session->tls);
  free(session);
}

struct dtls_server *
dtls_server_new(const struct dtls_setup *setup)
{
  struct dtls_server *server = allocate(sizeof *server);

  server->setup = *setup;
  if (setup->sessions_max == 0)
    server->setup.sessions_max = SESSIONS_MAX;
  if (setup->strangers_max == 0)
    server->setup.strangers_max = STRANGERS_MAX;
  if (setup->idle_ms == 0)
    server->setup.idle_ms = IDLE_MS;
  if (setup->stranger_ms == 0)
    server->setup.stranger_ms = STRANGER_MS;
  tls_context_hold(setup->context);
  memcpy(server->cookie_key, setup->cookie_key, sizeof server->cookie_key);
  random_bytes(&server->seed, sizeof server->seed);
  server->buckets = server->setup.sessions_max;
  server->table = allocate(server->buckets * sizeof *server->table);
  return server;
}

void
dtls_server_free(struct dtls_server *server)
{
  if (server == NULL)
    return;
  for (uint32_t i = 0; i < server->buckets; i++)
    while (server->table[i] != NULL) {
      tls_goodbye(server->table[i]->tls);
      forget(&server->table[i]);
    }
  tls_context_release(server->setup.context);
  free(server->table);
  free(server);
}

void
dtls_server_reload(struct dtls_server *server, struct tls_context *context)
{
  tls_context_hold(context);
  tls_context_release(server->setup.context);
  server->setup.context = context;
}

static void
send_to_session(void *owner, struct saturn_bytes datagram)
{
  const struct session *session = owner;
  const struct dtls_setup *setup = &session->server->setup;

  setup->calls->send(setup->owner, &session->client, datagram);
}

static void
send_to_stranger(void *owner, struct saturn_bytes datagram)
{
  const struct stranger *stranger = owner;
  const struct dtls_setup *setup = &stranger->server->setup;

  setup->calls->send(setup->owner, stranger->client, datagram);
}

static void
add(struct dtls_server *server, struct session **at,
    const struct saturn_address *client, const void *prestate, saturn_ms now)
{
  struct session *session = allocate(sizeof *session);
  const struct tls_setup tls = {
    .context = server->setup.context,
    .server = true,
    .datagram = true,
    .discovery = server->setup.discovery,
    .prestate = prestate,
    .send = send_to_session,
    .owner = session,
  };

  session->server = server;
  session->client = *client;
  session->begun = session->heard = now;
  session->tls = tls_new(&tls);
  if (session->tls == NULL) {
    free(session);
    return;
  }
  *at = session;
  server->n++;
  ++*strangers_of(server, client);
}

/* Judge somebody who has no session, or who begins anew on the port of an old
   one (RFC 6347, 4.2.8). */
static void
admit(struct dtls_server *server, const struct saturn_address *client,
      struct saturn_bytes datagram, saturn_ms now)
{
  struct stranger stranger = { server, client };
  const struct tls_fault replaced = { .reason = TLS_CLOSED };
  _Alignas(max_align_t) uint8_t prestate[TLS_PRESTATE];
  struct session **at;
  bool was_ready;

  if (!tls_cookie_check(server->cookie_key, client, datagram, send_to_stranger,
                        &stranger, prestate))
    return;
  at = find(server, client);
  if (*at != NULL) {
    was_ready = (*at)->was_ready;
    forget(at);
    if (was_ready)
      server->setup.calls->ended(server->setup.owner, client, &replaced);
    at = find(server, client);
  }
  if (*at == NULL && server->n < server->setup.sessions_max
      && *strangers_of(server, client) < server->setup.strangers_max)
    add(server, at, client, prestate, now);
}

/* A plaintext ClientHello: record of type 22 in epoch 0, message of type 1. */
static bool
is_hello(struct saturn_bytes d)
{
  return d.len > 13 && d.data[0] == 22 && d.data[3] == 0 && d.data[4] == 0
         && d.data[13] == 1;
}

/* Remove a session that is over, or has been silent for too long, and say
   so. */
static void
end(struct dtls_server *server, const struct saturn_address *client)
{
  struct saturn_address address = *client;
  struct session **at = find(server, &address);
  struct tls_fault why;
  bool was_ready;

  if (*at == NULL)
    return;
  why = *tls_fault((*at)->tls);
  if (why.reason == TLS_FINE)
    why.reason = TLS_SILENT;
  was_ready = (*at)->was_ready;
  forget(at);
  if (was_ready || why.in_handshake)
    server->setup.calls->ended(server->setup.owner, &address, &why);
}

static void
take(struct session *session, struct saturn_bytes datagram)
{
  static _Thread_local uint8_t message[TLS_RECORD_MAX];
  const struct dtls_setup *setup = &session->server->setup;
  size_t n;

  tls_input(session->tls, datagram);
  session->was_ready |= tls_state(session->tls) == TLS_READY;
  while (!session->over
         && (n = tls_read(session->tls, message, sizeof message)) > 0)
    setup->calls->received(setup->owner, &session->client,
                           saturn_view(message, n));
}

void
dtls_server_input(struct dtls_server *server,
                  const struct saturn_address *client,
                  struct saturn_bytes datagram, saturn_ms now)
{
  struct session *session = *find(server, client);

  if (session == NULL || (session->was_ready && is_hello(datagram))) {
    admit(server, client, datagram, now);
    session = *find(server, client);
    if (session == NULL || session->begun != now || session->was_ready)
      return;
  }
  session->heard = now;
  take(session, datagram);
  if (session->over || tls_state(session->tls) == TLS_OVER)
    end(server, &session->client);
}

bool
dtls_server_send(struct dtls_server *server,
                 const struct saturn_address *client,
                 struct saturn_bytes message)
{
  struct session *session = *find(server, client);

  return session != NULL && tls_write(session->tls, message);
}

void
dtls_server_end(struct dtls_server *server, const struct saturn_address *client)
{
  struct session *session = *find(server, client);

  if (session == NULL)
    return;
  /* It may be one whose message is being taken: it is removed later. */
  tls_goodbye(session->tls);
  session->was_ready = false;
  session->over = true;
}

static bool
is_in_use(struct session *session)
{
  const struct dtls_setup *setup = &session->server->setup;

  if (!session->was_ready || setup->calls->in_use == NULL
      || !setup->calls->in_use(setup->owner, &session->client))
    return false;
  if (!session->known)
    --*strangers_of(session->server, &session->client);
  session->known = true;
  return true;
}

/* Has it been silent for too long? */
static bool
is_idle(struct session *session, saturn_ms now)
{
  const struct dtls_setup *setup = &session->server->setup;
  saturn_ms silent = now - session->heard;

  if (!session->was_ready)
    return now >= session->begun + HANDSHAKE_MS;
  if (session->known && silent < setup->stranger_ms)
    return false;
  return silent >= (is_in_use(session) ? setup->idle_ms : setup->stranger_ms);
}

static void
tick(struct dtls_server *server, struct session *session, saturn_ms now)
{
  if (tls_timeout_ms(session->tls) == 0)
    tls_timer(session->tls);
  if (is_idle(session, now) || session->over
      || tls_state(session->tls) == TLS_OVER) {
    tls_goodbye(session->tls);
    end(server, &session->client);
  }
}

void
dtls_server_tick(struct dtls_server *server, saturn_ms now)
{
  struct session *session, *next;

  for (uint32_t i = 0; i < server->buckets; i++)
    for (session = server->table[i]; session != NULL; session = next) {
      next = session->next;
      tick(server, session, now);
    }
}

uint32_t
dtls_server_count(const struct dtls_server *server)
{
  return server->n;
}
