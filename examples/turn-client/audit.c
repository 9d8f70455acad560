/* SPDX-License-Identifier: MIT
 *
 * audit.c - does the server relay to peers that it must refuse?
 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "program.h"

/* Where a channel would lead to. */
#define PORT 80

/* Peers that a relay must refuse by default (RFC 8656, 21.4; T-402 to T-415).
   The hard ones no allow list may open. */
static const struct host {
  const char *address, *what;
  bool hard;
} hosts[] = {
  { "127.0.0.1", "loopback", true },
  { "127.83.1.2", "loopback", true },
  { "0.0.0.0", "this host", true },
  { "0.1.2.3", "this network", true },
  { "169.254.169.254", "cloud metadata", true },
  { "169.254.7.7", "link-local", true },
  { "224.0.0.1", "multicast", true },
  { "239.255.255.250", "multicast", true },
  { "240.0.0.1", "reserved", true },
  { "255.255.255.255", "broadcast", true },
  { "10.0.0.1", "private", false },
  { "172.16.0.1", "private", false },
  { "172.31.255.254", "private", false },
  { "192.168.0.1", "private", false },
  { "100.64.0.1", "shared", false },
  { "100.100.100.200", "cloud metadata", false },
  { "192.0.0.1", "protocol assignments", false },
  { "192.0.2.1", "documentation", false },
  { "198.51.100.1", "documentation", false },
  { "203.0.113.1", "documentation", false },
  { "192.88.99.1", "6to4 relay", false },
  { "198.18.0.1", "benchmarking", false },
  { "::", "this host", true },
  { "::1", "loopback", true },
  { "fe80::1", "link-local", true },
  { "fec0::1", "site-local", true },
  { "ff02::1", "multicast", true },
  { "fc00::1", "unique local", false },
  { "fd00:ec2::254", "cloud metadata", false },
  { "100::1", "discard", false },
  { "2001:2::1", "protocol assignments", false },
  { "2001:db8::1", "documentation", false },
  { "3fff::1", "documentation", false },
  { "5f00::1", "segment routing", false },
};

/* Ways to write an IPv4 address as an IPv6 address (T-401). AT are the places
   of its four bytes. Of the hard ones nothing is ever a peer, whatever is
   inside. */
static const struct guise {
  const char *name, *prefix;
  uint8_t at[4], flip;
  bool hard;
} guises[] = {
  { "IPv4-mapped", "::ffff:0:0", { 12, 13, 14, 15 }, 0, true },
  { "IPv4-compatible", "::", { 12, 13, 14, 15 }, 0, true },
  { "IPv4-translated", "::ffff:0:0:0", { 12, 13, 14, 15 }, 0, false },
  { "NAT64", "64:ff9b::", { 12, 13, 14, 15 }, 0, false },
  { "local NAT64", "64:ff9b:1::", { 6, 7, 9, 10 }, 0, false },
  { "6to4", "2002::", { 2, 3, 4, 5 }, 0, true },
  { "Teredo", "2001::", { 12, 13, 14, 15 }, 0xff, true },
  { "ISATAP", "2600::5efe:0:0", { 12, 13, 14, 15 }, 0, false },
  { "global ISATAP", "2600::200:5efe:0:0", { 12, 13, 14, 15 }, 0, false },
};

static void
add(struct audit *audit, const struct host *host, const struct guise *guise,
    const struct saturn_address *peer)
{
  struct audit_row *row;

  if (audit->n == AUDIT_ROWS)
    return;
  row = &audit->rows[audit->n++];
  row->peer = *peer;
  row->what = host->what;
  row->guise = guise == NULL ? "" : guise->name;
  row->hard = host->hard || (guise != NULL && guise->hard);
}

static void
add_guises(struct audit *audit, const struct host *host,
           const struct saturn_address *inside)
{
  struct saturn_address peer;

  for (size_t i = 0; i < sizeof guises / sizeof *guises; i++) {
    const struct guise *guise = &guises[i];

    saturn_address_parse(&peer, text_of(guise->prefix));
    peer.port = PORT;
    for (size_t j = 0; j < 4; j++)
      peer.ip[guise->at[j]] = inside->ip[j] ^ guise->flip;
    add(audit, host, guise, &peer);
  }
}

static void
list_rows(struct audit *audit, const struct check *check)
{
  static const struct host own = { NULL, "the server's own port", false };
  struct saturn_address peer;

  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    saturn_address_parse(&peer, text_of(hosts[i].address));
    peer.port = PORT;
    add(audit, &hosts[i], NULL, &peer);
    if (peer.family == SATURN_IPV4)
      add_guises(audit, &hosts[i], &peer);
  }
  add(audit, &own, NULL, &check->server);
}

static enum audit_answer
answer_of(struct client *client, bool granted, struct audit_row *row)
{
  const struct exchange *last = &client->failed;

  if (granted)
    return AUDIT_ACCEPTED;
  row->code = client->code;
  if (client->over || client->code == 508 || last->end != WIRE_ANSWERED)
    return AUDIT_UNKNOWN;
  return AUDIT_REFUSED;
}

static void
try_row(struct client *client, struct audit_row *row)
{
  /* A permission has no port: that of the server's own address, where relays
     are too, may be granted. */
  bool own = saturn_address_equal(&row->peer, &client->allocation.server);

  if (!own)
    row->permission =
        (uint8_t)answer_of(client, client_permit(client, &row->peer), row);
  if (!client->over)
    row->channel =
        (uint8_t)answer_of(client, client_bind(client, &row->peer, 0), row);
  if (own)
    row->permission = row->channel;
  saturn_turn_client_unbind(client->machine, &row->peer);
  saturn_turn_client_release(client->machine, &row->peer);
}

static bool
is_accepted(const struct audit_row *row)
{
  return row->permission == AUDIT_ACCEPTED || row->channel == AUDIT_ACCEPTED;
}

static void
count(struct audit *audit, const struct audit_row *row)
{
  bool accepted = is_accepted(row);

  audit->tried += row->permission != AUDIT_UNTRIED;
  audit->untried += row->permission == AUDIT_UNTRIED;
  audit->hard_accepted += accepted && row->hard;
  audit->soft_accepted += accepted && !row->hard;
  audit->unknown +=
      !accepted
      && (row->permission == AUDIT_UNKNOWN || row->channel == AUDIT_UNKNOWN);
  audit->refused += !accepted && row->permission == AUDIT_REFUSED
                    && row->channel == AUDIT_REFUSED;
}

/* What takes longer than a second should not look dead. */
static void
show_progress(const struct audit *audit, size_t i, saturn_ms *told)
{
  if (now_ms() < *told + 1000)
    return;
  *told = now_ms();
  complain("%zu of %zu forbidden peers tried", i, audit->n);
}

/* Try all rows of the family that the client's relayed address has. */
static void
try_all(struct audit *audit, struct client *client)
{
  uint8_t family = client->allocation.relayed[0].family;
  saturn_ms told = now_ms();

  for (size_t i = 0;
       i < audit->n && !client->over && !client->events->interrupted; i++) {
    if (audit->rows[i].peer.family != family)
      continue;
    try_row(client, &audit->rows[i]);
    show_progress(audit, i, &told);
  }
  audit->broken_off |= client->over;
}

struct audit *
audit_make(struct client *client, const struct check *check,
           const struct plan *plan)
{
  uint8_t family = client->allocation.relayed[0].family;
  const struct client_setup setup = {
    .server = { check->server, plan->transport },
    .name = plan->host,
    .family = family == SATURN_IPV6 ? SATURN_IPV4 : SATURN_IPV6,
    .peers = AUDIT_PEERS,
  };
  struct audit *audit = allocate(sizeof *audit);
  struct client *other = allocate(sizeof *other);

  list_rows(audit, check);
  try_all(audit, client);
  client_start(other, client->events, client->settings, &setup);
  if (client_await_allocation(other))
    try_all(audit, other);
  client_delete(other);
  client_end(other);
  events_wait(client->events, 0);
  free(other);
  for (size_t i = 0; i < audit->n; i++)
    count(audit, &audit->rows[i]);
  return audit;
}

void
audit_tell(const struct audit *audit, char *out, size_t cap)
{
  snprintf(out, cap,
           "%u forbidden peers tried: %u refused, %u accepted%s; %u of a "
           "family that it does not relay%s",
           audit->tried, audit->refused,
           audit->hard_accepted + audit->soft_accepted,
           audit->unknown > 0 ? ", some undecided" : "", audit->untried,
           audit->broken_off ? "; broken off" : "");
}

/* So many addresses are named among the facts. */
#define NAMED_MAX 8

enum finding_name
audit_verdict(const struct audit *audit, char *seen, size_t cap)
{
  char text[SATURN_ADDRESS_TEXT];
  bool hard = audit->hard_accepted > 0;
  unsigned n = hard ? audit->hard_accepted : audit->soft_accepted, named = 0;
  size_t at = 0;

  if (n == 0)
    return FINDINGS;
  for (size_t i = 0; i < audit->n && named < NAMED_MAX && cap > 0; i++) {
    const struct audit_row *row = &audit->rows[i];

    if (row->hard != hard || !is_accepted(row))
      continue;
    saturn_address_print_ip(&row->peer, text, sizeof text);
    at += (size_t)snprintf(seen + at, cap - at, "%s%s",
                           named++ > 0 ? ", " : "accepted: ", text);
  }
  if (n > named && cap > 0)
    snprintf(seen + at, cap - at, " and %u more", n - named);
  return hard ? FINDING_OPEN_INSIDE : FINDING_OPEN_PRIVATE;
}

/* How a row was accepted. */
static void
print_row(const struct audit_row *row, char *out, size_t cap)
{
  snprintf(out, cap, "%s%s%s", row->guise[0] ? "as " : "as it is", row->guise,
           row->permission != AUDIT_ACCEPTED ? " (channel only)"
           : row->channel != AUDIT_ACCEPTED  ? " (permission only)"
                                             : "");
}

/* A host and its disguises, N rows, on one line; nothing if all were refused.
 */
static void
print_host(const struct audit_row *rows, size_t n)
{
  char line[600], text[SATURN_ADDRESS_TEXT], word[60];
  size_t accepted = 0, at;

  saturn_address_print_ip(&rows[0].peer, text, sizeof text);
  at = (size_t)snprintf(line, sizeof line, "%s (%s): ", text, rows[0].what);
  for (size_t i = 0; i < n; i++) {
    if (!is_accepted(&rows[i]))
      continue;
    print_row(&rows[i], word, sizeof word);
    if (at < sizeof line)
      at += (size_t)snprintf(line + at, sizeof line - at, "%s%s",
                             accepted > 0 ? ", " : "", word);
    accepted++;
  }
  if (accepted > 0)
    finding_print_part("", line);
}

void
audit_print(const struct audit *audit)
{
  size_t start = 0;

  for (size_t i = 1; i <= audit->n; i++)
    if (i == audit->n || audit->rows[i].guise[0] == '\0') {
      print_host(&audit->rows[start], i - start);
      start = i;
    }
}
