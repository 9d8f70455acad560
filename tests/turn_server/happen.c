/* SPDX-License-Identifier: MIT
 *
 * happen.c - statements of scripts about the world: time, peers, sockets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static const char *
option(const struct words *words, const char *prefix, const char *otherwise)
{
  const char *rest;
  int i;

  for (i = 0; i < words->n; i++)
    if (script_starts(words->word[i], prefix, &rest))
      return rest;
  return otherwise;
}

/* peer P1 bytes to=a: to the relay of the peer's family */
static void
peer_says(struct script *s, const struct words *words)
{
  struct saturn_address peer = script_address(s, words->word[1]);
  struct endpoint *to = world_client(&s->w, option(words, "to=", "a"));
  const char *relay = option(words, "relay=", NULL);

  world_from_peer(&s->w,
                  relay != NULL ? (uint32_t)strtoul(relay, NULL, 10)
                                : world_relay(&s->w, to, peer.family),
                  &peer, script_bytes(s, words->word[2]));
}

/* icmp P1 type code mtu=n to=a */
static void
icmp(struct script *s, const struct words *words)
{
  struct saturn_turn_icmp icmp = { script_address(s, words->word[1]), 0, 0, 0 };
  struct endpoint *to = world_client(&s->w, option(words, "to=", "a"));

  icmp.type = (uint8_t)strtoul(words->word[2], NULL, 10);
  icmp.code = (uint8_t)strtoul(words->word[3], NULL, 10);
  icmp.mtu = (uint32_t)strtoul(option(words, "mtu=", "0"), NULL, 10);
  world_icmp(&s->w, world_relay(&s->w, to, icmp.peer.family), &icmp);
}

/* accept P1 to=a; the number goes into $connection */
static void
accept_peer(struct script *s, const struct words *words)
{
  struct saturn_address peer = script_address(s, words->word[1]);
  struct endpoint *to = world_client(&s->w, option(words, "to=", "ta"));
  const char *relay = option(words, "relay=", NULL);
  char number[16];

  snprintf(number, sizeof number, "%u",
           saturn_turn_server_accepted(
               s->w.server,
               relay != NULL ? (uint32_t)strtoul(relay, NULL, 10)
                             : world_relay(&s->w, to, peer.family),
               &peer, s->w.now));
  script_set(s, "connection", number);
  world_drain(&s->w);
}

/* connected n ok|failed */
static void
connected(struct script *s, const struct words *words)
{
  saturn_turn_server_connected(s->w.server,
                               (uint32_t)strtoul(words->word[1], NULL, 10),
                               strcmp(words->word[2], "ok") == 0, s->w.now);
  world_drain(&s->w);
}

/* number connect: the first one of that outcome, into $connect */
static void
number(struct script *s, const struct words *words)
{
  bool relay = strcmp(words->word[1], "relay") == 0;
  char text[16];
  int i;

  for (i = 0; i < s->w.n_sent; i++)
    if (relay ? s->w.outbox[i].outcome == OPEN
              : s->w.outbox[i].outcome == CONNECT) {
      snprintf(text, sizeof text, "%u",
               relay ? s->w.outbox[i].relay : s->w.outbox[i].connection);
      script_set(s, words->word[1], text);
      return;
    }
  FAIL_UNLESS(s, false, "there is no %s", words->word[1]);
}

/* client NAME address=... server=... user=... link of its own */
static void
change_client(struct script *s, const struct words *words)
{
  struct endpoint *client = world_client(&s->w, words->word[1]);
  static char users[8][64], passwords[8][64];
  const char *rest;
  int i;

  for (i = 2; i < words->n; i++) {
    if (script_starts(words->word[i], "address=", &rest))
      client->tuple.client = script_address(s, rest);
    else if (script_starts(words->word[i], "server=", &rest))
      client->tuple.server = script_address(s, rest);
    else if (script_starts(words->word[i], "user=", &rest))
      client->user = strcpy(users[words->word[1][0] % 8], rest);
    else if (script_starts(words->word[i], "password=", &rest))
      client->password = strcpy(passwords[words->word[1][0] % 8], rest);
    else
      FAIL_UNLESS(s, false, "no such word: %s", words->word[i]);
  }
}

/* Copy the challenge, so that a nonce is used from elsewhere. */
static void
borrow(struct script *s, const struct words *words)
{
  struct endpoint *to = world_client(&s->w, words->word[1]);
  struct endpoint *from = world_client(&s->w, words->word[2]);

  memcpy(to->challenge_bytes, from->challenge_bytes,
         sizeof to->challenge_bytes);
  ck_assert_int_eq(
      saturn_parse(&to->challenge,
                   saturn_view(to->challenge_bytes, from->challenge.raw.len)),
      SATURN_OK);
}

/* Counters of one number, as scripts call them. */
static const struct {
  const char *name;
  size_t at;
  bool wide;
} counters[] = {
#define NARROW(name, field)                                                    \
  {                                                                            \
    name, offsetof(struct saturn_turn_counters, field), false                  \
  }
#define WIDE(name, field)                                                      \
  {                                                                            \
    name, offsetof(struct saturn_turn_counters, field), true                   \
  }
  NARROW("relays", relays),
  NARROW("allocations", live),
  NARROW("reservations", reservations),
  NARROW("permissions", permissions),
  NARROW("channels", channels),
  NARROW("connections", connections),
  NARROW("accounts", accounts),
  NARROW("active:udp4", active[0][0]),
  NARROW("active:tcp4", active[1][0]),
  NARROW("active:udp6", active[0][1]),
  WIDE("stun", stun),
  WIDE("channel_data", channel_data),
  WIDE("binding", binding),
  WIDE("allocations:made", allocations),
  WIDE("error:401", errors[401]),
  NARROW("peak", peak_relays),
  WIDE("garbage", garbage),
  WIDE("rate_limited", rate_limited),
  WIDE("redirects", redirects),
  WIDE("packets:up", packets[SATURN_TO_PEER]),
  WIDE("packets:down", packets[SATURN_TO_CLIENT]),
  WIDE("bytes:up", bytes[SATURN_TO_PEER]),
  WIDE("drop:no_allocation", drops[SATURN_DROP_NO_ALLOCATION]),
  WIDE("drop:no_permission", drops[SATURN_DROP_NO_PERMISSION]),
  WIDE("drop:no_channel", drops[SATURN_DROP_NO_CHANNEL]),
  WIDE("drop:policy", drops[SATURN_DROP_POLICY]),
  WIDE("drop:bandwidth", drops[SATURN_DROP_BANDWIDTH]),
  WIDE("drop:malformed", drops[SATURN_DROP_MALFORMED]),
  WIDE("drop:too_big", drops[SATURN_DROP_TOO_BIG]),
  WIDE("drop:ttl", drops[SATURN_DROP_TTL]),
  WIDE("drop:family", drops[SATURN_DROP_FAMILY]),
  WIDE("drop:no_path", drops[SATURN_DROP_NO_PATH]),
  WIDE("ended:refresh", ended[SATURN_ENDED_REFRESH]),
  WIDE("ended:expired", ended[SATURN_ENDED_EXPIRED]),
  WIDE("ended:disconnect", ended[SATURN_ENDED_DISCONNECT]),
  WIDE("ended:killed", ended[SATURN_ENDED_KILLED]),
  WIDE("why:expired", rejected[SATURN_WHY_EXPIRED]),
  WIDE("why:unknown_user", rejected[SATURN_WHY_UNKNOWN_USER]),
  WIDE("why:wrong_password", rejected[SATURN_WHY_WRONG_PASSWORD]),
  WIDE("why:wrong_realm", rejected[SATURN_WHY_WRONG_REALM]),
};

static unsigned long
counter(struct script *s, const char *name)
{
  const char *c = (const char *)saturn_turn_server_counters(s->w.server);
  struct saturn_turn_right rights[256];
  const char *rest;
  size_t i;

  for (i = 0; i < sizeof counters / sizeof *counters; i++)
    if (strcmp(counters[i].name, name) == 0)
      return counters[i].wide
                 ? (unsigned long)*(const uint64_t *)(c + counters[i].at)
                 : *(const uint32_t *)(c + counters[i].at);
  if (strcmp(name, "sockets") == 0)
    return (unsigned long)s->w.n_open;
  FAIL_UNLESS(s, script_starts(name, "rights:", &rest), "no counter: %s", name);
  return saturn_turn_server_rights(
      s->w.server, world_allocation(&s->w, world_client(&s->w, rest)), s->w.now,
      rights, 256);
}

/* count name n */
static void
count(struct script *s, const struct words *words)
{
  unsigned long n = counter(s, words->word[1]);

  FAIL_UNLESS(s, n == strtoul(words->word[2], NULL, 10), "%s is %lu",
              words->word[1], n);
}

/* ip ttl=64 dscp=46 ecn=1 df: of all that is sent from now on */
static void
set_ip(struct script *s, const struct words *words)
{
  struct saturn_ip_fields *ip = &s->w.ip;
  const char *rest;
  int i;

  memset(ip, 0, sizeof *ip);
  for (i = 1; i < words->n; i++)
    if (script_starts(words->word[i], "ttl=", &rest)) {
      ip->known |= SATURN_IP_TTL;
      ip->ttl = (uint8_t)strtoul(rest, NULL, 10);
    } else if (script_starts(words->word[i], "dscp=", &rest)) {
      ip->known |= SATURN_IP_DSCP;
      ip->dscp = (uint8_t)strtoul(rest, NULL, 10);
    } else if (script_starts(words->word[i], "ecn=", &rest)) {
      ip->known |= SATURN_IP_ECN;
      ip->ecn = (uint8_t)strtoul(rest, NULL, 10);
    } else {
      ip->known |= SATURN_IP_DF;
      ip->dont_fragment = strcmp(words->word[i], "df") == 0;
    }
}

/* opened n ok|in_use|failed */
static void
opened(struct script *s, const struct words *words)
{
  const char *how = words->word[2];

  saturn_turn_server_opened(s->w.server,
                            (uint32_t)strtoul(words->word[1], NULL, 10),
                            strcmp(how, "ok") == 0       ? SATURN_OPENED
                            : strcmp(how, "in_use") == 0 ? SATURN_OPEN_IN_USE
                                                         : SATURN_OPEN_FAILED,
                            s->w.now);
  world_drain(&s->w);
}

static void
reload(struct script *s, const struct words *words)
{
  int i;

  for (i = 1; i < words->n; i++)
    script_configure(s, words->word[i]);
  ck_assert_int_eq(saturn_turn_server_reload(s->w.server, &s->w.config),
                   SATURN_OK);
}

/* closed NAME, open NAME: the stream of a client */
static void
closed(struct script *s, const struct words *words)
{
  FAIL_UNLESS(s, world_client(&s->w, words->word[1])->closed, "is open");
}

static void
is_open(struct script *s, const struct words *words)
{
  FAIL_UNLESS(s, !world_client(&s->w, words->word[1])->closed, "is closed");
}

/* wait seconds */
static void
wait(struct script *s, const struct words *words)
{
  world_wait(&s->w, (saturn_ms)(strtod(words->word[1], NULL) * 1000 + 0.5));
}

/* late seconds: time passes, and nobody has called saturn_turn_server_expire:
   what is over is there, and must not be served (T-953) */
static void
late(struct script *s, const struct words *words)
{
  s->w.now += (saturn_ms)(strtod(words->word[1], NULL) * 1000 + 0.5);
}

/* disconnected n */
static void
disconnected(struct script *s, const struct words *words)
{
  saturn_turn_server_disconnected(s->w.server,
                                  (uint32_t)strtoul(words->word[1], NULL, 10));
}

static void
fresh(struct script *s, const struct words *words)
{
  world_fresh(&s->w, world_client(&s->w, words->word[1]));
}

/* set word: of the world; of the server, reload */
static void
set(struct script *s, const struct words *words)
{
  script_configure(s, words->word[1]);
}

static void
look_up(struct script *s, const struct words *words)
{
  (void)words;
  world_look_up(&s->w);
}

static void
drain(struct script *s, const struct words *words)
{
  (void)words;
  saturn_turn_server_drain(s->w.server, true);
}

static void
gone(struct script *s, const struct words *words)
{
  saturn_turn_server_gone(
      s->w.server, &world_client(&s->w, words->word[1])->tuple, s->w.now);
  world_drain(&s->w);
}

static void
kill_allocation(struct script *s, const struct words *words)
{
  const struct endpoint *client = world_client(&s->w, words->word[1]);

  saturn_turn_server_kill(s->w.server, world_allocation(&s->w, client));
  world_drain(&s->w);
}

static const struct {
  const char *verb;
  void (*happen)(struct script *s, const struct words *words);
} statements[] = {
  { "wait", wait },
  { "late", late },
  { "closed", closed },
  { "open", is_open },
  { "peer", peer_says },
  { "icmp", icmp },
  { "accept", accept_peer },
  { "connected", connected },
  { "disconnected", disconnected },
  { "number", number },
  { "opened", opened },
  { "count", count },
  { "client", change_client },
  { "borrow", borrow },
  { "fresh", fresh },
  { "ip", set_ip },
  { "reload", reload },
  { "set", set },
  { "lookup", look_up },
  { "drain", drain },
  { "gone", gone },
  { "kill", kill_allocation },
};

bool
script_happen(struct script *s, const struct words *words)
{
  size_t i;

  for (i = 0; i < sizeof statements / sizeof *statements; i++)
    if (strcmp(statements[i].verb, words->word[0]) == 0) {
      statements[i].happen(s, words);
      return true;
    }
  return false;
}
