/* SPDX-License-Identifier: MIT
 *
 * traffic.c - data there and back through a relay, counted and compared.
 */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"

/* A packet that has not come after this long counts as lost. */
#define PATIENCE_MS 1000

/* So many are waited for in vain at the start before giving up. */
#define HOPELESS 3

/* What is in packet NUMBER: bytes that no other packet has, so that a late
   one is not taken for the next. */
static void
fill(uint8_t *payload, size_t len, unsigned number, uint32_t seed)
{
  uint32_t x = seed ^ (number * 2654435761u);

  for (size_t i = 0; i < len; i++) {
    x = x * 1664525u + 1013904223u;
    payload[i] = (uint8_t)(x >> 24);
  }
}

void
traffic_data(void *owner, struct client *client, enum saturn_client_came came,
             const struct saturn_client_output *output)
{
  struct traffic *t = owner;
  const struct traffic_ends *ends = t->ends;

  if (ends == NULL || client != t->waiting)
    return;
  if (came == SATURN_CLIENT_ICMP) {
    t->icmp = t->given_up = true;
    t->icmp_type = output->icmp_type;
    t->icmp_code = output->icmp_code;
    return;
  }
  if (came != SATURN_CLIENT_DATA
      || !saturn_address_same_ip(&output->peer, client == ends->client
                                                    ? &ends->peer
                                                    : &ends->client_relayed)
      || output->payload.len != t->len)
    return;
  if (memcmp(output->payload.data, t->payload, t->len) == 0)
    t->came = true;
  else if (t->returned == t->sent - 1) {
    t->altered++; /* nothing else can be on its way */
    t->given_up = true;
  }
}

/* Wait for the packet at the side of the client, or at the other one. */
static bool
await(struct traffic *t, const struct client *client)
{
  saturn_ms deadline = now_ms() + PATIENCE_MS;

  t->waiting = client;
  t->came = t->given_up = false;
  while (!t->came && !t->given_up && !client->over && now_ms() < deadline
         && !client->events->interrupted)
    events_wait(client->events, deadline);
  t->waiting = NULL;
  return t->came;
}

/* One packet there and back. */
static bool
round_trip(struct traffic *t)
{
  const struct traffic_ends *ends = t->ends;
  const struct saturn_bytes payload = { t->payload, t->len };

  t->sent++;
  client_send(ends->client, &ends->peer, payload);
  if (ends->other != NULL) {
    if (!await(t, ends->other))
      return false;
    t->arrived++;
    client_send(ends->other, &ends->client_relayed, payload);
  }
  return await(t, ends->client);
}

/* What takes longer than a second should not look dead. */
static void
show_progress(const struct traffic *t, unsigned count, saturn_ms *told)
{
  if (now_ms() < *told + 1000)
    return;
  *told = now_ms();
  complain("%u of %u packets sent, %u back", t->sent, count, t->returned);
}

static int
compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

void
traffic_run(const struct traffic_ends *ends, unsigned count, size_t len,
            struct traffic *traffic)
{
  double *rtt = allocate((count + 1) * sizeof *rtt);
  uint8_t *payload = allocate(len + 1);
  saturn_ms told = now_ms();
  uint32_t seed;

  random_bytes(&seed, sizeof seed);
  *traffic = (struct traffic){ .len = len, .ends = ends, .payload = payload };
  for (unsigned i = 0;
       i < count && !ends->client->over && !ends->client->events->interrupted;
       i++) {
    uint64_t start = now_us();

    fill(payload, len, i, seed);
    if (round_trip(traffic))
      rtt[traffic->returned++] = (double)(now_us() - start) / 1000;
    if (traffic->icmp || (traffic->returned == 0 && i + 1 == HOPELESS))
      break;
    show_progress(traffic, count, &told);
  }
  if (traffic->returned > 0) {
    qsort(rtt, traffic->returned, sizeof *rtt, compare);
    traffic->rtt_min_ms = rtt[0];
    traffic->rtt_median_ms = rtt[traffic->returned / 2];
    traffic->rtt_max_ms = rtt[traffic->returned - 1];
  }
  traffic->ends = NULL;
  free(payload);
  free(rtt);
}
