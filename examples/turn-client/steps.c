/* SPDX-License-Identifier: MIT
 *
 * steps.c - the steps up to an allocation.
 */
#include "ladder.h"

/* Some TURN servers do not answer Binding: so long is waited for it. */
#define BINDING_PATIENCE_MS 3500

#define ADDRESSES_MAX 16

/* Keep a text from the network, printable. */
static void
keep_text(char *out, size_t cap, struct saturn_bytes text)
{
  size_t n = 0;

  for (size_t i = 0; i < text.len && n + 1 < cap; i++)
    out[n++] = (char)(text.data[i] >= 0x20 && text.data[i] < 0x7f ? text.data[i]
                                                                  : '?');
  out[n] = '\0';
}

bool
step_resolve(struct ladder *l, char *detail)
{
  struct saturn_address addresses[ADDRESSES_MAX];
  char text[SATURN_ADDRESS_TEXT];
  int error;
  size_t n;

  error = udp_resolve(l->uri.host, l->uri.port, l->settings->family, addresses,
                      ADDRESSES_MAX, &n);
  if (error != 0 || n == 0) {
    snprintf(detail, DETAIL_MAX, "%.*s: %s", (int)l->uri.host.len,
             (const char *)l->uri.host.data,
             error != 0 ? uv_strerror(error) : "no address");
    return ladder_fail(l, FINDING_DNS, detail);
  }
  for (size_t i = 0; i < n && l->first == NULL; i++) {
    l->check->server = addresses[i];
    l->first = ladder_open(l, &addresses[i], &error);
  }
  address_text(&l->check->server, text);
  if (l->first == NULL) {
    snprintf(detail, DETAIL_MAX, "%s: %s", text, uv_strerror(error));
    return ladder_fail(l, FINDING_UNREACHABLE, detail);
  }
  snprintf(detail, DETAIL_MAX, "%s over udp", text);
  return true;
}

bool
step_binding(struct ladder *l, char *detail)
{
  struct session *s = l->first;
  char text[SATURN_ADDRESS_TEXT];
  saturn_ms patience = s->patience_ms;

  s->patience_ms =
      patience < BINDING_PATIENCE_MS ? patience : BINDING_PATIENCE_MS;
  l->binding_answered = session_ask(s, true, SATURN_METHOD_BINDING, NULL, NULL);
  s->patience_ms = patience;
  if (l->binding_answered
      && (!saturn_get_address(&s->answer, SATURN_ATTR_XOR_MAPPED_ADDRESS,
                              &l->check->mapped)
          || !saturn_get_address(&s->answer, SATURN_ATTR_MAPPED_ADDRESS,
                                 &l->check->mapped))) {
    snprintf(detail, DETAIL_MAX, "seen as %s",
             address_text(&l->check->mapped, text));
    return true;
  }
  if (s->last.end == SESSION_UNREACHABLE)
    return ladder_explain(l, s, detail);
  snprintf(detail, DETAIL_MAX,
           "no answer that counts: some TURN servers ignore Binding");
  return false; /* but nothing was found: the ladder goes on */
}

void
ladder_put_allocate(struct saturn_builder *b, const void *context)
{
  (void)context;
  saturn_put_u8(b, SATURN_ATTR_REQUESTED_TRANSPORT, SATURN_UDP);
}

bool
step_challenge(struct ladder *l, char *detail)
{
  struct check *check = l->check;
  struct session *s = l->first;
  struct saturn_bytes software;

  l->anonymous = l->allocated =
      session_ask(s, true, SATURN_METHOD_ALLOCATE, ladder_put_allocate, NULL);
  if (s->last.end == SESSION_ANSWERED
      && saturn_get_text(&s->answer, SATURN_ATTR_SOFTWARE, &software)
             == SATURN_OK)
    keep_text(check->software, sizeof check->software, software);
  if (l->anonymous) {
    snprintf(detail, DETAIL_MAX, "none: the server takes everyone");
    return true;
  }
  keep_text(check->realm, sizeof check->realm, saturn_login_realm(&s->login));
  if (s->last.end != SESSION_ANSWERED || s->last.answer != SATURN_RETRY)
    return ladder_explain(l, s, detail);
  snprintf(detail, DETAIL_MAX, "%u, realm %.150s", s->last.code, check->realm);
  return true;
}

bool
ladder_read_allocation(struct ladder *l, const struct session *s,
                       struct allocation *a)
{
  if (saturn_get_address(&s->answer, SATURN_ATTR_XOR_RELAYED_ADDRESS,
                         &a->relayed)
      || saturn_get_address(&s->answer, SATURN_ATTR_XOR_MAPPED_ADDRESS,
                            &a->mapped)
      || saturn_get_u32(&s->answer, SATURN_ATTR_LIFETIME, &a->lifetime_s))
    return ladder_fail(l, FINDING_BAD_ANSWER,
                       "an Allocate success without a valid "
                       "XOR-RELAYED-ADDRESS, XOR-MAPPED-ADDRESS or LIFETIME");
  return true;
}

bool
step_allocate(struct ladder *l, char *detail)
{
  struct check *check = l->check;
  char text[SATURN_ADDRESS_TEXT];
  struct allocation allocation;

  if (!l->allocated
      && !session_request(l->first, false, SATURN_METHOD_ALLOCATE,
                          ladder_put_allocate, NULL))
    return ladder_explain(l, l->first, detail);
  l->allocated = true;
  if (!ladder_read_allocation(l, l->first, &allocation))
    return false;
  check->relayed = allocation.relayed;
  check->mapped = allocation.mapped;
  check->lifetime_s = allocation.lifetime_s;
  snprintf(detail, DETAIL_MAX, "relayed %s for %u s",
           address_text(&check->relayed, text), check->lifetime_s);
  return true;
}
