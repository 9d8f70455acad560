/* SPDX-License-Identifier: MIT
 *
 * test_resolve.c - from a URI to targets: RFC 5928, 7350, 8489, 8305. DNS is a
 * table, and what was asked is written down.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define UDP SATURN_OVER_UDP
#define TCP SATURN_OVER_TCP
#define TLS SATURN_OVER_TLS
#define DTLS SATURN_OVER_DTLS

/* A zone: rows as in a zone file. NAPTR: order preference flags service regexp
   name, with "-" for empty; SRV: priority weight port name; A and AAAA. */
struct zone {
  const char *name, *kind, *data;
};

#define RESULT 2048

struct run {
  struct saturn_resolve resolve;
  enum saturn_resolve_result result;
  char asked[RESULT], targets[RESULT];
};

static const char *const kinds[] = {
  [SATURN_DNS_A] = "A",
  [SATURN_DNS_AAAA] = "AAAA",
  [SATURN_DNS_SRV] = "SRV",
  [SATURN_DNS_NAPTR] = "NAPTR",
};

static struct saturn_bytes
field(const char *text)
{
  return strcmp(text, "-") == 0 ? text_of("") : text_of(text);
}

static void
read_record(const char *kind, const char *data,
            struct saturn_dns_record *record, char words[4][64])
{
  unsigned a = 0, b = 0, c = 0;

  memset(record, 0, sizeof *record);
  if (strcmp(kind, "NAPTR") == 0) {
    ck_assert_int_eq(sscanf(data, "%u %u %63s %63s %63s %63s", &a, &b, words[0],
                            words[1], words[2], words[3]),
                     6);
    record->order = (uint16_t)a;
    record->preference = (uint16_t)b;
    record->flags = field(words[0]);
    record->service = field(words[1]);
    record->regexp = field(words[2]);
    record->name = field(words[3]);
  } else if (strcmp(kind, "SRV") == 0) {
    ck_assert_int_eq(sscanf(data, "%u %u %u %63s", &a, &b, &c, words[0]), 4);
    record->priority = (uint16_t)a;
    record->weight = (uint16_t)b;
    record->port = (uint16_t)c;
    record->name = field(words[0]);
  } else
    ck_assert(saturn_address_parse(&record->address, text_of(data))
              == SATURN_OK);
}

static void
answer(struct run *run, const struct zone *zone,
       const struct saturn_dns_question *q)
{
  struct saturn_dns_record records[16];
  char words[16][4][64];
  size_t n = 0;

  for (; zone->name != NULL; zone++)
    if (strcmp(zone->name, q->name) == 0
        && strcmp(zone->kind, kinds[q->kind]) == 0) {
      if (strcmp(zone->data, "SERVFAIL") == 0) {
        ck_assert(saturn_resolve_fail(&run->resolve, q->id) == SATURN_OK);
        return;
      }
      read_record(zone->kind, zone->data, &records[n], words[n]);
      n++;
    }
  ck_assert(saturn_resolve_answer(&run->resolve, q->id, records, n)
            == SATURN_OK);
  ck_assert(saturn_resolve_answer(&run->resolve, q->id, records, n)
            == SATURN_E_ORDER);
}

static void
add(char *text, const char *words)
{
  ck_assert_uint_lt(strlen(text) + strlen(words) + 2, RESULT);
  if (text[0] != '\0')
    strcat(text, " ");
  strcat(text, words);
}

static void
note_target(struct run *run, const struct saturn_resolve_target *target)
{
  static const char *const names[] = { "UDP", "TCP", "TLS", "DTLS" };
  char address[SATURN_ADDRESS_TEXT], line[128];

  saturn_address_print(&target->address, address, sizeof address);
  snprintf(line, sizeof line, "%s/%s", names[target->transport], address);
  add(run->targets, line);
}

/* Resolve to the end. Two questions may be under way; they are answered in the
   opposite order. */
static void
resolve(struct run *run, const struct saturn_resolve_config *config,
        const struct zone *zone)
{
  struct saturn_dns_question question, held[4];
  struct saturn_resolve_target target;
  enum saturn_resolve_step step;
  char line[300];
  size_t n = 0;

  memset(run, 0, sizeof *run);
  run->result = saturn_resolve_start(&run->resolve, config);
  while ((step = saturn_resolve_next(&run->resolve, &question, &target))
         != SATURN_RESOLVE_OVER)
    if (step == SATURN_RESOLVE_ASK) {
      snprintf(line, sizeof line, "%s/%s", kinds[question.kind], question.name);
      add(run->asked, line);
      held[n++] = question;
    } else if (step == SATURN_RESOLVE_TARGET)
      note_target(run, &target);
    else {
      ck_assert_uint_gt(n, 0);
      while (n > 0)
        answer(run, zone, &held[--n]);
    }
  run->result = (enum saturn_resolve_result)run->resolve.result;
}

struct list {
  uint8_t n, items[4];
};

static struct saturn_uri
uri_of(const char *text)
{
  struct saturn_uri uri;

  ck_assert(saturn_uri_parse(&uri, text_of(text)) == SATURN_OK);
  return uri;
}

static void
run_uri(struct run *run, const char *text, struct list list, const char *name,
        const struct zone *zone)
{
  struct saturn_uri uri = uri_of(text);
  struct saturn_resolve_config config = { 0 };

  config.uri = &uri;
  config.transports = list.items;
  config.n_transports = list.n;
  config.name = text_of(name);
  resolve(run, &config, zone);
}

static const struct zone none[] = { { NULL, NULL, NULL } };

#define TABLE_OF_HOST(name)                                                    \
  { name, "A", "192.0.2.1" },                                                  \
  {                                                                            \
    name, "AAAA", "2001:db8::1"                                                \
  }

static const struct zone host[] = {
  TABLE_OF_HOST("example.org"),
  { NULL, NULL, NULL },
};

static const struct zone rfc5928[] = {
  { "example.net", "NAPTR",
    "200 10 - RELAY:turn.tcp:turn.tls - stream.example.net." },
  { "example.net", "NAPTR", "100 10 - RELAY:turn.udp - datagram.example.net." },
  { "datagram.example.net.", "NAPTR",
    "100 10 S RELAY:turn.udp - _turn._udp.example.net." },
  { "stream.example.net.", "NAPTR",
    "100 10 S RELAY:turn.tcp - _turn._tcp.example.net." },
  { "stream.example.net.", "NAPTR",
    "200 10 A RELAY:turn.tls - a.example.net." },
  { "_turn._udp.example.net.", "SRV", "0 0 3478 a.example.net." },
  { "_turn._tcp.example.net.", "SRV", "0 0 5000 a.example.net." },
  { "a.example.net.", "A", "192.0.2.1" },
  /* 4.2: another domain uses them. */
  { "example.com", "NAPTR",
    "100 10 - RELAY:turn.udp:turn.tcp:turn.tls - example.net" },
  { NULL, NULL, NULL },
};

static const struct zone unusable[] = {
  { "example.net", "NAPTR", "1 1 S RELAY:turn.udp !^.*$!x! _x.example.net" },
  { "example.net", "NAPTR", "1 2 U RELAY:turn.udp - _x.example.net" },
  { "example.net", "NAPTR", "1 3 S SIP+D2U - _x.example.net" },
  { "example.net", "NAPTR", "1 4 S RELAY:turn.udp - bad..name" },
  { "_x.example.net", "SRV", "0 0 1 example.net" },
  { "example.net", "A", "192.0.2.9" },
  { NULL, NULL, NULL },
};

static const struct zone loop[] = {
  { "a.net", "NAPTR", "1 1 - RELAY:turn.udp - b.net" },
  { "b.net", "NAPTR", "1 1 - RELAY:turn.udp - c.net" },
  { "c.net", "NAPTR", "1 1 - RELAY:turn.udp - d.net" },
  { "d.net", "NAPTR", "1 1 - RELAY:turn.udp - e.net" },
  { "e.net", "NAPTR", "1 1 - RELAY:turn.udp - f.net" },
  { "f.net", "NAPTR", "1 1 - RELAY:turn.udp - a.net" },
  { "a.net", "A", "192.0.2.9" },
  { NULL, NULL, NULL },
};

static const struct zone not_offered[] = {
  { "_turn._udp.example.net", "SRV", "0 0 0 ." },
  { "example.net", "A", "192.0.2.9" },
  { NULL, NULL, NULL },
};

static const struct zone two_each[] = {
  { "example.org", "A", "192.0.2.1" },
  { "example.org", "A", "192.0.2.2" },
  { "example.org", "A", "192.0.2.1" }, /* twice is once */
  { "example.org", "AAAA", "2001:db8::1" },
  { "example.org", "AAAA", "2001:db8::2" },
  { NULL, NULL, NULL },
};

static const struct zone services[] = {
  { "_turns._tcp.example.org", "SRV", "2 0 444 b.example.net" },
  { "_turns._tcp.example.org", "SRV", "1 0 443 t1.example.net" },
  { "_turns._tcp.example.org", "SRV", "0 0 443 192.0.2.7" },
  { "_turns._tcp.example.org", "SRV", "0 0 0 b.example.net" },
  { "_stun._udp.example.org", "SRV", "0 0 3479 b.example.net" },
  { "_stun-behavior._udp.example.org", "SRV", "0 0 3480 b.example.net" },
  { "t1.example.net", "A", "192.0.2.7" },
  { "b.example.net", "A", "192.0.2.8" },
  { "example.org", "A", "192.0.2.1" },
  { NULL, NULL, NULL },
};

static const struct zone broken[] = {
  { "example.org", "NAPTR", "SERVFAIL" },
  { "_turn._udp.example.org", "SRV", "SERVFAIL" },
  { "example.org", "AAAA", "SERVFAIL" },
  { "example.org", "A", "192.0.2.1" },
  { "silent.org", "AAAA", "SERVFAIL" },
  { "silent.org", "A", "SERVFAIL" },
  { NULL, NULL, NULL },
};

static const struct {
  const char *row, *uri;
  struct list list;
  const char *name;
  const struct zone *zone;
  enum saturn_resolve_result result;
  const char *asked; /* null: not compared */
  const char *targets;
} rows[] = {
  { "L-RS-01",
    "turn:192.0.2.1",
    { 3, { UDP, TCP, TLS } },
    "",
    none,
    SATURN_RESOLVE_DONE,
    "",
    "UDP/192.0.2.1:3478 TCP/192.0.2.1:3478 TLS/192.0.2.1:3478" },
  { "L-RS-01 secure",
    "turns:192.0.2.1",
    { 3, { UDP, TCP, TLS } },
    "turn.example.org",
    none,
    SATURN_RESOLVE_DONE,
    "",
    "TLS/192.0.2.1:5349" },
  { "L-RS-01 port",
    "turn:[2001:db8::1]:99?transport=tcp",
    { 2, { UDP, TCP } },
    "",
    none,
    SATURN_RESOLVE_DONE,
    "",
    "TCP/[2001:db8::1]:99" },
  { "T-660, C-TL-04",
    "turns:192.0.2.1",
    { 1, { TLS } },
    "",
    none,
    SATURN_RESOLVE_NAMELESS,
    "",
    "" },
  { "L-RS-02",
    "turn:example.org?transport=udp",
    { 1, { TCP } },
    "",
    host,
    SATURN_RESOLVE_UNSUPPORTED,
    "",
    "" },
  { "T-680 tcp",
    "turn:example.org?transport=tcp",
    { 1, { UDP } },
    "",
    host,
    SATURN_RESOLVE_UNSUPPORTED,
    "",
    "" },
  { "L-RS-03",
    "turns:example.org",
    { 2, { UDP, TCP } },
    "",
    host,
    SATURN_RESOLVE_UNSUPPORTED,
    "",
    "" },
  { "L-RS-03 tcp",
    "turns:example.org?transport=tcp",
    { 2, { UDP, TCP } },
    "",
    host,
    SATURN_RESOLVE_UNSUPPORTED,
    "",
    "" },
  { "L-RS-03 udp",
    "turns:example.org?transport=udp",
    { 3, { UDP, TCP, TLS } },
    "",
    host,
    SATURN_RESOLVE_UNSUPPORTED,
    "",
    "" },
  { "L-UR-07, T-653",
    "turn:h?transport=sctp",
    { 2, { UDP, TCP } },
    "",
    host,
    SATURN_RESOLVE_TRANSPORT,
    "",
    "" },
  { "L-RS-04",
    "turn:example.org:8000",
    { 1, { UDP } },
    "",
    host,
    SATURN_RESOLVE_DONE,
    "AAAA/example.org A/example.org",
    "UDP/[2001:db8::1]:8000 UDP/192.0.2.1:8000" },
  { "L-RS-04 list",
    "turn:example.org:8000",
    { 2, { TCP, UDP } },
    "",
    host,
    SATURN_RESOLVE_DONE,
    "AAAA/example.org A/example.org",
    "TCP/[2001:db8::1]:8000 TCP/192.0.2.1:8000 "
    "UDP/[2001:db8::1]:8000 UDP/192.0.2.1:8000" },
  { "L-RS-05",
    "turn:example.org?transport=tcp",
    { 3, { UDP, TCP, TLS } },
    "",
    host,
    SATURN_RESOLVE_DONE,
    "SRV/_turn._tcp.example.org AAAA/example.org A/example.org",
    "TCP/[2001:db8::1]:3478 TCP/192.0.2.1:3478" },
  { "L-RS-06",
    "turns:example.org?transport=tcp",
    { 1, { TLS } },
    "",
    host,
    SATURN_RESOLVE_DONE,
    "SRV/_turns._tcp.example.org AAAA/example.org A/example.org",
    "TLS/[2001:db8::1]:5349 TLS/192.0.2.1:5349" },
  { "T-683 dtls",
    "turns:example.org?transport=udp",
    { 1, { DTLS } },
    "",
    host,
    SATURN_RESOLVE_DONE,
    "SRV/_turns._udp.example.org AAAA/example.org A/example.org",
    "DTLS/[2001:db8::1]:5349 DTLS/192.0.2.1:5349" },
  { "L-RS-07",
    "turn:example.net",
    { 3, { TLS, TCP, UDP } },
    "",
    rfc5928,
    SATURN_RESOLVE_DONE,
    NULL,
    "UDP/192.0.2.1:3478 TLS/192.0.2.1:5349 TCP/192.0.2.1:5000" },
  { "RFC 5928, 4.2",
    "turn:example.com",
    { 3, { TLS, TCP, UDP } },
    "",
    rfc5928,
    SATURN_RESOLVE_DONE,
    NULL,
    "UDP/192.0.2.1:3478 TLS/192.0.2.1:5349 TCP/192.0.2.1:5000" },
  { "T-684 list",
    "turn:example.net",
    { 1, { TCP } },
    "",
    rfc5928,
    SATURN_RESOLVE_DONE,
    NULL,
    "TCP/192.0.2.1:5000" },
  { "L-RS-08 unusable",
    "turn:example.net",
    { 1, { UDP } },
    "",
    unusable,
    SATURN_RESOLVE_DONE,
    "NAPTR/example.net SRV/_turn._udp.example.net AAAA/example.net "
    "A/example.net",
    "UDP/192.0.2.9:3478" },
  { "L-RS-08 loop",
    "turn:a.net",
    { 2, { UDP, TCP } },
    "",
    loop,
    SATURN_RESOLVE_LOOP,
    "NAPTR/a.net NAPTR/b.net NAPTR/c.net NAPTR/d.net NAPTR/e.net NAPTR/f.net",
    "" },
  { "L-RS-09",
    "turn:example.net",
    { 2, { UDP, TCP } },
    "",
    not_offered,
    SATURN_RESOLVE_DONE,
    "NAPTR/example.net SRV/_turn._udp.example.net SRV/_turn._tcp.example.net "
    "AAAA/example.net A/example.net",
    "TCP/192.0.2.9:3478" },
  { "L-RS-09 only",
    "turn:example.net",
    { 1, { UDP } },
    "",
    not_offered,
    SATURN_RESOLVE_UNOFFERED,
    NULL,
    "" },
  { "L-RS-10 order",
    "turn:example.org:1?transport=tcp",
    { 1, { TCP } },
    "",
    two_each,
    SATURN_RESOLVE_DONE,
    NULL,
    "TCP/[2001:db8::1]:1 TCP/192.0.2.1:1 TCP/[2001:db8::2]:1 TCP/192.0.2.2:1" },
  { "T-686 priority",
    "turns:example.org?transport=tcp",
    { 1, { TLS } },
    "",
    services,
    SATURN_RESOLVE_DONE,
    NULL,
    "TLS/192.0.2.7:443 TLS/192.0.2.8:444" },
  { "S-566 SRV",
    "stun:example.org",
    { 3, { UDP, TCP, TLS } },
    "",
    services,
    SATURN_RESOLVE_DONE,
    NULL,
    "UDP/192.0.2.8:3479 TCP/192.0.2.1:3478" },
  { "S-566 port",
    "stun:example.org:77",
    { 1, { UDP } },
    "",
    services,
    SATURN_RESOLVE_DONE,
    "AAAA/example.org A/example.org",
    "UDP/192.0.2.1:77" },
  { "S-566 stuns",
    "stuns:example.org",
    { 3, { UDP, TLS, DTLS } },
    "",
    services,
    SATURN_RESOLVE_DONE,
    NULL,
    "TLS/192.0.2.1:5349 DTLS/192.0.2.1:5349" },
  { "T-685 failures",
    "turn:example.org",
    { 1, { UDP } },
    "",
    broken,
    SATURN_RESOLVE_DONE,
    NULL,
    "UDP/192.0.2.1:3478" },
  { "failed",
    "turn:silent.org",
    { 1, { UDP } },
    "",
    broken,
    SATURN_RESOLVE_FAILED,
    NULL,
    "" },
  { "nothing",
    "turn:nowhere.org",
    { 1, { UDP } },
    "",
    broken,
    SATURN_RESOLVE_NOTHING,
    NULL,
    "" },
};

START_TEST(L_RS_01_to_10_T_680_to_T_692_rows)
{
  struct run run;

  run_uri(&run, rows[_i].uri, rows[_i].list, rows[_i].name, rows[_i].zone);
  EXPECT(run.result == rows[_i].result, rows[_i].row,
         saturn_resolve_text(run.result));
  if (rows[_i].asked != NULL)
    ck_assert_msg(strcmp(run.asked, rows[_i].asked) == 0, "%s: asked %s",
                  rows[_i].row, run.asked);
  ck_assert_msg(strcmp(run.targets, rows[_i].targets) == 0, "%s: %s",
                rows[_i].row, run.targets);
}
END_TEST

START_TEST(S_569_names_of_behaviour_discovery)
{
  static const uint8_t list[] = { UDP };
  struct saturn_uri uri = uri_of("stun:example.org");
  struct saturn_resolve_config config = { 0 };
  struct run run;

  config.uri = &uri;
  config.transports = list;
  config.n_transports = 1;
  config.behavior = true;
  config.family = SATURN_IPV4;
  resolve(&run, &config, services);
  ck_assert_str_eq(run.asked,
                   "SRV/_stun-behavior._udp.example.org A/b.example.net");
  ck_assert_str_eq(run.targets, "UDP/192.0.2.8:3480");
}
END_TEST

START_TEST(L_RS_14_T_690_name_is_the_uris)
{
  static const uint8_t list[] = { TLS };
  struct saturn_uri uri = uri_of("turns:example.org");
  struct saturn_resolve_config config = { 0 };
  struct saturn_dns_question question;
  struct saturn_resolve_target target;
  struct run run = { 0 };
  enum saturn_resolve_step step;

  config.uri = &uri;
  config.transports = list;
  config.n_transports = 1;
  ck_assert(saturn_resolve_start(&run.resolve, &config) == SATURN_RESOLVE_OPEN);
  while ((step = saturn_resolve_next(&run.resolve, &question, &target))
         == SATURN_RESOLVE_ASK)
    answer(&run, services, &question);
  ck_assert(step == SATURN_RESOLVE_TARGET);
  ck_assert(same_bytes(target.name, text_of("example.org")));
  ck_assert_uint_eq(target.address.port, 443);
}
END_TEST

START_TEST(L_RS_16_T_693_anycast_comes_last)
{
  static const uint8_t list[] = { UDP, TLS };
  struct saturn_resolve_config config = { 0 };
  struct saturn_dns_question question;
  struct saturn_resolve_target target;
  struct run run;

  config.transports = list;
  config.n_transports = 2;
  config.anycast = true;
  resolve(&run, &config, none);
  ck_assert_str_eq(run.targets, "UDP/[2001:1::2]:3478 UDP/192.0.0.10:3478");
  ck_assert(saturn_resolve_start(&run.resolve, &config) == SATURN_RESOLVE_OPEN);
  ck_assert(saturn_resolve_next(&run.resolve, &question, &target)
            == SATURN_RESOLVE_TARGET);
  ck_assert(target.anycast);
}
END_TEST

/* 3 to 1, within what 4000 draws allow; weight 0 is rare but possible. */
START_TEST(T_686_weights_of_SRV)
{
  static const struct zone zone[] = {
    { "_turn._udp.w.org", "SRV", "0 0 1 a.org" },
    { "_turn._udp.w.org", "SRV", "0 10 2 a.org" },
    { "_turn._udp.w.org", "SRV", "0 30 3 a.org" },
    { "_turn._udp.w.org", "SRV", "1 65535 4 a.org" },
    { "a.org", "A", "192.0.2.1" },
    { NULL, NULL, NULL },
  };
  struct saturn_uri uri = uri_of("turn:w.org?transport=udp");
  static const uint8_t list[] = { UDP };
  struct saturn_resolve_config config = { 0 };
  unsigned first[5] = { 0 }, i;
  struct run run;

  config.uri = &uri;
  config.transports = list;
  config.n_transports = 1;
  for (i = 0; i < 4000; i++) {
    config.random[7] = (uint8_t)i;
    config.random[0] = (uint8_t)(i >> 8);
    resolve(&run, &config, zone);
    first[run.targets[strlen("UDP/192.0.2.1:")] - '0']++;
    ck_assert_ptr_nonnull(strstr(run.targets, ":4"));
    ck_assert_uint_eq(strlen(run.targets), 4 * strlen("UDP/192.0.2.1:1 ") - 1);
  }
  ck_assert_uint_eq(first[4], 0);
  ck_assert(first[1] > 40 && first[1] < 200);
  ck_assert(first[2] > 800 && first[2] < 1150);
  ck_assert(first[3] > 2700 && first[3] < 3150);
}
END_TEST

/* Answers that are too long, and answers that only lead to more questions. */
START_TEST(T_686_hostile_answers)
{
  static char names[200][64];
  static struct saturn_dns_record records[200];
  struct saturn_uri uri = uri_of("turn:example.org");
  static const uint8_t list[] = { UDP, TCP, TLS, DTLS };
  struct saturn_resolve_config config = { 0 };
  struct saturn_dns_question question;
  struct saturn_resolve_target target;
  struct saturn_resolve r;
  enum saturn_resolve_step step;
  unsigned asked = 0, i;

  for (i = 0; i < 200; i++) {
    snprintf(names[i], sizeof names[i], "n%u.example.org", i);
    records[i].name = text_of(names[i]);
    records[i].service = text_of("relay:TURN.udp:turn.tcp:turn.tls");
    records[i].flags = text_of(_i == 0 ? "" : "s");
    records[i].port = 1;
    records[i].order = (uint16_t)(200 - i);
  }
  config.uri = &uri;
  config.transports = list;
  config.n_transports = 4;
  ck_assert(saturn_resolve_start(&r, &config) == SATURN_RESOLVE_OPEN);
  while ((step = saturn_resolve_next(&r, &question, &target))
         != SATURN_RESOLVE_OVER) {
    ck_assert(step == SATURN_RESOLVE_ASK);
    asked++;
    ck_assert(saturn_resolve_answer(&r, question.id, records,
                                    question.kind >= SATURN_DNS_SRV ? 200 : 0)
              == SATURN_OK);
  }
  ck_assert_uint_le(asked, SATURN_RESOLVE_QUESTIONS);
  ck_assert(r.result != SATURN_RESOLVE_DONE);
}
END_TEST

START_TEST(L_RS_10_T_687_attempts_250_ms_apart)
{
  struct saturn_race race;
  uint8_t attempt;
  saturn_ms now = 1000;
  unsigned i;

  saturn_race_start(&race, 4, SATURN_OVER_TCP, now);
  for (i = 0; i < 3; i++, now += 250) {
    ck_assert_int_eq(saturn_race_next(&race, now, &attempt), SATURN_RACE_BEGIN);
    ck_assert_uint_eq(attempt, i);
    ck_assert_int_eq(saturn_race_next(&race, now, &attempt), SATURN_RACE_WAIT);
    ck_assert_int_eq(saturn_race_next(&race, now + 249, &attempt),
                     SATURN_RACE_WAIT);
    ck_assert_uint_eq(saturn_race_deadline(&race), now + 250);
  }
  ck_assert(saturn_race_won(&race, 1));
  ck_assert_uint_eq(race.winner, 1);
  ck_assert_uint_eq(saturn_race_deadline(&race), SATURN_NEVER);
  ck_assert_int_eq(saturn_race_next(&race, now, &attempt), SATURN_RACE_CLOSE);
  ck_assert_uint_eq(attempt, 0);
  ck_assert_int_eq(saturn_race_next(&race, now, &attempt), SATURN_RACE_CLOSE);
  ck_assert_uint_eq(attempt, 2);
  ck_assert_int_eq(saturn_race_next(&race, now, &attempt), SATURN_RACE_OVER);
}
END_TEST

START_TEST(L_RS_10_T_687_next_after_a_failure)
{
  struct saturn_race race;
  uint8_t attempt;

  saturn_race_start(&race, 2, SATURN_OVER_TLS, 0);
  ck_assert_int_eq(saturn_race_next(&race, 0, &attempt), SATURN_RACE_BEGIN);
  saturn_race_failed(&race, 0, 10);
  ck_assert_int_eq(saturn_race_next(&race, 10, &attempt), SATURN_RACE_BEGIN);
  ck_assert_uint_eq(attempt, 1);
  saturn_race_failed(&race, 1, 20);
  ck_assert_int_eq(saturn_race_next(&race, 20, &attempt), SATURN_RACE_OVER);
  ck_assert_uint_eq(race.winner, SATURN_RACE_MAX);
}
END_TEST

START_TEST(L_RS_11_T_687_both_families_over_UDP)
{
  struct saturn_race race;
  uint8_t attempt;

  saturn_race_start(&race, 2, SATURN_OVER_UDP, 0);
  ck_assert_int_eq(saturn_race_next(&race, 0, &attempt), SATURN_RACE_BEGIN);
  ck_assert_int_eq(saturn_race_next(&race, 0, &attempt), SATURN_RACE_BEGIN);
  ck_assert_int_eq(saturn_race_next(&race, 0, &attempt), SATURN_RACE_WAIT);
  ck_assert(saturn_race_won(&race, 1));
  ck_assert(!saturn_race_won(&race, 0)); /* to be deleted */
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("resolve");
  TCase *all = tcase_create("all");

  tcase_add_loop_test(all, L_RS_01_to_10_T_680_to_T_692_rows, 0, COUNT(rows));
  tcase_add_test(all, S_569_names_of_behaviour_discovery);
  tcase_add_test(all, L_RS_14_T_690_name_is_the_uris);
  tcase_add_test(all, L_RS_16_T_693_anycast_comes_last);
  tcase_add_test(all, T_686_weights_of_SRV);
  tcase_add_loop_test(all, T_686_hostile_answers, 0, 2);
  tcase_add_test(all, L_RS_10_T_687_attempts_250_ms_apart);
  tcase_add_test(all, L_RS_10_T_687_next_after_a_failure);
  tcase_add_test(all, L_RS_11_T_687_both_families_over_UDP);
  suite_add_tcase(s, all);
  return s;
}
