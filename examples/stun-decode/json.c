/* SPDX-License-Identifier: MIT
 *
 * json.c - messages and findings as JSON objects, a line each.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "output.h"
#include "program.h"

#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(16))

static json_t *
hex_number(uint16_t number)
{
  return json_sprintf("0x%04x", number);
}

static json_t *
hex_text(const uint8_t *bytes, size_t len)
{
  char text[2 * 16 + 1] = "";

  for (size_t i = 0; i < len && i < 16; i++)
    snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  return json_string(text);
}

static json_t *
address_json(const struct saturn_address *address)
{
  char text[SATURN_ADDRESS_TEXT];

  if (address->family == SATURN_NO_FAMILY)
    return json_null();
  return json_string(address_text(address, text));
}

static json_t *
utf8_json(struct saturn_bytes bytes)
{
  size_t cap = 4 * bytes.len + 1;
  char *text = allocate(cap);
  json_t *value = json_stringn(text, escape_utf8(bytes, text, cap));

  free(text);
  return value;
}

/* Numbers as numbers: what is printed as decimal digits. */
static json_t *
printed_json(const struct saturn_message *m, const struct saturn_attribute *a,
             bool number)
{
  size_t len = saturn_print_value(m, a, NULL, 0);
  char *text = allocate(len + 1);
  json_t *value;

  saturn_print_value(m, a, text, len + 1);
  if (number && len > 0 && len < 11 && strspn(text, "0123456789") == len)
    value = json_integer((json_int_t)strtoull(text, NULL, 10));
  else
    value = json_stringn(text, len);
  free(text);
  return value;
}

/* Passwords are not shown (S-158). */
static json_t *
value_json(const struct saturn_message *m, const struct saturn_attribute *a,
           const struct saturn_attr_info *info)
{
  if (a->type == SATURN_ATTR_PASSWORD)
    return json_string("hidden");
  if (info == NULL)
    return printed_json(m, a, false);
  switch (info->kind) {
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    return utf8_json(a->value);
  case SATURN_KIND_U8:
  case SATURN_KIND_U16:
  case SATURN_KIND_U32:
    return printed_json(m, a, true);
  default:
    return printed_json(m, a, false);
  }
}

static json_t *
attributes_json(const struct saturn_message *m)
{
  json_t *array = json_array(), *object;
  struct saturn_attribute a;

  for (size_t at = 0; saturn_next(m, &at, &a);) {
    const struct saturn_attr_info *info = saturn_attr_info(a.type);

    object = json_object();
    json_object_set_new(object, "type", hex_number(a.type));
    json_object_set_new(object, "name",
                        info == NULL ? json_null() : json_string(info->name));
    json_object_set_new(object, "length",
                        json_integer((json_int_t)a.value.len));
    json_object_set_new(object, "value", value_json(m, &a, info));
    json_object_set_new(object, "covered", json_boolean(a.covered));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *
unknown_json(const struct saturn_message *m)
{
  size_t max = m->raw.len / 4, n;
  uint16_t *types = allocate((max + 1) * sizeof *types);
  json_t *array = json_array();

  n = saturn_unknown(m, NULL, 0, types, max);
  for (size_t i = 0; i < n; i++)
    json_array_append_new(array, hex_number(types[i]));
  free(types);
  return array;
}

static json_t *
error_json(const struct saturn_message *m)
{
  struct saturn_failure failure;
  json_t *object;

  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return json_null();
  object = json_object();
  json_object_set_new(object, "code", json_integer((json_int_t)failure.code));
  json_object_set_new(object, "reason", utf8_json(failure.reason));
  return object;
}

static json_t *
method_json(const struct saturn_message *m)
{
  const char *name = saturn_method_name(m->method);

  return name != NULL ? json_string(name) : json_sprintf("0x%03x", m->method);
}

static void
set_origin(json_t *object, const struct record *r)
{
  const struct origin *o = r->origin;
  uint8_t transport = o->flow.transport;

  json_object_set_new(object, "file", utf8_json(text_of(o->file)));
  json_object_set_new(object, "frame", json_integer((json_int_t)o->at.frame));
  json_object_set_new(object, "index", json_integer((json_int_t)r->index));
  json_object_set_new(object, "time",
                      o->at.timed ? json_real((double)o->at.time_us / 1e6)
                                  : json_null());
  json_object_set_new(
      object, "transport",
      transport == SATURN_NO_TRANSPORT
          ? json_null()
          : json_string(transport == SATURN_TCP ? "tcp" : "udp"));
  json_object_set_new(object, "src", address_json(&o->flow.src));
  json_object_set_new(object, "dst", address_json(&o->flow.dst));
}

static void
set_header(json_t *object, const struct record *r)
{
  static const char *const kinds[] = { "stun", "channel-data", "other" };
  static const char *const classes[] = { "request", "indication", "success",
                                         "error" };
  const struct saturn_message *m = &r->message;
  bool classic = r->has_message && saturn_is_classic(m);
  const char *cls = r->has_message ? classes[m->cls] : NULL;

  json_object_set_new(object, "kind", json_string(kinds[r->kind]));
  json_object_set_new(object, "class",
                      cls == NULL ? json_null() : json_string(cls));
  json_object_set_new(object, "method",
                      r->has_message ? method_json(m) : json_null());
  json_object_set_new(object, "type",
                      r->has_header ? hex_number(r->type) : json_null());
  json_object_set_new(object, "transaction_id",
                      !r->has_message ? json_null()
                      : classic       ? hex_text(m->raw.data + 4, 16)
                                      : hex_text(m->raw.data + 8, 12));
  json_object_set_new(object, "length",
                      r->has_header ? json_integer(r->length) : json_null());
  json_object_set_new(object, "verdict", json_string(verdict_word(r->verdict)));
  json_object_set_new(
      object, "at",
      r->verdict == RECORD_OK ? json_null() : json_integer((json_int_t)r->at));
}

static json_t *
check_json(const struct record *r, enum record_check check)
{
  return r->has_message ? json_string(check_word(check)) : json_null();
}

static void
print_object(json_t *object)
{
  json_dumpf(object, stdout, FLAGS);
  putchar('\n');
  json_decref(object);
}

void
json_record(const struct record *r)
{
  json_t *object = json_object();
  const struct saturn_message *m = &r->message;
  bool has = r->has_message;

  set_origin(object, r);
  set_header(object, r);
  json_object_set_new(object, "unknown", has ? unknown_json(m) : json_null());
  json_object_set_new(object, "attributes",
                      has ? attributes_json(m) : json_null());
  json_object_set_new(object, "fingerprint", check_json(r, r->fingerprint));
  json_object_set_new(object, "integrity", check_json(r, r->integrity));
  json_object_set_new(object, "integrity_sha256",
                      check_json(r, r->integrity_sha256));
  json_object_set_new(object, "error", has ? error_json(m) : json_null());
  print_object(object);
}

void
json_finding(const struct finding_view *f)
{
  json_t *object = json_object(), *frames = json_array();

  for (size_t i = 0; i < f->n; i++)
    json_array_append_new(frames, json_integer((json_int_t)f->frames[i].frame));
  json_object_set_new(object, "finding", json_string(f->id));
  json_object_set_new(object, "text",
                      json_sprintf("%s (%s)", f->text, f->reference));
  json_object_set_new(object, "fix", json_string(f->fix));
  json_object_set_new(object, "frames", frames);
  print_object(object);
}
