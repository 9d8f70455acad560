/* SPDX-License-Identifier: MIT
 *
 * status_page.c - the snapshot for people: HTML without a script, that also
 * reads well in a terminal and on a phone (B-20 to B-23).
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "health.h"
#include "program.h"
#include "saturn/registry.h"
#include "saturn/version.h"
#include "status_pages.h"
#include "status_tables.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#8886;--soft:#8881}"
    "body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;padding:1rem;"
    "max-width:75rem}"
    "h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 "
    ".4rem}"
    "p{margin:.3rem 0}"
    "ul.facts{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;list-style:none}"
    "ul.facts li{border:1px solid var(--line);border-radius:.5rem;"
    "padding:.4rem .8rem;background:var(--soft)}"
    "ul.facts b{font-size:1.3rem;display:block}"
    ".active{color:#178a43}.draining{color:#b26a00}.failed{color:#d02424}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
    "var(--line);vertical-align:top;overflow-wrap:break-word}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "@media(max-width:44rem){thead{position:absolute;left:-9999px}"
    "table,tbody,tr,td{display:block}"
    "tr{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0}"
    "td,td.n{border:0;text-align:left;padding:.15rem .6rem}"
    "td::before{content:attr(data-of) \" \";opacity:.65}}";

static void
add_bytes(struct text *t, uint64_t n)
{
  static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
  double value = (double)n;
  int unit = 0;

  while (value >= 1000 && unit < 5) {
    value /= 1000;
    unit++;
  }
  text_add(t, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void
add_span(struct text *t, uint64_t seconds)
{
  if (seconds < 120)
    text_add(t, "%" PRIu64 " s", seconds);
  else if (seconds < 7200)
    text_add(t, "%" PRIu64 " min", seconds / 60);
  else if (seconds < 172800)
    text_add(t, "%" PRIu64 " h", seconds / 3600);
  else
    text_add(t, "%" PRIu64 " days", seconds / 86400);
}

static void
add_fact(struct text *t, uint64_t value, const char *what)
{
  text_add(t, "<li><b>%" PRIu64 "</b> %s</li>\n", value, what);
}

static void
add_head(struct text *t, bool still)
{
  text_add(t,
           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
           "<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, "
           "initial-scale=1\">\n"
           "%s<title>TURN server</title>\n<style>%s</style>\n</head>\n<body>\n",
           still ? "" : "<meta http-equiv=\"refresh\" content=\"5\">\n", style);
}

static void
add_state(struct text *t, const struct snapshot *s, bool still)
{
  const char *state = state_of(s);
  char health[HEALTH_TEXT], when[32];
  time_t started = (time_t)s->started_s, now = time(NULL);
  struct tm utc;

  health_latest(health);
  text_add(t, "<header>\n<h1>TURN server: <span class=\"%s\">%s</span></h1>\n",
           state, state);
  strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime_r(&started, &utc));
  text_add(t, "<p>saturn " SATURN_VERSION ", %u threads, up for ", s->workers);
  add_span(t, (s->taken - s->started) / 1000);
  text_add(t, " since %s UTC. Health: ", when);
  text_add_escaped(t, health);
  strftime(when, sizeof when, "%H:%M:%S", gmtime_r(&now, &utc));
  text_add(t, ".</p>\n<p>As of %s UTC%s</p>\n</header>\n", when,
           still ? ". <a href=\"/\">Keep it up to date</a>"
                 : ", renewed every 5 s. <a href=\"/?still\">Stop that</a>");
}

static void
add_facts(struct text *t, const struct snapshot *s)
{
  uint32_t udp = relays_over(s, false), tcp = relays_over(s, true);

  text_add(t, "<main>\n<ul class=\"facts\">\n");
  add_fact(t, s->clients, "active clients");
  add_fact(t, udp, "relays over UDP");
  add_fact(t, tcp, "relays over TCP");
  add_fact(t, s->total.reservations, "reserved ports");
  add_fact(t, s->max_relays, "relays at most");
  add_fact(t, s->peak_clients, "clients at the peak");
  add_fact(t, s->peak_relays, "relays at the peak");
  add_fact(t, s->total.allocations, "allocations since the start");
  add_fact(t, s->streams, "TCP and TLS connections");
  add_fact(t, s->free_ports, "free relay ports");
  text_add(t, "</ul>\n<p>Relayed: ");
  add_bytes(t, s->total.bytes[SATURN_TO_PEER]);
  text_add(t, " to peers, ");
  add_bytes(t, s->total.bytes[SATURN_TO_CLIENT]);
  text_add(t, " to clients.</p>\n");
}

static void
add_listeners(struct text *t, const struct snapshot *s)
{
  text_add(t,
           "<section>\n<h2>Listening</h2>\n<table>\n<thead><tr>"
           "<th scope=\"col\">transport</th><th scope=\"col\">address</th>"
           "<th scope=\"col\" class=\"n\">port</th></tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < s->n_listeners; i++) {
    const struct snapshot_listener *l = &s->listeners[i];
    char ip[SATURN_ADDRESS_TEXT];

    saturn_address_print_ip(&l->address, ip, sizeof ip);
    text_add(t,
             "<tr><td data-of=\"transport\">%s</td>"
             "<td data-of=\"address\">%s</td>"
             "<td data-of=\"port\" class=\"n\">%u</td></tr>\n",
             transport_names[l->transport & 3], ip, l->address.port);
  }
  text_add(t, "</tbody>\n</table>\n</section>\n");
}

static void
add_relayed(struct text *t, const struct saturn_turn_info *info)
{
  char bound[SATURN_ADDRESS_TEXT], seen[SATURN_ADDRESS_TEXT];
  const char *between = "";

  for (int i = 0; i < 2; i++) {
    const struct saturn_turn_relay_info *r = &info->relays[i];

    if (r->relay == SATURN_NONE)
      continue;
    text_add(t, "%s%s", between, address_text(&r->advertised, seen));
    if (!saturn_address_equal(&r->bound, &r->advertised))
      text_add(t, " (bound to %s)", address_text(&r->bound, bound));
    between = "<br>";
  }
  if (info->tcp)
    text_add(t, " TCP");
}

static void
add_rights(struct text *t, const struct snapshot *s,
           const struct snapshot_allocation *a)
{
  char ip[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < a->n_rights; i++) {
    const struct saturn_turn_right *r = &a->rights[i];

    text_add(t, "%s", i == 0 ? "" : "<br>");
    if (r->channel != 0) {
      text_add(t, "channel 0x%04x to %s", r->channel,
               address_text(&r->peer, ip));
    } else {
      saturn_address_print_ip(&r->peer, ip, sizeof ip);
      text_add(t, "%s", ip);
    }
    text_add(t, ", ");
    add_span(t, r->expires > s->taken ? (r->expires - s->taken) / 1000 : 0);
  }
  if (a->n_rights == 0)
    text_add(t, "none");
}

static void
add_traffic(struct text *t, const struct saturn_turn_info *info, int direction,
            const char *label)
{
  text_add(t, "<td data-of=\"%s\" class=\"n\">", label);
  add_bytes(t, info->bytes[direction]);
  text_add(t, " in %" PRIu64, info->packets[direction]);
  if (info->drops[direction] > 0)
    text_add(t, ", %u dropped", info->drops[direction]);
  text_add(t, "</td>");
}

/* What the client asked, and what was answered or dropped without success. */
static void
add_requests(struct text *t, const struct snapshot_allocation *a)
{
  text_add(t, "<td data-of=\"requests\">");
  for (uint16_t method = 0; method < TALLY_METHODS; method++)
    if (a->tally.requests[method] > 0)
      text_add(t, "%s %u<br>", saturn_method_name(method),
               a->tally.requests[method]);
  for (size_t i = 0; i < TALLY_CODES; i++)
    if (a->tally.errors[i] > 0)
      text_add(t, "refused %u: %u<br>", tally_codes[i], a->tally.errors[i]);
  for (int i = 0; i < SATURN_DROPS; i++)
    if (a->info.reasons[i] > 0)
      text_add(t, "dropped %s: %u<br>", drop_names[i], a->info.reasons[i]);
  text_add(t, "</td>");
}

static void
add_row(struct text *t, const struct snapshot *s,
        const struct snapshot_allocation *a)
{
  const struct saturn_turn_info *info = &a->info;
  saturn_ms end = info->relays[info->relays[0].relay == SATURN_NONE].expires;
  char client[SATURN_ADDRESS_TEXT] = "on its way", user[SAFE_TEXT];

  if (info->client.client.family != SATURN_NO_FAMILY)
    address_text(&info->client.client, client);
  text_add(t,
           "<tr><td data-of=\"allocation\" class=\"n\">%" PRIu64 "</td>"
           "<td data-of=\"client\">%s</td><td data-of=\"over\">%s</td>"
           "<td data-of=\"user\">",
           a->id, client, transport_names[info->client.transport & 3]);
  text_add_escaped(t, text_safe(info->account, user));
  text_add(t, "</td><td data-of=\"relayed\">");
  add_relayed(t, info);
  text_add(t, "</td><td data-of=\"age\" class=\"n\">");
  add_span(t, (s->taken - info->created) / 1000);
  text_add(t, "</td><td data-of=\"expires in\" class=\"n\">");
  add_span(t, end > s->taken ? (end - s->taken) / 1000 : 0);
  text_add(t, "</td>");
  add_traffic(t, info, SATURN_TO_PEER, "to peers");
  add_traffic(t, info, SATURN_TO_CLIENT, "to client");
  add_requests(t, a);
  text_add(t, "<td data-of=\"may talk to\">");
  add_rights(t, s, a);
  text_add(t, "</td></tr>\n");
}

static void
add_relays(struct text *t, const struct snapshot *s)
{
  text_add(t, "<section>\n<h2>Relay usage</h2>\n");
  if (s->n_allocations == 0) {
    text_add(t, "<p>No allocations.</p>\n</section>\n");
    return;
  }
  text_add(t,
           "<table>\n<thead><tr><th scope=\"col\" class=\"n\">id</th>"
           "<th scope=\"col\">client</th><th scope=\"col\">over</th>"
           "<th scope=\"col\">user</th><th scope=\"col\">relayed address</th>"
           "<th scope=\"col\" class=\"n\">age</th>"
           "<th scope=\"col\" class=\"n\">expires in</th>"
           "<th scope=\"col\" class=\"n\">to peers</th>"
           "<th scope=\"col\" class=\"n\">to client</th>"
           "<th scope=\"col\">requests</th>"
           "<th scope=\"col\">may talk to</th></tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < s->n_allocations && i < PAGE_ALLOCATIONS; i++)
    add_row(t, s, &s->allocations[i]);
  text_add(t, "</tbody>\n</table>\n");
  if (s->n_allocations > PAGE_ALLOCATIONS)
    text_add(t,
             "<p>%zu more are in <a href=\"/status.json\">status.json</a>."
             "</p>\n",
             s->n_allocations - PAGE_ALLOCATIONS);
  text_add(t, "</section>\n");
}

static void
add_count(struct text *t, const char *what, const char *why, uint64_t n)
{
  text_add(t,
           "<tr><td data-of=\"what\">%s</td><td data-of=\"why\">%s</td>"
           "<td data-of=\"times\" class=\"n\">%" PRIu64 "</td></tr>\n",
           what, why, n);
}

static void
add_refusals(struct text *t, const struct snapshot *s)
{
  char what[64];

  text_add(t, "<section>\n<h2>Refused and dropped</h2>\n<table>\n<thead><tr>"
              "<th scope=\"col\">what</th><th scope=\"col\">why</th>"
              "<th scope=\"col\" class=\"n\">times</th></tr></thead>\n"
              "<tbody>\n");
  for (size_t i = 0; i < s->refusals.n; i++) {
    const struct refusal *r = &s->refusals.items[i];
    const char *method = saturn_method_name(r->method);

    snprintf(what, sizeof what, "%s, %u", method == NULL ? "request" : method,
             r->code);
    add_count(t, what, r->why, r->n);
  }
  for (int i = 0; i < DROP_KINDS; i++)
    if (drops_of(s, i) > 0)
      add_count(t, "packet dropped", drop_names[i], drops_of(s, i));
  for (int i = 0; i < 4; i++)
    if (s->closed_streams[i] > 0)
      add_count(t, "connection closed", closed_names[i], s->closed_streams[i]);
  if (s->total.rate_limited > 0)
    add_count(t, "request not answered", "too many of one source",
              s->total.rate_limited);
  text_add(t, "</tbody>\n</table>\n</section>\n");
}

void
page_html(struct text *t, const struct snapshot *s, bool still)
{
  add_head(t, still);
  add_state(t, s, still);
  add_facts(t, s);
  add_listeners(t, s);
  add_relays(t, s);
  add_refusals(t, s);
  text_add(t, "</main>\n<footer>\n<p>The same as <a href=\"/status.json\">JSON"
              "</a>, for <a href=\"/metrics\">Prometheus</a>; "
              "<a href=\"/healthz\">is it healthy?</a></p>\n</footer>\n"
              "</body>\n</html>\n");
}
