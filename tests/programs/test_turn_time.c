/* SPDX-License-Identifier: MIT
 *
 * test_turn_time.c - turn-server on a clock of our own: what expires, when,
 * and what does not keep it alive. The sockets are those below.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "ports.h"
#include "program.h"
#include "server.h"
#include "state.h"

#define START 5000000
#define SECOND ((saturn_ms)1000)

struct relay_socket {
  struct saturn_address address;
  struct relay *owner;
  bool used;
};

static struct relay_socket sockets[64];
static uint8_t to_client[2048], to_peer[2048];
static size_t client_len, peer_len;
static unsigned to_clients, to_peers;

static struct server *server;
static struct listener listener = { { SATURN_IPV4, 3478, { 198, 51, 100, 1 } },
                                    SATURN_UDP };
static struct path path = { &listener, { SATURN_IPV4, 5000, { 9, 9, 9, 9 } } };
static const struct saturn_address peer = { SATURN_IPV4, 7000, { 8, 8, 8, 8 } };
static saturn_ms now;

void
io_to_client(const struct path *to, struct saturn_bytes datagram)
{
  ck_assert(saturn_address_equal(&to->client, &path.client));
  ck_assert_uint_le(datagram.len, sizeof to_client);
  memcpy(to_client, datagram.data, datagram.len);
  client_len = datagram.len;
  to_clients++;
}

void
io_to_peer(struct relay_socket *socket, const struct saturn_address *to,
           struct saturn_bytes datagram, bool dont_fragment)
{
  ck_assert(socket->used && saturn_address_equal(to, &peer) && !dont_fragment);
  memcpy(to_peer, datagram.data, datagram.len);
  peer_len = datagram.len;
  to_peers++;
}

struct relay_socket *
io_open(const struct saturn_address *address)
{
  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
    if (!sockets[i].used) {
      sockets[i].used = true;
      sockets[i].address = *address;
      return &sockets[i];
    }
  return NULL;
}

void
io_own(struct relay_socket *socket, struct relay *owner)
{
  socket->owner = owner;
}

void
io_close(struct relay_socket *socket)
{
  ck_assert(socket->used);
  memset(socket, 0, sizeof *socket);
}

static void
set_up(void)
{
  static const uint8_t own[] = { 198, 51, 100, 1 };

  memset(sockets, 0, sizeof sockets);
  to_clients = to_peers = 0;
  now = START;
  server = allocate(sizeof *server);
  server->config.anonymous = true;
  server->config.max_lifetime_s = 3600;
  server->config.min_port = 50000;
  server->config.max_port = 50003;
  server->config.last_channel = SATURN_CHANNEL_LAST;
  server->ips = allocate(sizeof *server->ips);
  server->n_ips = 1;
  server->ips->bound.family = SATURN_IPV4;
  memcpy(server->ips->bound.ip, own, sizeof own);
  server->ips->advertised = server->ips->bound;
  server->users = users_new(SATURN_TEXT("r"), ':');
  server->config.policy.realm = SATURN_TEXT("r");
  server_start(server);
}

static void
tear_down(void)
{
  server_stop(server);
  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
    ck_assert(!sockets[i].used);
  users_free(server->users);
  free(server);
}

/* Send what B has built; the code of the answer, 0 for success, 1 for none. */
static unsigned
ask(const struct saturn_builder *b)
{
  struct saturn_bytes request;
  struct saturn_message answer;
  struct saturn_failure failure;
  unsigned before = to_clients;

  ck_assert_int_eq(saturn_finish(b, &request), SATURN_OK);
  server_from_client(server, &path, request, now);
  if (to_clients == before)
    return 1;
  ck_assert_int_eq(saturn_parse(&answer, saturn_view(to_client, client_len)),
                   SATURN_OK);
  if (answer.cls == SATURN_SUCCESS)
    return 0;
  ck_assert_int_eq(saturn_get_error(&answer, SATURN_ATTR_ERROR_CODE, &failure),
                   SATURN_OK);
  return failure.code;
}

static uint8_t buf[1024];

static void
begin(struct saturn_builder *b, enum saturn_class cls, uint16_t method)
{
  uint8_t tid[SATURN_TID_SIZE];

  random_bytes(tid, sizeof tid);
  saturn_begin(b, buf, sizeof buf, cls, method, tid);
}

/* An Allocate; EVEN-PORT if it is not 0, and the token if there is one. */
static unsigned
allocate_relay(uint8_t even_port, const uint8_t *token)
{
  struct saturn_builder b;

  begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
  if (even_port != 0)
    saturn_put_u8(&b, SATURN_ATTR_EVEN_PORT, even_port);
  if (token != NULL)
    saturn_put_bytes(&b, SATURN_ATTR_RESERVATION_TOKEN,
                     saturn_view(token, TOKEN_SIZE));
  return ask(&b);
}

static unsigned
refresh(uint32_t lifetime_s)
{
  struct saturn_builder b;

  begin(&b, SATURN_REQUEST, SATURN_METHOD_REFRESH);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, lifetime_s);
  return ask(&b);
}

/* CreatePermission, or ChannelBind with a number. */
static unsigned
admit(uint16_t channel)
{
  struct saturn_builder b;

  begin(&b, SATURN_REQUEST,
        channel == 0 ? SATURN_METHOD_CREATE_PERMISSION
                     : SATURN_METHOD_CHANNEL_BIND);
  if (channel != 0)
    saturn_put_u16(&b, SATURN_ATTR_CHANNEL_NUMBER, channel);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &peer);
  return ask(&b);
}

/* Does a Send indication reach the peer? */
static bool
sends(void)
{
  struct saturn_builder b;
  unsigned before = to_peers;

  begin(&b, SATURN_INDICATION, SATURN_METHOD_SEND);
  saturn_put_address(&b, SATURN_ATTR_XOR_PEER_ADDRESS, &peer);
  saturn_put_bytes(&b, SATURN_ATTR_DATA, SATURN_TEXT("up"));
  ck_assert_uint_eq(ask(&b), 1);
  return to_peers > before;
}

/* Does ChannelData reach the peer? */
static bool
sends_on(uint16_t channel)
{
  const uint8_t data[] = { (uint8_t)(channel >> 8), (uint8_t)channel, 0, 1, 7 };
  unsigned before = to_peers;

  server_from_client(server, &path, saturn_view(data, sizeof data), now);
  return to_peers > before && peer_len == 1 && to_peer[0] == 7;
}

/* What comes to the client from the peer: its first byte, or -1. */
static int
receives(void)
{
  unsigned before = to_clients;

  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
    if (sockets[i].used && sockets[i].owner != NULL)
      server_from_peer(server, sockets[i].owner, &peer, SATURN_TEXT("down"),
                       now);
  return to_clients > before ? to_client[0] : -1;
}

static size_t
open_sockets(void)
{
  size_t n = 0;

  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
    n += sockets[i].used;
  return n;
}

static void
pass(saturn_ms ms)
{
  now += ms;
  server_expire(server, now);
}

START_TEST(T231_T240_permission_lives_300_seconds)
{
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  ck_assert(!sends() && receives() == -1);
  ck_assert_uint_eq(admit(0), 0);
  pass(299 * SECOND);
  ck_assert(sends() && receives() == 0);
  ck_assert_uint_eq(refresh(600), 0);
  pass(SECOND - 1);
  ck_assert(sends() && receives() == 0);
  pass(1);
  ck_assert(!sends() && receives() == -1);
  ck_assert_uint_eq(admit(0), 0);
  ck_assert(sends() && receives() == 0);
}
END_TEST

START_TEST(T307_T325_channel_lives_600_seconds)
{
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  ck_assert_uint_eq(refresh(3600), 0);
  ck_assert_uint_eq(admit(0x4000), 0);
  pass(299 * SECOND);
  ck_assert(sends_on(0x4000) && receives() == 0x40);
  pass(300 * SECOND);
  ck_assert(sends_on(0x4000) && receives() == -1);
  ck_assert_uint_eq(admit(0), 0);
  ck_assert_int_eq(receives(), 0x40);
  pass(SECOND);
  ck_assert(!sends_on(0x4000));
  ck_assert_int_eq(receives(), 0);
  ck_assert_uint_eq(admit(0x4001), 0); /* number and peer are free at once */
  ck_assert(sends_on(0x4001) && receives() == 0x40);
}
END_TEST

START_TEST(T103_T104_allocation_lives_600_seconds)
{
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  ck_assert_uint_eq(admit(0), 0);
  pass(599 * SECOND);
  ck_assert_uint_eq(admit(0x4000), 0);
  ck_assert(sends() && receives() == 0x40);
  ck_assert_uint_eq(open_sockets(), 1);
  pass(SECOND);
  ck_assert_uint_eq(open_sockets(), 0);
  ck_assert(!sends() && !sends_on(0x4000));
  ck_assert_uint_eq(refresh(600), 437);
  ck_assert_uint_eq(admit(0), 437);
}
END_TEST

START_TEST(T104_expired_before_the_timer_looks)
{
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  ck_assert_uint_eq(admit(0), 0);
  now += 600 * SECOND;
  ck_assert_int_eq(receives(), -1);
  ck_assert_uint_eq(refresh(600), 437);
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
}
END_TEST

START_TEST(T203_refresh_sets_the_time)
{
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  pass(500 * SECOND);
  ck_assert_uint_eq(refresh(1000), 0);
  pass(999 * SECOND);
  ck_assert_uint_eq(refresh(1), 0); /* 600 is the least: T-126 */
  pass(599 * SECOND);
  ck_assert_uint_eq(open_sockets(), 1);
  pass(SECOND);
  ck_assert_uint_eq(open_sockets(), 0);
}
END_TEST

START_TEST(T122_T123_reservation_lives_30_seconds)
{
  uint8_t token[TOKEN_SIZE];
  struct saturn_message answer;
  struct saturn_bytes value;

  ck_assert_uint_eq(allocate_relay(0x80, NULL), 0);
  ck_assert_int_eq(saturn_parse(&answer, saturn_view(to_client, client_len)),
                   SATURN_OK);
  ck_assert_int_eq(
      saturn_get_bytes(&answer, SATURN_ATTR_RESERVATION_TOKEN, &value),
      SATURN_OK);
  memcpy(token, value.data, sizeof token);
  ck_assert_uint_eq(open_sockets(), 2);
  ck_assert_uint_eq(refresh(0), 0);
  pass(29 * SECOND);
  ck_assert_uint_eq(open_sockets(), 1); /* kept without its allocation */
  pass(SECOND);
  ck_assert_uint_eq(open_sockets(), 0);
  ck_assert_uint_eq(allocate_relay(0, token), 508);
}
END_TEST

START_TEST(T106_ports_rest_30_seconds)
{
  uint16_t first = 0;

  for (uint16_t i = 0; i < 3; i++) {
    ck_assert_uint_eq(allocate_relay(0, NULL), 0);
    for (uint16_t port = 50000; port < 50004; port++)
      if (port_is_used(server->ips, port)) {
        ck_assert_uint_eq(first & 1u << (port - 50000), 0);
        first |= (uint16_t)(1u << (port - 50000));
      }
    ck_assert_uint_eq(refresh(0), 0);
    pass(9 * SECOND);
  }
  ck_assert_uint_eq(allocate_relay(0, NULL), 0);
  ck_assert(!port_is_used(server->ips, 0));
}
END_TEST

/* Authenticate with a nonce that was issued so long ago. */
static unsigned
authenticated(const uint8_t tid[SATURN_TID_SIZE], uint64_t age_s)
{
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_builder b;
  struct saturn_key key;

  saturn_key_long_term(&key, SATURN_MD5, SATURN_TEXT("u"), SATURN_TEXT("r"),
                       SATURN_TEXT("p"));
  saturn_nonce_mint(&server->config.policy, &path.client,
                    wall_clock_s() - age_s, nonce);
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_ALLOCATE,
               tid);
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT("u"));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT("r"));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  saturn_put_integrity(&b, SATURN_HMAC_SHA1, &key);
  return ask(&b);
}

START_TEST(T134_copies_outlive_their_nonce)
{
  static const uint8_t one[SATURN_TID_SIZE] = { 1 };
  static const uint8_t two[SATURN_TID_SIZE] = { 2 };
  char fault[OPTION_FAULT];

  server->config.anonymous = false;
  server->config.policy.nonce_lifetime_s = 600;
  ck_assert(users_add(server->users, "u:p", fault));
  ck_assert_uint_eq(authenticated(one, 700), 438);
  ck_assert_uint_eq(authenticated(one, 500), 0);
  ck_assert_uint_eq(authenticated(one, 700), 0);
  ck_assert_uint_eq(authenticated(two, 700), 438);
  ck_assert_uint_eq(authenticated(two, 500), 437);
  ck_assert_uint_eq(server->n_allocations, 1);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("turn_time");
  TCase *time_case = tcase_create("time");
  SRunner *runner = srunner_create(suite);
  int failed;

  tcase_add_checked_fixture(time_case, set_up, tear_down);
  tcase_add_test(time_case, T231_T240_permission_lives_300_seconds);
  tcase_add_test(time_case, T307_T325_channel_lives_600_seconds);
  tcase_add_test(time_case, T103_T104_allocation_lives_600_seconds);
  tcase_add_test(time_case, T104_expired_before_the_timer_looks);
  tcase_add_test(time_case, T203_refresh_sets_the_time);
  tcase_add_test(time_case, T122_T123_reservation_lives_30_seconds);
  tcase_add_test(time_case, T106_ports_rest_30_seconds);
  tcase_add_test(time_case, T134_copies_outlive_their_nonce);
  suite_add_tcase(suite, time_case);
  srunner_run_all(runner, CK_NORMAL);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
