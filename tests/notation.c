/* SPDX-License-Identifier: MIT
 *
 * notation.c - messages in the short notation of the conformance checks.
 */
#include "notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Short names of attributes, and how their values are written. */
static const struct short_name {
  const char *name;
  uint16_t type;
  char kind; /* n number, a address, t text, h hexadecimal, f flag, - none */
} names[] = {
  { "RT", SATURN_ATTR_REQUESTED_TRANSPORT, 'n' },
  { "LT", SATURN_ATTR_LIFETIME, 'n' },
  { "PA", SATURN_ATTR_XOR_PEER_ADDRESS, 'a' },
  { "CH", SATURN_ATTR_CHANNEL_NUMBER, 'n' },
  { "DF", SATURN_ATTR_DONT_FRAGMENT, 'f' },
  { "EP", SATURN_ATTR_EVEN_PORT, 'n' },
  { "TOK", SATURN_ATTR_RESERVATION_TOKEN, 'h' },
  { "RAF", SATURN_ATTR_REQUESTED_ADDRESS_FAMILY, 'n' },
  { "AAF", SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY, 'n' },
  { "RA", SATURN_ATTR_XOR_RELAYED_ADDRESS, 'a' },
  { "MA", SATURN_ATTR_XOR_MAPPED_ADDRESS, 'a' },
  { "UA", SATURN_ATTR_UNKNOWN_ATTRIBUTES, 'h' },
  { "AS", SATURN_ATTR_ALTERNATE_SERVER, 'a' },
  { "AD", SATURN_ATTR_ALTERNATE_DOMAIN, 't' },
  { "MT", SATURN_ATTR_MOBILITY_TICKET, 'h' },
  { "CID", SATURN_ATTR_CONNECTION_ID, 'n' },
  { "SW", SATURN_ATTR_SOFTWARE, 't' },
  { "DATA", SATURN_ATTR_DATA, 't' },
  { "ICMP", SATURN_ATTR_ICMP, 'h' },
  { "USERNAME", SATURN_ATTR_USERNAME, '-' },
  { "USERHASH", SATURN_ATTR_USERHASH, '-' },
  { "REALM", SATURN_ATTR_REALM, 't' },
  { "NONCE", SATURN_ATTR_NONCE, 't' },
  { "PAS", SATURN_ATTR_PASSWORD_ALGORITHMS, 'h' },
  { "PALG", SATURN_ATTR_PASSWORD_ALGORITHM, 'h' },
  { "MI", SATURN_ATTR_MESSAGE_INTEGRITY, '-' },
  { "MI256", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256, '-' },
  { "FP", SATURN_ATTR_FINGERPRINT, '-' },
};

static const struct short_name *
by_type(uint16_t type)
{
  int i;

  for (i = 0; i < COUNT(names); i++)
    if (names[i].type == type)
      return &names[i];
  return NULL;
}

static const struct short_name *
by_name(const char *name, size_t len)
{
  int i;

  for (i = 0; i < COUNT(names); i++)
    if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
      return &names[i];
  return NULL;
}

static size_t
read_value(const struct saturn_message *m, const struct saturn_attribute *a,
           char kind, char *text, size_t cap)
{
  struct saturn_address address;
  unsigned long number = 0;
  char printed[SATURN_ADDRESS_TEXT];
  size_t i, n = a->value.len;

  switch (kind) {
  case 'a':
    ck_assert(saturn_as_address(m, a, &address) == SATURN_OK);
    saturn_address_print(&address, printed, sizeof printed);
    return (size_t)snprintf(text, cap, "=%s", printed);
  case 'n':
    /* One byte and reserved ones, two and reserved ones, or four. */
    if (a->type == SATURN_ATTR_CHANNEL_NUMBER)
      n = 2;
    else if (a->type != SATURN_ATTR_LIFETIME
             && a->type != SATURN_ATTR_CONNECTION_ID)
      n = 1;
    for (i = 0; i < n; i++)
      number = number << 8 | a->value.data[i];
    return (size_t)snprintf(
        text, cap, a->type == SATURN_ATTR_CHANNEL_NUMBER ? "=0x%lx" : "=%lu",
        number);
  case 'h':
    return (size_t)snprintf(text, cap, "=%s", hex(a->value));
  case 't':
    return a->type == SATURN_ATTR_DATA
               ? (size_t)snprintf(text, cap, "=%.*s", (int)a->value.len,
                                  (const char *)a->value.data)
               : 0;
  default:
    return 0;
  }
}

static size_t
read_header(const struct saturn_message *m, char *text, size_t cap)
{
  struct saturn_failure failure;

  if (m->cls == SATURN_SUCCESS)
    return (size_t)snprintf(text, cap, "ok");
  if (m->cls == SATURN_FAILURE
      && saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) == SATURN_OK)
    return (size_t)snprintf(text, cap, "%u", failure.code);
  return (size_t)snprintf(text, cap, "%s", saturn_method_name(m->method));
}

void
notation_read(struct saturn_bytes datagram, char *text, size_t cap)
{
  struct saturn_channel_data data;
  struct saturn_attribute a;
  struct saturn_message m;
  size_t at = 0, n;

  if (saturn_channel_parse(&data, datagram) == SATURN_OK) {
    snprintf(text, cap, "ChannelData 0x%x %u", data.channel,
             (unsigned)data.payload.len);
    return;
  }
  ck_assert(saturn_parse(&m, datagram) == SATURN_OK);
  n = read_header(&m, text, cap);
  while (saturn_next(&m, &at, &a)) {
    const struct short_name *s = by_type(a.type);

    if (a.type == SATURN_ATTR_ERROR_CODE)
      continue;
    if (s == NULL) {
      n += (size_t)snprintf(text + n, cap - n, " %04x", a.type);
      continue;
    }
    n += (size_t)snprintf(text + n, cap - n, " %s", s->name);
    n += read_value(&m, &a, s->kind, text + n, cap - n);
  }
}

static void
put_number(struct saturn_builder *b, uint16_t type, const char *value)
{
  unsigned long number = strtoul(value, NULL, 0);

  switch (saturn_attr_info(type)->kind) {
  case SATURN_KIND_U8:
    saturn_put_u8(b, type, (uint8_t)number);
    break;
  case SATURN_KIND_U16:
    saturn_put_u16(b, type, (uint16_t)number);
    break;
  default:
    saturn_put_u32(b, type, (uint32_t)number);
    break;
  }
}

/* The key that protects an answer: of the user in the realm of the request. */
static void
key_for(const struct saturn_message *request, const struct notation_user *user,
        struct saturn_key *key)
{
  struct saturn_bytes realm = SATURN_TEXT(""), choice;
  struct saturn_algorithm_entry entry;
  enum saturn_algorithm algorithm = SATURN_MD5;
  size_t at = 0;

  saturn_get_bytes(request, SATURN_ATTR_REALM, &realm);
  if (saturn_get_bytes(request, SATURN_ATTR_PASSWORD_ALGORITHM, &choice)
          == SATURN_OK
      && saturn_next_algorithm(choice, &at, &entry))
    algorithm = (enum saturn_algorithm)entry.algorithm;
  saturn_key_long_term(key, algorithm, text_of(user->name), realm,
                       text_of(user->password));
}

/* Words that are no attributes: integrity, and mistakes of a server. */
static bool
put_special(struct saturn_builder *b, const char *word,
            const struct saturn_message *request,
            const struct notation_user *user)
{
  struct saturn_key key;

  if (strcmp(word, "FP") == 0) {
    saturn_put_fingerprint(b);
    return true;
  }
  if (strncmp(word, "AEC=", 4) == 0) { /* AEC=2/440 */
    saturn_put_address_error(b, (enum saturn_family)atoi(word + 4),
                             (unsigned)atoi(word + 6));
    return true;
  }
  if (strncmp(word, "X=", 2) == 0) { /* an attribute of any type */
    saturn_put_bytes(b, (uint16_t)strtoul(word + 2, NULL, 16),
                     SATURN_TEXT("abcd"));
    return true;
  }
  if (request == NULL || strncmp(word, "MI", 2) != 0)
    return false;
  key_for(request, user, &key);
  if (strcmp(word, "MIBAD") == 0)
    saturn_key_short_term(&key, SATURN_TEXT("wrong"));
  saturn_put_integrity(
      b, strcmp(word, "MI256") == 0 ? SATURN_HMAC_SHA256 : SATURN_HMAC_SHA1,
      &key);
  return true;
}

static void
put_word(struct saturn_builder *b, const char *word,
         const struct saturn_message *request, const struct notation_user *user)
{
  const char *equals = strchr(word, '=');
  size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
  const char *value = equals == NULL ? "" : equals + 1;
  const struct short_name *s = by_name(word, len);
  struct saturn_address address;

  if (put_special(b, word, request, user))
    return;
  ck_assert_msg(s != NULL, "unknown word: %s", word);
  switch (s->kind) {
  case 'n':
    put_number(b, s->type, value);
    break;
  case 'a':
    ck_assert(saturn_address_parse(&address, text_of(value)) == SATURN_OK);
    saturn_put_address(b, s->type, &address);
    break;
  case 'h':
    saturn_put_bytes(b, s->type, *value == '\0' ? text_of("") : unhex(value));
    break;
  default:
    saturn_put_bytes(b, s->type, text_of(value));
    break;
  }
}

static struct saturn_bytes
put_words(struct saturn_builder *b, const char *words,
          const struct saturn_message *request,
          const struct notation_user *user)
{
  struct saturn_bytes message = { NULL, 0 };
  char word[2048];

  while (next_word(&words, ' ', word, sizeof word))
    put_word(b, word, request, user);
  ck_assert_int_eq(saturn_finish(b, &message), SATURN_OK);
  return message;
}

struct saturn_bytes
notation_answer(const struct saturn_message *request,
                const struct notation_user *user, const char *notation,
                uint8_t *buf, size_t cap)
{
  struct saturn_builder b;
  char word[64];
  unsigned code;

  ck_assert(next_word(&notation, ' ', word, sizeof word));
  code = (unsigned)atoi(word);
  saturn_begin_reply(&b, buf, cap,
                     strcmp(word, "ok") == 0 ? SATURN_SUCCESS : SATURN_FAILURE,
                     request);
  if (code != 0)
    saturn_put_error(&b, code, saturn_view(NULL, 0));
  return put_words(&b, notation, request, user);
}

struct saturn_bytes
notation_indication(const char *notation, uint8_t *buf, size_t cap)
{
  static const uint8_t tid[SATURN_TID_SIZE];
  struct saturn_builder b;
  char word[64];

  ck_assert(next_word(&notation, ' ', word, sizeof word));
  saturn_begin(&b, buf, cap, SATURN_INDICATION,
               strcmp(word, "Data") == 0 ? SATURN_METHOD_DATA
                                         : SATURN_METHOD_CONNECTION_ATTEMPT,
               tid);
  return put_words(&b, notation, NULL, NULL);
}
