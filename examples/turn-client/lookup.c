/* SPDX-License-Identifier: MIT
 *
 * lookup.c - the servers of a URI without port, as DNS has them: NAPTR and SRV
 * (RFC 5928). The library decides; the questions are asked here.
 */
#include "lookup.h"

#include <string.h>

#include "dns.h"
#include "program.h"
#include "saturn/resolve.h"
#include "udp.h"

/* A lookup that is going on. */
struct search {
  const struct settings *settings;
  struct dns dns;
  struct saturn_resolve machine;
  bool found; /* NAPTR or SRV records of the name */
  char *how;
};

/* Name the record that leads on. */
static void
note(struct search *s, const struct saturn_dns_question *q)
{
  size_t len = strlen(s->how);

  s->found = true;
  snprintf(s->how + len, LOOKUP_TEXT - len, "%s%s %s", len > 0 ? ", " : "",
           q->kind == SATURN_DNS_NAPTR ? "NAPTR" : "SRV", q->name);
}

/* Addresses come from where the system has them, unless the user named a name
   server. */
static bool
ask_system(const struct saturn_dns_question *q, struct dns_answer *answer)
{
  struct saturn_address addresses[DNS_RECORDS];
  enum saturn_family family =
      q->kind == SATURN_DNS_A ? SATURN_IPV4 : SATURN_IPV6;

  udp_resolve(text_of(q->name), 0, family, addresses, DNS_RECORDS, &answer->n);
  for (size_t i = 0; i < answer->n; i++)
    answer->records[i].address = addresses[i];
  return true;
}

static void
ask(struct search *s, const struct saturn_dns_question *q)
{
  bool address = q->kind == SATURN_DNS_A || q->kind == SATURN_DNS_AAAA;
  bool system = address && s->settings->nameserver.family == SATURN_NO_FAMILY;
  static struct dns_answer answer;

  memset(&answer, 0, sizeof answer);
  if (!(system ? ask_system(q, &answer) : dns_ask(&s->dns, q, &answer))) {
    saturn_resolve_fail(&s->machine, q->id);
    return;
  }
  if (!address && answer.n > 0)
    note(s, q);
  saturn_resolve_answer(&s->machine, q->id, answer.records, answer.n);
}

/* Until the machine has no more to ask or to tell. */
static void
run(struct search *s, struct saturn_address *addresses, size_t max, size_t *n)
{
  struct saturn_resolve_target target;
  struct saturn_dns_question question;

  for (;;)
    switch (saturn_resolve_next(&s->machine, &question, &target)) {
    case SATURN_RESOLVE_ASK:
      ask(s, &question);
      break;
    case SATURN_RESOLVE_TARGET:
      if (*n < max)
        addresses[(*n)++] = target.address;
      break;
    case SATURN_RESOLVE_WAIT: /* every question was answered at once */
    case SATURN_RESOLVE_OVER:
      return;
    }
}

enum lookup_result
lookup(const struct plan *plan, const struct settings *settings,
       struct saturn_address *addresses, size_t max, size_t *n,
       char how[LOOKUP_TEXT])
{
  struct search s = { .settings = settings, .how = how };
  struct saturn_resolve_config config = { .transports = &plan->transport,
                                          .n_transports = 1,
                                          .family = (uint8_t)settings->family };
  enum saturn_resolve_result result;
  struct saturn_uri uri;

  *how = '\0';
  *n = 0;
  if (saturn_uri_parse(&uri, text_of(plan->uri)) != SATURN_OK)
    return LOOKUP_NOTHING;
  config.uri = &uri;
  random_bytes(config.random, sizeof config.random);
  dns_open(&s.dns, &settings->nameserver);
  result = saturn_resolve_start(&s.machine, &config);
  if (result == SATURN_RESOLVE_OPEN) {
    run(&s, addresses, max, n);
    result = s.machine.result;
  }
  dns_close(&s.dns);
  if (*n > 0)
    return s.found ? LOOKUP_FOUND : LOOKUP_NOTHING;
  if (!s.found && settings->nameserver.family == SATURN_NO_FAMILY)
    return LOOKUP_NOTHING;
  snprintf(how, LOOKUP_TEXT, "%s", saturn_resolve_text(result));
  return LOOKUP_NONE;
}
