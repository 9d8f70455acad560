/* SPDX-License-Identifier: MIT
 *
 * redirects.c - servers that send their clients elsewhere: in circles, or to
 * where nobody answers.
 */
#include <string.h>

#include "session.h"

#define CLIENTS_MAX 4096
#define TARGETS_MAX 4096

/* So many redirects in a row are a circle (RFC 8489, 10). */
#define VISITED_MAX 4

#define IP_SIZE 17
#define ADDRESS_SIZE 19

/* The servers that sent a client elsewhere since its last allocation. */
struct visits {
  struct table_entry entry;
  uint8_t client[IP_SIZE + 1]; /* and the transport */
  struct saturn_address servers[VISITED_MAX];
  size_t n;
};

struct target {
  struct table_entry entry;
  uint8_t address[ADDRESS_SIZE];
};

static void
put_ip(const struct saturn_address *address, uint8_t key[IP_SIZE])
{
  key[0] = address->family;
  memcpy(key + 1, address->ip, sizeof address->ip);
}

static void
put_address(const struct saturn_address *address, uint8_t key[ADDRESS_SIZE])
{
  put_ip(address, key);
  key[IP_SIZE] = (uint8_t)(address->port >> 8);
  key[IP_SIZE + 1] = (uint8_t)address->port;
}

void
redirects_start(struct decoder *d)
{
  table_init(&d->visits, IP_SIZE + 1, sizeof(struct visits), CLIENTS_MAX, NULL,
             NULL);
  table_init(&d->targets, ADDRESS_SIZE, sizeof(struct target), TARGETS_MAX,
             NULL, NULL);
}

void
redirects_end(struct decoder *d)
{
  table_clear(&d->visits);
  table_clear(&d->targets);
}

static void
put_client(const struct flow *answer, uint8_t key[IP_SIZE + 1])
{
  put_ip(&answer->dst, key);
  key[IP_SIZE] = answer->transport;
}

bool
redirect_is_loop(struct decoder *d, const struct flow *answer,
                 const struct saturn_address *target)
{
  uint8_t key[ADDRESS_SIZE];
  struct visits *v;
  bool made;

  put_address(target, key);
  table_get(&d->targets, key, &made);
  put_client(answer, key);
  v = table_get(&d->visits, key, &made);
  if (address_is_same(&answer->src, target))
    return true;
  for (size_t i = 0; i < v->n; i++) {
    if (address_is_same(&v->servers[i], target))
      return true;
    if (address_is_same(&v->servers[i], &answer->src))
      return false; /* it was asked again */
  }
  if (v->n == VISITED_MAX)
    return true;
  v->servers[v->n++] = answer->src;
  return false;
}

void
redirect_ends(struct decoder *d, const struct flow *answer)
{
  uint8_t key[IP_SIZE + 1];
  struct visits *v;

  put_client(answer, key);
  v = table_find(&d->visits, key);
  if (v != NULL)
    v->n = 0;
}

bool
redirect_is_target(struct decoder *d, const struct saturn_address *server)
{
  uint8_t key[ADDRESS_SIZE];

  put_address(server, key);
  return table_find(&d->targets, key) != NULL;
}
