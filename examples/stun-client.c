/* SPDX-License-Identifier: MIT
 *
 * stun-client.c - ask a STUN server which address it sees.
 *
 * One Binding request and its answer (RFC 8489, 12). The sockets, the clock
 * and the dice are in common/; the library has none.
 */
#include "program.h"
#include "saturn/saturn.h"
#include "saturn/transaction.h"
#include "stun-behavior.h"
#include "uri_read.h"

static const char help[] =
    "stun-client stun:stun.example.org\n"
    "stun-client --timeout=2s stun:192.0.2.1:3478\n"
    "\n"
    "Asks a STUN server which address it sees, and prints it with the time\n"
    "that the answer took:\n"
    "\n"
    "    mapped 203.0.113.5:51234 rtt 12.3 ms\n"
    "\n"
    "  --timeout=TIME  give up after that; 39.5 s if not given\n"
    "  --behavior      tell what the NATs on the way do: mapping, filtering,\n"
    "                  hairpinning, fragments (RFC 5780; the server needs two\n"
    "                  addresses). The time-out is that of each request\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 with an answer, 2 called wrongly, 3 cannot run here (no\n"
    "such host), 10 no answer, 17 an answer that is none.\n";

static uint64_t patience_ms = SATURN_TI_MS;
static bool behavior;
static struct texts words;
static const struct option options[] = {
  OPTION_WITHIN("timeout", 't', OPTION_DURATION, &patience_ms, 1, SATURN_TI_MS),
  OPTION("behavior", 'b', OPTION_FLAG, &behavior),
};

/* Read the answer to the request. Anything else, forged, damaged or late, is
   as if it had not come (RFC 8489, 6.3). */
static bool
read_answer(const struct udp *udp, const struct saturn_transaction *t,
            struct saturn_bytes datagram, struct saturn_message *m)
{
  enum saturn_error fingerprint;

  if (!saturn_address_equal(&udp->from, &udp->server)
      || saturn_parse(m, datagram) != SATURN_OK
      || !saturn_transaction_matches(t, m))
    return false;
  fingerprint = saturn_check_fingerprint(m);
  return fingerprint == SATURN_OK || fingerprint == SATURN_E_ABSENT;
}

/* Say what the answer says (RFC 8489, 6.3.3 and 6.3.4). */
static int
report(const struct saturn_message *m, double rtt_ms)
{
  char text[SATURN_ADDRESS_TEXT], line[512];
  struct saturn_address mapped;

  if (m->cls == SATURN_FAILURE || !saturn_is_understood(m)) {
    saturn_print_line(m, line, sizeof line);
    die(EXIT_PROTOCOL, "the server answered: %s", line);
  }
  if (saturn_get_address(m, SATURN_ATTR_XOR_MAPPED_ADDRESS, &mapped)
      && saturn_get_address(m, SATURN_ATTR_MAPPED_ADDRESS, &mapped))
    die(EXIT_PROTOCOL, "the server's answer has no address in it");
  printf("mapped %s rtt %.1f ms\n", address_text(&mapped, text), rtt_ms);
  return EXIT_GOOD;
}

static int
unreachable(const struct udp *udp)
{
  char text[SATURN_ADDRESS_TEXT];

  die(EXIT_NO_ANSWER, "%s: %s%s", address_text(&udp->server, text),
      uv_strerror(udp->error.error),
      udp->error.icmp ? ": nothing listens there" : "");
}

static int
silent(const struct saturn_transaction *t)
{
  die(EXIT_NO_ANSWER, "no answer, though asked %u times", t->sent);
}

static int
ask(struct udp *udp)
{
  uint8_t buf[64], tid[SATURN_TID_SIZE];
  struct saturn_bytes request, datagram;
  struct saturn_transaction t = { 0 };
  saturn_ms limit = now_ms() + patience_ms, deadline;
  struct saturn_message answer;
  struct saturn_builder b;
  uint64_t sent_us = 0;

  random_bytes(tid, sizeof tid);
  saturn_begin(&b, buf, sizeof buf, SATURN_REQUEST, SATURN_METHOD_BINDING, tid);
  if (saturn_finish(&b, &request) != SATURN_OK)
    die(EXIT_CANNOT, "the request does not fit its buffer");

  saturn_transaction_start(&t, SATURN_METHOD_BINDING, tid, now_ms());
  for (;;)
    switch (saturn_transaction_poll(&t, now_ms())) {
    case SATURN_STEP_SEND:
      sent_us = now_us();
      if (!udp_send(udp, request))
        return unreachable(udp);
      break;
    case SATURN_STEP_WAIT:
      deadline = saturn_transaction_deadline(&t);
      switch (
          udp_receive(udp, deadline < limit ? deadline : limit, &datagram)) {
      case UDP_DATAGRAM:
        if (read_answer(udp, &t, datagram, &answer))
          return report(&answer, (double)(now_us() - sent_us) / 1000);
        break;
      case UDP_UNREACHABLE:
        if (udp->error.hard)
          return unreachable(udp);
        break;
      case UDP_TIMEOUT:
        break;
      }
      if (now_ms() >= limit)
        return silent(&t);
      break;
    case SATURN_STEP_OVER:
      return silent(&t);
    }
}

int
main(int argc, char **argv)
{
  const struct program program = { "stun-client", help, OPTION_TABLE(options),
                                   &words };
  static struct udp udp;
  struct saturn_address server;
  struct saturn_uri uri;
  const char *fault;
  int error;
  size_t n;

  program_start(&program, argc, argv);
  if (words.n != 1)
    die(EXIT_USAGE, "one stun: URI is needed (--help says more)");
  fault = uri_read(words.items[0], &uri);
  if (fault == NULL && uri.turn)
    fault = "turn-client checks TURN servers";
  if (fault == NULL && uri.secure)
    fault = "not over TLS: stun: is asked over UDP";
  if (fault != NULL)
    die(EXIT_USAGE, "%s: %s; write stun:HOST or stun:HOST:PORT", words.items[0],
        fault);

  error = udp_resolve(uri.host, uri.port, SATURN_NO_FAMILY, &server, 1, &n);
  if (error != 0 || n == 0)
    die(EXIT_CANNOT, "%.*s: no such host: %s", (int)uri.host.len,
        (const char *)uri.host.data, uv_strerror(error));
  if (behavior)
    return behavior_discover(&server, patience_ms);
  error = udp_open(&udp, &server);
  if (error != 0)
    die(EXIT_CANNOT, "no way to %s: %s", words.items[0], uv_strerror(error));
  return ask(&udp);
}
