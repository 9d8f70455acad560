/* SPDX-License-Identifier: MIT
 *
 * report.c - what a check found, for people and for programs.
 */
#include <jansson.h>

#include "check.h"
#include "when.h"

static void
print_sum(const struct check *c)
{
  char date[DATE_TEXT], span[SPAN_TEXT];

  if (c->faulty) {
    printf("not valid\n");
    return;
  }
  printf("valid until %s, for %s", date_text(c->expiry_s, date),
         span_text(c->expiry_s - c->settings->now_s, span));
  if (!c->password_checked)
    printf("; password not checked: that needs --secret and the password");
  else if (c->settings->secrets.n > 1)
    printf("; made with secret %zu of %zu", c->guess.secret + 1,
           c->settings->secrets.n);
  putchar('\n');
}

static void
print_text(const struct check *c)
{
  print_sum(c);
  for (size_t i = 0; i < c->n; i++) {
    const struct finding *f = finding(c->found[i].name);

    finding_print_head(f, c->found[i].note ? "note" : NULL);
    finding_print_part("", f->text);
    finding_print_part("seen", c->found[i].seen);
    finding_print_part("fix", f->fix);
    finding_print_part("see", f->reference);
  }
}

static json_t *
findings_json(const struct check *c)
{
  json_t *array = json_array();

  for (size_t i = 0; i < c->n; i++) {
    const struct finding *f = finding(c->found[i].name);

    json_array_append_new(array,
                          json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "finding",
                                    f->id, "note", c->found[i].note, "text",
                                    f->text, "seen", c->found[i].seen, "fix",
                                    f->fix, "reference", f->reference));
  }
  return array;
}

static void
print_json(const struct check *c)
{
  json_t *o = json_object();

  json_object_set_new(o, "ok", json_boolean(!c->faulty));
  json_object_set_new(o, "username", json_string(c->settings->user));
  json_object_set_new(o, "user",
                      json_stringn((const char *)c->user.data, c->user.len));
  json_object_set_new(o, "expires",
                      c->has_expiry ? json_integer((json_int_t)c->expiry_s)
                                    : json_null());
  json_object_set_new(o, "password_checked", json_boolean(c->password_checked));
  json_object_set_new(o, "secret",
                      c->guess.found
                          ? json_integer((json_int_t)c->guess.secret + 1)
                          : json_null());
  json_object_set_new(o, "findings", findings_json(c));
  json_dumpf(o, stdout, JSON_COMPACT);
  putchar('\n');
  json_decref(o);
}

enum exit_code
check_print(const struct check *c)
{
  if (c->settings->json)
    print_json(c);
  else
    print_text(c);
  return c->faulty ? EXIT_FOUND : EXIT_GOOD;
}
