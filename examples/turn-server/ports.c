/* SPDX-License-Identifier: MIT
 *
 * ports.c - which port a relayed address gets (T-106, T-120 to T-122).
 */
#include "ports.h"

#include "io.h"
#include "program.h"

/* How long a port rests after use, while others are free. */
#define QUARANTINE_MS 30000

/* How often to guess before looking at all ports in turn. */
#define GUESSES 32

struct search {
  struct relay_ip *ip;
  uint32_t min, max;
  enum parity parity;
  bool rested; /**< pass by ports that are in quarantine */
  saturn_ms now;
};

bool
port_is_used(const struct relay_ip *ip, uint16_t port)
{
  return (ip->used[port / 8] & 1 << port % 8) != 0;
}

static void
set_used(struct relay_ip *ip, uint16_t port, bool used)
{
  if (used)
    ip->used[port / 8] |= (uint8_t)(1 << port % 8);
  else
    ip->used[port / 8] &= (uint8_t) ~(1 << port % 8);
}

void
ports_free(struct relay_ip *ip, uint16_t port, saturn_ms now)
{
  set_used(ip, port, false);
  ip->freed_ms[port] = now;
}

static bool
is_free(const struct search *s, uint32_t port)
{
  uint64_t freed = s->ip->freed_ms[port];

  return !port_is_used(s->ip, (uint16_t)port)
         && (!s->rested || freed == 0 || s->now - freed >= QUARANTINE_MS);
}

static bool
fits(const struct search *s, uint32_t port)
{
  if (!is_free(s, port) || (s->parity != ANY_PORT && port % 2 != 0))
    return false;
  return s->parity != PORT_PAIR || (port < s->max && is_free(s, port + 1));
}

static bool
open_at(const struct search *s, uint32_t port, struct relay_socket *sockets[2])
{
  struct saturn_address address = s->ip->bound;

  if (!fits(s, port))
    return false;
  address.port = (uint16_t)port;
  sockets[0] = io_open(&address);
  sockets[1] = NULL;
  if (sockets[0] == NULL || s->parity != PORT_PAIR)
    return sockets[0] != NULL;
  address.port++;
  sockets[1] = io_open(&address);
  if (sockets[1] == NULL)
    io_close(sockets[0]);
  return sockets[1] != NULL;
}

/* A number below N, each as likely as the others. */
static uint32_t
random_below(uint32_t n)
{
  uint32_t limit = UINT32_MAX - UINT32_MAX % n, x;

  do
    random_bytes(&x, sizeof x);
  while (x >= limit);
  return x % n;
}

static bool
look(const struct search *s, uint32_t *port, struct relay_socket *sockets[2])
{
  uint32_t n = s->max - s->min + 1, start;

  for (int i = 0; i < GUESSES; i++) {
    *port = s->min + random_below(n);
    if (open_at(s, *port, sockets))
      return true;
  }
  start = random_below(n);
  for (uint32_t i = 0; i < n; i++) {
    *port = s->min + (start + i) % n;
    if (open_at(s, *port, sockets))
      return true;
  }
  return false;
}

bool
ports_open(const struct server *server, struct relay_ip *ip, enum parity parity,
           saturn_ms now, uint16_t *port, struct relay_socket *sockets[2])
{
  struct search s = {
    ip, server->config.min_port, server->config.max_port, parity, true, now
  };
  uint32_t found;

  if (!look(&s, &found, sockets)) {
    s.rested = false;
    if (!look(&s, &found, sockets))
      return false;
  }
  *port = (uint16_t)found;
  set_used(ip, *port, true);
  if (sockets[1] != NULL)
    set_used(ip, (uint16_t)(*port + 1), true);
  return true;
}
