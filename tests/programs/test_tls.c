/* SPDX-License-Identifier: MIT
 *
 * test_tls.c - TLS and DTLS without sockets: both ends in one process, the
 * wire in memory.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "certificates.h"
#include "dtls_server.h"
#include "program.h"
#include "tls_session.h"

#define DAY 86400L
#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WIRE 200000

/* One direction of a stream. */
struct wire {
  uint8_t bytes[WIRE];
  size_t len;
};

static struct wire to_server, to_client;
static char fault[TLS_FAULT_TEXT];

static void
write_wire(void *owner, struct saturn_bytes bytes)
{
  struct wire *wire = owner;

  ck_assert_uint_le(wire->len + bytes.len, WIRE);
  memcpy(wire->bytes + wire->len, bytes.data, bytes.len);
  wire->len += bytes.len;
}

static void
set_up(void)
{
  static const struct certificate all[] = {
    { "ca", NULL, NULL, -DAY, DAY },
    { "other-ca", NULL, NULL, -DAY, DAY },
    { "good", "ca", "turn.example.org", -DAY, DAY },
    { "next", "ca", "turn.example.org", -DAY, 2 * DAY },
    { "wild", "ca", "*.example.org", -DAY, DAY },
    { "stars", "ca", "*.*.org", -DAY, DAY },
    { "part", "ca", "t*.example.org", -DAY, DAY },
    { "old", "ca", "turn.example.org", -2 * DAY, -DAY },
    { "early", "ca", "turn.example.org", DAY, 2 * DAY },
  };

  certificates_begin();
  for (size_t i = 0; i < COUNT(all); i++)
    certificates_make(&all[i]);
  to_server.len = to_client.len = 0;
}

static struct tls_context *
serve(const char *file)
{
  struct tls_context *context = tls_context_serve(
      certificates_path(file, "pem"), certificates_path(file, "key"), fault);

  ck_assert_msg(context != NULL, "%s", fault);
  return context;
}

static struct tls_context *
trust(const char *file)
{
  struct tls_context *context =
      tls_context_trust(certificates_path(file, "pem"), fault);

  ck_assert_msg(context != NULL, "%s", fault);
  return context;
}

static struct tls *
make_server(const char *certificate)
{
  struct tls_context *context = serve(certificate);
  const struct tls_setup setup = {
    .context = context, .server = true, .send = write_wire, .owner = &to_client
  };
  struct tls *tls = tls_new(&setup);

  tls_context_release(context); /* the session keeps it */
  return tls;
}

static struct tls *
make_client(const char *authority, const char *name, bool insecure)
{
  struct tls_context *context = trust(authority);
  const struct tls_setup setup = { .context = context,
                                   .name = name,
                                   .insecure = insecure,
                                   .send = write_wire,
                                   .owner = &to_server };
  struct tls *tls = tls_new(&setup);

  tls_context_release(context);
  return tls;
}

/* Carry what was sent to TO, in pieces of SIZE; what it says goes to OUT. */
static size_t
deliver(struct wire *wire, struct tls *to, size_t size, uint8_t *out)
{
  uint8_t copy[WIRE], buf[TLS_RECORD_MAX];
  size_t len = wire->len, got = 0, n;

  memcpy(copy, wire->bytes, len);
  wire->len = 0;
  for (size_t at = 0; at < len; at += size) {
    tls_input(to, saturn_view(copy + at, len - at < size ? len - at : size));
    while ((n = tls_read(to, buf, sizeof buf)) > 0) {
      if (out != NULL)
        memcpy(out + got, buf, n);
      got += n;
    }
  }
  return got;
}

static void
shake(struct tls *client, struct tls *server, size_t size)
{
  tls_start(client);
  for (int i = 0; i < 10 && (to_server.len > 0 || to_client.len > 0); i++) {
    deliver(&to_server, server, size, NULL);
    deliver(&to_client, client, size, NULL);
  }
}

START_TEST(T721_T723_a_stream_there_and_back)
{
  static const size_t pieces[] = { 1, 7, 1000, WIRE };
  struct tls *server = make_server("good");
  struct tls *client = make_client("ca", "turn.example.org", false);
  uint8_t *data = calloc(1, 100000), *got = calloc(1, 100000);
  char text[200];

  shake(client, server, pieces[_i]);
  ck_assert_int_eq(tls_state(client), TLS_READY);
  ck_assert_int_eq(tls_state(server), TLS_READY);
  ck_assert_mem_eq(tls_alpn(client).data, "stun.turn", 9);
  ck_assert_uint_eq(tls_alpn(server).len, 9);
  tls_describe(client, text, sizeof text);
  ck_assert_ptr_nonnull(strstr(text, "TLS1.3"));
  tls_describe_peer(client, text, sizeof text);
  ck_assert_ptr_nonnull(strstr(text, "CN=turn.example.org"));
  ck_assert_ptr_nonnull(strstr(text, "by CN=an authority"));

  random_bytes(data, 100000);
  ck_assert(tls_write(client, saturn_view(data, 100000)));
  ck_assert_uint_eq(deliver(&to_server, server, pieces[_i], got), 100000);
  ck_assert_mem_eq(data, got, 100000);
  ck_assert(tls_write(server, saturn_view(data, 3)));
  ck_assert_uint_eq(deliver(&to_client, client, pieces[_i], got), 3);

  tls_goodbye(server);
  deliver(&to_client, client, pieces[_i], got);
  ck_assert_int_eq(tls_state(client), TLS_OVER);
  ck_assert_int_eq(tls_fault(client)->reason, TLS_CLOSED);
  ck_assert(!tls_fault(client)->in_handshake);
  tls_free(client);
  tls_free(server);
  free(data);
  free(got);
}
END_TEST

/* GnuTLS as it comes, in the place of one end. */
static ssize_t
push(gnutls_transport_ptr_t out, const void *data, size_t size)
{
  write_wire(out, saturn_view(data, size));
  return (ssize_t)size;
}

static ssize_t
pull(gnutls_transport_ptr_t from, void *data, size_t size)
{
  struct wire *in = from;
  size_t n = size < in->len ? size : in->len;

  if (n == 0) {
    errno = EAGAIN;
    return -1;
  }
  memcpy(data, in->bytes, n);
  in->len -= n;
  memmove(in->bytes, in->bytes + n, in->len);
  return (ssize_t)n;
}

static gnutls_session_t
bare(bool server, const struct tls_context *context, struct wire *in,
     struct wire *out)
{
  gnutls_session_t session;

  gnutls_init(&session,
              (server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK);
  gnutls_set_default_priority(session);
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, context->credentials);
  gnutls_transport_set_ptr2(session, in, out);
  gnutls_transport_set_push_function(session, push);
  gnutls_transport_set_pull_function(session, pull);
  return session;
}

static int
shake_bare(gnutls_session_t session, struct tls *other, struct wire *out)
{
  int e = GNUTLS_E_AGAIN;

  for (int i = 0; i < 10 && e != 0 && gnutls_error_is_fatal(e) == 0; i++) {
    e = gnutls_handshake(session);
    deliver(out, other, WIRE, NULL);
  }
  return e;
}

/* What clients offer, and whether a TURN server takes it. */
static const struct {
  const char *offer;
  bool taken;
} offers[] = {
  { NULL, true },
  { "stun.turn", true },
  { "http/1.1", false },
  { "stun.nat-discovery", false },
};

START_TEST(T724_protocols_that_clients_offer)
{
  struct tls *server = make_server("good");
  struct tls_context *context = trust("ca");
  gnutls_session_t client = bare(false, context, &to_client, &to_server);
  const char *offer = offers[_i].offer;
  gnutls_datum_t protocol = { (void *)(uintptr_t)offer, 0 };
  int e;

  if (offer != NULL) {
    protocol.size = (unsigned)strlen(offer);
    gnutls_alpn_set_protocols(client, &protocol, 1, 0);
  }
  e = shake_bare(client, server, &to_server);
  if (offers[_i].taken) {
    ck_assert_int_eq(e, 0);
    ck_assert_int_eq(tls_state(server), TLS_READY);
    ck_assert_uint_eq(tls_alpn(server).len, protocol.size);
  } else {
    ck_assert_int_eq(e, GNUTLS_E_FATAL_ALERT_RECEIVED);
    ck_assert_int_eq(gnutls_alert_get(client),
                     GNUTLS_A_NO_APPLICATION_PROTOCOL);
    ck_assert_int_eq(tls_state(server), TLS_OVER);
  }
  gnutls_deinit(client);
  tls_context_release(context);
  tls_free(server);
}
END_TEST

/* A server that knows nothing of protocols will do; it is told a name, but no
   address. */
START_TEST(T725_server_without_protocols)
{
  struct tls_context *context = serve("good");
  gnutls_session_t server = bare(true, context, &to_server, &to_client);
  struct tls *client =
      make_client("ca", _i == 0 ? "turn.example.org" : "192.0.2.1", _i == 1);
  char name[64] = "";
  size_t len = sizeof name;
  unsigned type;

  tls_start(client);
  ck_assert_int_eq(shake_bare(server, client, &to_client), 0);
  ck_assert_int_eq(tls_state(client), TLS_READY);
  ck_assert_uint_eq(tls_alpn(client).len, 0);
  ck_assert_int_eq(gnutls_server_name_get(server, name, &len, &type, 0),
                   _i == 0 ? 0 : GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
  ck_assert_str_eq(name, _i == 0 ? "turn.example.org" : "");
  gnutls_deinit(server);
  tls_context_release(context);
  tls_free(client);
}
END_TEST

/* OpenSSL sends two tickets behind its handshake, whether the client has said
   that it takes any or not, in one piece with whatever comes next. */
START_TEST(T727_tickets_in_front_of_data)
{
  struct tls_context *context = serve("good");
  gnutls_session_t server = bare(true, context, &to_server, &to_client);
  struct tls *client = make_client("ca", "turn.example.org", false);
  gnutls_datum_t key;
  uint8_t got[100];

  gnutls_session_ticket_key_generate(&key);
  gnutls_session_ticket_enable_server(server, &key);
  tls_start(client);
  ck_assert_int_eq(shake_bare(server, client, &to_client), 0);
  deliver(&to_client, client, WIRE, NULL);
  ck_assert_int_eq(gnutls_session_ticket_send(server, 3, 0), 0);
  ck_assert_uint_gt(to_client.len, 100);
  ck_assert_int_eq(gnutls_record_send(server, "data", 4), 4);
  ck_assert_uint_eq(deliver(&to_client, client, WIRE, got), 4);
  ck_assert_int_eq(gnutls_record_send(server, "more", 4), 4);
  ck_assert_uint_eq(deliver(&to_client, client, WIRE, got), 4);
  ck_assert_mem_eq(got, "more", 4);
  gnutls_deinit(server);
  gnutls_free(key.data);
  tls_context_release(context);
  tls_free(client);
}
END_TEST

static const struct {
  const char *certificate, *authority, *name;
  bool insecure;
  enum tls_reason reason;
} doubts[] = {
  { "good", "ca", "turn.example.org", false, TLS_FINE },
  { "wild", "ca", "turn.example.org", false, TLS_FINE },
  { "wild", "ca", "a.turn.example.org", false, TLS_BAD_NAME },
  { "stars", "ca", "turn.example.org", false, TLS_BAD_NAME }, /* C-TL-03 */
  { "part", "ca", "turn.example.org", false, TLS_BAD_NAME },
  { "good", "ca", "other.example.org", false, TLS_BAD_NAME },
  { "good", "ca", "192.0.2.1", false, TLS_BAD_NAME },
  { "good", "other-ca", "turn.example.org", false, TLS_BAD_ISSUER },
  { "old", "ca", "turn.example.org", false, TLS_EXPIRED },
  { "early", "ca", "turn.example.org", false, TLS_NOT_YET_VALID },
  { "old", "other-ca", "other.example.org", true, TLS_FINE },
};

START_TEST(T726_a_certificate_is_verified_before_anything_is_said)
{
  struct tls *server = make_server(doubts[_i].certificate);
  struct tls *client =
      make_client(doubts[_i].authority, doubts[_i].name, doubts[_i].insecure);

  shake(client, server, WIRE);
  ck_assert_int_eq(tls_fault(client)->reason, doubts[_i].reason);
  if (doubts[_i].reason == TLS_FINE)
    ck_assert_int_eq(tls_state(client), TLS_READY);
  else {
    ck_assert_int_eq(tls_state(client), TLS_OVER);
    ck_assert(tls_fault(client)->in_handshake);
    ck_assert(!tls_write(client, saturn_view("x", 1)));
    ck_assert_str_ne(tls_fault(client)->detail, "");
    ck_assert_int_eq(tls_state(server), TLS_OVER);
    ck_assert_int_eq(tls_fault(server)->reason, TLS_ALERT);
  }
  tls_free(client);
  tls_free(server);
}
END_TEST

static const struct {
  const char *answer;
  bool closes;
  enum tls_reason reason;
} others[] = {
  { "HTTP/1.1 400 Bad Request\r\n\r\n", true, TLS_NOT_TLS },
  { "", true, TLS_CLOSED },
  { "\x15\x03\x03\0\2\2\x46", false, TLS_VERSION },
  { "\x15\x03\x03\0\2\2\x78", false, TLS_ALPN },
  { "\x15\x03\x03\0\2\2\x28", false, TLS_ALERT },
};

START_TEST(who_is_no_server_of_TLS_is_told_from_one_that_refuses)
{
  struct tls *client = make_client("ca", "turn.example.org", false);
  size_t len = others[_i].closes ? strlen(others[_i].answer) : 7;

  tls_start(client);
  ck_assert_uint_gt(to_server.len, 100);
  if (len > 0)
    tls_input(client, saturn_view(others[_i].answer, len));
  if (others[_i].closes)
    tls_input_end(client);
  ck_assert_int_eq(tls_state(client), TLS_OVER);
  ck_assert_int_eq(tls_fault(client)->reason, others[_i].reason);
  tls_free(client);
}
END_TEST

START_TEST(files_that_are_no_good_are_named)
{
  ck_assert_ptr_null(
      tls_context_serve("/nowhere/a.pem", "/nowhere/a.key", fault));
  ck_assert_ptr_nonnull(strstr(fault, "/nowhere/a.pem"));
  ck_assert_ptr_null(tls_context_serve(certificates_path("good", "pem"),
                                       certificates_path("old", "key"), fault));
  ck_assert_ptr_nonnull(strstr(fault, "key"));
  ck_assert_ptr_null(
      tls_context_trust(certificates_path("good", "key"), fault));
  ck_assert_ptr_nonnull(strstr(fault, "good.key"));
}
END_TEST

/*
 * DTLS: a server with several clients, over a wire that loses.
 */

#define CLIENTS 5
#define PACKETS 256

struct packet {
  size_t client, len;
  bool to_server;
  uint8_t bytes[TLS_RECORD_MAX];
};

static struct packet packets[PACKETS];
static size_t n_packets;
static struct tls *clients[CLIENTS];
static unsigned echoed[CLIENTS], ended[CLIENTS];
static uint32_t loss; /* so many of 65536 packets are lost */
static uint32_t sent_in_all;

static void
put_packet(size_t client, bool towards_server, struct saturn_bytes bytes)
{
  struct packet *p = &packets[n_packets];

  ck_assert_uint_le(bytes.len, sizeof p->bytes);
  if (loss > 0 && (sent_in_all = sent_in_all * 1103515245 + 12345) >> 16 < loss)
    return;
  ck_assert_uint_lt(n_packets, PACKETS);
  n_packets++;
  p->client = client;
  p->to_server = towards_server;
  p->len = bytes.len;
  memcpy(p->bytes, bytes.data, bytes.len);
}

static void
client_sends(void *owner, struct saturn_bytes bytes)
{
  put_packet((size_t)((struct tls **)owner - clients), true, bytes);
}

static void
server_sends(void *owner, const struct saturn_address *client,
             struct saturn_bytes bytes)
{
  (void)owner;
  put_packet((size_t)client->port - 1000, false, bytes);
}

static void
server_received(void *owner, const struct saturn_address *client,
                struct saturn_bytes message)
{
  ck_assert(dtls_server_send(*(struct dtls_server **)owner, client, message));
}

static enum tls_reason ended_for;

static void
server_ended(void *owner, const struct saturn_address *client,
             const struct tls_fault *why)
{
  (void)owner;
  ck_assert_int_eq(why->reason, ended_for);
  ended[client->port - 1000]++;
}

/* Of the odd ports, unless all are. */
static bool all_in_use = true;

static bool
server_in_use(void *owner, const struct saturn_address *client)
{
  (void)owner;
  return all_in_use || client->port % 2 != 0;
}

static const struct dtls_calls calls = { server_sends, server_received,
                                         server_ended, server_in_use };
static uint32_t strangers_max;
static struct dtls_server *dtls;
static uint8_t cookie_key[TLS_COOKIE_KEY] = "0123456789abcde";

static struct saturn_address
address_of_client(size_t client)
{
  return (struct saturn_address){ SATURN_IPV4,
                                  (uint16_t)(1000 + client),
                                  { 192, 0, 2, 1 } };
}

static void
make_dtls_server(uint32_t sessions_max)
{
  struct tls_context *context = serve("good");
  const struct dtls_setup setup = { .context = context,
                                    .cookie_key = cookie_key,
                                    .sessions_max = sessions_max,
                                    .strangers_max = strangers_max,
                                    .idle_ms = 60000,
                                    .stranger_ms = 20000,
                                    .calls = &calls,
                                    .owner = &dtls };

  dtls = dtls_server_new(&setup);
  tls_context_release(context);
  memset(echoed, 0, sizeof echoed);
  memset(ended, 0, sizeof ended);
  n_packets = loss = 0;
  ended_for = TLS_CLOSED;
}

static void
make_dtls_client_of(size_t i, const char *versions)
{
  struct tls_context *context = trust("ca");
  const struct tls_setup setup = { .context = context,
                                   .datagram = true,
                                   .name = "turn.example.org",
                                   .send = client_sends,
                                   .owner = &clients[i] };

  clients[i] = tls_new(&setup);
  tls_context_release(context);
  if (versions != NULL)
    ck_assert_int_eq(
        gnutls_priority_set_direct(clients[i]->session, versions, NULL), 0);
  tls_start(clients[i]);
}

static void
make_dtls_client(size_t i)
{
  make_dtls_client_of(i, NULL);
}

static void
to_one_client(const struct packet *p)
{
  static uint8_t message[TLS_RECORD_MAX];
  size_t n;

  if (clients[p->client] == NULL)
    return;
  tls_input(clients[p->client], saturn_view(p->bytes, p->len));
  while ((n = tls_read(clients[p->client], message, sizeof message)) > 0) {
    ck_assert_uint_eq(message[0], p->client);
    ck_assert_uint_eq(message[n - 1], n % 251);
    echoed[p->client]++;
  }
}

/* Carry packets until there are no more. */
static void
carry(saturn_ms now)
{
  static struct packet batch[PACKETS];

  while (n_packets > 0) {
    size_t n = n_packets;

    memcpy(batch, packets, n * sizeof *packets);
    n_packets = 0;
    for (size_t i = 0; i < n; i++) {
      struct saturn_address client = address_of_client(batch[i].client);

      if (batch[i].to_server)
        dtls_server_input(dtls, &client,
                          saturn_view(batch[i].bytes, batch[i].len), now);
      else
        to_one_client(&batch[i]);
    }
  }
}

static void
say(size_t client, size_t len)
{
  static uint8_t message[TLS_RECORD_MAX];

  memset(message, 0x55, len);
  message[len - 1] = (uint8_t)(len % 251);
  message[0] = (uint8_t)client;
  ck_assert(tls_write(clients[client], saturn_view(message, len)));
}

static void
drop_clients(void)
{
  for (size_t i = 0; i < CLIENTS; i++) {
    tls_free(clients[i]);
    clients[i] = NULL;
  }
  dtls_server_free(dtls);
}

START_TEST(T722_dtls_clients_are_admitted_by_cookie)
{
  struct saturn_address first = address_of_client(0);

  make_dtls_server(0);
  for (size_t i = 0; i < CLIENTS; i++)
    make_dtls_client(i);
  /* One flight to the server leaves nothing behind there. */
  for (size_t i = 0; i < CLIENTS; i++) {
    struct saturn_address from = address_of_client(i);
    size_t before = n_packets;

    ck_assert(dtls_is(saturn_view(packets[i].bytes, packets[i].len)));
    dtls_server_input(dtls, &from,
                      saturn_view(packets[i].bytes, packets[i].len), 1);
    ck_assert_uint_eq(n_packets, before + 1);
    ck_assert_uint_le(packets[before].len, packets[i].len);
  }
  ck_assert_uint_eq(dtls_server_count(dtls), 0);

  carry(2);
  ck_assert_uint_eq(dtls_server_count(dtls), CLIENTS);
  for (size_t i = 0; i < CLIENTS; i++) {
    ck_assert_int_eq(tls_state(clients[i]), TLS_READY);
    ck_assert_uint_eq(tls_alpn(clients[i]).len, 9);
    say(i, 2);
    say(i, 1200);
    say(i, TLS_MESSAGE_MAX);
  }
  carry(3);
  for (size_t i = 0; i < CLIENTS; i++)
    ck_assert_uint_eq(echoed[i], 3);

  tls_goodbye(clients[1]);
  carry(4);
  ck_assert_uint_eq(ended[1], 1);
  ck_assert_uint_eq(dtls_server_count(dtls), CLIENTS - 1);
  ck_assert(dtls_server_send(dtls, &first, saturn_view("\0\2", 2)));
  first.port = 1001;
  ck_assert(!dtls_server_send(dtls, &first, saturn_view("x", 1)));
  drop_clients();
}
END_TEST

START_TEST(T722_a_cookie_of_another_address_is_not_taken)
{
  struct saturn_address other = address_of_client(0);

  make_dtls_server(0);
  other.ip[3]++;
  make_dtls_client(0);
  dtls_server_input(dtls, &other, saturn_view(packets[0].bytes, packets[0].len),
                    1);
  ck_assert_uint_eq(n_packets, 2); /* the cookie of the other address */
  tls_input(clients[0], saturn_view(packets[1].bytes, packets[1].len));
  ck_assert_uint_eq(n_packets, 3); /* the hello with it */
  other.ip[3]--;
  dtls_server_input(dtls, &other, saturn_view(packets[2].bytes, packets[2].len),
                    2);
  ck_assert_uint_eq(dtls_server_count(dtls), 0);
  ck_assert_uint_eq(n_packets, 4); /* a cookie anew */
  drop_clients();
}
END_TEST

/* OpenSSL passes over an alert of DTLS that names a version of TLS. */
START_TEST(T721_a_dtls_client_without_1_2_is_told)
{
  const struct packet *last;

  make_dtls_server(0);
  ended_for = TLS_VERSION;
  make_dtls_client_of(0, "NORMAL:-VERS-ALL:+VERS-DTLS1.0");
  for (int turn = 0; turn < 2; turn++) {
    struct saturn_address from = address_of_client(0);
    const struct packet *hello = &packets[n_packets - 1];

    ck_assert(hello->to_server);
    dtls_server_input(dtls, &from, saturn_view(hello->bytes, hello->len), 1);
    last = &packets[n_packets - 1];
    ck_assert(!last->to_server);
    if (turn == 0)
      tls_input(clients[0], saturn_view(last->bytes, last->len));
  }
  ck_assert_uint_eq(last->len, 15);
  ck_assert_mem_eq(last->bytes, "\x15\xfe\xff", 3);
  ck_assert_mem_eq(last->bytes + 11, "\0\2\2\x46", 4);
  ck_assert_uint_eq(dtls_server_count(dtls), 0);
  tls_input(clients[0], saturn_view(last->bytes, last->len));
  ck_assert_int_eq(tls_fault(clients[0])->reason, TLS_VERSION);
  drop_clients();
}
END_TEST

START_TEST(dtls_flights_are_repeated)
{
  const struct timespec pause = { 0, 20 * 1000 * 1000 };
  unsigned ready = 0;

  make_dtls_server(0);
  loss = 8192;
  for (size_t i = 0; i < CLIENTS; i++)
    make_dtls_client(i);
  for (int t = 0; t < 1400 && ready < CLIENTS; t++) { /* 28 s */
    carry(now_ms());
    for (size_t i = 0; i < CLIENTS; i++)
      if (tls_timeout_ms(clients[i]) == 0)
        tls_timer(clients[i]);
    dtls_server_tick(dtls, now_ms());
    ready = 0;
    for (size_t i = 0; i < CLIENTS; i++)
      ready += tls_state(clients[i]) == TLS_READY;
    nanosleep(&pause, NULL);
  }
  ck_assert_uint_eq(ready, CLIENTS);
  loss = 0;
  carry(now_ms());
  drop_clients();
}
END_TEST

START_TEST(dtls_sessions_are_bounded_and_idle_ones_end)
{
  make_dtls_server(2);
  for (size_t i = 0; i < 3; i++)
    make_dtls_client(i);
  carry(1000);
  ck_assert_uint_eq(dtls_server_count(dtls), 2);
  say(0, 9);
  carry(50000);
  ended_for = TLS_SILENT;
  dtls_server_tick(dtls, 62000);
  ck_assert_uint_eq(dtls_server_count(dtls), 1);
  dtls_server_tick(dtls, 120000);
  ck_assert_uint_eq(dtls_server_count(dtls), 0);
  drop_clients();
}
END_TEST

START_TEST(dtls_strangers_of_an_address_are_bounded)
{
  all_in_use = false;
  strangers_max = 2;
  make_dtls_server(0);
  strangers_max = 0;
  for (size_t i = 0; i < 3; i++)
    make_dtls_client(i);
  carry(1000);
  ck_assert_uint_eq(dtls_server_count(dtls), 2);
  tls_goodbye(clients[0]);
  carry(2000);
  make_dtls_client(3);
  carry(3000);
  ck_assert_int_eq(tls_state(clients[3]), TLS_READY);
  ck_assert_uint_eq(dtls_server_count(dtls), 2);
  dtls_server_tick(dtls, 3000); /* the odd ones are no strangers any more */
  make_dtls_client(4);
  carry(4000);
  ck_assert_int_eq(tls_state(clients[4]), TLS_READY);
  ck_assert_uint_eq(dtls_server_count(dtls), 3);
  all_in_use = true;
  drop_clients();
}
END_TEST

START_TEST(T018_dtls_strangers_may_not_be_silent_for_long)
{
  make_dtls_server(0);
  all_in_use = false;
  for (size_t i = 0; i < 2; i++)
    make_dtls_client(i);
  carry(1000);
  dtls_server_tick(dtls, 20999);
  ck_assert_uint_eq(dtls_server_count(dtls), 2);
  ended_for = TLS_SILENT;
  dtls_server_tick(dtls, 21000);
  ck_assert_uint_eq(dtls_server_count(dtls), 1);
  ck_assert_uint_eq(ended[0], 1);
  all_in_use = true;
  drop_clients();
}
END_TEST

START_TEST(a_dtls_client_may_begin_anew_on_its_port)
{
  make_dtls_server(0);
  make_dtls_client(0);
  carry(1);
  tls_free(clients[0]); /* without a goodbye */
  make_dtls_client(0);
  carry(2);
  ck_assert_int_eq(tls_state(clients[0]), TLS_READY);
  ck_assert_uint_eq(ended[0], 1);
  ck_assert_uint_eq(dtls_server_count(dtls), 1);
  say(0, 5);
  carry(3);
  ck_assert_uint_eq(echoed[0], 1);
  drop_clients();
}
END_TEST

START_TEST(a_new_certificate_is_for_new_sessions)
{
  struct tls_context *context = serve("next");
  char before[200], after[200], old[200];

  make_dtls_server(0);
  make_dtls_client(0);
  carry(1);
  dtls_server_reload(dtls, context);
  tls_context_release(context);
  make_dtls_client(1);
  carry(2);
  tls_describe_peer(clients[0], before, sizeof before);
  tls_describe_peer(clients[1], after, sizeof after);
  ck_assert_str_ne(before, after);
  say(0, 5);
  say(1, 5);
  carry(3);
  ck_assert_uint_eq(echoed[0] + echoed[1], 2);
  tls_describe_peer(clients[0], old, sizeof old);
  ck_assert_str_eq(before, old);
  drop_clients();
}
END_TEST

START_TEST(dtls_junk_is_harmless)
{
  static uint8_t junk[400];
  struct saturn_address from = address_of_client(0);

  make_dtls_server(0);
  make_dtls_client(0);
  carry(1);
  for (unsigned i = 0; i < 2000; i++) {
    size_t len = i % sizeof junk;

    random_bytes(junk, sizeof junk);
    junk[0] = (uint8_t)(20 + i % 44);
    if (i % 2 == 0)
      memcpy(junk + 1, "\xfe\xfd\0\1", 4);
    from.port = (uint16_t)(1000 + i % 3);
    dtls_server_input(dtls, &from, saturn_view(junk, len), 2);
    tls_input(clients[0], saturn_view(junk, len));
    ck_assert_uint_eq(
        tls_read(clients[0], packets[PACKETS - 1].bytes, TLS_RECORD_MAX), 0);
  }
  ck_assert_uint_eq(dtls_server_count(dtls), 1);
  n_packets = 0;
  say(0, 5);
  carry(3);
  ck_assert_uint_eq(echoed[0], 1);
  drop_clients();
}
END_TEST

static Suite *
tls_suite(void)
{
  Suite *suite = suite_create("tls");
  TCase *c = tcase_create("tls");

  tcase_add_checked_fixture(c, set_up, certificates_end);
  tcase_set_timeout(c, 60);
  tcase_add_loop_test(c, T721_T723_a_stream_there_and_back, 0, 4);
  tcase_add_loop_test(c, T724_protocols_that_clients_offer, 0,
                      sizeof offers / sizeof *offers);
  tcase_add_loop_test(c, T725_server_without_protocols, 0, 2);
  tcase_add_test(c, T727_tickets_in_front_of_data);
  tcase_add_loop_test(c, T726_a_certificate_is_verified_before_anything_is_said,
                      0, (int)COUNT(doubts));
  tcase_add_loop_test(c, who_is_no_server_of_TLS_is_told_from_one_that_refuses,
                      0, (int)COUNT(others));
  tcase_add_test(c, files_that_are_no_good_are_named);
  tcase_add_test(c, T722_dtls_clients_are_admitted_by_cookie);
  tcase_add_test(c, T722_a_cookie_of_another_address_is_not_taken);
  tcase_add_test(c, T721_a_dtls_client_without_1_2_is_told);
  tcase_add_test(c, dtls_flights_are_repeated);
  tcase_add_test(c, dtls_sessions_are_bounded_and_idle_ones_end);
  tcase_add_test(c, dtls_strangers_of_an_address_are_bounded);
  tcase_add_test(c, T018_dtls_strangers_may_not_be_silent_for_long);
  tcase_add_test(c, a_dtls_client_may_begin_anew_on_its_port);
  tcase_add_test(c, a_new_certificate_is_for_new_sessions);
  tcase_add_test(c, dtls_junk_is_harmless);
  suite_add_tcase(suite, c);
  return suite;
}

int
main(void)
{
  SRunner *runner = srunner_create(tls_suite());
  int failed;

  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
