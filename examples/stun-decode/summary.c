/* SPDX-License-Identifier: MIT
 *
 * summary.c - what a client and a server had to do with each other, in short.
 */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>

#include "escape.h"
#include "output.h"
#include "program.h"
#include "session.h"

void
summary_see(struct summary *s, const struct sighting *at)
{
  if (s->first.frame == 0)
    s->first = *at;
  s->last = *at;
}

void
summary_answer(struct summary *s, const struct answer *a)
{
  const struct saturn_message *m = &a->record->message;
  const struct transaction *t = a->transaction;
  const struct sighting *at = &a->record->origin->at;
  int64_t rtt = at->time_us - t->at.time_us;

  s->answers++;
  if (a->code != 0)
    summary_code(s, a->code);
  if (m->method == SATURN_METHOD_ALLOCATE && a->code == 0)
    saturn_get_address(m, SATURN_ATTR_XOR_RELAYED_ADDRESS, &s->relayed);
  if (a->code == 0)
    saturn_get_address(m, SATURN_ATTR_XOR_MAPPED_ADDRESS, &s->mapped);
  if (t->copies > 1 || !at->timed || !t->at.timed || rtt < 0)
    return; /* which copy is answered? (RFC 8489, 6.2.1) */
  if (s->rtts++ == 0 || rtt < s->least_us)
    s->least_us = rtt;
  if (rtt > s->most_us)
    s->most_us = rtt;
  s->sum_us += rtt;
}

void
summary_code(struct summary *s, unsigned code)
{
  for (size_t i = 0; i < SUMMARY_CODES; i++) {
    if (s->codes[i].n > 0 && s->codes[i].code != code)
      continue;
    s->codes[i].code = code;
    s->codes[i].n++;
    return;
  }
}

void
summary_data(struct summary *s, bool back, size_t len)
{
  struct summary_traffic *t = back ? &s->received : &s->sent;

  t->messages++;
  t->bytes += len;
}

static void
print_codes(const struct summary *s)
{
  for (size_t i = 0; i < SUMMARY_CODES && s->codes[i].n > 0; i++)
    printf("%s%u x %u", i == 0 ? ", errors " : ", ", s->codes[i].n,
           s->codes[i].code);
}

static void
print_addresses(const struct session *session)
{
  const struct summary *s = &session->summary;
  char name[600], address[SATURN_ADDRESS_TEXT];

  printf(" ");
  if (session->user.data != NULL) {
    escape_ascii(text_view(&session->user), name, sizeof name);
    printf(" user \"%s\"", name);
  }
  if (session->realm.data != NULL) {
    escape_ascii(text_view(&session->realm), name, sizeof name);
    printf(" realm \"%s\"", name);
  }
  if (s->mapped.family != SATURN_NO_FAMILY)
    printf(" mapped %s", address_text(&s->mapped, address));
  if (s->relayed.family != SATURN_NO_FAMILY)
    printf(" relayed %s", address_text(&s->relayed, address));
  printf("\n");
}

static void
print_text(const struct session *session)
{
  const struct summary *s = &session->summary;
  char src[SATURN_ADDRESS_TEXT], dst[SATURN_ADDRESS_TEXT];

  printf("\nsession %s > %s %s: frames %" PRIu64 " to %" PRIu64,
         address_text(&session->flow.src, src),
         address_text(&session->flow.dst, dst),
         session->flow.transport == SATURN_TCP ? "TCP" : "UDP", s->first.frame,
         s->last.frame);
  if (s->first.timed && s->last.timed)
    printf(", %.3f s", (double)(s->last.time_us - s->first.time_us) / 1e6);
  printf("\n");
  print_addresses(session);
  printf("  requests %" PRIu64 ", sent again %" PRIu64 ", answered %" PRIu64,
         s->requests, s->copies, s->answers);
  print_codes(s);
  if (s->rtts > 0)
    printf(", round trip %.3f/%.3f/%.3f ms", (double)s->least_us / 1e3,
           (double)s->sum_us / (double)s->rtts / 1e3, (double)s->most_us / 1e3);
  printf("\n");
  if (s->sent.messages + s->received.messages > 0)
    printf("  data sent %" PRIu64 " (%" PRIu64 " bytes), received %" PRIu64
           " (%" PRIu64 " bytes)\n",
           s->sent.messages, s->sent.bytes, s->received.messages,
           s->received.bytes);
}

void
summary_print(const struct decoder *d, const struct session *session)
{
  if (!d->settings.sessions || session->summary.requests == 0)
    return;
  if (d->settings.json)
    json_session(session);
  else
    print_text(session);
}
