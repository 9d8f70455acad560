/* SPDX-License-Identifier: MIT
 *
 * steps.c - the steps up to an allocation.
 */
#include <string.h>

#include "audit.h"
#include "ladder.h"

/* Some TURN servers do not answer Binding: so long is waited for it. */
#define BINDING_PATIENCE_MS 3500

/* So long is waited for what a web server says. */
#define PROMPT_MS 1000

/* Open the way to one of the addresses. */
static bool
try_address(struct ladder *l, size_t i)
{
  asker_close(&l->asker);
  l->target.address = l->check->server = l->addresses[i];
  l->target.transport = l->plan->transport;
  return asker_open(&l->asker, l->events, l->settings, &l->target,
                    l->plan->host);
}

/* Open the way to the first address that has one. */
static bool
open_any(struct ladder *l)
{
  for (size_t i = 0; i < l->n_addresses; i++)
    if (try_address(l, i))
      return true;
  return false;
}

bool
step_resolve(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT], how[WHY_MAX];

  if (!plan_resolve(l->plan, l->events, l->settings, l->addresses,
                    ADDRESSES_MAX, &l->n_addresses, how)) {
    snprintf(detail, DETAIL_MAX, "%s", how);
    return ladder_fail(l, FINDING_DNS, how);
  }
  l->check->server = l->addresses[0];
  if (l->plan->transport == SATURN_OVER_UDP && !open_any(l))
    return ladder_explain(l, &l->asker.wire, detail);
  snprintf(detail, DETAIL_MAX, "%s over %s%s%.200s",
           address_text(&l->check->server, text),
           transport_name((enum saturn_turn_transport)l->plan->transport),
           *how != '\0' ? ", by " : "", how);
  return true;
}

/* Say what TLS is like, for the report too. */
static void
tell_tls(struct ladder *l, const struct tls *tls, char *detail)
{
  struct check *check = l->check;

  check->verified = !l->settings->insecure;
  tls_describe(tls, check->tls, sizeof check->tls);
  tls_describe_peer(tls, check->certificate, sizeof check->certificate);
  keep_printable(check->alpn, sizeof check->alpn, tls_alpn(tls));
  snprintf(detail, DETAIL_MAX, "%.100s, %s%.200s%s%s", check->tls,
           l->settings->insecure ? "NOT VERIFIED (--insecure): " : "",
           check->certificate, check->alpn[0] ? ", alpn " : "", check->alpn);
}

bool
step_connect(struct ladder *l, char *detail)
{
  char text[SATURN_ADDRESS_TEXT];

  if (!open_any(l))
    return ladder_explain(l, &l->asker.wire, detail);
  if (transport_tls(l->asker.transport) != NULL)
    tell_tls(l, transport_tls(l->asker.transport), detail);
  else
    snprintf(detail, DETAIL_MAX, "to %s",
             address_text(&l->check->server, text));
  return true;
}

static bool
ask_binding(struct ladder *l)
{
  uint64_t patience = l->settings->patience_ms < BINDING_PATIENCE_MS
                          ? l->settings->patience_ms
                          : BINDING_PATIENCE_MS;

  return asker_ask(&l->asker, SATURN_METHOD_BINDING, NULL, NULL, patience);
}

/* An answer of another address is better than none of the first (T-687): the
   first of the other family is tried, too. */
static bool
ask_elsewhere(struct ladder *l)
{
  uint8_t family = l->check->server.family;

  for (size_t i = 1; i < l->n_addresses; i++)
    if (l->addresses[i].family != family)
      return try_address(l, i) && ask_binding(l);
  return false;
}

bool
step_binding(struct ladder *l, char *detail)
{
  struct saturn_address *mapped = &l->check->mapped;
  const struct exchange *last = &l->asker.wire.last;
  char text[SATURN_ADDRESS_TEXT];

  l->binding_answered = ask_binding(l);
  if (!l->binding_answered && last->end != WIRE_BROKEN
      && l->plan->transport == SATURN_OVER_UDP)
    l->binding_answered = ask_elsewhere(l);
  if (l->binding_answered
      && (!saturn_get_address(&l->asker.answer, SATURN_ATTR_XOR_MAPPED_ADDRESS,
                              mapped)
          || !saturn_get_address(&l->asker.answer, SATURN_ATTR_MAPPED_ADDRESS,
                                 mapped))) {
    snprintf(detail, DETAIL_MAX, "seen as %s", address_text(mapped, text));
    return true;
  }
  if (last->end == WIRE_UNREACHABLE || last->end == WIRE_BROKEN)
    return ladder_explain(l, &l->asker.wire, detail);
  snprintf(detail, DETAIL_MAX,
           "no answer that counts: some TURN servers ignore Binding");
  return false; /* but nothing was found: the ladder goes on */
}

/* Nothing but silence on a stream: does a web server wait for the end of a
   line there? */
static bool
web_server_answers(struct ladder *l)
{
  static const uint8_t question[] = "HEAD /? HTTP/1.0\r\n\r\n";
  const struct exchange *failed = &l->first.failed;
  saturn_ms limit = now_ms() + PROMPT_MS;
  struct asker *a = &l->asker;

  if (failed->end != WIRE_SILENT || failed->authenticated || l->binding_answered
      || !transport_is_stream(failed->kind)
      || !asker_open(a, l->events, l->settings, &l->target, l->plan->host))
    return false;
  transport_send(a->transport, saturn_view(question, sizeof question - 1));
  while (!a->over && now_ms() < limit && !l->events->interrupted)
    events_wait(l->events, limit);
  return a->over && a->wire.last.broken.head_len > 0;
}

bool
step_challenge(struct ladder *l, char *detail)
{
  struct check *check = l->check;
  const struct client_setup setup = {
    .server = l->target,
    .name = l->plan->host,
    .family = settings_relay_family(l->settings),
    .peers = l->settings->audit ? AUDIT_PEERS : 0,
    .transport = asker_release(&l->asker),
  };
  const struct wire *wire = &l->first.wire;
  bool challenged;

  client_start(&l->first, l->events, l->settings, &setup);
  challenged = client_await_challenge(&l->first);
  snprintf(check->software, sizeof check->software, "%s", wire->software);
  snprintf(check->realm, sizeof check->realm, "%s", wire->realm);
  if (challenged) {
    bool other = l->settings->realm != NULL
                 && strcmp(l->settings->realm, check->realm) != 0;

    snprintf(detail, DETAIL_MAX, "%u, realm %.150s%s%.150s", l->first.challenge,
             check->realm, other ? ", not " : "",
             other ? l->settings->realm : "");
    return true;
  }
  if (!l->first.allocated)
    return web_server_answers(l) ? ladder_explain(l, &l->asker.wire, detail)
                                 : ladder_explain_client(l, &l->first, detail);
  snprintf(detail, DETAIL_MAX, "none: the server takes everyone");
  return true;
}

bool
step_allocate(struct ladder *l, char *detail)
{
  const struct saturn_turn_allocation *a = &l->first.allocation;
  struct check *check = l->check;
  char relayed[SATURN_ADDRESS_TEXT], other[SATURN_ADDRESS_TEXT];
  bool allocated = client_await_allocation(&l->first);

  snprintf(check->realm, sizeof check->realm, "%s", l->first.wire.realm);
  if (!allocated)
    return ladder_explain_client(l, &l->first, detail);
  check->relayed = a->relayed[0];
  check->mapped = a->mapped;
  check->server = l->target.address = a->server;
  check->lifetime_s = a->lifetime_s;
  address_text(&check->relayed, relayed);
  if (l->first.redirects > 0)
    snprintf(detail, DETAIL_MAX, "redirected to %s; relayed %s for %u s",
             address_text(&check->server, other), relayed, check->lifetime_s);
  else
    snprintf(detail, DETAIL_MAX, "relayed %s for %u s", relayed,
             check->lifetime_s);
  return true;
}
