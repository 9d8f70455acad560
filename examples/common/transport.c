/* SPDX-License-Identifier: MIT
 *
 * transport.c - a client's way to a server, over UDP, TCP, TLS or DTLS.
 */
#include "transport.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

#define OPEN_MS 10000

/* Room in the kernel for bursts, in bytes. */
#define SOCKET_BUFFER (1 << 20)

struct transport {
  struct transport_setup setup;
  char *name;
  struct saturn_address local;
  struct connection *connection; /* TCP and TLS; otherwise null */
  uv_udp_t socket;               /* UDP and DTLS */
  uv_timer_t timer;
  unsigned handles;
  struct tls *tls; /* of DTLS */
  saturn_ms begun;
  bool open, gone;
};

bool
transport_is_stream(enum saturn_turn_transport kind)
{
  return kind == SATURN_OVER_TCP || kind == SATURN_OVER_TLS;
}

const char *
transport_name(enum saturn_turn_transport kind)
{
  static const char *const names[] = { [SATURN_OVER_UDP] = "udp",
                                       [SATURN_OVER_TCP] = "tcp",
                                       [SATURN_OVER_TLS] = "tls",
                                       [SATURN_OVER_DTLS] = "dtls" };

  return names[kind];
}

static void
tell_tap(struct transport *t, bool sent, const struct saturn_address *other,
         struct saturn_bytes message)
{
  if (t->setup.tap == NULL)
    return;
  t->setup.tap(t->setup.tap_context, t->setup.kind, sent ? &t->local : other,
               sent ? other : &t->local, message);
}

static void
forget(uv_handle_t *handle)
{
  struct transport *t = handle->data;

  if (--t->handles > 0)
    return;
  tls_free(t->tls);
  free(t->name);
  free(t);
}

static void
destroy(struct transport *t)
{
  t->gone = true;
  uv_close((uv_handle_t *)&t->timer, forget);
  if (!transport_is_stream(t->setup.kind))
    uv_close((uv_handle_t *)&t->socket, forget);
}

static void
end(struct transport *t, const struct connection_end *why)
{
  if (t->gone)
    return;
  destroy(t);
  t->setup.calls->closed(t->setup.owner, t, why);
}

/*
 * Streams.
 */

static void
connection_opened(void *owner, struct connection *connection)
{
  struct transport *t = owner;

  t->local = *connection_local(connection);
  t->open = true;
  t->setup.calls->opened(t->setup.owner, t);
}

static void
connection_received(void *owner, struct connection *connection,
                    struct saturn_bytes message)
{
  struct transport *t = owner;

  (void)connection;
  tell_tap(t, false, &t->setup.server, message);
  t->setup.calls->received(t->setup.owner, t, &t->setup.server, message);
}

static void
connection_drained(void *owner, struct connection *connection)
{
  (void)owner;
  (void)connection;
}

static void
connection_closed(void *owner, struct connection *connection,
                  const struct connection_end *why)
{
  struct transport *t = owner;

  (void)connection;
  end(t, why); /* who may look at the session once more */
  t->connection = NULL;
}

static const struct connection_calls connection_calls = {
  connection_opened, connection_received, connection_drained, connection_closed
};

static int
open_stream(struct transport *t)
{
  const struct connection_setup setup = {
    .loop = t->setup.loop,
    .calls = &connection_calls,
    .owner = t,
    .context = t->setup.kind == SATURN_OVER_TLS ? t->setup.context : NULL,
    .name = t->name,
    .insecure = t->setup.insecure,
    .queue_max = t->setup.queue_max,
    .open_ms = t->setup.open_ms,
    .frame_ms = t->setup.open_ms,
    .stun_first = true,
  };
  int error;

  t->connection = connection_open(&setup, &t->setup.server, &error);
  return error;
}

/*
 * Datagrams.
 */

static void
fail_by_tls(struct transport *t)
{
  struct connection_end why = { .shaking = !t->open,
                                .tls = *tls_fault(t->tls) };

  if (t->open && why.tls.reason == TLS_CLOSED) {
    why.tls.reason = TLS_FINE;
    why.error = UV_EOF;
  }
  end(t, &why);
}

/* Read on, and see when the next flight is due. */
static void
advance_dtls(struct transport *t)
{
  static _Thread_local uint8_t message[TLS_RECORD_MAX];
  size_t n;

  if (!t->open && tls_state(t->tls) == TLS_READY) {
    t->open = true;
    uv_timer_stop(&t->timer);
    t->setup.calls->opened(t->setup.owner, t);
  }
  while (!t->gone && (n = tls_read(t->tls, message, sizeof message)) > 0) {
    tell_tap(t, false, &t->setup.server, saturn_view(message, n));
    t->setup.calls->received(t->setup.owner, t, &t->setup.server,
                             saturn_view(message, n));
  }
  if (!t->gone && tls_state(t->tls) == TLS_OVER)
    fail_by_tls(t);
}

static void
dtls_timer(uv_timer_t *timer)
{
  const struct connection_end late = { .error = UV_ETIMEDOUT, .shaking = true };
  struct transport *t = timer->data;
  uint32_t wait;

  if (now_ms() >= t->begun + t->setup.open_ms) {
    end(t, &late);
    return;
  }
  wait = tls_timeout_ms(t->tls);
  if (wait == 0) {
    tls_timer(t->tls);
    wait = tls_timeout_ms(t->tls);
  }
  if (tls_state(t->tls) == TLS_OVER) {
    fail_by_tls(t);
    return;
  }
  /* The deadline counts, however far the next flight is. */
  uv_timer_start(timer, dtls_timer,
                 wait < 50    ? 50
                 : wait < 250 ? wait
                              : 250,
                 0);
}

static void
provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  static _Thread_local uint8_t room[65536];

  (void)handle;
  (void)suggested;
  *buf = uv_buf_init((char *)room, sizeof room);
}

static void
datagram_came(struct transport *t, const struct saturn_address *from,
              struct saturn_bytes datagram)
{
  if (t->tls == NULL) {
    tell_tap(t, false, from, datagram);
    t->setup.calls->received(t->setup.owner, t, from, datagram);
  } else if (saturn_address_equal(from, &t->setup.server)) {
    tls_input(t->tls, datagram);
    advance_dtls(t);
  }
}

static void
note_error(struct transport *t, int error)
{
  struct udp_error last;

  udp_read_errors(&t->socket, error, &last);
  if (last.error != UV_EAGAIN)
    t->setup.calls->reported(t->setup.owner, t, &last);
}

static void
came(uv_udp_t *socket, ssize_t n, const uv_buf_t *buf,
     const struct sockaddr *from, unsigned flags)
{
  struct transport *t = socket->data;
  struct saturn_address source;

  if (t->gone || (n == 0 && from == NULL) || (flags & UV_UDP_PARTIAL) != 0)
    return;
  if (n < 0) {
    note_error(t, (int)n);
    return;
  }
  source = address_of(from);
  datagram_came(t, &source, saturn_view(buf->base, (size_t)n));
}

static bool
send_datagram(struct transport *t, struct saturn_bytes datagram)
{
  char *data = (char *)(uintptr_t)datagram.data;
  uv_buf_t buf = uv_buf_init(data, (unsigned)datagram.len);
  struct sockaddr_storage to;
  int n;

  address_to(&t->setup.server, &to);
  n = uv_udp_try_send(&t->socket, &buf, 1, (struct sockaddr *)&to);
  if (n >= 0 || n == UV_EAGAIN)
    return n >= 0;
  /* Perhaps it is what became of an earlier one, and this one may go. */
  note_error(t, n);
  return !t->gone
         && uv_udp_try_send(&t->socket, &buf, 1, (struct sockaddr *)&to) >= 0;
}

static void
send_for_tls(void *owner, struct saturn_bytes datagram)
{
  send_datagram(owner, datagram);
}

static int
bind_socket(struct transport *t)
{
  struct sockaddr_storage name;
  int size = sizeof name, room = SOCKET_BUFFER;
  int error = udp_find_local(&t->setup.server, &t->local);

  if (error != 0)
    return error;
  t->local.port = 0;
  address_to(&t->local, &name);
  error =
      uv_udp_bind(&t->socket, (struct sockaddr *)&name, UV_UDP_LINUX_RECVERR);
  if (error == 0)
    error = uv_udp_recv_start(&t->socket, provide_room, came);
  if (error == 0)
    error = uv_udp_getsockname(&t->socket, (struct sockaddr *)&name, &size);
  if (error == 0)
    t->local = address_of((struct sockaddr *)&name);
  uv_recv_buffer_size((uv_handle_t *)&t->socket, &room); /* if it may be */
  return error;
}

static void
udp_is_open(uv_timer_t *timer)
{
  struct transport *t = timer->data;

  t->open = true;
  t->setup.calls->opened(t->setup.owner, t);
}

static void
begin_dtls(uv_timer_t *timer)
{
  struct transport *t = timer->data;
  const struct tls_setup setup = {
    .context = t->setup.context,
    .datagram = true,
    .insecure = t->setup.insecure,
    .name = t->name,
    .send = send_for_tls,
    .owner = t,
  };

  t->tls = tls_new(&setup);
  if (t->tls == NULL)
    die(EXIT_CANNOT, "no more sessions of DTLS");
  uv_timer_start(timer, dtls_timer, 0, 0);
  tls_start(t->tls);
}

static int
open_datagrams(struct transport *t)
{
  int error;

  uv_udp_init(t->setup.loop, &t->socket);
  t->socket.data = t;
  t->handles++;
  error = bind_socket(t);
  if (error == 0)
    uv_timer_start(&t->timer,
                   t->setup.kind == SATURN_OVER_DTLS ? begin_dtls : udp_is_open,
                   0, 0);
  return error;
}

/*
 * All.
 */

struct transport *
transport_open(const struct transport_setup *setup, int *error)
{
  struct transport *t = allocate(sizeof *t);

  t->setup = *setup;
  if (t->setup.open_ms == 0)
    t->setup.open_ms = OPEN_MS;
  if (setup->name != NULL)
    t->setup.name = t->name = strdup(setup->name);
  t->begun = now_ms();
  uv_timer_init(setup->loop, &t->timer);
  t->timer.data = t;
  t->handles = 1;
  *error =
      transport_is_stream(setup->kind) ? open_stream(t) : open_datagrams(t);
  if (*error == 0)
    return t;
  destroy(t);
  return NULL;
}

bool
transport_send(struct transport *t, struct saturn_bytes message)
{
  bool sent;

  if (!t->open || t->gone)
    return false;
  if (t->connection != NULL)
    sent = connection_send(t->connection, message);
  else if (t->tls != NULL)
    sent = tls_write(t->tls, message);
  else
    sent = send_datagram(t, message);
  if (sent)
    tell_tap(t, true, &t->setup.server, message);
  return sent;
}

void
transport_close(struct transport *t)
{
  if (t == NULL || t->gone)
    return;
  if (t->connection != NULL)
    connection_close(t->connection);
  t->connection = NULL;
  if (t->tls != NULL)
    tls_goodbye(t->tls);
  destroy(t);
}

void
transport_give(struct transport *t, const struct transport_calls *calls,
               void *owner)
{
  t->setup.calls = calls;
  t->setup.owner = owner;
}

const struct transport_setup *
transport_setup(const struct transport *t)
{
  return &t->setup;
}

const struct saturn_address *
transport_local(const struct transport *t)
{
  return &t->local;
}

const struct tls *
transport_tls(const struct transport *t)
{
  return t->connection != NULL ? connection_tls(t->connection) : t->tls;
}
