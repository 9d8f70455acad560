/* SPDX-License-Identifier: MIT
 *
 * connections.c - TCP connections and TLS handshakes with TURN servers: made,
 * refused, silent, broken off.
 */
#include "connections.h"

#include <string.h>

#include "ways.h"

#define CONNECTIONS_MAX 16384

/* How long a connection, and an answer on one, are waited for. */
#define CONNECT_US 3000000
#define ANSWER_US 5000000

enum { PORT_HTTPS = 443 };

/* What a side starts with. */
enum speech { SPEECH_NONE, SPEECH_STUN, SPEECH_TLS, SPEECH_HTTP, SPEECH_OTHER };

struct connection {
  struct table_entry entry;
  uint8_t key[FLOW_KEY_SIZE]; /* of the lower address to the higher */
  struct flow flow;           /* of the client */
  struct sighting start;      /* the first SYN, or hello of DTLS */
  struct sighting asked;      /* the first bytes of the client */
  struct sighting end;        /* the last packet that matters */
  unsigned attempts;
  bool accepted, refused, excused;
  bool ended, ended_by_server;
  bool binds;            /* the client starts with a ConnectionBind */
  struct sighting spoke; /* when either side last did */
  enum speech client, server;
  struct handshake handshake;
};

/* Do addresses and ports of flow X come after their opposite? */
static bool
is_descending(const struct flow *x)
{
  int order = memcmp(x->src.ip, x->dst.ip, sizeof x->src.ip);

  return order > 0 || (order == 0 && x->src.port > x->dst.port);
}

static struct connection *
connection_find(struct decoder *d, const struct flow *flow)
{
  uint8_t key[FLOW_KEY_SIZE];

  flow_key(flow, is_descending(flow), key);
  return table_find(&d->connections, key);
}

static bool
is_from(const struct connection *c, const struct flow *flow)
{
  return c->flow.src.port == flow->src.port
         && memcmp(c->flow.src.ip, flow->src.ip, sizeof flow->src.ip) == 0;
}

static bool
is_turn_port(uint16_t port)
{
  return port == 3478 || port == 3479 || port == 5349 || port == 5350;
}

/* Is this, as far as one can see, a way to a TURN server? */
static bool
is_of_turn(struct decoder *d, const struct connection *c)
{
  const struct saturn_address *server = &c->flow.dst;

  return is_turn_port(server->port) || c->handshake.named
         || (server->port == PORT_HTTPS && origins_is_server(d, server));
}

bool
connection_is_of_server(struct decoder *d, const struct flow *flow)
{
  const struct connection *c = connection_find(d, flow);

  return c != NULL && !is_from(c, flow) && is_of_turn(d, c);
}

static void
find_counted(struct decoder *d, const struct connection *c, enum situation name,
             unsigned count)
{
  struct facts facts = { .server = c->flow.dst,
                         .count = count,
                         .code = c->handshake.alert };
  struct sighting frames[] = { c->start, c->asked, c->end };

  findings_add(&d->findings, name, &facts, frames, 3);
}

static void
find_of(struct decoder *d, const struct connection *c, enum situation name)
{
  find_counted(d, c, name, c->attempts);
}

static void
judge_refused(struct decoder *d, const struct connection *c)
{
  if (!is_of_turn(d, c) || c->excused)
    return;
  if (c->refused)
    find_of(d, c, SITUATION_TCP_REFUSED);
  else if (c->start.timed
           && (c->attempts > 1 || d->latest_us - c->start.time_us > CONNECT_US))
    find_of(d, c, SITUATION_TCP_FILTERED);
}

static bool
is_silence(const struct decoder *d, const struct connection *c)
{
  int64_t end = c->ended && c->end.timed ? c->end.time_us : d->latest_us;

  return c->asked.timed && end - c->asked.time_us > ANSWER_US;
}

/* An allocation ends with its connection, so a server that ends one ends the
   other (RFC 8656, 3.1). */
static void
judge_end(struct decoder *d, const struct connection *c)
{
  if (c->ended_by_server && allocation_lives(d, &c->flow, &c->end))
    find_counted(d, c, SITUATION_CONNECTION_LOST,
                 (unsigned)((c->end.time_us - c->spoke.time_us) / 1000000));
}

static void
judge_stun(struct decoder *d, const struct connection *c)
{
  switch (c->server) {
  case SPEECH_STUN:
    judge_end(d, c);
    break;
  case SPEECH_HTTP:
    find_of(d, c, SITUATION_NOT_TURN_HTTP);
    break;
  case SPEECH_TLS:
    find_of(d, c, SITUATION_NOT_TURN_TLS);
    break;
  case SPEECH_OTHER:
    find_of(d, c, SITUATION_NOT_TURN);
    break;
  case SPEECH_NONE:
    if (c->ended_by_server)
      find_of(d, c,
              c->binds ? SITUATION_BIND_CLOSED : SITUATION_NOT_TURN_CLOSED);
    else if (is_silence(d, c))
      find_of(d, c, SITUATION_TCP_SILENT);
  }
}

static void
judge_tls(struct decoder *d, const struct connection *c)
{
  bool datagrams = c->flow.transport == SATURN_UDP;

  if (!is_of_turn(d, c))
    return;
  d->sealed += c->handshake.over;
  if (c->handshake.over)
    return;
  if (c->server == SPEECH_HTTP || c->server == SPEECH_OTHER
      || c->server == SPEECH_STUN)
    find_of(d, c, SITUATION_TLS_NOT);
  else if (c->handshake.alerted)
    find_of(d, c, tls_alert_situation(&c->handshake));
  else if (c->ended_by_server)
    find_of(d, c, SITUATION_TLS_CLOSED);
  else if (c->server == SPEECH_NONE && !c->excused
           && ((datagrams && c->attempts > 1) || is_silence(d, c)))
    find_of(d, c, SITUATION_TLS_SILENT);
}

static void
judge_connection(void *context, void *entry)
{
  struct decoder *d = context;
  const struct connection *c = entry;

  if (d->settings.hex)
    return;
  if (!c->accepted)
    judge_refused(d, c);
  else if (c->client == SPEECH_STUN)
    judge_stun(d, c);
  else if (c->client == SPEECH_TLS)
    judge_tls(d, c);
}

void
connections_start(struct decoder *d)
{
  table_init(&d->connections, FLOW_KEY_SIZE, sizeof(struct connection),
             CONNECTIONS_MAX, judge_connection, d);
}

void
connections_end(struct decoder *d)
{
  table_clear(&d->connections);
}

/* A connection is made anew on the ports of an old one. */
static void
start(struct connection *c, const struct origin *o)
{
  struct connection fresh = { .entry = c->entry, .start = o->at };

  memcpy(fresh.key, c->key, sizeof fresh.key);
  *c = fresh;
  c->flow = o->flow;
  memset(&c->flow.inner, 0, sizeof c->flow.inner);
}

static struct connection *
connection_get(struct decoder *d, const struct origin *o)
{
  uint8_t key[FLOW_KEY_SIZE];
  struct connection *c;
  bool made;

  flow_key(&o->flow, is_descending(&o->flow), key);
  c = table_get(&d->connections, key, &made);
  if (!made && (c->accepted || c->refused || !is_from(c, &o->flow))
      && (o->flow.transport == SATURN_TCP || c->handshake.over)) {
    judge_connection(d, c);
    made = true;
  }
  if (made)
    start(c, o);
  c->attempts++;
  return c;
}

/* A connection whose start is not in the capture. */
static struct connection *
sealed_get(struct decoder *d, const struct origin *o)
{
  struct connection *c = connection_get(d, o);

  c->accepted = true;
  c->client = c->server = SPEECH_TLS;
  c->handshake.over = true;
  return c;
}

/* Requests need an answer; indications do not. */
static enum speech
speech_of(struct saturn_bytes bytes)
{
  if (looks_like_stun(bytes))
    return SPEECH_STUN;
  if (tls_is(bytes))
    return SPEECH_TLS;
  if (bytes.len >= 5
      && (memcmp(bytes.data, "HTTP/", 5) == 0 || bytes.data[0] == '<'))
    return SPEECH_HTTP;
  return SPEECH_OTHER;
}

static bool
is_indication(struct saturn_bytes stun)
{
  return (stun.data[1] & 0x10) != 0 && (stun.data[0] & 1) == 0;
}

static bool
is_bind(struct saturn_bytes stun)
{
  return get16(stun.data) == SATURN_METHOD_CONNECTION_BIND;
}

static void
hear(struct connection *c, bool from_client, const struct origin *o,
     struct saturn_bytes bytes)
{
  enum speech *side = from_client ? &c->client : &c->server;

  c->spoke = o->at;
  if (*side == SPEECH_NONE) {
    *side = speech_of(bytes);
    if (from_client && *side == SPEECH_STUN && is_indication(bytes))
      *side = SPEECH_NONE;
    if (from_client) {
      c->asked = o->at;
      c->binds = *side == SPEECH_STUN && is_bind(bytes);
    } else
      c->end = o->at;
  }
  if (c->client == SPEECH_TLS && !c->handshake.over && !c->handshake.alerted) {
    tls_follow(&c->handshake, from_client, bytes);
    if (c->handshake.alerted)
      c->end = o->at;
  }
}

void
connection_segment(struct decoder *d, const struct origin *o,
                   const struct segment *segment)
{
  struct connection *c;
  bool from_client;

  if (segment->syn && !segment->ack) {
    connection_get(d, o);
    return;
  }
  c = connection_find(d, &o->flow);
  if (c == NULL && is_turn_port(o->flow.dst.port)
      && tls_is_data(segment->bytes))
    c = sealed_get(d, o);
  if (c == NULL)
    return;
  from_client = is_from(c, &o->flow);
  if (!from_client && segment->syn)
    c->accepted = true;
  if (!from_client && segment->rst && !c->accepted) {
    c->refused = true;
    c->end = o->at;
  }
  if (segment->bytes.len > 0)
    hear(c, from_client, o, segment->bytes);
  if ((segment->rst || segment->fin) && !c->ended) {
    c->ended = true;
    c->ended_by_server = !from_client && c->accepted;
    c->end = o->at;
  }
}

void
connection_datagram(struct decoder *d, const struct origin *o,
                    struct saturn_bytes payload)
{
  struct connection *c;
  bool from_client;

  if ((!is_turn_port(o->flow.dst.port) && !is_turn_port(o->flow.src.port))
      || !dtls_is(payload))
    return;
  if (dtls_is_hello(payload) && is_turn_port(o->flow.dst.port)) {
    c = connection_get(d, o);
    c->accepted = true;
    c->client = SPEECH_TLS;
    c->asked = c->start;
  } else
    c = connection_find(d, &o->flow);
  if (c == NULL)
    return;
  from_client = is_from(c, &o->flow);
  if (!from_client)
    c->server = SPEECH_TLS;
  dtls_follow(&c->handshake, from_client, payload);
}

void
connection_unreachable(struct decoder *d, const struct report *report)
{
  struct connection *c = connection_find(d, &report->flow);

  if (c == NULL || c->accepted || !is_from(c, &report->flow)
      || !is_of_turn(d, c) || report->obstacle == OBSTACLE_SIZE)
    return;
  c->excused = true;
  report_find(d, report);
}
