/* SPDX-License-Identifier: MIT
 *
 * load.c - many clients at once: the run.
 */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "traffic.h"

/* Clients begin so far apart, lest they drown the server's first answers. */
#define RAMP_MS 2

/* What has not come back so long after the last packet is lost. */
#define TAIL_MS 2000

#define DELETE_MS 4000

static void
put32(uint8_t *p, uint64_t value)
{
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get32(const uint8_t *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
         | p[3];
}

/* A packet has come back: its mark says which, and when it was sent. */
static void
note_return(struct flow *flow, struct saturn_bytes payload)
{
  struct load *load = flow->load;
  uint32_t number = get32(payload.data + 4);
  uint64_t sent_us =
      (uint64_t)get32(payload.data + 8) << 32 | get32(payload.data + 12);
  uint8_t bit = (uint8_t)(1u << number % 8);

  if (number >= flow->sent)
    return;
  if (flow->seen[number / 8] & bit) {
    load->duplicates++;
    return;
  }
  flow->seen[number / 8] |= bit;
  load->reordered += number < flow->highest;
  if (number > flow->highest)
    flow->highest = number;
  flow->returned++;
  load->returned++;
  samples_add(&load->rtt, (double)(now_us() - sent_us) / 1000);
}

static void
data_came(void *owner, struct client *client, enum saturn_client_came came,
          const struct saturn_client_output *output)
{
  struct flow *flow = owner;
  const struct load *load = flow->load;

  if (came != SATURN_CLIENT_DATA || output->payload.len != load->settings->len
      || memcmp(output->payload.data, load->seed, sizeof load->seed) != 0)
    return;
  if (client == &flow->client)
    note_return(flow, output->payload);
  else
    client_send(client, &flow->client.allocation.relayed[0], output->payload);
}

static void
say_progress(const struct load *load, saturn_ms *told)
{
  if (now_ms() < *told + 1000)
    return;
  *told = now_ms();
  complain("%zu of %zu clients ready, %zu failed; %llu packets sent, %llu back",
           load->ready, load->n, load->failed, (unsigned long long)load->sent,
           (unsigned long long)load->returned);
}

/* A client that is still on its way may have come to its end. */
static void
watch(struct flow *flow, struct client *client)
{
  saturn_ms until;

  if (flow->state == FLOW_RISING && client->machine != NULL
      && (client->tired || !client_has_patience(client, &until)))
    flow_fail(flow, client);
}

/* Until all have their channels, or cannot get them. */
static void
raise_all(struct load *load, saturn_ms *told)
{
  saturn_ms limit = now_ms() + load->n * RAMP_MS + 39500 * 2;

  while (load->ready + load->failed < load->n && now_ms() < limit
         && !load->events->interrupted) {
    if (load->started < load->n)
      flow_start(load, data_came);
    events_wait(load->events,
                now_ms() + (load->started < load->n ? RAMP_MS : 100));
    for (size_t i = 0; i < load->started; i++) {
      watch(&load->flows[i], &load->flows[i].client);
      watch(&load->flows[i], &load->flows[i].other);
      flow_again(&load->flows[i], now_ms());
    }
    say_progress(load, told);
  }
}

static void
send_one(uv_timer_t *timer)
{
  static uint8_t payload[TRAFFIC_LEN_MAX];
  struct flow *flow = timer->data;
  struct load *load = flow->load;
  uint64_t now = now_us();

  if (flow->state == FLOW_FAILED || flow->sent == load->settings->count) {
    uv_timer_stop(timer);
    return;
  }
  if (flow->state == FLOW_LOST)
    return;
  memcpy(payload, load->seed, sizeof load->seed);
  put32(payload + 4, flow->sent);
  put32(payload + 8, now >> 32);
  put32(payload + 12, now);
  flow->sent++;
  load->sent++;
  if (!client_send(&flow->client, &flow->peer,
                   saturn_view(payload, load->settings->len)))
    load->refused++;
}

static bool
all_sent(const struct load *load)
{
  for (size_t i = 0; i < load->started; i++)
    if ((load->flows[i].state == FLOW_READY
         || load->flows[i].state == FLOW_LOST)
        && load->flows[i].sent < load->settings->count)
      return false;
  return true;
}

static void
send_all(struct load *load, saturn_ms *told)
{
  uint64_t interval = load->settings->interval_ms;
  saturn_ms end;

  load->begun_us = now_us();
  uv_update_time(&load->events->loop);
  for (size_t i = 0; i < load->started; i++) {
    struct flow *flow = &load->flows[i];

    flow->timer = allocate(sizeof *flow->timer);
    uv_timer_init(&load->events->loop, flow->timer);
    flow->timer->data = flow;
    uv_timer_start(flow->timer, send_one, i * interval / load->started,
                   interval);
  }
  while (!all_sent(load) && !load->events->interrupted) {
    events_wait(load->events, now_ms() + 100);
    for (size_t i = 0; i < load->started; i++)
      flow_again(&load->flows[i], now_ms());
    say_progress(load, told);
  }
  for (size_t i = 0; i < load->started; i++)
    uv_timer_stop(load->flows[i].timer);
  load->ended_us = now_us();
  end = now_ms() + TAIL_MS;
  while (load->returned < load->sent && now_ms() < end)
    events_wait(load->events, end);
}

static void
forget(uv_handle_t *timer)
{
  free(timer);
}

static void
delete_all(struct load *load)
{
  saturn_ms end = now_ms() + DELETE_MS;
  bool left = true;

  for (size_t i = 0; i < load->started; i++) {
    load->flows[i].client.setup.event = load->flows[i].other.setup.event = NULL;
    if (load->flows[i].client.machine != NULL)
      client_begin_delete(&load->flows[i].client);
    if (load->flows[i].other.machine != NULL)
      client_begin_delete(&load->flows[i].other);
  }
  while (left && now_ms() < end) {
    events_wait(load->events, now_ms() + 20);
    left = false;
    for (size_t i = 0; i < load->started; i++)
      left |= !load->flows[i].client.over
              || (load->flows[i].other.machine != NULL
                  && !load->flows[i].other.over);
  }
  for (size_t i = 0; i < load->started; i++) {
    client_end(&load->flows[i].client);
    client_end(&load->flows[i].other);
    if (load->flows[i].timer != NULL)
      uv_close((uv_handle_t *)load->flows[i].timer, forget);
  }
  events_wait(load->events, 0);
}

/* Where to: the first address; a load is for servers that work. */
static bool
resolve(struct load *load)
{
  struct saturn_address addresses[8];
  size_t n;

  if (!plan_resolve(load->plan, load->events, load->settings, addresses, 8, &n,
                    load->seen)) {
    load->verdict = verdict(FINDING_DNS);
    return false;
  }
  load->target.address = addresses[0];
  load->target.transport = load->plan->transport;
  return true;
}

static void
judge(struct load *load)
{
  uint64_t lost = load->sent - load->returned;

  if (load->verdict == NULL && lost > 0) {
    load->verdict = verdict(FINDING_DATA_LOST);
    snprintf(load->seen, sizeof load->seen,
             "%llu of %llu packets did not come back", (unsigned long long)lost,
             (unsigned long long)load->sent);
  }
  load->exit = load->events->interrupted ? EXIT_CANNOT : EXIT_GOOD;
  if (load->verdict != NULL)
    load->exit = load->verdict->exit;
}

void
load_run(const struct plan *plan, struct events *events,
         const struct settings *settings, struct load *load)
{
  saturn_ms told = now_ms();

  *load = (struct load){
    .events = events, .settings = settings, .plan = plan, .n = settings->clients
  };
  random_bytes(load->seed, sizeof load->seed);
  load->flows = allocate(load->n * sizeof *load->flows);
  if (resolve(load)) {
    raise_all(load, &told);
    if (load->ready > 0)
      send_all(load, &told);
    delete_all(load);
  }
  judge(load);
}

void
load_release(struct load *load)
{
  for (size_t i = 0; i < load->started; i++)
    free(load->flows[i].seen);
  free(load->flows);
  free(load->rtt.ms);
  free(load->setup.ms);
}
