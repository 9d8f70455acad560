/* SPDX-License-Identifier: MIT
 *
 * fuzz_turn_client.c - a TURN client machine among servers that answer
 * anything, applications that ask for anything, and time. It sends only
 * messages that parse, on paths that are open, hands out data of permitted
 * peers alone, and closes when it is told to.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "source.h"

enum { CONNECTIONS = 2, PATHS = SATURN_CLIENT_PATHS + CONNECTIONS, KEPT = 4 };

/* What the caller of the machine would have. */
static struct {
  struct saturn_turn_client *client;
  struct saturn_address servers[2], asked[PATHS];
  bool opening[PATHS], open[PATHS], closed;
  uint8_t transport[PATHS];
  struct saturn_turn_client_config config;
  struct {
    uint8_t bytes[1500];
    size_t len;
    unsigned path;
  } kept[KEPT];
  unsigned next_kept;
  saturn_ms now;
} w;

static struct saturn_address
peer(unsigned i)
{
  struct saturn_address address = { SATURN_IPV4, 7000, { 192, 0, 2, 20 } };

  address.ip[3] = (uint8_t)(20 + i % 4);
  address.port = (uint16_t)(7000 + (i >> 2) % 2);
  return address;
}

static void
configure(unsigned bits, unsigned more, struct saturn_turn_target targets[2])
{
  struct saturn_turn_client_config *c = &w.config;
  int i;

  memset(&w, 0, sizeof w);
  memset(targets, 0, 2 * sizeof *targets);
  for (i = 0; i < 2; i++) {
    w.servers[i].family = SATURN_IPV4;
    w.servers[i].ip[0] = 10;
    w.servers[i].ip[3] = (uint8_t)(1 + i);
    w.servers[i].port = 3478;
    targets[i].address = w.servers[i];
    targets[i].transport = bits & 1 ? SATURN_OVER_TCP : SATURN_OVER_UDP;
  }
  c->servers = targets;
  c->n_servers = 2;
  if (bits & 2) {
    c->username = SATURN_TEXT("alice");
    c->password = SATURN_TEXT("fuzz");
  }
  c->allow_anonymous = bits & 4;
  c->strict = bits & 8;
  c->believe_redirect = bits & 16;
  c->tcp = (bits & 1) && (bits & 32);
  c->mobility = (bits & 2) && (bits & 64);
  c->fingerprint = bits & 128;
  c->recover = more & 1;
  c->retry = more & 2;
  c->both_families = !c->tcp && (more & 4);
  c->even_port = !c->tcp && (more & 8);
  c->dont_fragment = !c->tcp && (more & 16);
  c->insist = more & 32;
  c->max_peers = 4;
  c->max_connections = CONNECTIONS;
  c->queue_bytes = 256;
  w.now = 100000;
}

static void
start(struct source *s)
{
  static const uint8_t secret[32] = { 7 };
  struct saturn_turn_target targets[2];
  unsigned bits = take(s);
  size_t size;

  configure(bits, take(s), targets);
  size = saturn_turn_client_size(&w.config);
  assert(size > 0 && size < 1 << 20);
  w.client = saturn_turn_client_init(malloc(size), size, &w.config, secret);
  assert(w.client != NULL);
}

static void
keep(const struct saturn_client_action *a)
{
  unsigned i = w.next_kept++ % KEPT;

  if (a->message.len > sizeof w.kept[i].bytes)
    return;
  memcpy(w.kept[i].bytes, a->message.data, a->message.len);
  w.kept[i].len = a->message.len;
  w.kept[i].path = a->path;
}

static void
do_action(const struct saturn_client_action *a)
{
  struct saturn_channel_data data;
  struct saturn_message m;

  switch ((enum saturn_client_action_kind)a->kind) {
  case SATURN_DO_SEND:
    assert(a->path < PATHS && w.open[a->path]);
    if (saturn_parse(&m, a->message) == SATURN_OK) {
      assert(m.cls == SATURN_REQUEST || m.cls == SATURN_INDICATION);
      assert(!w.config.fingerprint
             || saturn_check_fingerprint(&m) == SATURN_OK);
      keep(a);
    } else {
      assert(saturn_channel_parse(&data, a->message) == SATURN_OK);
    }
    break;
  case SATURN_DO_OPEN:
    assert(a->path < PATHS && !w.open[a->path] && !w.opening[a->path]);
    w.opening[a->path] = true;
    w.asked[a->path] = a->address;
    w.transport[a->path] = a->transport;
    break;
  case SATURN_DO_CLOSE:
    assert(a->path < PATHS && (w.open[a->path] || w.opening[a->path]));
    w.open[a->path] = w.opening[a->path] = false;
    break;
  case SATURN_EVENT_CLOSED:
    assert(!w.closed);
    w.closed = true;
    break;
  case SATURN_EVENT_TRANSACTION:
    assert(a->record != NULL && a->record->phrase_len <= SATURN_PHRASE_MAX);
    break;
  default:
    assert(a->kind <= SATURN_EVENT_TRANSACTION);
    assert(saturn_client_reason_text((enum saturn_client_reason)a->reason)[0]
           != '\0');
    break;
  }
}

static void
drain(void)
{
  struct saturn_client_action action;
  uint8_t *buf = malloc(1280);
  int n = 0;

  assert(buf != NULL);
  while (saturn_turn_client_next(w.client, w.now, buf, 1280, &action)) {
    do_action(&action);
    assert(++n < 1000);
  }
  assert(saturn_turn_client_deadline(w.client) > w.now);
  free(buf);
}

static void
hand_in(unsigned path, struct saturn_bytes frame, bool stranger)
{
  struct saturn_client_input input = { 0 };
  struct saturn_client_output output;
  enum saturn_client_came came;
  uint8_t *copy = malloc(frame.len > 0 ? frame.len : 1);

  assert(copy != NULL);
  if (frame.len > 0)
    memcpy(copy, frame.data, frame.len);
  input.path = path;
  input.source = w.asked[path];
  input.source.port = (uint16_t)(input.source.port + stranger);
  input.frame = saturn_view(copy, frame.len);
  input.now = w.now;
  came = saturn_turn_client_input(w.client, &input, &output);
  if (came == SATURN_CLIENT_DATA) {
    assert(output.payload.len <= frame.len);
    assert(
        output.payload.len == 0
        || (output.payload.data >= copy
            && output.payload.data + output.payload.len <= copy + frame.len));
    /* Permitted now or five seconds ago, or on a channel that is being bound:
       T-274, T-312. */
    assert(
        output.channel != 0
        || saturn_turn_client_permitted(w.client, &output.peer, w.now)
        || saturn_turn_client_permitted(w.client, &output.peer, w.now - 5001));
  }
  drain();
  free(copy);
}

static void
put_address(struct saturn_builder *b, uint16_t type, unsigned value)
{
  struct saturn_address address = { SATURN_IPV4, 50000, { 192, 0, 2, 99 } };

  if (value % 8 == 7)
    address.family = SATURN_IPV6;
  if (type == SATURN_ATTR_XOR_PEER_ADDRESS)
    address = peer(value);
  if (type == SATURN_ATTR_ALTERNATE_SERVER)
    address = w.servers[value % 2];
  saturn_put_address(b, type, &address);
}

/* An attribute of an answer, as good as the input wants it. */
static void
put_attribute(struct saturn_builder *b, struct source *s)
{
  static const uint16_t addresses[] = { SATURN_ATTR_XOR_RELAYED_ADDRESS,
                                        SATURN_ATTR_XOR_MAPPED_ADDRESS,
                                        SATURN_ATTR_ALTERNATE_SERVER,
                                        SATURN_ATTR_XOR_PEER_ADDRESS };
  static const uint16_t algorithms[] = { SATURN_SHA256, SATURN_MD5, 9 };
  unsigned what = take(s), value = take(s);

  switch (what % 12) {
  case 0:
  case 1:
  case 2:
    put_address(b, addresses[value % 4], value >> 2);
    break;
  case 3:
    saturn_put_u32(b, SATURN_ATTR_LIFETIME, value * 10);
    break;
  case 4:
    saturn_put_text(b, SATURN_ATTR_REALM, SATURN_TEXT("example.org"));
    break;
  case 5:
    saturn_put_bytes(b, SATURN_ATTR_NONCE,
                     saturn_view(value % 2 ? "obMatJos2AAAB7" : "nonce2",
                                 value % 2 ? 14 : 6));
    break;
  case 6:
    saturn_put_algorithms(b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                          algorithms + value % 3, 1);
    break;
  case 7:
    saturn_put_bytes(b, SATURN_ATTR_MOBILITY_TICKET, take_bytes(s));
    break;
  case 8:
    saturn_put_u32(b, SATURN_ATTR_CONNECTION_ID, value);
    break;
  case 9:
    saturn_put_address_error(b, SATURN_IPV6, value % 2 ? 440 : 508);
    break;
  case 10:
    saturn_put_bytes(b, SATURN_ATTR_DATA, take_bytes(s));
    break;
  default:
    saturn_put_bytes(b, (uint16_t)(value << 8 | take(s)), take_bytes(s));
    break;
  }
}

static void
sign(struct saturn_builder *b, const struct saturn_message *request)
{
  bool sha256 = saturn_has(request, SATURN_ATTR_PASSWORD_ALGORITHM);
  struct saturn_key key;

  saturn_key_long_term(&key, sha256 ? SATURN_SHA256 : SATURN_MD5,
                       SATURN_TEXT("alice"), SATURN_TEXT("example.org"),
                       SATURN_TEXT("fuzz"));
  saturn_put_integrity(b, sha256 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1, &key);
}

/* Answer one of the last requests: with success or an error, signed or not. */
static void
answer(struct source *s)
{
  static const uint16_t codes[] = { 300, 400, 401, 403, 405, 420, 437, 438,
                                    440, 441, 442, 443, 446, 447, 486, 487,
                                    500, 508, 600, 431, 401, 438, 401, 300 };
  unsigned head = take(s), k = head % KEPT, n = head >> 5, code = take(s);
  static uint8_t buf[2048];
  struct saturn_message request;
  struct saturn_bytes message;
  struct saturn_builder b;
  enum saturn_class cls = code < 128 ? SATURN_SUCCESS : SATURN_FAILURE;

  if (w.kept[k].len == 0 || !w.open[w.kept[k].path]
      || saturn_parse(&request, saturn_view(w.kept[k].bytes, w.kept[k].len))
             != SATURN_OK)
    return;
  saturn_begin_reply(&b, buf, sizeof buf, cls, &request);
  if (cls == SATURN_FAILURE)
    saturn_put_error(&b, codes[code % 24], saturn_view(NULL, 0));
  if (cls == SATURN_SUCCESS && request.method == SATURN_METHOD_ALLOCATE
      && !(code & 64)) {
    put_address(&b, SATURN_ATTR_XOR_RELAYED_ADDRESS, 0);
    put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, 0);
    saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 600);
  }
  while (n-- > 0)
    put_attribute(&b, s);
  if (head & 4)
    sign(&b, &request);
  if (head & 8)
    saturn_put_fingerprint(&b);
  if (saturn_finish(&b, &message) == SATURN_OK)
    hand_in(w.kept[k].path, message, head & 16 && code % 4 == 0);
}

/* Indications and data of the server. */
static void
from_server(struct source *s)
{
  unsigned what = take(s), path = take(s) % PATHS, n = 1 + (what >> 4) % 4;
  static const uint8_t tid[SATURN_TID_SIZE] = { 3 };
  static uint8_t buf[4096];
  struct saturn_bytes message;
  struct saturn_builder b;

  if (!w.open[path])
    return;
  if (what % 4 == 0) {
    message = take_bytes(s);
    if (message.len > 1000)
      message.len = 1000;
    if (message.len > 0)
      memcpy(buf + 4, message.data, message.len);
    if (saturn_channel_header(buf, (uint16_t)(0x4000 + what / 32), message.len)
        == SATURN_OK)
      hand_in(path, saturn_view(buf, 4 + message.len), false);
    return;
  }
  if (what % 4 == 1) {
    hand_in(path, take_bytes(s), false);
    return;
  }
  saturn_begin(&b, buf, sizeof buf, SATURN_INDICATION,
               what % 4 == 2 ? SATURN_METHOD_DATA
                             : SATURN_METHOD_CONNECTION_ATTEMPT,
               tid);
  while (n-- > 0)
    put_attribute(&b, s);
  if (saturn_finish(&b, &message) == SATURN_OK)
    hand_in(path, message, false);
}

static void
send_data(struct source *s)
{
  uint8_t room[SATURN_CLIENT_HEADROOM + 300 + SATURN_CLIENT_TAILROOM];
  struct saturn_client_data data = { peer(take(s)), NULL, take(s), false };
  struct saturn_bytes message;
  unsigned path;

  memset(room, 0x42, sizeof room);
  data.payload = room + SATURN_CLIENT_HEADROOM;
  data.dont_fragment = w.config.dont_fragment;
  if (saturn_turn_client_send(w.client, &data, w.now, &path, &message)
      == SATURN_SENT_NOW) {
    assert(path < PATHS && w.open[path]);
    assert(message.data >= room
           && message.data + message.len <= room + sizeof room);
  }
  drain();
}

static void
ask(struct source *s)
{
  unsigned what = take(s);
  struct saturn_address address = peer(take(s));

  switch (what % 9) {
  case 0:
    saturn_turn_client_permit(w.client, &address, w.now);
    break;
  case 1:
    saturn_turn_client_bind(w.client, &address,
                            (uint16_t)(what & 128 ? 0x4000 + what % 8 : 0),
                            w.now);
    break;
  case 2:
    saturn_turn_client_release(w.client, &address);
    break;
  case 3:
    saturn_turn_client_unbind(w.client, &address);
    break;
  case 4:
    saturn_turn_client_moved(w.client, w.now);
    break;
  case 5:
    saturn_turn_client_connect(w.client, &address, w.now);
    break;
  case 6:
    saturn_turn_client_accept(w.client, &address, what, w.now);
    break;
  case 7:
    if (what & 128) {
      saturn_turn_client_close(w.client, w.now);
      break;
    }
    /* fall through */
  default:
    send_data(s);
    break;
  }
  drain();
}

static void
paths(struct source *s)
{
  unsigned what = take(s), path = what % PATHS;

  if (w.opening[path] && what < 200) {
    w.opening[path] = false;
    w.open[path] = true;
    saturn_turn_client_opened(w.client, path, w.now);
  } else if (w.open[path] && what & 64) {
    saturn_turn_client_icmp(w.client, path, w.now);
  } else if (w.open[path] || w.opening[path]) {
    w.open[path] = w.opening[path] = false;
    saturn_turn_client_broken(w.client, path, w.now);
  }
  drain();
}

static void
time_passes(struct source *s)
{
  unsigned step = take(s);
  saturn_ms deadline = saturn_turn_client_deadline(w.client);

  if (step % 4 == 0 && deadline != SATURN_NEVER)
    w.now = deadline;
  else
    w.now += step < 192 ? step * 10 : (step - 191) * 5000;
  drain();
}

/* Nobody answers any more: it closes within seconds, and every path with it. */
static void
finish(void)
{
  saturn_ms deadline;
  int i;

  if (saturn_turn_client_state(w.client) != SATURN_CLIENT_CLOSED)
    saturn_turn_client_close(w.client, w.now);
  drain();
  for (i = 0; i < 1000; i++) {
    deadline = saturn_turn_client_deadline(w.client);
    if (deadline == SATURN_NEVER)
      break;
    w.now = deadline;
    drain();
  }
  assert(saturn_turn_client_deadline(w.client) == SATURN_NEVER);
  for (i = 0; i < PATHS; i++)
    assert(!w.open[i] && !w.opening[i]);
  saturn_turn_client_wipe(w.client);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct source s = { data, size };

  start(&s);
  if (saturn_turn_client_start(w.client, w.now) == SATURN_OK)
    drain();
  while (s.len > 0)
    switch (take(&s) % 8) {
    case 0:
    case 1:
    case 2:
      answer(&s);
      break;
    case 3:
      from_server(&s);
      break;
    case 4:
      ask(&s);
      break;
    case 5:
      paths(&s);
      break;
    case 6:
      time_passes(&s);
      break;
    default:
      if (take(&s) % 4 == 0
          && saturn_turn_client_start(w.client, w.now) == SATURN_OK)
        w.closed = false;
      drain();
      break;
    }
  finish();
  free(w.client);
  return 0;
}
