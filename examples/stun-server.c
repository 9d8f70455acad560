/* SPDX-License-Identifier: MIT
 *
 * stun-server.c - tell clients which address they are seen with.
 *
 * A basic server (RFC 8489, 12): Binding requests over UDP, without
 * credentials, and the clients of RFC 3489 (S-270, S-460 to S-462). Bytes in,
 * bytes out: the socket is in common/. With a second address it helps to find
 * out what NATs do (RFC 5780): that is in stun-server-behavior.c.
 */
#include <stdlib.h>

#include "program.h"
#include "saturn/saturn.h"
#include "stun-behavior.h"

static const char help[] =
    "stun-server\n"
    "stun-server --listen=192.0.2.1 --port=3478\n"
    "stun-server --listen=127.0.0.1 --port=0\n"
    "stun-server --listen=192.0.2.1 --alternate=192.0.2.2:3479\n"
    "\n"
    "Tells STUN clients over UDP which address they are seen with. Prints\n"
    "\"listening udp ADDRESS\" for each socket and then \"ready\"; SIGTERM\n"
    "ends it.\n"
    "\n"
    "  --listen=IP    may be repeated; without it, all addresses there are\n"
    "  --port=PORT    3478 if not given; 0: any that is free\n"
    "  --alternate=IP:PORT  another address and port, for NAT behaviour\n"
    "                 discovery (RFC 5780): both IPs are served on both ports\n"
    "  --no-classic   drop the requests of RFC 3489, without magic cookie\n"
    "  --help, --version\n";

/* The most unknown types that an answer lists (S-152). */
#define UNKNOWN_MAX 32

static struct texts listen_texts;
static uint64_t port = 3478;
static bool no_classic;
static struct saturn_behavior_server pair; /* .second of no family: one only */
static const struct option options[] = {
  OPTION("listen", 'L', OPTION_TEXTS, &listen_texts),
  OPTION_WITHIN("port", 'p', OPTION_NUMBER, &port, 0, 65535),
  OPTION("alternate", 'a', OPTION_ADDRESS, &pair.second),
  OPTION("no-classic", 0, OPTION_FLAG, &no_classic),
};

/* Required types that a basic server knows: those of the mechanisms that it
   does not use are ignored (S-257), all others earn a 420 (S-108). */
static const uint16_t supported[] = {
  SATURN_ATTR_MAPPED_ADDRESS,
  SATURN_ATTR_USERNAME,
  SATURN_ATTR_MESSAGE_INTEGRITY,
  SATURN_ATTR_ERROR_CODE,
  SATURN_ATTR_UNKNOWN_ATTRIBUTES,
  SATURN_ATTR_REALM,
  SATURN_ATTR_NONCE,
  SATURN_ATTR_MESSAGE_INTEGRITY_SHA256,
  SATURN_ATTR_PASSWORD_ALGORITHM,
  SATURN_ATTR_USERHASH,
  SATURN_ATTR_XOR_MAPPED_ADDRESS,
  SATURN_ATTR_CHANGE_REQUEST, /* these only with a second address */
  SATURN_ATTR_PADDING,
  SATURN_ATTR_RESPONSE_PORT,
};
enum { KNOWN = sizeof supported / sizeof *supported, KNOWN_ALONE = KNOWN - 3 };

/* A Binding request, whole and undamaged; a classic one only if wanted. */
static bool
is_binding_request(struct saturn_message *m, struct saturn_bytes datagram)
{
  enum saturn_error e = no_classic ? saturn_parse(m, datagram)
                                   : saturn_classic_parse(m, datagram);

  if (e != SATURN_OK || m->cls != SATURN_REQUEST
      || m->method != SATURN_METHOD_BINDING)
    return false;
  e = saturn_check_fingerprint(m);
  return e == SATURN_OK || e == SATURN_E_ABSENT;
}

/* List what is not known. RFC 3489 knows no padding: in a classic answer the
   phrase has whole words, and so has the list (S-462, S-463). */
static void
refuse(struct saturn_builder *b, bool classic, uint16_t *unknown, size_t n)
{
  if (classic) {
    saturn_put_error(b, 420, SATURN_TEXT("Unknown Attribute   "));
    if (n % 2 != 0)
      unknown[n] = unknown[n - 1];
    n += n % 2;
  } else
    saturn_put_error(b, 420, saturn_view(NULL, 0));
  saturn_put_types(b, SATURN_ATTR_UNKNOWN_ATTRIBUTES, unknown, n);
}

static size_t
answer(void *context, struct udp_question *question, uint8_t *out, size_t cap)
{
  uint16_t unknown[UNKNOWN_MAX + 1];
  struct saturn_message request;
  struct saturn_bytes response;
  struct saturn_builder b;
  bool alone = pair.second.family == SATURN_NO_FAMILY, classic;
  size_t n;

  (void)context;
  if (!is_binding_request(&request, question->datagram))
    return 0;
  classic = saturn_is_classic(&request);
  n = saturn_unknown(&request, supported, alone ? KNOWN_ALONE : KNOWN, unknown,
                     UNKNOWN_MAX);
  if (n == 0 && !alone)
    return behavior_answer(&pair, &request, question, out, cap);

  saturn_begin_reply(&b, out, cap, n == 0 ? SATURN_SUCCESS : SATURN_FAILURE,
                     &request);
  if (n > 0)
    refuse(&b, classic, unknown, n);
  else if (classic)
    saturn_put_address(&b, SATURN_ATTR_MAPPED_ADDRESS, &question->client);
  else
    saturn_put_address(&b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &question->client);
  return saturn_finish(&b, &response) == SATURN_OK ? response.len : 0;
}

/* The four sockets of a server with two addresses. */
static int
serve_pair(const struct saturn_address *listen, size_t n)
{
  struct saturn_address sockets[4];

  if (n != 1 || listen->port == 0 || pair.second.port == 0
      || listen->port == pair.second.port
      || listen->family != pair.second.family
      || saturn_address_same_ip(listen, &pair.second))
    die(EXIT_USAGE, "--alternate wants one --listen, and an IP address of its "
                    "family and a port that both are others");
  pair.first = *listen;
  behavior_sockets(&pair, sockets);
  return udp_serve(sockets, 4, 0, answer, NULL);
}

int
main(int argc, char **argv)
{
  const struct program program = { "stun-server", help, OPTION_TABLE(options),
                                   NULL };
  struct saturn_address *listen;
  int error;

  program_start(&program, argc, argv);
  listen = allocate((listen_texts.n + 1) * sizeof *listen);
  for (size_t i = 0; i < listen_texts.n; i++) {
    if (saturn_address_parse(&listen[i], text_of(listen_texts.items[i]))
            != SATURN_OK
        || listen[i].port != 0)
      die(EXIT_USAGE, "--listen: %s is no IP address", listen_texts.items[i]);
    listen[i].port = (uint16_t)port;
  }
  if (pair.second.family != SATURN_NO_FAMILY)
    error = serve_pair(listen, listen_texts.n);
  else
    error = udp_serve(listen, listen_texts.n, (uint16_t)port, answer, NULL);
  free(listen);
  return error == 0 ? EXIT_GOOD : EXIT_CANNOT;
}
