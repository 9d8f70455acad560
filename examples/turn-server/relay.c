/* SPDX-License-Identifier: MIT
 *
 * relay.c - sockets of relayed addresses: datagrams from peers and to them,
 * ICMP errors, and TCP relays that listen.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "worker.h"

/* Peers that wait to be accepted. */
#define BACKLOG 16

/* Receive so often before others get their turn. */
#define ROUNDS 2

/* ICMP errors that are told in one go. */
#define ERRORS 16

struct relay {
  struct worker *worker;
  uint32_t number;
  struct saturn_address bound;
  bool stream;
  struct datagram_socket socket;
  uv_poll_t poll;
  uv_tcp_t tcp;
};

static bool
is_relay_port(uint16_t port)
{
  return port >= server.first_port && port <= server.last_port;
}

/* Behind a static NAT our own public address leads nowhere, so what is meant
   for it stays inside (T-376). */
struct saturn_address
relay_inside(const struct saturn_address *advertised)
{
  struct saturn_address a = *advertised;

  for (size_t i = 0; i < server.n_addresses; i++)
    if (server.addresses[i].advertised.family != SATURN_NO_FAMILY
        && saturn_address_same_ip(&server.addresses[i].advertised, advertised)
        && is_relay_port(advertised->port)) {
      a = server.addresses[i].bound;
      a.port = advertised->port;
      break;
    }
  return a;
}

struct saturn_address
relay_outside(const struct saturn_address *bound)
{
  struct saturn_address a = *bound;

  for (size_t i = 0; i < server.n_addresses; i++)
    if (server.addresses[i].advertised.family != SATURN_NO_FAMILY
        && saturn_address_same_ip(&server.addresses[i].bound, bound)
        && is_relay_port(bound->port)) {
      a = server.addresses[i].advertised;
      a.port = bound->port;
      break;
    }
  return a;
}

static bool
is_same_flow(const struct datagram *a, const struct datagram *b)
{
  return saturn_address_equal(&a->from, &b->from) && a->ip.known == b->ip.known
         && a->ip.ttl == b->ip.ttl && a->ip.dscp == b->ip.dscp
         && a->ip.ecn == b->ip.ecn;
}

/* Hand what came to the client. Runs of one peer are looked up once. */
static void
take(struct relay *r, unsigned n, saturn_ms now)
{
  struct worker *w = r->worker;
  struct saturn_turn_flow flow;
  bool known = false;

  for (unsigned i = 0; i < n; i++) {
    struct datagram *d = datagrams_at(w->room, i);
    struct saturn_address from = relay_outside(&d->from);

    if (i == 0 || !is_same_flow(d, datagrams_at(w->room, i - 1)))
      known = saturn_turn_server_from_peer(w->machine, r->number, &from, &d->ip,
                                           now, &flow)
              == SATURN_TURN_TO_CLIENT;
    if (known)
      serve_payload(w, &flow, d->data, d->len);
  }
  serve_actions(w, now);
}

static void
take_errors(struct relay *r, saturn_ms now)
{
  static const struct saturn_ip_fields plain;
  struct worker *w = r->worker;
  uint8_t buf[SATURN_TURN_ICMP_MAX];
  struct saturn_turn_icmp icmp;
  struct saturn_turn_flow flow;
  struct saturn_bytes message;

  for (int i = 0; i < ERRORS && datagram_error(&r->socket, &icmp); i++) {
    icmp.peer = relay_outside(&icmp.peer);
    if (saturn_turn_server_icmp(w->machine, r->number, &icmp, now, buf,
                                sizeof buf, &flow, &message)
        != SATURN_TURN_TO_CLIENT)
      continue;
    event_icmp(w, flow.allocation, &icmp);
    client_send(w, &flow.client, message, &plain);
  }
}

static void
readable(uv_poll_t *poll, int status, int events)
{
  struct relay *r = poll->data;
  struct worker *w = r->worker;
  uint32_t number = r->number;
  saturn_ms now = now_ms();
  unsigned n = DATAGRAMS;

  (void)events;
  if (status < 0)
    take_errors(r, now);
  for (int round = 0;
       round < ROUNDS && n == DATAGRAMS && w->relays[number] == r; round++) {
    n = datagrams_receive(w->room, r->socket.fd);
    take(r, n, now);
  }
  if (status < 0 && w->relays[number] == r) /* libuv has stopped looking */
    uv_poll_start(&r->poll, UV_READABLE, readable);
}

static void
accepted(uv_stream_t *stream, int status)
{
  struct relay *r = stream->data;

  if (status == 0)
    peer_accept(r->worker, stream, r->number);
}

static int
open_stream(struct relay *r)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(&r->bound, &name);
  int fd =
      socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int on = 1, error = 0;

  if (fd < 0)
    return errno;
  /* Connections to peers leave from the same address. */
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (name.ss_family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&name, size) != 0)
    error = errno;
  else if (uv_tcp_open(&r->tcp, fd) != 0)
    error = EMFILE;
  if (error != 0)
    close(fd);
  else if (uv_listen((uv_stream_t *)&r->tcp, BACKLOG, accepted) != 0)
    error = EADDRINUSE;
  return error;
}

static void
forget(uv_handle_t *handle)
{
  free(handle->data);
}

static int
open_socket(struct relay *r)
{
  struct worker *w = r->worker;
  int error;

  if (r->stream) {
    uv_tcp_init(&w->loop, &r->tcp);
    r->tcp.data = r;
    error = open_stream(r);
    if (error != 0)
      uv_close((uv_handle_t *)&r->tcp, forget);
    return error;
  }
  error = datagram_open(&r->socket, &r->bound, false, true);
  if (error != 0) {
    free(r);
    return error;
  }
  uv_poll_init(&w->loop, &r->poll, r->socket.fd);
  r->poll.data = r;
  uv_poll_start(&r->poll, UV_READABLE, readable);
  return 0;
}

enum saturn_turn_opened
relay_open(struct worker *w, const struct saturn_turn_action *action)
{
  struct relay *r;
  int error;

  if (ledger_port_rests(w->index, &action->address, now_ms()))
    return SATURN_OPEN_IN_USE;
  r = allocate(sizeof *r);
  r->worker = w;
  r->number = action->relay;
  r->bound = action->address;
  r->stream = action->transport == SATURN_TCP;
  error = open_socket(r);
  if (error == 0) {
    w->relays[action->relay] = r;
    event_port(&r->bound, ledger_port_taken(&r->bound));
  }
  if (error == EADDRINUSE)
    return SATURN_OPEN_IN_USE;
  return error == 0 ? SATURN_OPENED : SATURN_OPEN_FAILED;
}

void
relay_close(struct worker *w, uint32_t number)
{
  struct relay *r = w->relays[number];

  if (r == NULL)
    return;
  w->relays[number] = NULL;
  ledger_port_freed(w->index, &r->bound, now_ms());
  if (r->stream) {
    uv_close((uv_handle_t *)&r->tcp, forget);
    return;
  }
  uv_close((uv_handle_t *)&r->poll, forget);
  close(r->socket.fd);
}

void
relay_send(struct worker *w, const struct saturn_turn_flow *flow,
           struct saturn_bytes payload)
{
  struct relay *r = w->relays[flow->relay];
  struct saturn_address to = relay_inside(&flow->peer);

  if (r != NULL && !r->stream
      && !datagram_send(&r->socket, &to, payload, &flow->ip))
    w->full_drops++;
}

const struct saturn_address *
relay_address(const struct worker *w, uint32_t number)
{
  static const struct saturn_address none;

  return w->relays[number] == NULL ? &none : &w->relays[number]->bound;
}
