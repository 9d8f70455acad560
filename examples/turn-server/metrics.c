/* SPDX-License-Identifier: MIT
 *
 * metrics.c - the snapshot for Prometheus, in its text format. No label holds
 * anything that came from the network, so that series stay few.
 */
#include <inttypes.h>
#include <string.h>

#include "saturn/registry.h"
#include "saturn/version.h"

#include "status_pages.h"
#include "status_tables.h"

static void
head(struct text *t, const char *name, const char *type, const char *help)
{
  text_add(t, "# HELP turn_%s %s\n# TYPE turn_%s %s\n", name, help, name, type);
}

static void
counter(struct text *t, const char *name, const char *help, uint64_t value)
{
  head(t, name, "counter", help);
  text_add(t, "turn_%s %" PRIu64 "\n", name, value);
}

static void
gauge(struct text *t, const char *name, const char *help, uint64_t value)
{
  head(t, name, "gauge", help);
  text_add(t, "turn_%s %" PRIu64 "\n", name, value);
}

static void
labelled(struct text *t, const char *name, const char *label, const char *value,
         uint64_t n)
{
  text_add(t, "turn_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, n);
}

static void
add_received(struct text *t, const struct saturn_turn_counters *c)
{
  counter(t, "rx_stun_total", "STUN messages taken.", c->stun);
  counter(t, "rx_channeldata_total", "ChannelData messages taken.",
          c->channel_data);
  counter(t, "rx_garbage_total", "Datagrams that are neither.", c->garbage);
  counter(t, "binding_total", "Binding requests answered.", c->binding);
  counter(t, "ratelimited_total",
          "Requests without an answer: too many of one source.",
          c->rate_limited);
}

static void
add_errors(struct text *t, const struct saturn_turn_counters *c)
{
  unsigned code;

  counter(t, "tx_401_total", "Answers with 401, challenges included.",
          c->errors[401]);
  counter(t, "tx_438_total", "Answers with 438, stale nonce.", c->errors[438]);
  counter(t, "redirects_total", "Answers with 300, to another server.",
          c->redirects);
  head(t, "tx_error_total", "counter", "Error answers by code.");
  for (size_t i = 0; (code = saturn_reason_code(i)) != 0; i++)
    if (code >= 300 && code < SATURN_TURN_CODES && c->errors[code] > 0)
      text_add(t, "turn_tx_error_total{code=\"%u\"} %" PRIu64 "\n", code,
               c->errors[code]);
}

static void
add_allocations(struct text *t, const struct snapshot *s)
{
  const struct saturn_turn_counters *c = &s->total;

  counter(t, "alloc_ok_total", "Allocations made.", c->allocations);
  head(t, "alloc_active", "gauge",
       "Relays, by the transport of their clients and their family.");
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 2; j++)
      text_add(t, "turn_alloc_active{transport=\"%s\",family=\"%s\"} %u\n",
               transport_names[i], family_names[j], c->active[i][j]);
  head(t, "alloc_deleted_total", "counter", "Allocations that ended.");
  for (int i = 0; i < 4; i++)
    labelled(t, "alloc_deleted_total", "cause", cause_names[i], c->ended[i]);
  gauge(t, "clients", "Client IP addresses that have allocations.", s->clients);
  gauge(t, "clients_peak", "The most clients at a time, as far as seen.",
        s->peak_clients);
  gauge(t, "relays_peak", "The most relays at a time.", s->peak_relays);
  gauge(t, "relays_limit", "Relays that there may be: total-quota.",
        s->max_relays);
  gauge(t, "reservations", "Ports reserved with EVEN-PORT.", c->reservations);
  gauge(t, "ports_free", "Relay ports that are free.", s->free_ports);
  gauge(t, "perm_active", "Permissions.", c->permissions);
  gauge(t, "chan_active", "Channels.", c->channels);
  gauge(t, "tcp_connections", "Data connections to peers.", c->connections);
  gauge(t, "streams", "Connections of clients over TCP and TLS.", s->streams);
}

static void
add_relayed(struct text *t, const struct saturn_turn_counters *c)
{
  head(t, "relay_pkts_total", "counter", "Packets relayed.");
  for (int i = 0; i < 2; i++)
    labelled(t, "relay_pkts_total", "dir", direction_names[i], c->packets[i]);
  head(t, "relay_bytes_total", "counter", "Bytes of payload relayed.");
  for (int i = 0; i < 2; i++)
    labelled(t, "relay_bytes_total", "dir", direction_names[i], c->bytes[i]);
}

static void
add_refused(struct text *t, const struct snapshot *s)
{
  head(t, "drop_total", "counter", "Packets dropped without an answer.");
  for (int i = 0; i < DROP_KINDS; i++)
    labelled(t, "drop_total", "reason", drop_names[i], drops_of(s, i));
  head(t, "auth_fail_total", "counter", "Credentials refused.");
  for (int i = 0; i < AUTH_GROUPS; i++)
    labelled(t, "auth_fail_total", "reason", auth_names[i],
             auth_failures(s, (enum auth_group)i));
  head(t, "stream_closed_total", "counter",
       "Connections of clients that the server closed, or did not take.");
  for (int i = 0; i < 4; i++)
    labelled(t, "stream_closed_total", "reason", closed_names[i],
             s->closed_streams[i]);
  head(t, "refused_total", "counter",
       "Requests refused, in the words of the log.");
  for (size_t i = 0; i < s->refusals.n; i++) {
    const struct refusal *r = &s->refusals.items[i];
    const char *method = saturn_method_name(r->method);

    text_add(t,
             "turn_refused_total{method=\"%s\",code=\"%u\",reason=\"%s\"} "
             "%" PRIu64 "\n",
             method == NULL ? "other" : method, r->code, r->why, r->n);
  }
}

void
page_metrics(struct text *t, const struct snapshot *s)
{
  head(t, "build_info", "gauge", "Always 1.");
  text_add(t, "turn_build_info{version=\"%s\"} 1\n", SATURN_VERSION);
  gauge(t, "start_time_seconds", "When the server started.", s->started_s);
  gauge(t, "draining", "1: no new allocations, it ends with the last.",
        s->draining);
  gauge(t, "threads", "Threads that serve clients.", s->workers);
  add_received(t, &s->total);
  add_errors(t, &s->total);
  add_allocations(t, s);
  add_relayed(t, &s->total);
  add_refused(t, s);
}
