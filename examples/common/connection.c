/* SPDX-License-Identifier: MIT
 *
 * connection.c - TCP connections of messages: opening, reading, closing.
 */
#include "connection.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "connection_state.h"
#include "program.h"

#define QUEUE_MAX (256 * 1024)
#define FRAME_MAX 65556
#define OPEN_MS 10000
#define FRAME_MS 30000

/* The first byte of a TLS record that holds a handshake: RFC 8446, 5.1. */
#define TLS_HANDSHAKE 22

/* Read so many bytes at a time, and then let others have their turn. */
#define PIECE 65536

/* Bytes that the system keeps and has not sent yet. */
#define UNSENT_MAX (64 * 1024)

/* How long a connection that is closed may take to send its queue. */
#define LINGER_MS 5000

static void
forget(uv_handle_t *handle)
{
  struct connection *c = handle->data;

  if (--c->handles > 0)
    return;
  tls_free(c->tls);
  free(c->in);
  free(c);
}

/* The end, in which nobody is told. */
static void
destroy(struct connection *c)
{
  if (c->state == CONNECTION_GONE)
    return;
  c->state = CONNECTION_GONE;
  uv_close((uv_handle_t *)&c->socket, forget);
  uv_close((uv_handle_t *)&c->timer, forget);
}

void
connection_keep_head(struct connection_end *end, struct saturn_bytes at)
{
  end->head_len =
      (uint8_t)(at.len < sizeof end->head ? at.len : sizeof end->head);
  if (at.len > 0)
    memcpy(end->head, at.data, end->head_len);
}

void
connection_fail(struct connection *c, const struct connection_end *why)
{
  struct connection_end end = *why;
  bool told = c->state == CONNECTION_CLOSING;

  if (c->state == CONNECTION_GONE)
    return;
  end.connecting = c->state == CONNECTION_CONNECTING;
  end.shaking = c->state == CONNECTION_SHAKING;
  if (!end.bad_frame)
    connection_keep_head(&end, saturn_view(c->in, c->in_len));
  destroy(c);
  if (!told)
    c->setup.calls->closed(c->setup.owner, c, &end);
}

static void
fail_with(struct connection *c, int error)
{
  const struct connection_end why = { .error = error };

  connection_fail(c, &why);
}

static void
opened(struct connection *c)
{
  uv_timer_stop(&c->timer);
  c->state = CONNECTION_OPEN;
  c->setup.calls->opened(c->setup.owner, c);
}

static void
fail_by_tls(struct connection *c)
{
  struct connection_end why = { .tls = *tls_fault(c->tls) };

  if (why.tls.reason == TLS_CLOSED && !why.tls.in_handshake) {
    why.tls.reason = TLS_FINE; /* close_notify is an orderly end */
    why.error = UV_EOF;
  }
  connection_fail(c, &why);
}

/* What has become of the session by what came. */
static void
advance_tls(struct connection *c)
{
  static _Thread_local uint8_t plain[TLS_RECORD_MAX];
  size_t n;

  if (c->state == CONNECTION_SHAKING && tls_state(c->tls) == TLS_READY)
    opened(c);
  while (connection_is_open(c)
         && (n = tls_read(c->tls, plain, sizeof plain)) > 0)
    connection_take(c, saturn_view(plain, n));
  if (c->state != CONNECTION_GONE && tls_state(c->tls) == TLS_OVER)
    fail_by_tls(c);
}

static void
provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  /* Nothing else is read before the callback that gets it has returned. */
  static _Thread_local uint8_t piece[PIECE];
  struct connection *c = handle->data;
  unsigned size = c->setup.raw || c->setup.frame_max > PIECE
                      ? PIECE
                      : (unsigned)c->setup.frame_max;

  (void)suggested;
  *buf = uv_buf_init((char *)piece, c->had_turn ? 0 : size);
  c->had_turn = !c->had_turn;
}

static void
begin_tls(struct connection *c, bool server)
{
  const struct tls_setup tls = {
    .context = c->setup.context,
    .server = server,
    .insecure = c->setup.insecure,
    .discovery = c->setup.discovery,
    .name = c->setup.name,
    .send = connection_write,
    .owner = c,
  };

  c->state = CONNECTION_SHAKING;
  c->tls = tls_new(&tls);
  if (c->tls == NULL)
    die(EXIT_CANNOT, "no more sessions of TLS");
  tls_start(c->tls);
}

static void
too_late(uv_timer_t *timer)
{
  fail_with(timer->data, UV_ETIMEDOUT);
}

/* Neither STUN nor ChannelData begins as a handshake of TLS does (T-720). */
static void
detect_tls(struct connection *c, uint8_t first)
{
  bool wanted = c->setup.detect && c->setup.context != NULL;

  c->setup.detect = false;
  if (!wanted || first != TLS_HANDSHAKE)
    return;
  uv_timer_start(&c->timer, too_late, c->setup.open_ms, 0);
  begin_tls(c, true);
}

static void
came(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  struct connection *c = stream->data;

  if (n == UV_ENOBUFS) /* there is more: when others have had their turn */
    return;
  if (n < (ssize_t)buf->len)
    c->had_turn = false;
  if (n == 0 || c->state == CONNECTION_GONE)
    return;
  if (n == UV_EOF && connection_ends_halfway(c))
    return;
  if (n < 0) {
    if (c->tls != NULL && n == UV_EOF) {
      tls_input_end(c->tls);
      advance_tls(c);
    }
    fail_with(c, (int)n);
    return;
  }
  detect_tls(c, (uint8_t)buf->base[0]);
  if (c->tls == NULL) {
    connection_take(c, saturn_view(buf->base, (size_t)n));
  } else {
    tls_input(c->tls, saturn_view(buf->base, (size_t)n));
    advance_tls(c);
  }
}

struct connection *
connection_new(const struct connection_setup *setup)
{
  struct connection *c = allocate(sizeof *c);

  c->setup = *setup;
  if (c->setup.queue_max == 0)
    c->setup.queue_max = QUEUE_MAX;
  if (c->setup.frame_max == 0)
    c->setup.frame_max = FRAME_MAX;
  if (c->setup.open_ms == 0)
    c->setup.open_ms = OPEN_MS;
  if (c->setup.frame_ms == 0)
    c->setup.frame_ms = FRAME_MS;
  c->handles = 2;
  uv_tcp_init(setup->loop, &c->socket);
  uv_timer_init(setup->loop, &c->timer);
  c->socket.data = c->timer.data = c;
  uv_timer_start(&c->timer, too_late, c->setup.open_ms, 0);
  return c;
}

/* Let the system not keep much more that the other side does not take. What is
   under way does not count, so this slows nothing down. */
static void
bound_unsent(struct connection *c)
{
  int most = UNSENT_MAX;
  uv_os_fd_t fd;

  if (uv_fileno((uv_handle_t *)&c->socket, &fd) == 0)
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

/* There is a TCP connection: read from it, and begin with TLS. */
void
connection_begin(struct connection *c, bool server)
{
  uv_tcp_nodelay(&c->socket, 1);
  bound_unsent(c);
  uv_read_start((uv_stream_t *)&c->socket, provide_room, came);
  if (c->setup.context != NULL && !c->setup.detect)
    begin_tls(c, server);
}

void
connection_pause(struct connection *c)
{
  if (c->paused || !connection_is_open(c))
    return;
  c->paused = true;
  uv_read_stop((uv_stream_t *)&c->socket);
  connection_watch_frame(c, false);
}

void
connection_resume(struct connection *c)
{
  if (!c->paused || !connection_is_open(c))
    return;
  c->paused = false;
  if (!c->ended)
    uv_read_start((uv_stream_t *)&c->socket, provide_room, came);
  connection_pass_kept(c);
}

void
connection_make_raw(struct connection *c)
{
  c->setup.raw = true;
  connection_watch_frame(c, false);
  connection_pass_kept(c);
}

static void
stop_waiting(uv_timer_t *timer)
{
  destroy(timer->data);
}

void
connection_close(struct connection *c)
{
  bool open = connection_is_open(c);

  if (c->state == CONNECTION_GONE || c->state == CONNECTION_CLOSING)
    return;
  if (open && c->tls != NULL)
    tls_goodbye(c->tls);
  if (!open || connection_queued(c) == 0) {
    destroy(c);
    return;
  }
  c->state = CONNECTION_CLOSING;
  uv_read_stop((uv_stream_t *)&c->socket);
  uv_timer_start(&c->timer, stop_waiting, LINGER_MS, 0);
}

void
connection_abort(struct connection *c)
{
  if (c->state == CONNECTION_GONE)
    return;
  c->state = CONNECTION_GONE;
  if (uv_tcp_close_reset(&c->socket, forget) != 0)
    uv_close((uv_handle_t *)&c->socket, forget);
  uv_close((uv_handle_t *)&c->timer, forget);
}

void
connection_sent_all(struct connection *c)
{
  if (c->state == CONNECTION_CLOSING)
    destroy(c);
  else if (connection_is_open(c) && c->refused) {
    c->refused = false;
    c->setup.calls->drained(c->setup.owner, c);
  }
}
