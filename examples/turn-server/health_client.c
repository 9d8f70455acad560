/* SPDX-License-Identifier: MIT
 *
 * health_client.c - a client of this server, in this server: allocate, delete.
 * It blocks, for two seconds at most.
 */
#include "health_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "saturn/builder.h"
#include "saturn/login.h"
#include "saturn/registry.h"
#include "worker.h"

/* How long all of it may take, and after which time UDP repeats. */
#define PATIENCE_MS 2000
#define REPEAT_MS 250

/* Answers to one request that ask for another one. */
#define TRIES 4

struct probe {
  int fd;
  bool stream, tcp_relay;
  saturn_ms deadline;
  struct saturn_login login;
  struct saturn_attempt attempt;
  uint8_t request[1280], answer[2048];
  struct saturn_message message;
  char *text;
};

static bool
fail(struct probe *p, const char *what)
{
  snprintf(p->text, HEALTH_TEXT, "%s", what);
  return false;
}

static const struct place *
find_place(uint8_t transport)
{
  for (size_t i = 0; i < server.n_places; i++)
    if (server.places[i].transport == transport)
      return &server.places[i];
  return NULL;
}

/* Wait until the socket is readable; false at UNTIL. */
static bool
wait_readable(struct probe *p, saturn_ms until)
{
  struct pollfd waiting = { p->fd, POLLIN, 0 };
  saturn_ms now = now_ms();

  return now < until && poll(&waiting, 1, (int)(until - now)) > 0;
}

/* Read one message of a stream: its header says how long it is. */
static size_t
read_frame(struct probe *p)
{
  size_t len = 0, want = 20;

  while (len < want) {
    ssize_t n;

    if (!wait_readable(p, p->deadline))
      return 0;
    n = recv(p->fd, p->answer + len, want - len, 0);
    if (n <= 0)
      return 0;
    len += (size_t)n;
    if (len == 20)
      want = 20 + ((size_t)p->answer[2] << 8 | p->answer[3]);
    if (want > sizeof p->answer)
      return 0;
  }
  return len;
}

static size_t
read_answer(struct probe *p, saturn_ms until)
{
  ssize_t n;

  if (p->stream)
    return read_frame(p);
  if (!wait_readable(p, until))
    return 0;
  n = recv(p->fd, p->answer, sizeof p->answer, 0);
  return n < 0 ? 0 : (size_t)n;
}

/* Send a request, again and again over UDP, until its answer is there. */
static bool
exchange(struct probe *p, struct saturn_bytes request)
{
  saturn_ms repeat = 0;
  size_t len;

  while (now_ms() < p->deadline) {
    if (now_ms() >= repeat) {
      if (send(p->fd, request.data, request.len, MSG_NOSIGNAL) < 0)
        return fail(p, strerror(errno));
      repeat = p->stream ? SATURN_NEVER : now_ms() + REPEAT_MS;
    }
    len = read_answer(p, repeat < p->deadline ? repeat : p->deadline);
    if (len > 0
        && saturn_parse(&p->message, saturn_view(p->answer, len)) == SATURN_OK
        && memcmp(saturn_tid(&p->message), request.data + 8, SATURN_TID_SIZE)
               == 0)
      return true;
    if (p->stream && len == 0)
      break;
  }
  return fail(p, "no answer within 2 s");
}

static bool
send_request(struct probe *p, uint16_t method)
{
  bool ipv6 = server.addresses[0].bound.family == SATURN_IPV6;
  uint8_t tid[SATURN_TID_SIZE];
  struct saturn_bytes request;
  struct saturn_builder b;

  random_bytes(tid, sizeof tid);
  saturn_begin(&b, p->request, sizeof p->request, SATURN_REQUEST, method, tid);
  if (method == SATURN_METHOD_ALLOCATE) {
    saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, p->tcp_relay ? 6 : 17);
    if (ipv6)
      saturn_put_u8(&b, SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, 2);
  } else {
    saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 0);
  }
  saturn_put_login(&b, &p->login, &p->attempt);
  return saturn_finish(&b, &request) == SATURN_OK
             ? exchange(p, request)
             : fail(p, "the request could not be written");
}

static bool
refused(struct probe *p, uint16_t method)
{
  snprintf(p->text, HEALTH_TEXT, "%s was refused: %u %s",
           saturn_method_name(method), p->login.code,
           saturn_reason(p->login.code));
  return false;
}

/* One request, with what the server wants to know first. */
static bool
ask(struct probe *p, uint16_t method)
{
  memset(&p->attempt, 0, sizeof p->attempt);
  for (int i = 0; i < TRIES; i++) {
    if (!send_request(p, method))
      return false;
    switch (saturn_login_answer(&p->login, &p->attempt, &p->message)) {
    case SATURN_ACCEPTED:
      return true;
    case SATURN_RETRY:
      break;
    default:
      return refused(p, method);
    }
  }
  return refused(p, method);
}

static bool
open_probe(struct probe *p, const struct place *place,
           const struct health_login *login)
{
  const struct timeval patience = { 1, 0 };
  struct sockaddr_storage name;
  struct saturn_address client;
  socklen_t size;

  p->stream = place->transport == SATURN_OVER_TCP;
  size = address_to(&place->address, &name);
  p->fd = socket(name.ss_family,
                 (p->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
  if (p->fd >= 0)
    setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&name, size) != 0)
    return fail(p, strerror(errno));
  size = sizeof name;
  getsockname(p->fd, (struct sockaddr *)&name, &size);
  client = address_of((struct sockaddr *)&name);
  login->announce(&client);
  return true;
}

/* TCP relays are for clients that come over TCP (RFC 6062). */
static const struct place *
choose_place(bool tcp_relay)
{
  const struct place *udp = find_place(SATURN_OVER_UDP);

  return udp != NULL && !tcp_relay ? udp : find_place(SATURN_OVER_TCP);
}

static bool
say_good(struct probe *p, uint64_t took_us)
{
  snprintf(p->text, HEALTH_TEXT, "a relay was made and deleted in %.1f ms",
           (double)took_us / 1000);
  return true;
}

bool
health_allocate(const struct health_login *login, char text[HEALTH_TEXT])
{
  const struct place *place = choose_place(login->tcp_relay);
  struct probe p = { .fd = -1, .text = text };
  uint64_t start = now_us();
  bool good;

  if (place == NULL) /* the threads do answer */
    return !fail(&p, "not tried: there is no listener of UDP or TCP");
  p.deadline = now_ms() + PATIENCE_MS;
  p.tcp_relay = login->tcp_relay;
  p.login.username = text_of(login->name);
  p.login.password = text_of(login->password);
  p.login.turn = true;
  good = open_probe(&p, place, login) && ask(&p, SATURN_METHOD_ALLOCATE)
         && ask(&p, SATURN_METHOD_REFRESH) && say_good(&p, now_us() - start);
  if (!good && p.login.code == 300)
    good = !fail(&p, "clients are sent to another server");
  if (p.fd >= 0)
    close(p.fd);
  saturn_login_wipe(&p.login);
  return good;
}
