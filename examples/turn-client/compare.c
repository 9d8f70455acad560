/* SPDX-License-Identifier: MIT
 *
 * compare.c - what the transports of one server say together.
 */
#include "compare.h"

/* How a transport went, as bits, so that a row can take several. */
enum outcome {
  OK = 1,
  SILENT = 2,   /* nothing comes back */
  REFUSED = 4,  /* somebody says no to the connection */
  REJECTED = 8, /* credentials */
  LOST = 16,    /* an allocation, but no data */
  BROKEN = 32,  /* TLS, or another service */
  OTHER = 64,
  ANY = 127
};

static unsigned
outcome_of(const struct check *check)
{
  if (check->verdict == NULL)
    return OK;
  switch (check->exit) {
  case EXIT_NO_ANSWER:
    return check->verdict->name == FINDING_TCP_REFUSED
                   || check->verdict->name == FINDING_PORT_CLOSED
               ? REFUSED
               : SILENT;
  case EXIT_REJECTED:
    return REJECTED;
  case EXIT_DATA_LOST:
    return LOST;
  case EXIT_TLS:
    return check->verdict->name == FINDING_TLS_SILENT ? SILENT : BROKEN;
  default:
    return OTHER;
  }
}

static const struct {
  unsigned udp, tcp, tls;
  const char *text;
} rows[] = {
  { REJECTED, REJECTED, REJECTED,
    "All transports reach the server: the credentials are wrong, not the "
    "network." },
  { REJECTED, OK, ANY,
    "The credentials are good over TCP and not over UDP: different nodes or "
    "realms stand behind one name." },
  { OK, REJECTED, ANY,
    "The credentials are good over UDP and not over TCP: different nodes or "
    "realms stand behind one name." },
  { LOST, OK, ANY,
    "Data passes over TCP and not over UDP: a NAT timer, or packets that are "
    "too large, on the way over UDP." },
  { SILENT, OK, ANY,
    "UDP to this port is filtered: it works over TCP, with its delays; open "
    "UDP." },
  { SILENT, SILENT | REFUSED, OK,
    "Only TLS passes: normal in networks of hotels and companies." },
  { SILENT | REFUSED, REFUSED, REFUSED,
    "The server is off, or this is a wrong address." },
  { SILENT, SILENT, SILENT,
    "Nothing answers over any transport: is there a network here, and is this "
    "the address?" },
  { SILENT, SILENT, BROKEN,
    "A box on the way takes the connections and answers for the server." },
  { OK, OK, OK, "All good; use UDP, the others are extra." },
  { OK, REFUSED, ANY,
    "UDP works, which is what matters; TCP is off at the server." },
  { OK, ANY, ANY, "UDP works, which is what matters." },
};

const char *
compare_transports(const struct check checks[4])
{
  unsigned udp = outcome_of(&checks[0]), tcp = outcome_of(&checks[1]),
           tls = outcome_of(&checks[2]);

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if ((rows[i].udp & udp) && (rows[i].tcp & tcp) && (rows[i].tls & tls))
      return rows[i].text;
  return NULL;
}
