/* SPDX-License-Identifier: MIT
 *
 * connection_send.c - TCP connections of messages: both ways to get one, and
 * the queue of what is to be sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection_state.h"
#include "program.h"
#include "saturn/stream.h"

/* Bytes that the system has not yet taken. */
struct waiting {
  uv_write_t request;
  size_t size; /* of all this */
  uint8_t bytes[];
};

static void
written(uv_write_t *request, int error)
{
  struct waiting *waiting = (struct waiting *)request; /* its first member */
  struct connection *c = request->data;

  c->waiting -= waiting->size;
  free(waiting);
  if (error == UV_ECANCELED)
    return;
  if (error != 0) {
    const struct connection_end why = { .error = error };

    connection_fail(c, &why);
  } else if (connection_queued(c) == 0)
    connection_sent_all(c);
}

void
connection_write(void *context, struct saturn_bytes bytes)
{
  struct connection *c = context;
  uv_stream_t *stream = (uv_stream_t *)&c->socket;
  char *data = (char *)(uintptr_t)bytes.data;
  uv_buf_t buf = uv_buf_init(data, (unsigned)bytes.len);
  struct waiting *waiting;
  size_t size;
  int n = 0;

  if (c->state == CONNECTION_GONE)
    return;
  if (connection_queued(c) == 0)
    n = uv_try_write(stream, &buf, 1);
  if (n < 0)
    n = 0; /* UV_EAGAIN; or an error that uv_write will have, too */
  if ((size_t)n == bytes.len)
    return;
  size = sizeof *waiting + bytes.len - (size_t)n;
  waiting = reallocate(NULL, size);
  waiting->size = size;
  memcpy(waiting->bytes, bytes.data + n, bytes.len - (size_t)n);
  waiting->request.data = c;
  buf = uv_buf_init((char *)waiting->bytes, (unsigned)(bytes.len - (size_t)n));
  if (uv_write(&waiting->request, stream, &buf, 1, written) != 0)
    free(waiting);
  else
    c->waiting += size;
}

static void
is_shut(uv_shutdown_t *request, int error)
{
  (void)request;
  (void)error;
}

void
connection_finish(struct connection *c)
{
  if (connection_is_open(c))
    uv_shutdown(&c->shutdown, (uv_stream_t *)&c->socket, is_shut);
}

bool
connection_ends_halfway(struct connection *c)
{
  if (!connection_is_open(c) || c->tls != NULL || !c->setup.raw
      || c->setup.ended == NULL)
    return false;
  c->ended = true;
  uv_read_stop((uv_stream_t *)&c->socket);
  c->setup.ended(c->setup.owner, c);
  return true;
}

size_t
connection_queued(const struct connection *c)
{
  return c->waiting;
}

void
connection_await(struct connection *c)
{
  c->refused = true;
}

static void
put(struct connection *c, struct saturn_bytes bytes)
{
  if (c->tls != NULL)
    tls_write(c->tls, bytes);
  else
    connection_write(c, bytes);
}

/* ChannelData of a length that is not in whole words. */
static void
put_padded(struct connection *c, struct saturn_bytes message, size_t padding)
{
  uint8_t *padded = allocate(message.len + padding);

  memcpy(padded, message.data, message.len);
  put(c, saturn_view(padded, message.len + padding));
  free(padded);
}

bool
connection_send(struct connection *c, struct saturn_bytes message)
{
  size_t padding = c->setup.raw ? 0 : saturn_channel_padding(message.len);

  if (c->state != CONNECTION_OPEN)
    return false;
  if (connection_queued(c) + message.len > c->setup.queue_max) {
    c->refused = true;
    return false;
  }
  if (padding > 0)
    put_padded(c, message, padding);
  else
    put(c, message);
  return true;
}

const struct saturn_address *
connection_remote(const struct connection *c)
{
  return &c->remote;
}

const struct saturn_address *
connection_local(const struct connection *c)
{
  return &c->local;
}

const struct tls *
connection_tls(const struct connection *c)
{
  return c->tls;
}

void
connection_give(struct connection *c, void *owner)
{
  c->setup.owner = owner;
}

void
connection_limit(struct connection *c, size_t frame_max, size_t queue_max)
{
  c->setup.frame_max = frame_max;
  c->setup.queue_max = queue_max;
}

static int
note_addresses(struct connection *c)
{
  struct sockaddr_storage name;
  int size = sizeof name;
  int e = uv_tcp_getsockname(&c->socket, (struct sockaddr *)&name, &size);

  if (e != 0)
    return e;
  c->local = address_of((struct sockaddr *)&name);
  size = sizeof name;
  e = uv_tcp_getpeername(&c->socket, (struct sockaddr *)&name, &size);
  if (e == 0)
    c->remote = address_of((struct sockaddr *)&name);
  return e;
}

static void
connected(uv_connect_t *request, int error)
{
  struct connection *c = request->data;

  if (error == UV_ECANCELED)
    return;
  if (error == 0)
    error = note_addresses(c);
  if (error != 0) {
    const struct connection_end why = { .error = error };

    connection_fail(c, &why);
    return;
  }
  connection_begin(c, false);
  if (c->tls != NULL)
    return;
  uv_timer_stop(&c->timer);
  c->state = CONNECTION_OPEN;
  c->setup.calls->opened(c->setup.owner, c);
}

/* Bind to setup.local, which a listener of ours may have as well. */
static int
bind_local(struct connection *c)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(&c->setup.local, &name);
  int on = 1, fd, error;

  if (!c->setup.shared)
    return uv_tcp_bind(&c->socket, (struct sockaddr *)&name, 0);
  fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return uv_translate_sys_error(errno);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  error = bind(fd, (struct sockaddr *)&name, size) == 0
              ? uv_tcp_open(&c->socket, fd)
              : uv_translate_sys_error(errno);
  if (error != 0)
    close(fd);
  return error;
}

struct connection *
connection_open(const struct connection_setup *setup,
                const struct saturn_address *server, int *error)
{
  struct connection *c = connection_new(setup);
  struct sockaddr_storage name;

  c->remote = *server;
  c->connect.data = c;
  *error = 0;
  if (setup->local.family != SATURN_NO_FAMILY)
    *error = bind_local(c);
  address_to(server, &name);
  if (*error == 0)
    *error = uv_tcp_connect(&c->connect, &c->socket, (struct sockaddr *)&name,
                            connected);
  if (*error == 0)
    return c;
  connection_close(c);
  return NULL;
}

struct connection *
connection_accept(const struct connection_setup *setup, uv_stream_t *listener,
                  int *error)
{
  struct connection *c = connection_new(setup);

  *error = uv_accept(listener, (uv_stream_t *)&c->socket);
  if (*error == 0)
    *error = note_addresses(c);
  if (*error != 0) {
    connection_close(c);
    return NULL;
  }
  connection_begin(c, true);
  if (c->tls == NULL) {
    uv_timer_stop(&c->timer);
    c->state = CONNECTION_OPEN;
  }
  return c;
}
