/* SPDX-License-Identifier: MIT
 *
 * events.c - what becomes of requests, for the log: the true reason, which the
 * wire does not tell (B-40).
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "health.h"
#include "log.h"
#include "program.h"
#include "saturn/stream.h"
#include "worker.h"

const char *
event_user(const struct worker *w, char out[LOG_TEXT])
{
  if (w->query == NULL || w->terms->config.anonymous)
    return "-";
  if (w->input != NULL && health_is_user(w->input, w->query->username))
    return "(health check)";
  return log_text(w->user != NULL ? w->user->name : w->query->username, out);
}

static void
print_expiry(uint64_t expiry_s, char *out, size_t cap)
{
  time_t when = (time_t)expiry_s;
  struct tm utc;

  if (gmtime_r(&when, &utc) == NULL
      || strftime(out, cap, " at %Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    snprintf(out, cap, " at %" PRIu64, expiry_s);
}

static void
log_challenge(struct worker *w, const struct saturn_turn_action *action)
{
  const char *why = saturn_why_text((enum saturn_why)action->why);
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT],
      more[LOG_TEXT + 1] = "", what[2 * LOG_TEXT];
  struct saturn_message m;
  struct saturn_bytes realm;

  address_text(&action->client.client, client);
  if (action->why == SATURN_WHY_NO_INTEGRITY) {
    log_event(LOG_DETAIL, "TURN-CHALLENGE", "%s from %s: challenged",
              saturn_method_name(action->method), client);
    return;
  }
  if (action->why == SATURN_WHY_EXPIRED && w->user != NULL)
    print_expiry(w->user->expiry_s, more, sizeof more);
  if (action->why == SATURN_WHY_WRONG_REALM && w->input != NULL
      && saturn_parse(&m, w->input->datagram) == SATURN_OK
      && saturn_get_bytes(&m, SATURN_ATTR_REALM, &realm) == SATURN_OK) {
    char text[LOG_TEXT];

    snprintf(more, sizeof more, " %s", log_text(realm, text));
  }
  snprintf(what, sizeof what, "%s %s", event_user(w, user), why);
  log_repeated(action->code == 438 ? LOG_INFO : LOG_WARNING, "TURN-AUTH-FAIL",
               &action->client.client, what,
               "unauthorized - check credentials: user %s from %s (%s%s)", user,
               client, why, more);
}

static bool
has(const struct worker *w, uint16_t type)
{
  struct saturn_message m;

  return w->input != NULL && saturn_parse(&m, w->input->datagram) == SATURN_OK
         && saturn_has(&m, type);
}

static const char *
why_508(const struct worker *w)
{
  if (has(w, SATURN_ATTR_RESERVATION_TOKEN))
    return "unknown RESERVATION-TOKEN, or that of another user";
  if (saturn_turn_server_counters(w->machine)->relays >= w->n_relays
      || ledger_total_elsewhere(w->index)
                 + saturn_turn_server_counters(w->machine)->relays
             >= w->terms->total_quota)
    return "total-quota";
  return "no free port";
}

static const char *
why_allocate(const struct worker *w, unsigned code)
{
  switch (code) {
  case 403:
    if (atomic_load(&server.draining))
      return "draining";
    return w->terms->config.no_udp_relays ? "no-udp-relay"
                                          : "client behind Teredo or 6to4";
  case 437:
    return "the 5-tuple has an allocation";
  case 440:
    return "no relay address of that family";
  case 442:
    return "transport of REQUESTED-TRANSPORT is not served";
  case 486:
    return "user-quota";
  case 508:
    return why_508(w);
  default:
    return NULL;
  }
}

/* Is it a channel that RFC 5766 had, and RFC 8656 has not? */
static bool
is_legacy_channel(const struct worker *w)
{
  struct saturn_message m;
  uint16_t number;

  return w->input != NULL && saturn_parse(&m, w->input->datagram) == SATURN_OK
         && saturn_get_u16(&m, SATURN_ATTR_CHANNEL_NUMBER, &number) == SATURN_OK
         && number > SATURN_CHANNEL_LAST && number <= 0x7ffe;
}

static const char *
why_text(const struct worker *w, const struct saturn_turn_action *action)
{
  const char *why = action->method == SATURN_METHOD_ALLOCATE
                        ? why_allocate(w, action->code)
                        : NULL;

  if (why != NULL)
    return why;
  if (action->code == 400 && action->method == SATURN_METHOD_CHANNEL_BIND
      && !w->terms->config.legacy_channels && is_legacy_channel(w))
    return "channel of RFC 5766 above 0x4FFF: see legacy-channels";
  switch (action->code) {
  case 300:
    return "sent to another server";
  case 400:
    return "an attribute is missing, malformed, or does not go with another";
  case 403:
    return "forbidden on this allocation";
  case 405:
    return "mobility";
  case 420:
    return "unknown attribute";
  case 437:
    return "no allocation";
  case 441:
    return "not the owner of the allocation";
  case 443:
    return "no relay of the family of the peer";
  case 446:
    return "there is a connection to that peer";
  case 447:
    return "the peer cannot be connected to";
  case 508:
    return "no more permissions, channels or connections";
  default:
    return "refused";
  }
}

static void
log_peer(struct worker *w, const struct saturn_turn_action *action)
{
  char ip[SATURN_ADDRESS_TEXT];
  uint64_t id =
      action->allocation == SATURN_NONE ? 0 : w->ids[action->allocation];

  saturn_address_print_ip(&action->address, ip, sizeof ip);
  log_repeated(
      LOG_WARNING, "TURN-PERM-REFUSED", &action->address, "",
      "peer %s refused for allocation %" PRIu64 " (%s%s%s)", ip, id,
      saturn_peer_rule_text((enum saturn_peer_rule)action->ruling.rule),
      action->ruling.form == SATURN_FORM_LITERAL ? "" : ", ",
      action->ruling.form == SATURN_FORM_LITERAL
          ? ""
          : saturn_peer_form_text((enum saturn_peer_form)action->ruling.form));
}

static void
log_allocate(struct worker *w, const struct saturn_turn_action *action)
{
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT];
  const char *why = why_text(w, action);

  address_text(&action->client.client, client);
  log_repeated(LOG_WARNING, "TURN-ALLOC-REFUSED", &action->client.client, why,
               "allocate from %s user %s: refused %u (%s)", client,
               event_user(w, user), action->code, why);
  if (action->code == 486)
    log_repeated(LOG_WARNING, "TURN-QUOTA", NULL, user,
                 "user %s: %u relays, limit %u", user,
                 w->user == NULL ? 0 : ledger_of(w->user->account),
                 w->terms->user_quota);
  if (action->code == 508 && strcmp(why, "total-quota") == 0)
    log_repeated(LOG_ERROR, "TURN-FULL", NULL, "",
                 "relay limit %u reached; refusing", w->terms->total_quota);
}

static void
log_redirect(struct worker *w, const struct saturn_turn_action *action)
{
  char client[SATURN_ADDRESS_TEXT], to[SATURN_ADDRESS_TEXT] = "another server";
  struct saturn_address alternate;
  struct saturn_message m;

  if (saturn_parse(&m, action->message) == SATURN_OK
      && saturn_get_address(&m, SATURN_ATTR_ALTERNATE_SERVER, &alternate)
             == SATURN_OK)
    address_text(&alternate, to);
  log_repeated(LOG_INFO, "TURN-REDIRECT", &action->client.client, to,
               "allocate from %s: sent to %s",
               address_text(&action->client.client, client), to);
  if (!atomic_load(&server.draining))
    log_repeated(LOG_ERROR, "TURN-FULL", NULL, to,
                 "relay limit %u reached; redirected to %s",
                 w->terms->total_quota, to);
}

static bool
is_about_peer(const struct saturn_turn_action *action)
{
  return action->code == 403 && action->address.family != SATURN_NO_FAMILY;
}

/* A challenge and a redirection are no refusals. */
static void
count_refusal(struct worker *w, const struct saturn_turn_action *action)
{
  const char *why = why_text(w, action);

  if (action->why == SATURN_WHY_NO_INTEGRITY || action->code == 300)
    return;
  if (action->why != SATURN_WHY_NOTHING)
    why = saturn_why_text((enum saturn_why)action->why);
  else if (is_about_peer(action))
    why = saturn_peer_rule_text((enum saturn_peer_rule)action->ruling.rule);
  refusals_add(&w->refusals, action->method, action->code, why, 1);
}

void
event_sent(struct worker *w, const struct saturn_turn_action *action)
{
  char client[SATURN_ADDRESS_TEXT], user[LOG_TEXT];

  if (action->allocation != SATURN_NONE)
    tally_add(&w->tallies[action->allocation], action->method, action->code);
  if (action->code == 0)
    return;
  count_refusal(w, action);
  if (action->why != SATURN_WHY_NOTHING) {
    log_challenge(w, action);
  } else if (is_about_peer(action)) {
    log_peer(w, action);
  } else if (action->code == 300) {
    log_redirect(w, action);
  } else if (action->method == SATURN_METHOD_ALLOCATE) {
    log_allocate(w, action);
  } else {
    log_repeated(LOG_INFO, "TURN-REFUSED", &action->client.client,
                 why_text(w, action), "%s from %s user %s: refused %u (%s)",
                 saturn_method_name(action->method),
                 address_text(&action->client.client, client),
                 event_user(w, user), action->code, why_text(w, action));
  }
}
