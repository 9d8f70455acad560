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

static bool
same(struct saturn_bytes a, const uint8_t *payload, size_t len)
{
  return a.len == len && memcmp(a.data, payload, len) == 0;
}

/* Wait for the packet at the side of the client, or at the other one. What
   has its length but not its content is noted as altered. */
static bool
await(struct session *session, const struct traffic_ends *ends,
      const uint8_t *payload, size_t len, struct traffic *traffic)
{
  saturn_ms deadline = now_ms() + PATIENCE_MS;
  struct session_data data;

  while (session_receive(session, deadline, &data)) {
    if (data.icmp) {
      traffic->icmp = true;
      traffic->icmp_type = data.icmp_type;
      traffic->icmp_code = data.icmp_code;
      return false;
    }
    if (data.by_channel
            ? data.channel != ends->channel
            : !saturn_address_same_ip(&data.peer, session == ends->client
                                                      ? &ends->peer
                                                      : &ends->client_relayed))
      continue;
    if (same(data.payload, payload, len))
      return true;
    if (data.payload.len == len && traffic->returned == traffic->sent - 1) {
      traffic->altered++; /* nothing else can be on its way */
      return false;
    }
  }
  return false;
}

/* One packet there and back. */
static bool
round_trip(const struct traffic_ends *ends, const uint8_t *payload, size_t len,
           struct traffic *traffic)
{
  session_send_channel(ends->client, ends->channel, saturn_view(payload, len));
  traffic->sent++;
  if (ends->other != NULL) {
    if (!await(ends->other, ends, payload, len, traffic))
      return false;
    traffic->arrived++;
    session_send(ends->other, &ends->client_relayed, saturn_view(payload, len));
  }
  return await(ends->client, ends, payload, len, traffic);
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
  uint32_t seed;

  random_bytes(&seed, sizeof seed);
  *traffic = (struct traffic){ .len = len };
  for (unsigned i = 0; i < count; i++) {
    uint64_t start = now_us();

    fill(payload, len, i, seed);
    if (round_trip(ends, payload, len, traffic))
      rtt[traffic->returned++] = (double)(now_us() - start) / 1000;
    if (traffic->icmp || (traffic->returned == 0 && i + 1 == HOPELESS))
      break;
  }
  if (traffic->returned > 0) {
    qsort(rtt, traffic->returned, sizeof *rtt, compare);
    traffic->rtt_min_ms = rtt[0];
    traffic->rtt_median_ms = rtt[traffic->returned / 2];
    traffic->rtt_max_ms = rtt[traffic->returned - 1];
  }
  free(payload);
  free(rtt);
}
