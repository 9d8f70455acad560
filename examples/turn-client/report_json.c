/* SPDX-License-Identifier: MIT
 *
 * report_json.c - what came out, as one object on one line.
 */
#include <jansson.h>

#include "audit.h"
#include "report.h"
#include "standard_output.h"

static json_t *
address_json(const struct saturn_address *address)
{
  char text[SATURN_ADDRESS_TEXT];

  if (address->family == SATURN_NO_FAMILY)
    return json_null();
  return json_string(address_text(address, text));
}

/* Times are told to a microsecond; more digits would be noise. */
static json_t *
ms_json(double ms)
{
  return json_real((double)(int64_t)(ms * 1000 + 0.5) / 1000);
}

static json_t *
steps_json(const struct check *check)
{
  json_t *steps = json_array();

  for (size_t i = 0; i < check->n; i++) {
    const struct step *s = &check->steps[i];

    json_array_append_new(
        steps, json_pack("{s:s, s:b, s:o, s:s}", "step", s->name, "ok", s->ok,
                         "ms", ms_json(s->ms), "detail", s->detail));
  }
  return steps;
}

static json_t *
data_json(const struct traffic *t)
{
  if (t->sent == 0)
    return json_null();
  return json_pack("{s:i, s:i, s:i, s:i, s:i}", "sent", (int)t->sent,
                   "returned", (int)t->returned, "lost",
                   (int)(t->sent - t->returned), "altered", (int)t->altered,
                   "bytes", (int)t->len);
}

static json_t *
rtt_json(const struct traffic *t)
{
  if (t->returned == 0)
    return json_null();
  return json_pack("{s:o, s:o, s:o}", "min", ms_json(t->rtt_min_ms), "median",
                   ms_json(t->rtt_median_ms), "max", ms_json(t->rtt_max_ms));
}

json_t *
report_finding_json(const struct verdict *v, const char *seen)
{
  const struct finding *f;

  if (v == NULL)
    return json_null();
  f = finding(v->name);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "finding", f->id,
                   "confidence", v->sure, "text", f->text, "seen", seen,
                   "check", v->check, "fix", f->fix, "reference", f->reference);
}

static json_t *
text_json(const char *text)
{
  return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *
tls_json(const struct check *check)
{
  if (check->tls[0] == '\0' && check->certificate[0] == '\0')
    return json_null();
  return json_pack("{s:o, s:s, s:o, s:b}", "session", text_json(check->tls),
                   "certificate", check->certificate, "alpn",
                   text_json(check->alpn), "verified", check->verified);
}

static json_t *
audit_json(const struct audit *audit)
{
  static const char *const words[] = { "untried", "refused", "accepted",
                                       "undecided" };
  json_t *rows = json_array();
  char text[SATURN_ADDRESS_TEXT];

  for (size_t i = 0; i < audit->n; i++) {
    const struct audit_row *row = &audit->rows[i];

    saturn_address_print_ip(&row->peer, text, sizeof text);
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:i}",
                                          "peer", text, "what", row->what, "as",
                                          row->guise, "hard", (int)row->hard,
                                          "permission", words[row->permission],
                                          "channel", words[row->channel],
                                          "code", (int)row->code));
  }
  return rows;
}

void
report_json(const struct check *check)
{
  json_t *o = json_object();

  json_object_set_new(o, "uri", json_string(check->plan->uri));
  json_object_set_new(o, "transport",
                      json_string(transport_name(
                          (enum saturn_turn_transport)check->plan->transport)));
  json_object_set_new(o, "ok", json_boolean(check->exit == EXIT_GOOD));
  json_object_set_new(o, "server", address_json(&check->server));
  json_object_set_new(o, "mapped", address_json(&check->mapped));
  json_object_set_new(o, "relayed", address_json(&check->relayed));
  json_object_set_new(o, "realm", text_json(check->realm));
  json_object_set_new(o, "software", text_json(check->software));
  json_object_set_new(o, "lifetime", json_integer(check->lifetime_s));
  json_object_set_new(o, "steps", steps_json(check));
  json_object_set_new(o, "data", data_json(&check->traffic));
  json_object_set_new(o, "rtt", rtt_json(&check->traffic));
  json_object_set_new(o, "tls", tls_json(check));
  json_object_set_new(o, "audit",
                      check->audit ? audit_json(check->audit) : json_null());
  json_object_set_new(o, "finding",
                      report_finding_json(check->verdict, check->seen));
  json_object_set_new(o, "told", text_json(check->told));
  json_object_set_new(o, "exit", json_integer(check->exit));
  json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  putchar('\n');
  output_flush();
  json_decref(o);
}
