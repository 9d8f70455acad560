/* SPDX-License-Identifier: MIT
 *
 * value.c - values of attributes as text, by kind; a few have forms of their
 * own.
 */
#include "value.h"

#include "bytes.h"
#include "message.h"
#include "saturn/classic.h"
#include "saturn/dump.h"

static void
write_field(struct saturn_text *t, const char *name, uint64_t value)
{
  saturn_text_string(t, name);
  saturn_text_decimal(t, value);
}

static void
write_prefixed(struct saturn_text *t, uint64_t value, unsigned digits)
{
  saturn_text_string(t, "0x");
  saturn_text_hex(t, value, digits);
}

static void
write_bytes(struct saturn_text *t, struct saturn_bytes value)
{
  saturn_text_string(t, "hex:");
  saturn_text_bytes(t, value.data, value.len);
}

static void
write_change_request(struct saturn_text *t, uint32_t flags)
{
  static const char words[4][8] = { "none", "port", "ip", "ip,port" };

  saturn_text_string(t, words[flags >> 1 & 3]);
}

/* The RFC's figure gives 7 bits to the type and 9 to the code; one sender is
   known that gives 8 to each. No type that may be relayed reads both ways, and
   no code has the ninth bit (T-282). */
static void
write_icmp(struct saturn_text *t, struct saturn_bytes value)
{
  unsigned first = value.data[2], second = value.data[3];
  uint32_t data = load32(value.data + 4);
  bool octets = first % 2 != 0 || (first == 2 && data != 0);

  write_field(t, "type=", octets ? first : first >> 1);
  write_field(t, ",code=", second);
  write_field(t, ",data=", data);
}

static void
write_types(struct saturn_text *t, struct saturn_bytes value, bool decimal)
{
  size_t at;

  for (at = 0; at < value.len; at += 2) {
    if (at > 0)
      saturn_text_char(t, ',');
    if (decimal)
      saturn_text_decimal(t, load16(value.data + at));
    else
      saturn_text_hex(t, load16(value.data + at), 4);
  }
}

/* Write an attribute that has a form of its own; false if it has none. */
static bool
write_special(struct saturn_text *t, uint16_t type, struct saturn_bytes value)
{
  const uint8_t *p = value.data;

  switch (type) {
  case SATURN_ATTR_CHANGE_REQUEST:
    write_change_request(t, load32(p));
    return true;
  case SATURN_ATTR_CHANNEL_NUMBER:
    saturn_text_hex(t, load16(p), 4);
    return true;
  case SATURN_ATTR_EVEN_PORT:
    write_field(t, "reserve=", p[0] >> 7);
    return true;
  case SATURN_ATTR_ICMP:
    write_icmp(t, value);
    return true;
  case SATURN_ATTR_TRANSACTION_TRANSMIT_COUNTER:
    write_field(t, "req=", p[2]);
    write_field(t, ",resp=", p[3]);
    return true;
  case SATURN_ATTR_ECN_CHECK:
    write_field(t, "ecf=", p[3] >> 1 & 3);
    write_field(t, ",v=", p[3] & 1);
    return true;
  case SATURN_ATTR_GOOG_NETWORK_INFO:
    saturn_text_decimal(t, load16(p));
    write_field(t, "/", load16(p + 2));
    return true;
  case SATURN_ATTR_GOOG_MISC_INFO:
    write_types(t, value, true);
    return true;
  case SATURN_ATTR_FINGERPRINT:
    write_prefixed(t, load32(p), 8);
    return true;
  case SATURN_ATTR_ICE_CONTROLLED:
  case SATURN_ATTR_ICE_CONTROLLING:
    write_prefixed(t, load64(p), 16);
    return true;
  default:
    return false;
  }
}

static void
write_address(struct saturn_text *t, const struct saturn_message *m,
              const struct saturn_attribute *attribute)
{
  char text[SATURN_ADDRESS_TEXT];
  struct saturn_address address;

  if (saturn_as_address(m, attribute, &address) != SATURN_OK)
    return;
  saturn_address_print(&address, text, sizeof text);
  saturn_text_string(t, text);
}

static void
write_error(struct saturn_text *t, const struct saturn_attribute *attribute)
{
  struct saturn_bytes value = attribute->value;

  if (attribute->type == SATURN_ATTR_ADDRESS_ERROR_CODE) {
    saturn_text_decimal(t, value.data[0]);
    saturn_text_char(t, ' ');
  }
  saturn_text_decimal(t, error_code(value));
  if (value.len > 4)
    saturn_text_char(t, ' ');
  saturn_text_escaped(t, value.data + 4, value.len - 4);
}

static void
write_algorithms(struct saturn_text *t, struct saturn_bytes list)
{
  struct saturn_algorithm_entry entry;
  size_t at = 0, n = 0;

  while (saturn_next_algorithm(list, &at, &entry)) {
    if (n++ > 0)
      saturn_text_char(t, ',');
    saturn_text_hex(t, entry.algorithm, 4);
    if (entry.parameters.len > 0)
      saturn_text_char(t, '/');
    saturn_text_bytes(t, entry.parameters.data, entry.parameters.len);
  }
}

/* The value fits its format. */
static void
write_kind(struct saturn_text *t, const struct saturn_message *m,
           const struct saturn_attribute *attribute, enum saturn_kind kind)
{
  struct saturn_bytes value = attribute->value;

  switch (kind) {
  case SATURN_KIND_FLAG:
    saturn_text_string(t, "present");
    break;
  case SATURN_KIND_U8:
    saturn_text_decimal(t, value.data[0]);
    break;
  case SATURN_KIND_U16:
    saturn_text_decimal(t, load16(value.data));
    break;
  case SATURN_KIND_U32:
    saturn_text_decimal(t, load32(value.data));
    break;
  case SATURN_KIND_U64:
    saturn_text_decimal(t, load64(value.data));
    break;
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    saturn_text_escaped(t, value.data, value.len);
    break;
  case SATURN_KIND_ADDRESS:
  case SATURN_KIND_XOR_ADDRESS:
    write_address(t, m, attribute);
    break;
  case SATURN_KIND_ERROR:
    write_error(t, attribute);
    break;
  case SATURN_KIND_TYPES:
    write_types(t, value, false);
    break;
  case SATURN_KIND_ALGORITHMS:
    write_algorithms(t, value);
    break;
  case SATURN_KIND_BYTES:
  case SATURN_KIND_MAC:
    write_bytes(t, value);
    break;
  }
}

/* Codes below 300 are classic alone (S-402). The number of an error stays
   usable when its phrase is no UTF-8 (S-146). */
static bool
is_readable(const struct saturn_message *m, const struct saturn_attr_info *info,
            struct saturn_bytes value)
{
  if (info->kind != SATURN_KIND_ERROR)
    return saturn_value_valid(info, value);
  return saturn_value_fits(info, value)
         && (error_code(value) >= 300 || saturn_is_classic(m));
}

void
saturn_write_value(struct saturn_text *t, const struct saturn_message *m,
                   const struct saturn_attribute *attribute)
{
  const struct saturn_attr_info *info = saturn_attr_info(attribute->type);

  if (info == NULL || !is_readable(m, info, attribute->value))
    write_bytes(t, attribute->value);
  else if (!write_special(t, attribute->type, attribute->value))
    write_kind(t, m, attribute, (enum saturn_kind)info->kind);
}

size_t
saturn_print_value(const struct saturn_message *m,
                   const struct saturn_attribute *attribute, char *out,
                   size_t cap)
{
  struct saturn_text t;

  saturn_text_begin(&t, out, cap);
  saturn_write_value(&t, m, attribute);
  return saturn_text_end(&t);
}
