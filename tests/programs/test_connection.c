/* SPDX-License-Identifier: MIT
 *
 * test_connection.c - TCP connections of messages, with TLS and without: both
 * ends on one loop, over loopback.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "certificates.h"
#include "connection.h"
#include "program.h"

#define DAY 86400L
#define NAME "turn.example.org"

/* Everything on the loop must have happened after so long. */
#define PATIENCE_MS 20000

/* One end, and what it was told. */
struct end {
  struct connection *connection;
  unsigned opened, closed, drained, messages;
  struct connection_end why;
  uint8_t got[400000];
  size_t got_len, last_len;
  void (*on_message)(struct end *end, struct saturn_bytes message);
};

static uv_loop_t loop;
static uv_tcp_t listener;
static uv_timer_t watchdog;
static struct end client, server;
static struct connection_setup client_setup, server_setup;
static struct saturn_address address;
static struct tls_context *own, *trusted;

static void
note_opened(void *owner, struct connection *connection)
{
  struct end *end = owner;

  end->connection = connection;
  end->opened++;
}

static void
note_message(void *owner, struct connection *connection,
             struct saturn_bytes message)
{
  struct end *end = owner;

  end->connection = connection;
  end->messages++;
  end->last_len = message.len;
  if (end->got_len + message.len > sizeof end->got)
    end->got_len = 0;
  memcpy(end->got + end->got_len, message.data, message.len);
  end->got_len += message.len;
  if (end->on_message != NULL)
    end->on_message(end, message);
}

static void
note_drained(void *owner, struct connection *connection)
{
  (void)connection;
  ((struct end *)owner)->drained++;
}

static void
note_closed(void *owner, struct connection *connection,
            const struct connection_end *why)
{
  struct end *end = owner;

  (void)connection;
  end->connection = NULL;
  end->closed++;
  end->why = *why;
}

static const struct connection_calls calls = { note_opened, note_message,
                                               note_drained, note_closed };

static void
someone_connects(uv_stream_t *stream, int status)
{
  int error;

  ck_assert_int_eq(status, 0);
  server.connection = connection_accept(&server_setup, stream, &error);
  ck_assert_msg(server.connection != NULL, "%s", uv_strerror(error));
}

static void
gave_up(uv_timer_t *timer)
{
  (void)timer;
  ck_abort_msg("nothing happens any more");
}

static void
set_up(void)
{
  static const struct certificate all[] = { { "ca", NULL, NULL, -DAY, DAY },
                                            { "own", "ca", NAME, -DAY, DAY } };
  struct saturn_address any = { SATURN_IPV4, 0, { 127, 0, 0, 1 } };
  struct sockaddr_storage name;
  char fault[TLS_FAULT_TEXT];
  int size = sizeof name;

  certificates_begin();
  certificates_make(&all[0]);
  certificates_make(&all[1]);
  own = tls_context_serve(certificates_path("own", "pem"),
                          certificates_path("own", "key"), fault);
  trusted = tls_context_trust(certificates_path("ca", "pem"), fault);
  uv_loop_init(&loop);
  uv_timer_init(&loop, &watchdog);
  uv_timer_start(&watchdog, gave_up, PATIENCE_MS, 0);
  uv_unref((uv_handle_t *)&watchdog);
  uv_tcp_init(&loop, &listener);
  address_to(&any, &name);
  uv_tcp_bind(&listener, (struct sockaddr *)&name, 0);
  uv_listen((uv_stream_t *)&listener, 8, someone_connects);
  uv_tcp_getsockname(&listener, (struct sockaddr *)&name, &size);
  address = address_of((struct sockaddr *)&name);
  client = (struct end){ 0 };
  server = (struct end){ 0 };
  client_setup = (struct connection_setup){ .loop = &loop,
                                            .calls = &calls,
                                            .owner = &client };
  server_setup = client_setup;
  server_setup.owner = &server;
}

static void
close_all(void)
{
  if (client.connection != NULL)
    connection_close(client.connection);
  if (server.connection != NULL)
    connection_close(server.connection);
  if (!uv_is_closing((uv_handle_t *)&listener))
    uv_close((uv_handle_t *)&listener, NULL);
  uv_close((uv_handle_t *)&watchdog, NULL);
  uv_run(&loop, UV_RUN_DEFAULT);
  ck_assert_int_eq(uv_loop_close(&loop), 0); /* nothing was left behind */
  tls_context_release(own);
  tls_context_release(trusted);
  certificates_end();
}

static void
with_tls(bool tls)
{
  client_setup.context = tls ? trusted : NULL;
  client_setup.name = NAME;
  server_setup.context = tls ? own : NULL;
}

static void
wait_for(const unsigned *count, unsigned n)
{
  while (*count < n)
    uv_run(&loop, UV_RUN_ONCE);
}

static void
wait_for_bytes(const struct end *end, size_t n)
{
  while (end->got_len < n)
    uv_run(&loop, UV_RUN_ONCE);
}

static void
let_pass(unsigned ms)
{
  saturn_ms end = now_ms() + ms;

  while (now_ms() < end)
    uv_run(&loop, UV_RUN_NOWAIT);
}

static void
connect_both(void)
{
  int error;

  client.connection = connection_open(&client_setup, &address, &error);
  ck_assert_msg(client.connection != NULL, "%s", uv_strerror(error));
  wait_for(&client.opened, 1);
  while (server.connection == NULL
         || (server_setup.context != NULL && server.opened == 0))
    uv_run(&loop, UV_RUN_ONCE);
}

/* A Binding request; ChannelData of LEN bytes. */
#define STUN                                                                   \
  "\0\1\0\0\x21\x12\xa4\x42"                                                   \
  "0123456789ab"

static struct saturn_bytes
channel_data(uint8_t *out, size_t len)
{
  out[0] = 0x40;
  out[1] = 1;
  out[2] = (uint8_t)(len >> 8);
  out[3] = (uint8_t)len;
  memset(out + 4, 0x77, len);
  return saturn_view(out, 4 + len);
}

START_TEST(T015_T321_messages_there_and_back)
{
  static const size_t sizes[] = { 0, 1, 2, 3, 4, 5, 1200, 65535 };
  static uint8_t buf[65540];

  with_tls(_i == 1);
  connect_both();
  ck_assert(
      saturn_address_equal(connection_remote(client.connection), &address));
  ck_assert(
      saturn_address_equal(connection_local(server.connection), &address));
  ck_assert(saturn_address_equal(connection_local(client.connection),
                                 connection_remote(server.connection)));
  ck_assert((connection_tls(client.connection) != NULL) == (_i == 1));
  ck_assert(connection_send(client.connection, saturn_view(STUN, 20)));
  wait_for(&server.messages, 1);
  ck_assert_uint_eq(server.last_len, 20);
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct saturn_bytes message = channel_data(buf, sizes[i]);

    ck_assert(connection_send(server.connection, message));
    wait_for(&client.messages, i + 1);
    ck_assert_uint_eq(client.last_len, 4 + sizes[i]);
    ck_assert_mem_eq(client.got + client.got_len - message.len, message.data,
                     message.len);
  }
}
END_TEST

START_TEST(T015_a_stream_in_any_pieces)
{
  static const char bytes[] = STUN "\x40\1\0\3"
                                   "abc\0" STUN "\x50\0\0\1"
                                   "x..."
                                   "\x41\2\0\0" STUN;
  static const size_t pieces[] = { 1, 2, 3, 7, sizeof bytes };
  const size_t total = sizeof bytes - 1, piece = pieces[_i];

  client_setup.raw = true;
  connect_both();
  for (size_t at = 0; at < total; at += piece) {
    size_t n = total - at < piece ? total - at : piece;

    ck_assert(connection_send(client.connection, saturn_view(bytes + at, n)));
    let_pass(1);
  }
  wait_for(&server.messages, 5);
  ck_assert_uint_eq(server.got_len, 20 + 7 + 20 + 4 + 20); /* 0x5000 is not */
  ck_assert_mem_eq(server.got + 20,
                   "\x40\1\0\3"
                   "abc",
                   7);
  ck_assert_uint_eq(server.closed, 0);
}
END_TEST

START_TEST(T016_T017_what_cannot_be_framed_closes)
{
  static const struct {
    const char *bytes;
    size_t len, frame_max;
  } rows[] = {
    { "HTTP/1.1 400 Bad Request\r\n", 26, 0 }, /* 'H' is a channel number... */
    { "\x16\x03\x01\x02\0\1", 6, 0 },
    { "\xff\xff\xff\xff", 4, 0 },
    { "\0\1\0\2\x21\x12\xa4\x42", 8, 0 },
    { "\0\1\0\0\x21\x12\xa4\x43", 8, 0 },
    { "\x40\0\x10\0", 4, 1000 },
  };

  client_setup.raw = true;
  server_setup.frame_max = rows[_i].frame_max;
  server_setup.frame_ms = 200; /* for the first row: it has to be long */
  connect_both();
  connection_send(client.connection, saturn_view(rows[_i].bytes, rows[_i].len));
  wait_for(&server.closed, 1);
  ck_assert(_i == 0 ? server.why.slow_frame : server.why.bad_frame);
  ck_assert_uint_eq(server.messages, 0);
  ck_assert_mem_eq(server.why.head, rows[_i].bytes, 4);
  wait_for(&client.closed, 1);
  ck_assert_int_eq(client.why.error, UV_EOF);
}
END_TEST

START_TEST(T018_a_slow_frame_closes_and_a_slow_stream_does_not)
{
  server_setup.frame_ms = 150;
  client_setup.raw = true;
  connect_both();
  let_pass(300); /* nothing has begun */
  ck_assert_uint_eq(server.closed, 0);
  connection_send(client.connection, saturn_view(STUN, 20));
  let_pass(300); /* nothing is left over */
  ck_assert_uint_eq(server.closed, 0);
  connection_send(client.connection, saturn_view(STUN, 19));
  wait_for(&server.closed, 1);
  ck_assert(server.why.slow_frame);
  ck_assert_int_eq(server.why.error, UV_ETIMEDOUT);
}
END_TEST

START_TEST(the_queue_is_bounded_in_whole_messages)
{
  static uint8_t buf[10004];
  struct saturn_bytes message = channel_data(buf, 10000);
  unsigned sent = 0, drained;

  with_tls(_i == 1);
  client_setup.queue_max = 100000;
  connect_both();
  connection_pause(server.connection);
  while (connection_send(client.connection, message)) {
    sent++;
    uv_run(&loop, UV_RUN_NOWAIT);
  }
  ck_assert_uint_ge(connection_queued(client.connection), 80000);
  ck_assert_uint_le(connection_queued(client.connection), 102000);
  ck_assert_uint_eq(client.drained, 0);
  drained = client.drained;
  connection_resume(server.connection);
  wait_for(&server.messages, sent);
  ck_assert_uint_eq(server.last_len, 10004);
  wait_for(&client.drained, drained + 1);
  ck_assert(connection_send(client.connection, message));
  wait_for(&server.messages, sent + 1);
}
END_TEST

static void
become_raw(struct end *end, struct saturn_bytes message)
{
  if (end->messages == 1) {
    ck_assert_uint_eq(message.len, 20);
    connection_make_raw(end->connection);
  }
}

START_TEST(T468_bytes_behind_a_message_are_the_peers)
{
  static const char both[] = STUN "\xff\xffpeer";

  with_tls(_i == 1);
  client_setup.raw = true;
  server.on_message = become_raw;
  connect_both();
  connection_send(client.connection, saturn_view(both, sizeof both - 1));
  wait_for_bytes(&server, sizeof both - 1);
  ck_assert_mem_eq(server.got + 20, "\xff\xffpeer", 6);
  ck_assert(connection_send(server.connection, saturn_view("odd", 3)));
  wait_for_bytes(&client, 3);
  ck_assert_uint_eq(client.got_len, 3);
}
END_TEST

static void
close_it(struct end *end, struct saturn_bytes message)
{
  (void)message;
  connection_close(end->connection);
  end->connection = NULL;
}

START_TEST(an_owner_may_close_within_a_message)
{
  with_tls(_i == 1);
  server.on_message = close_it;
  connect_both();
  connection_send(client.connection, saturn_view(STUN STUN, 40));
  wait_for(&client.closed, 1);
  ck_assert_int_eq(client.why.error, UV_EOF);
  ck_assert_uint_eq(server.messages, 1);
  ck_assert_uint_eq(server.closed, 0); /* who closes is not told */
}
END_TEST

START_TEST(a_closed_connection_sends_its_queue_first)
{
  static uint8_t buf[50004];
  struct saturn_bytes message = channel_data(buf, 50000);
  unsigned sent = 0;

  with_tls(_i == 1);
  client_setup.queue_max = 1 << 20;
  connect_both();
  connection_pause(server.connection);
  while (connection_send(client.connection, message))
    sent++;
  connection_close(client.connection);
  client.connection = NULL;
  connection_resume(server.connection);
  wait_for(&server.closed, 1);
  ck_assert_uint_eq(server.messages, sent);
  ck_assert_int_eq(server.why.error, UV_EOF);
  ck_assert_int_eq(server.why.tls.reason, TLS_FINE);
}
END_TEST

START_TEST(an_abort_is_a_reset)
{
  connect_both();
  connection_abort(client.connection);
  client.connection = NULL;
  wait_for(&server.closed, 1);
  ck_assert_int_eq(server.why.error, UV_ECONNRESET);
}
END_TEST

START_TEST(who_does_not_listen_refuses)
{
  int error;

  uv_close((uv_handle_t *)&listener, NULL);
  uv_run(&loop, UV_RUN_NOWAIT);
  client.connection = connection_open(&client_setup, &address, &error);
  ck_assert_ptr_nonnull(client.connection);
  wait_for(&client.closed, 1);
  ck_assert_int_eq(client.why.error, UV_ECONNREFUSED);
  ck_assert(client.why.connecting);
  ck_assert_uint_eq(client.opened, 0);
}
END_TEST

START_TEST(a_handshake_that_does_not_come_takes_no_longer_than_allowed)
{
  with_tls(true);
  server_setup.context = NULL; /* waits for a message */
  server_setup.raw = true;
  client_setup.open_ms = 200;
  client.connection = connection_open(&client_setup, &address, &(int){ 0 });
  wait_for(&client.closed, 1);
  ck_assert_int_eq(client.why.error, UV_ETIMEDOUT);
  ck_assert(client.why.shaking && !client.why.connecting);
}
END_TEST

static void
answer_in_http(struct end *end, struct saturn_bytes message)
{
  static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

  (void)message;
  connection_send(end->connection, saturn_view(text, sizeof text - 1));
}

START_TEST(a_server_without_TLS_is_recognised)
{
  with_tls(true);
  server_setup.context = NULL;
  server_setup.raw = true;
  server.on_message = _i == 0 ? answer_in_http : close_it;
  client.connection = connection_open(&client_setup, &address, &(int){ 0 });
  wait_for(&client.closed, 1);
  ck_assert_int_eq(client.why.tls.reason, _i == 0 ? TLS_NOT_TLS : TLS_CLOSED);
  ck_assert(client.why.tls.in_handshake);
}
END_TEST

START_TEST(T726_a_wrong_name_ends_before_a_message)
{
  with_tls(true);
  client_setup.name = "other.example.org";
  client.connection = connection_open(&client_setup, &address, &(int){ 0 });
  wait_for(&client.closed, 1);
  wait_for(&server.closed, 1);
  ck_assert_uint_eq(client.opened, 0);
  ck_assert_int_eq(client.why.tls.reason, TLS_BAD_NAME);
  ck_assert_int_eq(server.why.tls.reason, TLS_ALERT);
}
END_TEST

static Suite *
connection_suite(void)
{
  Suite *suite = suite_create("connection");
  TCase *c = tcase_create("connection");

  tcase_add_checked_fixture(c, set_up, close_all);
  tcase_set_timeout(c, 60);
  tcase_add_loop_test(c, T015_T321_messages_there_and_back, 0, 2);
  tcase_add_loop_test(c, T015_a_stream_in_any_pieces, 0, 5);
  tcase_add_loop_test(c, T016_T017_what_cannot_be_framed_closes, 0, 6);
  tcase_add_test(c, T018_a_slow_frame_closes_and_a_slow_stream_does_not);
  tcase_add_loop_test(c, the_queue_is_bounded_in_whole_messages, 0, 2);
  tcase_add_loop_test(c, T468_bytes_behind_a_message_are_the_peers, 0, 2);
  tcase_add_loop_test(c, an_owner_may_close_within_a_message, 0, 2);
  tcase_add_loop_test(c, a_closed_connection_sends_its_queue_first, 0, 2);
  tcase_add_test(c, an_abort_is_a_reset);
  tcase_add_test(c, who_does_not_listen_refuses);
  tcase_add_test(c,
                 a_handshake_that_does_not_come_takes_no_longer_than_allowed);
  tcase_add_loop_test(c, a_server_without_TLS_is_recognised, 0, 2);
  tcase_add_test(c, T726_a_wrong_name_ends_before_a_message);
  suite_add_tcase(suite, c);
  return suite;
}

int
main(void)
{
  SRunner *runner = srunner_create(connection_suite());
  int failed;

  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
