/* SPDX-License-Identifier: MIT
 *
 * dump.c - messages as text, for people.
 */
#include "saturn/dump.h"

#include <string.h>

#include "message.h"
#include "saturn/classic.h"
#include "value.h"

/* Numbers are written as the RFCs write them: 0x00D. */
static void
write_number(struct saturn_text *t, unsigned value, unsigned digits)
{
  saturn_text_string(t, "0x");
  while (digits-- > 0)
    saturn_text_char(t, "0123456789ABCDEF"[value >> 4 * digits & 15]);
}

static void
write_type(struct saturn_text *t, const struct saturn_message *m)
{
  static const char classes[4][20] = { " Request", " Indication",
                                       " Success Response", " Error Response" };
  const char *name = saturn_method_name(m->method);

  if (name != NULL) {
    saturn_text_string(t, name);
  } else {
    saturn_text_string(t, "Unknown method ");
    write_number(t, m->method, 3);
  }
  saturn_text_string(t, classes[m->cls & 3]);
}

size_t
saturn_print_type(const struct saturn_message *m, char *out, size_t cap)
{
  struct saturn_text t;

  saturn_text_begin(&t, out, cap);
  write_type(&t, m);
  return saturn_text_end(&t);
}

static void
write_header(struct saturn_text *t, const struct saturn_message *m)
{
  write_type(t, m);
  saturn_text_string(t, ", ");
  saturn_text_decimal(t, m->raw.len);
  saturn_text_string(t, " bytes, transaction ");
  if (saturn_is_classic(m))
    saturn_text_bytes(t, m->raw.data + 4, SATURN_CLASSIC_TID_SIZE);
  else
    saturn_text_bytes(t, saturn_tid(m), SATURN_TID_SIZE);
  saturn_text_char(t, '\n');
}

static const char *
name_of(uint16_t type)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);

  if (info != NULL)
    return info->name;
  return type < 0x8000 ? "unknown, required" : "unknown, optional";
}

/* Lengths have five digits at most. */
static void
write_length(struct saturn_text *t, size_t len)
{
  size_t power;

  for (power = 10000; power > 1 && len < power; power /= 10)
    saturn_text_char(t, ' ');
  saturn_text_decimal(t, len);
}

static void
write_attribute(struct saturn_text *t, const struct saturn_message *m,
                const struct saturn_attribute *attribute)
{
  saturn_text_string(t, "  ");
  write_number(t, attribute->type, 4);
  saturn_text_char(t, ' ');
  saturn_text_column(t, name_of(attribute->type), 28);
  write_length(t, attribute->value.len);
  saturn_text_string(t, "  ");
  if (attribute->type == SATURN_ATTR_PASSWORD)
    saturn_text_string(t, "(not shown)");
  else
    saturn_write_value(t, m, attribute);
  if (!attribute->covered)
    saturn_text_string(t, " (ignored)");
  saturn_text_char(t, '\n');
}

size_t
saturn_print(const struct saturn_message *m, char *out, size_t cap)
{
  struct saturn_attribute attribute;
  struct saturn_text t;
  size_t at = 0;

  saturn_text_begin(&t, out, cap);
  write_header(&t, m);
  while (saturn_next(m, &at, &attribute))
    write_attribute(&t, m, &attribute);
  return saturn_text_end(&t);
}

/* What a line shows behind the credentials, in order of appearance. */
static const struct {
  uint16_t type;
  char label[24];
} shown[] = {
  { SATURN_ATTR_MAPPED_ADDRESS, " MAPPED-ADDRESS: " },
  { SATURN_ATTR_CHANNEL_NUMBER, " channel: " },
  { SATURN_ATTR_LIFETIME, " lifetime: " },
  { SATURN_ATTR_DATA, " bytes: " },
  { SATURN_ATTR_XOR_PEER_ADDRESS, " XOR-PEER-ADDRESS: " },
  { SATURN_ATTR_XOR_RELAYED_ADDRESS, " XOR-RELAYED-ADDRESS: " },
  { SATURN_ATTR_XOR_MAPPED_ADDRESS, " XOR-MAPPED-ADDRESS: " },
};

/* Is it covered, and the first of its type where only that counts? */
static bool
is_counted(const struct saturn_message *m,
           const struct saturn_attribute *attribute)
{
  struct saturn_attribute first;

  if (!attribute->covered)
    return false;
  return saturn_attr_info(attribute->type)->repeat == SATURN_ALL
         || (saturn_find(m, attribute->type, &first)
             && first.at == attribute->at);
}

static const char *
label_of(uint16_t type)
{
  size_t i;

  for (i = 0; i < sizeof shown / sizeof *shown; i++)
    if (type == shown[i].type)
      return shown[i].label;
  return NULL;
}

/* All that is shown is in the index of the message, so that a line takes no
   longer than a walk. */
static void
write_shown(struct saturn_text *t, const struct saturn_message *m,
            const struct saturn_attribute *attribute)
{
  const char *label = label_of(attribute->type);

  if (label == NULL || !is_counted(m, attribute))
    return;
  saturn_text_string(t, label);
  if (attribute->type == SATURN_ATTR_DATA) {
    saturn_text_decimal(t, attribute->value.len);
    return;
  }
  if (attribute->type == SATURN_ATTR_CHANNEL_NUMBER
      && attribute->value.len == 4)
    saturn_text_string(t, "0x");
  saturn_write_value(t, m, attribute);
}

static void
write_identity(struct saturn_text *t, const struct saturn_message *m)
{
  struct saturn_attribute attribute;

  if (saturn_find(m, SATURN_ATTR_USERNAME, &attribute)) {
    saturn_text_string(t, " user: ");
    saturn_write_value(t, m, &attribute);
  }
  if (saturn_find(m, SATURN_ATTR_REALM, &attribute)) {
    saturn_text_string(t, " realm: ");
    saturn_write_value(t, m, &attribute);
  }
  if (saturn_has(m, SATURN_ATTR_NONCE))
    saturn_text_string(t, " with nonce");
}

/* The phrase of an error, without the spaces and nulls that some servers fill
   up with. */
static struct saturn_bytes
phrase_of(struct saturn_bytes value)
{
  struct saturn_bytes phrase = saturn_view(value.data + 4, value.len - 4);

  while (phrase.len > 0
         && (phrase.data[phrase.len - 1] == ' '
             || phrase.data[phrase.len - 1] == 0))
    phrase.len--;
  return phrase;
}

static bool
is_same(struct saturn_bytes text, const char *string)
{
  return text.len == strlen(string) && memcmp(text.data, string, text.len) == 0;
}

static void
write_quoted(struct saturn_text *t, const char *open, struct saturn_bytes text,
             char close)
{
  saturn_text_string(t, open);
  saturn_text_escaped(t, text.data, text.len);
  saturn_text_char(t, close);
}

/* The registered phrase, and that of the message where it is another. */
static void
write_reason(struct saturn_text *t, struct saturn_bytes value)
{
  const char *registered = saturn_reason(error_code(value));
  struct saturn_bytes phrase = phrase_of(value);

  saturn_text_decimal(t, error_code(value));
  if (*registered != '\0')
    write_quoted(t, " (", saturn_view(registered, strlen(registered)), ')');
  else if (phrase.len > 0)
    write_quoted(t, " (", phrase, ')');
  if (*registered != '\0' && phrase.len > 0 && !is_same(phrase, registered))
    write_quoted(t, " \"", phrase, '"');
}

static void
write_failure(struct saturn_text *t, const struct saturn_message *m)
{
  struct saturn_attribute attribute;

  if (!saturn_find(m, SATURN_ATTR_ERROR_CODE, &attribute))
    return;
  saturn_text_string(t, " error-code: ");
  if (saturn_value_fits(saturn_attr_info(attribute.type), attribute.value))
    write_reason(t, attribute.value);
  else
    saturn_write_value(t, m, &attribute);
}

size_t
saturn_print_line(const struct saturn_message *m, char *out, size_t cap)
{
  struct saturn_attribute attribute;
  struct saturn_text t;
  size_t at = 0;

  saturn_text_begin(&t, out, cap);
  write_type(&t, m);
  write_identity(&t, m);
  while (saturn_next(m, &at, &attribute))
    write_shown(&t, m, &attribute);
  write_failure(&t, m);
  return saturn_text_end(&t);
}
