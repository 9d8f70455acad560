/* SPDX-License-Identifier: MIT
 *
 * peer.c - TCP connections between relays and peers, and how they are joined
 * to those of clients (RFC 6062; T-456 to T-462).
 *
 * Until a client has bound a connection nothing is read from it: what the peer
 * sends waits in the system, and then the peer waits.
 */
#include <stdlib.h>

#include "connection.h"
#include "program.h"
#include "worker.h"

/* Bytes that wait to be sent in one direction before reading stops (T-460);
   one piece that was already read comes on top. */
#define QUEUE_PAUSE (64 * 1024)

/* The machine gives up after 30 s (T-453). */
#define OPEN_MS 35000

struct peer {
  struct worker *worker;
  struct connection *connection;
  struct stream *stream; /* of the client; null until it is bound */
  uint32_t number;
  bool open;
  bool ended[2]; /* by the peer, by the client: it sends no more */
  bool closing;  /* the client is gone: once its queue is empty */
};

static void
forget(struct peer *peer)
{
  if (peer->worker->peers[peer->number] == peer)
    peer->worker->peers[peer->number] = NULL;
  free(peer);
}

/* Both ends: the machine is told. */
static void
tear(struct peer *peer)
{
  struct worker *w = peer->worker;
  uint32_t number = peer->number;

  peer_disconnect(w, number);
  saturn_turn_server_disconnected(w->machine, number);
  serve_actions(w, now_ms());
}

/* Send to one side what came from the other, which has to wait if it is too
   much. */
static void
pass(struct peer *peer, struct connection *from, struct connection *to,
     struct saturn_bytes bytes)
{
  if (!connection_send(to, bytes)) {
    tear(peer);
    return;
  }
  if (connection_queued(to) > QUEUE_PAUSE) {
    connection_pause(from);
    connection_await(to);
  }
}

static void
opened(void *owner, struct connection *connection)
{
  struct peer *peer = owner;
  struct worker *w = peer->worker;
  saturn_ms now = now_ms();

  peer->open = true;
  connection_pause(connection);
  saturn_turn_server_connected(w->machine, peer->number, true, now);
  serve_actions(w, now);
}

static void
received(void *owner, struct connection *connection, struct saturn_bytes bytes)
{
  struct peer *peer = owner;

  if (peer->stream != NULL)
    pass(peer, connection, stream_connection(peer->stream), bytes);
}

static void
drained(void *owner, struct connection *connection)
{
  struct peer *peer = owner;

  if (peer->closing) {
    connection_close(connection);
    free(peer);
  } else if (peer->stream != NULL) {
    connection_resume(stream_connection(peer->stream));
  }
}

/* One side has ended what it sends: the other is told so, and goes on. */
static void
end_half(struct peer *peer, struct connection *other, bool by_client)
{
  peer->ended[by_client] = true;
  if (peer->ended[!by_client] || connection_tls(other) != NULL)
    tear(peer);
  else
    connection_finish(other);
}

static void
ended(void *owner, struct connection *connection)
{
  struct peer *peer = owner;

  (void)connection;
  if (peer->stream == NULL)
    tear(peer);
  else
    end_half(peer, stream_connection(peer->stream), false);
}

void
peer_client_ended(struct peer *peer)
{
  end_half(peer, peer->connection, true);
}

static void
closed(void *owner, struct connection *connection,
       const struct connection_end *why)
{
  struct peer *peer = owner;
  struct worker *w = peer->worker;
  struct stream *stream = peer->stream;
  uint32_t number = peer->number;
  bool open = peer->open, closing = peer->closing;
  saturn_ms now = now_ms();

  (void)connection;
  (void)why;
  if (closing) {
    free(peer);
    return;
  }
  forget(peer);
  if (open)
    saturn_turn_server_disconnected(w->machine, number);
  else
    saturn_turn_server_connected(w->machine, number, false, now);
  if (stream != NULL)
    stream_close(stream);
  serve_actions(w, now);
}

static const struct connection_calls calls = { opened, received, drained,
                                               closed };

static struct connection_setup
setup_of(struct peer *peer)
{
  const struct connection_setup setup = {
    .loop = &peer->worker->loop,
    .calls = &calls,
    .owner = peer,
    .raw = true,
    .ended = ended,
    .open_ms = OPEN_MS,
  };

  return setup;
}

void
peer_connect(struct worker *w, const struct saturn_turn_action *action,
             const struct saturn_address *from)
{
  struct peer *peer = allocate(sizeof *peer);
  struct saturn_address to = relay_inside(&action->address);
  struct connection_setup setup;
  int error;

  peer->worker = w;
  peer->number = action->connection;
  setup = setup_of(peer);
  setup.local = *from;
  setup.shared = true;
  peer->connection = connection_open(&setup, &to, &error);
  if (peer->connection != NULL) {
    w->peers[peer->number] = peer;
    return;
  }
  free(peer);
  saturn_turn_server_connected(w->machine, action->connection, false, now_ms());
}

void
peer_accept(struct worker *w, uv_stream_t *listener, uint32_t relay)
{
  struct peer *peer = allocate(sizeof *peer);
  struct connection_setup setup;
  struct saturn_address from;
  saturn_ms now = now_ms();
  int error;

  peer->worker = w;
  peer->open = true;
  setup = setup_of(peer);
  peer->connection = connection_accept(&setup, listener, &error);
  if (peer->connection == NULL) {
    free(peer);
    return;
  }
  connection_pause(peer->connection);
  from = relay_outside(connection_remote(peer->connection));
  peer->number = saturn_turn_server_accepted(w->machine, relay, &from, now);
  if (peer->number == SATURN_NONE) {
    connection_abort(peer->connection);
    free(peer);
  } else {
    w->peers[peer->number] = peer;
  }
  serve_actions(w, now);
}

void
peer_splice(struct worker *w, const struct saturn_turn_action *action)
{
  struct stream *stream = stream_of(w, &action->client);
  struct peer *peer = w->peers[action->connection];

  if (peer == NULL || stream == NULL)
    return;
  peer->stream = stream;
  stream_splice(stream, peer);
  connection_resume(peer->connection);
}

/* Close it once what was read of the client is sent. */
static void
finish(struct peer *peer)
{
  peer->worker->peers[peer->number] = NULL;
  peer->stream = NULL;
  if (peer->open && connection_queued(peer->connection) > 0) {
    peer->closing = true;
    connection_await(peer->connection);
    return;
  }
  connection_close(peer->connection);
  free(peer);
}

void
peer_disconnect(struct worker *w, uint32_t connection)
{
  struct peer *peer = w->peers[connection];
  struct stream *stream;

  if (peer == NULL)
    return;
  stream = peer->stream;
  finish(peer);
  if (stream != NULL)
    stream_close(stream);
}

void
peer_from_client(struct peer *peer, struct saturn_bytes bytes)
{
  pass(peer, stream_connection(peer->stream), peer->connection, bytes);
}

void
peer_client_drained(struct peer *peer)
{
  connection_resume(peer->connection);
}

void
peer_client_gone(struct peer *peer)
{
  struct worker *w = peer->worker;
  uint32_t number = peer->number;

  finish(peer);
  saturn_turn_server_disconnected(w->machine, number);
}
