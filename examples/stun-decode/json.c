/* SPDX-License-Identifier: MIT
 *
 * json.c - messages and findings as JSON objects, a line each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "pen.h"
#include "program.h"
#include "session.h"

/* Room for most values; what is longer gets memory of its own. */
#define VALUE_TEXT 512

static struct pen pen;

static void
string_or_null(const char *key, const char *text)
{
  pen_key(&pen, key);
  if (text == NULL)
    pen_word(&pen, "null");
  else
    pen_string(&pen, text);
}

static void
number_or_null(const char *key, bool there, uint64_t number)
{
  pen_key(&pen, key);
  if (there)
    pen_number(&pen, number);
  else
    pen_word(&pen, "null");
}

static void
write_type(uint16_t number)
{
  char text[8];

  snprintf(text, sizeof text, "0x%04x", number);
  pen_string(&pen, text);
}

static void
write_address(const char *key, const struct saturn_address *address)
{
  char text[SATURN_ADDRESS_TEXT];

  string_or_null(key, address->family == SATURN_NO_FAMILY
                          ? NULL
                          : address_text(address, text));
}

/* Numbers as numbers: what is printed as decimal digits. */
static void
write_printed(const struct saturn_message *m, const struct saturn_attribute *a,
              bool number)
{
  char room[VALUE_TEXT], *text = room;
  size_t len = saturn_print_value(m, a, room, sizeof room);

  if (len >= sizeof room) {
    text = allocate(len + 1);
    saturn_print_value(m, a, text, len + 1);
  }
  if (number && len > 0 && len < 11 && strspn(text, "0123456789") == len)
    pen_word(&pen, text);
  else
    pen_string(&pen, text);
  if (text != room)
    free(text);
}

/* Passwords are not shown (S-158). */
static void
write_value(const struct saturn_message *m, const struct saturn_attribute *a,
            const struct saturn_attr_info *info)
{
  enum saturn_kind kind =
      info == NULL ? SATURN_KIND_BYTES : (enum saturn_kind)info->kind;

  if (a->type == SATURN_ATTR_PASSWORD)
    pen_string(&pen, "hidden");
  else if (kind == SATURN_KIND_TEXT || kind == SATURN_KIND_PHRASE
           || kind == SATURN_KIND_NAME)
    pen_text(&pen, a->value);
  else
    write_printed(m, a,
                  kind == SATURN_KIND_U8 || kind == SATURN_KIND_U16
                      || kind == SATURN_KIND_U32);
}

static void
write_attributes(const struct saturn_message *m)
{
  struct saturn_attribute a;

  pen_open(&pen, '[');
  for (size_t at = 0; saturn_next(m, &at, &a);) {
    const struct saturn_attr_info *info = saturn_attr_info(a.type);

    pen_open(&pen, '{');
    pen_key(&pen, "type");
    write_type(a.type);
    string_or_null("name", info == NULL ? NULL : info->name);
    number_or_null("length", true, a.value.len);
    pen_key(&pen, "value");
    write_value(m, &a, info);
    pen_key(&pen, "covered");
    pen_word(&pen, a.covered ? "true" : "false");
    pen_close(&pen, '}');
  }
  pen_close(&pen, ']');
}

static void
write_unknown(const struct saturn_message *m)
{
  static uint16_t types[SATURN_MESSAGE_MAX / 4];
  size_t n = saturn_unknown(m, NULL, 0, types, sizeof types / sizeof *types);

  pen_open(&pen, '[');
  for (size_t i = 0; i < n; i++)
    write_type(types[i]);
  pen_close(&pen, ']');
}

static void
write_error(const struct saturn_message *m)
{
  struct saturn_failure failure;

  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK) {
    pen_word(&pen, "null");
    return;
  }
  pen_open(&pen, '{');
  number_or_null("code", true, failure.code);
  pen_key(&pen, "reason");
  pen_text(&pen, failure.reason);
  pen_close(&pen, '}');
}

static void
write_time(const struct sighting *at)
{
  char text[32];

  pen_key(&pen, "time");
  if (at->timed)
    snprintf(text, sizeof text, "%" PRId64 ".%06d", at->time_us / 1000000,
             (int)(at->time_us % 1000000));
  pen_word(&pen, at->timed ? text : "null");
}

static void
write_flow(const struct flow *flow)
{
  string_or_null("transport", flow->transport == SATURN_TCP   ? "tcp"
                              : flow->transport == SATURN_UDP ? "udp"
                                                              : NULL);
  write_address("src", &flow->src);
  write_address("dst", &flow->dst);
}

static void
write_origin(const struct record *r)
{
  const struct origin *o = r->origin;

  string_or_null("file", o->file);
  number_or_null("frame", true, o->at.frame);
  number_or_null("index", true, r->index);
  write_time(&o->at);
  write_flow(&o->flow);
}

static void
write_method(const struct saturn_message *m)
{
  const char *name = saturn_method_name(m->method);
  char number[8];

  snprintf(number, sizeof number, "0x%03x", m->method);
  pen_string(&pen, name != NULL ? name : number);
}

static void
write_id(const struct saturn_message *m)
{
  static const char digits[] = "0123456789abcdef";
  size_t from = saturn_is_classic(m) ? 4 : 8, n = 0;
  char text[2 * SATURN_CLASSIC_TID_SIZE + 1];

  for (size_t i = from; i < SATURN_HEADER_SIZE; i++) {
    text[n++] = digits[m->raw.data[i] >> 4];
    text[n++] = digits[m->raw.data[i] & 15];
  }
  text[n] = '\0';
  pen_string(&pen, text);
}

/* What can be said only of a message that can be read. */
static void
write_part(const char *key, const struct record *r,
           void (*write)(const struct saturn_message *m))
{
  pen_key(&pen, key);
  if (r->has_message)
    write(&r->message);
  else
    pen_word(&pen, "null");
}

static void
write_header(const struct record *r)
{
  static const char *const kinds[] = { "stun", "channel-data", "other" };
  static const char *const classes[] = { "request", "indication", "success",
                                         "error" };
  const struct saturn_message *m = &r->message;

  string_or_null("kind", kinds[r->kind]);
  string_or_null("class", r->has_message ? classes[m->cls] : NULL);
  write_part("method", r, write_method);
  pen_key(&pen, "type");
  if (r->has_header)
    write_type(r->type);
  else
    pen_word(&pen, "null");
  write_part("transaction_id", r, write_id);
  number_or_null("length", r->has_header, r->length);
  string_or_null("verdict", verdict_word(r->verdict));
  number_or_null("at", r->verdict != RECORD_OK, r->at);
}

static void
write_check(const char *key, const struct record *r, enum record_check check)
{
  string_or_null(key, r->has_message ? check_word(check) : NULL);
}

static void
write_body(const struct record *r)
{
  write_part("unknown", r, write_unknown);
  write_part("attributes", r, write_attributes);
  write_check("fingerprint", r, r->fingerprint);
  write_check("integrity", r, r->integrity);
  write_check("integrity_sha256", r, r->integrity_sha256);
  write_part("error", r, write_error);
}

void
json_record(const struct record *r)
{
  pen_open(&pen, '{');
  write_origin(r);
  write_header(r);
  write_body(r);
  pen_close(&pen, '}');
  pen_print(&pen);
}

void
json_finding(const struct finding_view *f)
{
  char text[4096];

  snprintf(text, sizeof text, "%s (%s)", f->text, f->reference);
  pen_open(&pen, '{');
  string_or_null("finding", f->id);
  string_or_null("text", text);
  string_or_null("fix", f->fix);
  pen_key(&pen, "frames");
  pen_open(&pen, '[');
  for (size_t i = 0; i < f->n; i++)
    pen_number(&pen, f->frames[i].frame);
  pen_close(&pen, ']');
  pen_close(&pen, '}');
  pen_print(&pen);
}

static void
write_text(const char *key, const struct text *text)
{
  pen_key(&pen, key);
  if (text->data == NULL)
    pen_word(&pen, "null");
  else
    pen_text(&pen, text_view(text));
}

static void
write_codes(const struct summary *s)
{
  char code[16];

  pen_key(&pen, "errors");
  pen_open(&pen, '{');
  for (size_t i = 0; i < SUMMARY_CODES && s->codes[i].n > 0; i++) {
    snprintf(code, sizeof code, "%u", s->codes[i].code);
    number_or_null(code, true, s->codes[i].n);
  }
  pen_close(&pen, '}');
}

static void
write_traffic(const char *key, const struct summary_traffic *traffic)
{
  pen_key(&pen, key);
  pen_open(&pen, '{');
  number_or_null("messages", true, traffic->messages);
  number_or_null("bytes", true, traffic->bytes);
  pen_close(&pen, '}');
}

/* Microseconds. */
static void
write_rtt(const struct summary *s)
{
  uint64_t sum = (uint64_t)s->sum_us;

  pen_key(&pen, "rtt");
  pen_open(&pen, '{');
  number_or_null("min_us", s->rtts > 0, (uint64_t)s->least_us);
  number_or_null("mean_us", s->rtts > 0, s->rtts > 0 ? sum / s->rtts : 0);
  number_or_null("max_us", s->rtts > 0, (uint64_t)s->most_us);
  pen_close(&pen, '}');
}

void
json_session(const struct session *session)
{
  const struct summary *s = &session->summary;

  pen_open(&pen, '{');
  string_or_null("session", session->turn ? "turn" : "stun");
  number_or_null("first", true, s->first.frame);
  number_or_null("last", true, s->last.frame);
  write_flow(&session->flow);
  write_text("user", &session->user);
  write_text("realm", &session->realm);
  write_address("mapped", &s->mapped);
  write_address("relayed", &s->relayed);
  number_or_null("requests", true, s->requests);
  number_or_null("repeated", true, s->copies);
  number_or_null("answers", true, s->answers);
  write_codes(s);
  write_rtt(s);
  write_traffic("sent", &s->sent);
  write_traffic("received", &s->received);
  pen_close(&pen, '}');
  pen_print(&pen);
}

void
json_end(void)
{
  pen_clear(&pen);
}
