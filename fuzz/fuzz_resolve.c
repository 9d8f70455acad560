/* SPDX-License-Identifier: MIT
 *
 * fuzz_resolve.c - from any URI to targets, with a DNS that answers anything,
 * in any order. It ends, asks no more than it may, says DONE only with a
 * target, and never takes the name of a certificate out of DNS.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "source.h"

enum { RECORDS = 12, WAITING = 2 };

/* What the caller of the machine would have. */
struct run {
  struct saturn_resolve resolve;
  struct saturn_resolve_config config;
  struct saturn_uri uri;
  struct saturn_dns_question open[WAITING];
  size_t n_open, asked, targets;
  uint16_t group;
};

static bool
configure(struct run *run, struct source *s)
{
  static const uint8_t orders[][4] = {
    { SATURN_OVER_UDP, SATURN_OVER_TCP, SATURN_OVER_TLS, SATURN_OVER_DTLS },
    { SATURN_OVER_DTLS, SATURN_OVER_TLS, SATURN_OVER_TCP, SATURN_OVER_UDP },
    { SATURN_OVER_TCP, SATURN_OVER_TLS, SATURN_OVER_UDP, SATURN_OVER_DTLS },
  };
  static const uint8_t families[] = { 0, 0, SATURN_IPV4, SATURN_IPV6 };
  unsigned bits = take(s), more = take(s);
  enum saturn_error error;

  run->config.transports = orders[bits % 3];
  run->config.n_transports = 1 + (bits >> 2) % 4;
  run->config.family = families[(bits >> 4) % 4];
  run->config.behavior = bits & 64;
  run->config.anycast = bits & 128;
  if (more & 1)
    run->config.name = SATURN_TEXT("name.example");
  run->config.random[0] = (uint8_t)more;
  if (more & 2)
    return run->config.anycast;
  error = more & 4 ? saturn_uri_parse_old(&run->uri, take_bytes(s))
                   : saturn_uri_parse(&run->uri, take_bytes(s));
  run->config.uri = &run->uri;
  return error == SATURN_OK;
}

static bool
same(struct saturn_bytes a, struct saturn_bytes b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static void
check_target(struct run *run, const struct saturn_resolve_target *target)
{
  bool supported = false;
  size_t i;

  for (i = 0; i < run->config.n_transports; i++)
    supported |= run->config.transports[i] == target->transport;
  assert(supported || target->anycast);
  assert(target->address.family == SATURN_IPV4
         || target->address.family == SATURN_IPV6);
  assert(run->config.family == 0
         || target->address.family == run->config.family);
  assert(target->name.len == 0 || same(target->name, run->config.name)
         || (run->config.uri != NULL && same(target->name, run->uri.host)));
  assert(target->group >= run->group);
  run->group = target->group;
  run->targets++;
}

static void
note_question(struct run *run, const struct saturn_dns_question *question)
{
  assert(memchr(question->name, '\0', sizeof question->name) != NULL);
  assert(question->name[0] != '\0');
  assert(++run->asked <= SATURN_RESOLVE_QUESTIONS);
  assert(run->n_open < WAITING);
  run->open[run->n_open++] = *question;
}

/* Names that lead on: to each other, to themselves, or anywhere. */
static struct saturn_bytes
take_name(struct source *s)
{
  static const char *const names[] = {
    "a.example",  "b.example.", "_turn._udp.a.example", ".",
    "c..example", "",           "_stuns._tcp.b.example"
  };
  unsigned i = take(s);

  if (i % 8 == 7)
    return take_bytes(s);
  return saturn_view(names[i % 8], strlen(names[i % 8]));
}

static void
take_record(struct source *s, struct saturn_dns_record *record)
{
  static const char *const services[] = {
    "RELAY:turn.udp", "RELAY:turn.tcp:turn.tls", "RELAY:turn.tls",
    "relay:TURN.UDP", "RELAY:turn.dtls",         "SIP+D2U"
  };
  static const char *const flags[] = { "S", "A", "", "s" };
  unsigned i = take(s), j = take(s);

  record->order = record->priority = i % 4;
  record->preference = record->weight = (uint16_t)(j % 16 * 4369);
  record->port = (uint16_t)(j * 257);
  record->flags = saturn_view(flags[i / 4 % 4], strlen(flags[i / 4 % 4]));
  record->service = i & 128
                        ? take_bytes(s)
                        : saturn_view(services[j % 6], strlen(services[j % 6]));
  record->regexp = i & 64 ? take_bytes(s) : saturn_view(NULL, 0);
  record->name = take_name(s);
  record->address.family = i & 32 ? SATURN_IPV6 : SATURN_IPV4;
  if (i % 16 == 15)
    record->address.family = (uint8_t)j;
  record->address.ip[3] = (uint8_t)j;
}

static void
answer(struct run *run, struct source *s)
{
  struct saturn_dns_record records[RECORDS] = { 0 };
  unsigned what = take(s);
  size_t i, n = what / 8 % (RECORDS + 1), which = what % run->n_open;
  uint16_t id = run->open[which].id;

  run->open[which] = run->open[--run->n_open];
  for (i = 0; i < n; i++)
    take_record(s, &records[i]);
  if (what % 8 == 7)
    assert(saturn_resolve_fail(&run->resolve, id) == SATURN_OK);
  else
    assert(saturn_resolve_answer(&run->resolve, id, records, n) == SATURN_OK);
  assert(saturn_resolve_answer(&run->resolve, id, records, n)
         == SATURN_E_ORDER);
  assert(saturn_resolve_fail(&run->resolve, id) == SATURN_E_ORDER);
}

static enum saturn_resolve_result
resolve(struct run *run, struct source *s)
{
  struct saturn_dns_question question;
  struct saturn_resolve_target target;
  int steps;

  for (steps = 0; steps < 5000; steps++)
    switch (saturn_resolve_next(&run->resolve, &question, &target)) {
    case SATURN_RESOLVE_ASK:
      note_question(run, &question);
      break;
    case SATURN_RESOLVE_TARGET:
      check_target(run, &target);
      break;
    case SATURN_RESOLVE_WAIT:
      assert(run->n_open > 0);
      answer(run, s);
      break;
    case SATURN_RESOLVE_OVER:
      return (enum saturn_resolve_result)run->resolve.result;
    }
  abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct source s = { data, size };
  enum saturn_resolve_result result;
  struct run *run = calloc(1, sizeof *run);

  assert(run != NULL);
  if (configure(run, &s)) {
    result = saturn_resolve_start(&run->resolve, &run->config);
    if (result == SATURN_RESOLVE_OPEN)
      result = resolve(run, &s);
    assert(result != SATURN_RESOLVE_OPEN);
    assert((result == SATURN_RESOLVE_DONE) == (run->targets > 0));
    assert(saturn_resolve_text(result)[0] != '\0');
  }
  free(run);
  return 0;
}
