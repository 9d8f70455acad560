/* SPDX-License-Identifier: MIT
 *
 * stream.c - clients that come over TCP and TLS: how many, how long, and what
 * waits for them.
 */
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "program.h"
#include "server.h"
#include "worker.h"

/* Bytes that wait for a client (T-361), and bytes of a message. */
#define QUEUE_MAX (128 * 1024)
#define FRAME_MAX 65556

/* Before there is an allocation: what strangers may let us keep. */
#define STRANGER_QUEUE_MAX (16 * 1024)
#define STRANGER_FRAME_MAX 4096

/* Connections in one worker: of one IPv4 address or IPv6 /64 that have shown no
   credentials, all of that address, and all. */
#define STRANGERS_MAX 512
#define SOURCE_MAX 4096
#define STREAMS_MAX 16384

/* Sources are counted by a keyed hash: those that share a slot share its
   limit, and nobody can choose with whom. */
#define SOURCES 65536

struct stream {
  struct worker *worker;
  struct connection *connection;
  struct saturn_five_tuple tuple;
  struct peer *peer; /* of RFC 6062: what comes is for it */
  struct stream *before, *after;
  saturn_ms check; /* whether it has an allocation */
  uint32_t slot, source;
  bool closing; /* once its queue is empty */
  bool trusted; /* has had an allocation, or is bound to a peer */
};

struct streams {
  struct stream *first, *last; /* by CHECK */
  struct stream *slots[STREAMS_MAX];
  uint32_t free[STREAMS_MAX], n_free;
  uint32_t serial;
  uint64_t key;
  struct {
    uint16_t all, strangers;
  } sources[SOURCES];
};

struct streams *
streams_new(void)
{
  struct streams *s = allocate(sizeof *s);

  for (uint32_t i = 0; i < STREAMS_MAX; i++)
    s->free[i] = STREAMS_MAX - 1 - i;
  s->n_free = STREAMS_MAX;
  random_bytes(&s->key, sizeof s->key);
  s->key |= 1;
  return s;
}

static uint32_t
source_of(const struct streams *s, const struct saturn_address *client)
{
  uint64_t hash = s->key;
  size_t n = client->family == SATURN_IPV4 ? 4 : 8;

  for (size_t i = 0; i < n; i++)
    hash = (hash ^ client->ip[i]) * s->key + (hash >> 29);
  return (uint32_t)(hash >> 40) % SOURCES;
}

static void
append(struct streams *s, struct stream *stream, saturn_ms now)
{
  stream->check = now + stream->worker->terms->idle_ms;
  stream->before = s->last;
  stream->after = NULL;
  if (s->last != NULL)
    s->last->after = stream;
  else
    s->first = stream;
  s->last = stream;
}

static void
unlink_stream(struct streams *s, struct stream *stream)
{
  if (stream->before != NULL)
    stream->before->after = stream->after;
  else
    s->first = stream->after;
  if (stream->after != NULL)
    stream->after->before = stream->before;
  else
    s->last = stream->before;
}

struct stream *
stream_of(struct worker *w, const struct saturn_five_tuple *client)
{
  uint32_t slot = (uint32_t)client->link;
  struct stream *stream = slot < STREAMS_MAX ? w->streams->slots[slot] : NULL;

  return stream != NULL && stream->tuple.link == client->link ? stream : NULL;
}

struct connection *
stream_connection(struct stream *stream)
{
  return stream->connection;
}

/* The connection is gone: forget the stream, and tell the machine. */
static void
forget(struct stream *stream)
{
  struct worker *w = stream->worker;
  struct streams *s = w->streams;
  struct peer *peer = stream->peer;
  saturn_ms now = now_ms();

  unlink_stream(s, stream);
  s->slots[stream->slot] = NULL;
  s->free[s->n_free++] = stream->slot;
  s->sources[stream->source].all--;
  s->sources[stream->source].strangers -= !stream->trusted;
  atomic_store(&w->n_streams, STREAMS_MAX - s->n_free);
  stream->peer = NULL;
  if (peer != NULL)
    peer_client_gone(peer);
  lookup_gone(w, &stream->tuple);
  saturn_turn_server_gone(w->machine, &stream->tuple, now);
  free(stream);
  serve_actions(w, now);
}

/* TLS is done, maybe on a port for TCP. */
static void
opened(void *owner, struct connection *connection)
{
  struct stream *stream = owner;

  (void)connection;
  stream->tuple.transport = SATURN_OVER_TLS;
}

static void
trust(struct stream *stream)
{
  struct streams *s = stream->worker->streams;

  s->sources[stream->source].strangers -= !stream->trusted;
  stream->trusted = true;
}

/* Serve a message. Who has an allocation then may send large ones. */
static void
serve_stream(struct stream *stream, const struct saturn_turn_input *input)
{
  struct worker *w = stream->worker;
  const struct saturn_five_tuple tuple = stream->tuple;

  serve(w, input);
  if (stream_of(w, &tuple) != stream || stream->trusted
      || !saturn_turn_server_knows(w->machine, &tuple))
    return;
  trust(stream);
  connection_limit(stream->connection, FRAME_MAX, QUEUE_MAX);
}

static void
received(void *owner, struct connection *connection,
         struct saturn_bytes message)
{
  struct stream *stream = owner;
  struct saturn_turn_input input = {
    .from = stream->tuple,
    .datagram = message,
    .now = now_ms(),
    .now_s = wall_clock_s(),
  };

  (void)connection;
  if (stream->closing)
    return;
  if (stream->peer != NULL)
    peer_from_client(stream->peer, message);
  else
    serve_stream(stream, &input);
}

static void
drained(void *owner, struct connection *connection)
{
  struct stream *stream = owner;

  if (stream->closing) {
    forget(stream);
    connection_close(connection);
  } else if (stream->peer != NULL) {
    peer_client_drained(stream->peer);
  }
}

static void
ended(void *owner, struct connection *connection)
{
  struct stream *stream = owner;

  (void)connection;
  if (stream->peer != NULL)
    peer_client_ended(stream->peer);
  else
    stream_close(stream);
}

static void
closed(void *owner, struct connection *connection,
       const struct connection_end *why)
{
  struct stream *stream = owner;

  (void)connection;
  if (why->bad_frame || why->slow_frame)
    stream->worker->closed_streams[SNAPSHOT_BAD_FRAME]++;
  if (why->shaking)
    event_handshake(&stream->tuple, &why->tls);
  forget(stream);
}

static const struct connection_calls calls = { opened, received, drained,
                                               closed };

/* Room for one more of this source? */
static bool
may_come(struct streams *s, uint32_t source)
{
  return s->n_free > 0 && STREAMS_MAX - s->n_free < server.streams_max
         && s->sources[source].all < SOURCE_MAX
         && s->sources[source].strangers < STRANGERS_MAX;
}

static void
enter(struct worker *w, struct stream *stream, bool tls)
{
  struct streams *s = w->streams;

  stream->source = source_of(s, connection_remote(stream->connection));
  stream->slot = s->free[--s->n_free];
  s->slots[stream->slot] = stream;
  s->sources[stream->source].all++;
  s->sources[stream->source].strangers++;
  stream->tuple.client = *connection_remote(stream->connection);
  stream->tuple.server = *connection_local(stream->connection);
  stream->tuple.transport = tls ? SATURN_OVER_TLS : SATURN_OVER_TCP;
  stream->tuple.link = (uint64_t)++s->serial << 32 | stream->slot;
  append(s, stream, now_ms());
  atomic_store(&w->n_streams, STREAMS_MAX - s->n_free);
}

void
streams_accept(struct worker *w, uv_stream_t *listener, bool tls)
{
  struct stream *stream = allocate(sizeof *stream);
  const struct connection_setup setup = {
    .loop = &w->loop,
    .calls = &calls,
    .owner = stream,
    .ended = ended,
    .context = tls || w->terms->tls_streams ? w->terms->tls : NULL,
    .detect = !tls,
    .queue_max = STRANGER_QUEUE_MAX,
    .frame_max = STRANGER_FRAME_MAX,
    .reserved = w->terms->config.legacy_channels,
  };
  int error;

  stream->worker = w;
  stream->connection = connection_accept(&setup, listener, &error);
  if (stream->connection == NULL) {
    free(stream);
  } else if (!may_come(w->streams,
                       source_of(w->streams,
                                 connection_remote(stream->connection)))) {
    w->closed_streams[SNAPSHOT_TOO_MANY]++;
    connection_abort(stream->connection);
    free(stream);
  } else {
    enter(w, stream, tls);
  }
}

bool
streams_send(struct worker *w, const struct saturn_five_tuple *client,
             struct saturn_bytes message)
{
  struct stream *stream = stream_of(w, client);

  return stream == NULL || stream->closing
         || connection_send(stream->connection, message);
}

void
stream_splice(struct stream *stream, struct peer *peer)
{
  stream->peer = peer;
  trust(stream);
  connection_limit(stream->connection, FRAME_MAX, 2 * QUEUE_MAX);
  connection_make_raw(stream->connection);
}

void
stream_close(struct stream *stream)
{
  stream->peer = NULL;
  if (stream->closing)
    return;
  if (connection_queued(stream->connection) > 0) {
    stream->closing = true;
    connection_await(stream->connection);
    return;
  }
  connection_close(stream->connection);
  forget(stream);
}

void
streams_tick(struct worker *w, saturn_ms now)
{
  struct streams *s = w->streams;

  while (s->first != NULL && now >= s->first->check) {
    struct stream *stream = s->first;

    if (!stream->closing
        && (stream->peer != NULL
            || saturn_turn_server_knows(w->machine, &stream->tuple))) {
      unlink_stream(s, stream);
      append(s, stream, now);
      continue;
    }
    w->closed_streams[SNAPSHOT_IDLE]++;
    connection_close(stream->connection);
    forget(stream);
  }
}

void
streams_close_all(struct worker *w)
{
  while (w->streams->first != NULL) {
    struct stream *stream = w->streams->first;

    connection_close(stream->connection);
    forget(stream);
  }
}
