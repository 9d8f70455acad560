/* SPDX-License-Identifier: MIT
 *
 * plan.c - what is to be checked: URIs, each over one transport or over all.
 */
#include "plan.h"

#include <string.h>
#include <strings.h>

#include "lookup.h"
#include "program.h"
#include "transport.h"
#include "uri_read.h"

#define PORT 3478

/* What a URI that was mistyped was meant to be; or nothing. */
static void
guess_meant(const char *text, char *out, size_t cap)
{
  const char *colon = strchr(text, ':');
  bool scheme =
      strncasecmp(text, "turn:", 5) == 0 || strncasecmp(text, "turns:", 6) == 0;

  out[0] = '\0';
  if (scheme && strncmp(colon, "://", 3) == 0)
    snprintf(out, cap, "; is %.*s%s meant?", (int)(colon + 1 - text), text,
             colon + 3);
  else if (strncasecmp(text, "stun:", 5) == 0)
    snprintf(out, cap, "; stun-client asks STUN servers");
  else if (!scheme && strstr(text, "//") == NULL)
    snprintf(out, cap, "; is turn:%s meant?", text);
}

/* Refuse early what cannot be checked, so that nothing is done half. */
static void
read_uri(const char *text, struct saturn_uri *uri)
{
  const char *fault = uri_read(text, uri);
  char meant[300];

  if (fault == NULL ? !uri->turn : strncasecmp(text, "turn", 4) != 0)
    fault = "the scheme is not turn: or turns:";
  if (fault == NULL)
    return;
  guess_meant(text, meant, sizeof meant);
  die(EXIT_USAGE, "%s: %s%s", text, fault, meant);
}

/* The transport that a URI asks for: T-654. */
static enum saturn_turn_transport
transport_of(const struct saturn_uri *uri)
{
  if (uri->secure)
    return uri->transport == SATURN_UDP ? SATURN_OVER_DTLS : SATURN_OVER_TLS;
  return uri->transport == SATURN_TCP ? SATURN_OVER_TCP : SATURN_OVER_UDP;
}

static void
fill(struct plan *plan, const char *text, const struct saturn_uri *uri,
     enum saturn_turn_transport transport, const struct settings *settings)
{
  bool secure = transport == SATURN_OVER_TLS || transport == SATURN_OVER_DTLS;

  plan->uri = text;
  plan->transport = (uint8_t)transport;
  plan->port = uri->port;
  plan->is_name = uri->host_type == SATURN_HOST_NAME;
  plan->by_records = !uri->explicit_port && !settings->all_transports
                     && plan->is_name
                     && memchr(uri->host.data, '.', uri->host.len) != NULL;
  if (secure != uri->secure)
    plan->port = secure ? (uint16_t)settings->tls_port : PORT;
  snprintf(plan->host, sizeof plan->host, "%.*s", (int)uri->host.len,
           (const char *)uri->host.data);
  if (settings->all_transports)
    snprintf(plan->label, sizeof plan->label, "%s over %s", text,
             transport_name(transport));
  else
    snprintf(plan->label, sizeof plan->label, "%s", text);
}

struct plan *
plans_make(const struct settings *settings, size_t *n)
{
  static const enum saturn_turn_transport all[] = {
    SATURN_OVER_UDP, SATURN_OVER_TCP, SATURN_OVER_TLS, SATURN_OVER_DTLS
  };
  size_t each = settings->all_transports ? 4 : 1;
  struct plan *plans = allocate((settings->uris.n * each + 1) * sizeof *plans);
  struct saturn_uri uri;

  *n = 0;
  for (size_t i = 0; i < settings->uris.n; i++) {
    read_uri(settings->uris.items[i], &uri);
    for (size_t j = 0; j < each; j++)
      fill(&plans[(*n)++], settings->uris.items[i], &uri,
           each == 1 ? transport_of(&uri) : all[j], settings);
  }
  return plans;
}

/* What the records of the name say; true if that is all there is to say. */
static bool
resolve_by_records(const struct plan *plan, const struct settings *settings,
                   struct saturn_address *addresses, size_t max, size_t *n,
                   char *why)
{
  char how[LOOKUP_TEXT];

  switch (lookup(plan, settings, addresses, max, n, how)) {
  case LOOKUP_FOUND:
    snprintf(why, WHY_MAX, "%s", how);
    return true;
  case LOOKUP_NONE:
    snprintf(why, WHY_MAX, "%.190s: %s", plan->host, how);
    return true;
  case LOOKUP_NOTHING:
    break;
  }
  /* With a name server of the user's choice there is nobody else to ask. */
  *why = '\0';
  return settings->nameserver.family != SATURN_NO_FAMILY;
}

static bool
resolve_host(const struct plan *plan, const struct settings *settings,
             struct saturn_address *addresses, size_t max, size_t *n, char *why)
{
  static const char *const none[] = {
    [SATURN_NO_FAMILY] = "no address",
    [SATURN_IPV4] = "no IPv4 address (-4)",
    [SATURN_IPV6] = "no IPv6 address (-6)",
  };
  int error;

  *why = '\0';
  error = udp_resolve(text_of(plan->host), plan->port, settings->family,
                      addresses, max, n);
  if (error == 0 && *n > 0)
    return true;
  snprintf(why, WHY_MAX, "%s: %s%s%s", plan->host, none[settings->family],
           error != 0 ? ": " : "", error != 0 ? uv_strerror(error) : "");
  return false;
}

bool
plan_resolve(const struct plan *plan, struct events *events,
             const struct settings *settings, struct saturn_address *addresses,
             size_t max, size_t *n, char *why)
{
  bool records =
      plan->by_records
      || (settings->nameserver.family != SATURN_NO_FAMILY && plan->is_name);
  bool found;

  events_let_go(events);
  if (records && resolve_by_records(plan, settings, addresses, max, n, why))
    found = *n > 0;
  else
    found = resolve_host(plan, settings, addresses, max, n, why);
  events_catch(events);
  return found;
}
