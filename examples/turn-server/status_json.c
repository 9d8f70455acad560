/* SPDX-License-Identifier: MIT
 *
 * status_json.c - the snapshot as one document (B-25).
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "health.h"
#include "program.h"
#include "saturn/registry.h"
#include "saturn/version.h"
#include "status_pages.h"
#include "status_tables.h"

static json_t *
number(uint64_t n)
{
  return json_integer((json_int_t)n);
}

static json_t *
address(const struct saturn_address *a)
{
  char text[SATURN_ADDRESS_TEXT];

  return a->family == SATURN_NO_FAMILY ? json_null()
                                       : json_string(address_text(a, text));
}

/* Seconds until a time, 0 when it has passed. */
static json_t *
seconds_left(const struct snapshot *s, saturn_ms at)
{
  return number(at > s->taken ? (at - s->taken + 999) / 1000 : 0);
}

static json_t *
table(const char *const *names, const uint64_t *values, size_t n)
{
  json_t *object = json_object();

  for (size_t i = 0; i < n; i++)
    json_object_set_new(object, names[i], number(values[i]));
  return object;
}

static json_t *
listeners(const struct snapshot *s)
{
  json_t *list = json_array();

  for (size_t i = 0; i < s->n_listeners; i++)
    json_array_append_new(
        list,
        json_pack("{s:o, s:s}", "address", address(&s->listeners[i].address),
                  "transport", transport_names[s->listeners[i].transport & 3]));
  return list;
}

static json_t *
active(const struct saturn_turn_counters *c)
{
  json_t *object = json_object();

  for (int i = 0; i < 4; i++)
    json_object_set_new(object, transport_names[i],
                        json_pack("{s:o, s:o}", family_names[0],
                                  number(c->active[i][0]), family_names[1],
                                  number(c->active[i][1])));
  return object;
}

static json_t *
errors(const struct saturn_turn_counters *c)
{
  json_t *object = json_object();
  char name[8];

  for (unsigned code = 300; code < SATURN_TURN_CODES; code++)
    if (c->errors[code] > 0) {
      snprintf(name, sizeof name, "%u", code);
      json_object_set_new(object, name, number(c->errors[code]));
    }
  return object;
}

static void
set_numbers(json_t *object, const struct saturn_turn_counters *c)
{
  const struct {
    const char *name;
    uint64_t value;
  } rows[] = {
    { "rx_stun", c->stun },         { "rx_channeldata", c->channel_data },
    { "rx_garbage", c->garbage },   { "binding", c->binding },
    { "tx_401", c->errors[401] },   { "tx_438", c->errors[438] },
    { "alloc_ok", c->allocations }, { "perm_active", c->permissions },
    { "chan_active", c->channels }, { "tcp_connections", c->connections },
    { "redirects", c->redirects },  { "ratelimited", c->rate_limited },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    json_object_set_new(object, rows[i].name, number(rows[i].value));
}

static json_t *
counters(const struct snapshot *s)
{
  json_t *object = json_object();
  uint64_t drops[DROP_KINDS], failures[AUTH_GROUPS];

  for (int i = 0; i < DROP_KINDS; i++)
    drops[i] = drops_of(s, i);
  for (int i = 0; i < AUTH_GROUPS; i++)
    failures[i] = auth_failures(s, (enum auth_group)i);
  set_numbers(object, &s->total);
  json_object_set_new(object, "ports_free", number(s->free_ports));
  json_object_set_new(object, "tx_error", errors(&s->total));
  json_object_set_new(object, "alloc_active", active(&s->total));
  json_object_set_new(object, "alloc_deleted",
                      table(cause_names, s->total.ended, 4));
  json_object_set_new(object, "relay_pkts",
                      table(direction_names, s->total.packets, 2));
  json_object_set_new(object, "relay_bytes",
                      table(direction_names, s->total.bytes, 2));
  json_object_set_new(object, "drop", table(drop_names, drops, DROP_KINDS));
  json_object_set_new(object, "auth_fail",
                      table(auth_names, failures, AUTH_GROUPS));
  json_object_set_new(object, "stream_closed",
                      table(closed_names, s->closed_streams, 4));
  return object;
}

static json_t *
refusals(const struct snapshot *s)
{
  json_t *list = json_array();

  for (size_t i = 0; i < s->refusals.n; i++) {
    const struct refusal *r = &s->refusals.items[i];
    const char *method = saturn_method_name(r->method);

    json_array_append_new(list, json_pack("{s:s, s:i, s:s, s:o}", "method",
                                          method == NULL ? "other" : method,
                                          "code", (int)r->code, "reason",
                                          r->why, "count", number(r->n)));
  }
  return list;
}

static json_t *
relayed(const struct snapshot *s, const struct saturn_turn_info *info)
{
  json_t *list = json_array();

  for (int i = 0; i < 2; i++)
    if (info->relays[i].relay != SATURN_NONE)
      json_array_append_new(
          list,
          json_pack("{s:o, s:o, s:o}", "bound", address(&info->relays[i].bound),
                    "advertised", address(&info->relays[i].advertised),
                    "expires_s", seconds_left(s, info->relays[i].expires)));
  return list;
}

static json_t *
rights(const struct snapshot *s, const struct snapshot_allocation *a,
       bool channels)
{
  json_t *list = json_array(), *item;

  for (size_t i = 0; i < a->n_rights; i++) {
    const struct saturn_turn_right *r = &a->rights[i];
    char ip[SATURN_ADDRESS_TEXT];

    if ((r->channel != 0) != channels)
      continue;
    saturn_address_print_ip(&r->peer, ip, sizeof ip);
    item = json_pack("{s:o, s:o}", "peer",
                     channels ? address(&r->peer) : json_string(ip),
                     "expires_s", seconds_left(s, r->expires));
    if (channels)
      json_object_set_new(item, "number", number(r->channel));
    json_array_append_new(list, item);
  }
  return list;
}

static json_t *
requests(const struct tally *tally)
{
  json_t *object = json_object();

  for (uint16_t method = 0; method < TALLY_METHODS; method++)
    if (tally->requests[method] > 0)
      json_object_set_new(object, saturn_method_name(method),
                          number(tally->requests[method]));
  return object;
}

static json_t *
error_codes(const struct tally *tally)
{
  json_t *object = json_object();
  char name[8];

  for (size_t i = 0; i < TALLY_CODES; i++)
    if (tally->errors[i] > 0) {
      snprintf(name, sizeof name, "%u", tally_codes[i]);
      json_object_set_new(object, name, number(tally->errors[i]));
    }
  return object;
}

static json_t *
drop_reasons(const struct saturn_turn_info *info)
{
  json_t *object = json_object();

  for (int i = 0; i < SATURN_DROPS; i++)
    if (info->reasons[i] > 0)
      json_object_set_new(object, drop_names[i], number(info->reasons[i]));
  return object;
}

static json_t *
allocation(const struct snapshot *s, const struct snapshot_allocation *a)
{
  const struct saturn_turn_info *info = &a->info;
  const uint64_t drops[2] = { info->drops[0], info->drops[1] };
  char user[SAFE_TEXT];
  json_t *object = json_pack(
      "{s:o, s:s, s:o, s:s, s:o, s:s, s:b, s:o, s:o}", "id", number(a->id),
      "user", text_safe(info->account, user), "client",
      address(&info->client.client), "transport",
      transport_names[info->client.transport & 3], "server",
      address(&info->client.server), "relays", info->tcp ? "tcp" : "udp",
      "mobile", (int)info->mobile, "age_s",
      number((s->taken - info->created) / 1000), "relayed", relayed(s, info));

  json_object_set_new(object, "requests", number(info->requests));
  json_object_set_new(object, "errors", number(info->errors));
  json_object_set_new(object, "requests_by_method", requests(&a->tally));
  json_object_set_new(object, "errors_by_code", error_codes(&a->tally));
  json_object_set_new(object, "drops_by_reason", drop_reasons(info));
  json_object_set_new(object, "packets",
                      table(direction_names, info->packets, 2));
  json_object_set_new(object, "bytes", table(direction_names, info->bytes, 2));
  json_object_set_new(object, "drops", table(direction_names, drops, 2));
  json_object_set_new(object, "permissions", rights(s, a, false));
  json_object_set_new(object, "channels", rights(s, a, true));
  return object;
}

static int
by_id(const void *a, const void *b)
{
  const struct snapshot_allocation *x =
      *(const struct snapshot_allocation *const *)a;
  const struct snapshot_allocation *y =
      *(const struct snapshot_allocation *const *)b;

  return (x->id > y->id) - (x->id < y->id);
}

/* In the order of their numbers, so that a reader can go on where it was. */
static void
set_allocations(json_t *document, const struct snapshot *s, uint64_t after)
{
  const struct snapshot_allocation **sorted =
      allocate((s->n_allocations + 1) * sizeof *sorted);
  json_t *list = json_array();
  size_t n = 0;

  for (size_t i = 0; i < s->n_allocations; i++)
    if (s->allocations[i].id > after)
      sorted[n++] = &s->allocations[i];
  qsort(sorted, n, sizeof *sorted, by_id);
  for (size_t i = 0; i < n && i < JSON_ALLOCATIONS; i++)
    json_array_append_new(list, allocation(s, sorted[i]));
  json_object_set_new(document, "allocations", list);
  json_object_set_new(document, "allocations_left_out",
                      number(n > JSON_ALLOCATIONS ? n - JSON_ALLOCATIONS : 0));
  free(sorted);
}

static json_t *
health(void)
{
  char text[HEALTH_TEXT];
  bool good = health_latest(text);

  return json_pack("{s:b, s:s}", "ok", (int)good, "text", text);
}

void
page_json(struct text *t, const struct snapshot *s, uint64_t after)
{
  json_t *document =
      json_pack("{s:s, s:s, s:o, s:o, s:i, s:o}", "version", SATURN_VERSION,
                "state", state_of(s), "started", number(s->started_s),
                "uptime_s", number((s->taken - s->started) / 1000), "threads",
                (int)s->workers, "listeners", listeners(s));
  char *bytes;

  json_object_set_new(document, "health", health());
  json_object_set_new(document, "clients",
                      json_pack("{s:o, s:o}", "active", number(s->clients),
                                "peak", number(s->peak_clients)));
  json_object_set_new(document, "relays",
                      json_pack("{s:o, s:o, s:o, s:o, s:o}", "udp",
                                number(relays_over(s, false)), "tcp",
                                number(relays_over(s, true)), "reservations",
                                number(s->total.reservations), "peak",
                                number(s->peak_relays), "limit",
                                number(s->max_relays)));
  json_object_set_new(document, "streams", number(s->streams));
  json_object_set_new(document, "counters", counters(s));
  json_object_set_new(document, "refusals", refusals(s));
  set_allocations(document, s, after);
  bytes = json_dumps(document, JSON_INDENT(2));
  if (bytes != NULL)
    text_add(t, "%s\n", bytes);
  free(bytes);
  json_decref(document);
}
