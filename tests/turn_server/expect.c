/* SPDX-License-Identifier: MIT
 *
 * expect.c - what the machine did, against what a script says it must do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "script.h"

/* A message that came, and the words about it. */
struct received {
  struct script *s;
  struct saturn_message m;
  const struct sent *sent;
  const struct endpoint *client;
};

static bool
is_message(const struct sent *sent)
{
  return sent->outcome == TO_CLIENT || sent->outcome == TO_PEER;
}

/* What of the outbox has not been looked at, as text for a report. */
static const char *
show(const struct sent *sent)
{
  static char text[700];

  if (sent == NULL)
    return "nothing";
  snprintf(text, sizeof text, "%s %.600s",
           sent->outcome == TO_PEER ? "to a peer" : sent->to->name,
           hex(saturn_view(sent->bytes, sent->len < 300 ? sent->len : 300)));
  return text;
}

static const struct sent *
next_message(const struct script *s, int *at)
{
  while (*at < s->w.n_sent && !is_message(&s->w.outbox[*at]))
    (*at)++;
  return *at < s->w.n_sent ? &s->w.outbox[(*at)++] : NULL;
}

static struct saturn_bytes
value_of(const struct received *r, uint16_t type)
{
  struct saturn_bytes value = { NULL, 0 };

  FAIL_UNLESS(r->s, saturn_get_bytes(&r->m, type, &value) == SATURN_OK,
              "no attribute %04x: %s", type, show(r->sent));
  return value;
}

/* The address of TYPE; with several, that of FAMILY. */
static struct saturn_address
address_of(const struct received *r, uint16_t type, uint8_t family)
{
  struct saturn_attribute a;
  struct saturn_address address = { 0 };
  size_t at = 0;

  while (saturn_next_of(&r->m, type, &at, &a)) {
    FAIL_UNLESS(r->s, saturn_as_address(&r->m, &a, &address) == SATURN_OK,
                "malformed address: %s", show(r->sent));
    if (family == 0 || address.family == family)
      return address;
  }
  FAIL_UNLESS(r->s, false, "no address %04x: %s", type, show(r->sent));
  return address;
}

/* The value of an attribute as scripts write it. */
static void
print_value(const struct received *r, uint16_t type, char *text, size_t cap)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  struct saturn_bytes value = value_of(r, type);
  struct saturn_failure failure;
  struct saturn_address address;

  switch (info == NULL ? SATURN_KIND_BYTES : info->kind) {
  case SATURN_KIND_XOR_ADDRESS:
  case SATURN_KIND_ADDRESS:
    address = address_of(r, type, 0);
    saturn_address_print(&address, text, cap);
    break;
  case SATURN_KIND_U32:
    snprintf(text, cap, "%u", load32(value.data));
    break;
  case SATURN_KIND_ERROR:
    ck_assert(saturn_get_error(&r->m, type, &failure) == SATURN_OK);
    snprintf(text, cap, "%u/%u", failure.family, failure.code);
    break;
  case SATURN_KIND_TEXT:
  case SATURN_KIND_PHRASE:
  case SATURN_KIND_NAME:
    snprintf(text, cap, "%.*s", (int)value.len, (const char *)value.data);
    break;
  default:
    snprintf(text, cap, "%s", hex(value));
  }
}

static bool
is_value(const struct received *r, uint16_t type, const char *want)
{
  char text[WORD_MAX];
  struct saturn_address address, wanted;

  if (type == SATURN_ATTR_DATA)
    return same_bytes(value_of(r, type), script_bytes(r->s, want));
  if (type == SATURN_ATTR_XOR_PEER_ADDRESS
      || type == SATURN_ATTR_XOR_MAPPED_ADDRESS
      || type == SATURN_ATTR_ALTERNATE_SERVER
      || type == SATURN_ATTR_XOR_RELAYED_ADDRESS) {
    wanted = script_address(r->s, want);
    address = address_of(r, type, 0);
    return saturn_address_equal(&address, &wanted)
           || (wanted.port == 0 && saturn_address_same_ip(&address, &wanted));
  }
  print_value(r, type, text, sizeof text);
  return strcmp(text, want) == 0;
}

static void
check_integrity(const struct received *r, enum saturn_mac mac)
{
  FAIL_UNLESS(r->s,
              saturn_check_integrity(&r->m, mac, &r->s->key, 0) == SATURN_OK,
              "integrity: %s", show(r->sent));
}

/* NAME, NAME=value, NAME>variable */
static void
check_attribute(const struct received *r, const char *word)
{
  size_t len = strcspn(word, "=>");
  uint16_t type = script_type(r->s, word, len);
  char text[WORD_MAX];

  value_of(r, type);
  if (word[len] == '=')
    FAIL_UNLESS(r->s, is_value(r, type, word + len + 1), "%s: %s", word,
                show(r->sent));
  if (word[len] == '>') {
    print_value(r, type, text, sizeof text);
    script_set(r->s, word + len + 1, text);
  }
  if (type == SATURN_ATTR_MESSAGE_INTEGRITY)
    check_integrity(r, SATURN_HMAC_SHA1);
  if (type == SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
    check_integrity(r, SATURN_HMAC_SHA256);
  if (type == SATURN_ATTR_FINGERPRINT)
    FAIL_UNLESS(r->s, saturn_check_fingerprint(&r->m) == SATURN_OK,
                "fingerprint: %s", show(r->sent));
}

/* order=RA,LT,MA: the message starts with these. */
static void
check_order(const struct received *r, const char *names)
{
  struct saturn_attribute a;
  char name[16];
  size_t at = 0;

  while (next_word(&names, ',', name, sizeof name)) {
    FAIL_UNLESS(r->s, saturn_next(&r->m, &at, &a), "too short");
    FAIL_UNLESS(r->s, a.type == script_type(r->s, name, strlen(name)),
                "order, %s: %s", name, show(r->sent));
  }
}

static size_t
count(const struct received *r, uint16_t type)
{
  struct saturn_attribute a;
  size_t at = 0, n = 0;

  while (saturn_next_of(&r->m, type, &at, &a))
    n++;
  return n;
}

/* Words about relayed addresses. */
static bool
check_relayed(const struct received *r, const char *word)
{
  const uint16_t type = SATURN_ATTR_XOR_RELAYED_ADDRESS;
  struct saturn_attribute a;
  struct saturn_address address;
  const char *rest;
  size_t at = 0;

  if (strcmp(word, "RA4") == 0 || strcmp(word, "RA6") == 0) {
    address_of(r, type, word[2] == '4' ? SATURN_IPV4 : SATURN_IPV6);
    return true;
  }
  if (script_starts(word, "port=", &rest)) { /* port=50000 or a range */
    address = address_of(r, type, 0);
    FAIL_UNLESS(
        r->s,
        address.port >= strtoul(rest, NULL, 10)
            && address.port <= strtoul(
                   strchr(rest, '-') ? strchr(rest, '-') + 1 : rest, NULL, 10),
        "%s: %u", word, address.port);
    return true;
  }
  if (strcmp(word, "even") != 0)
    return false;
  while (saturn_next_of(&r->m, type, &at, &a)) {
    ck_assert(saturn_as_address(&r->m, &a, &address) == SATURN_OK);
    FAIL_UNLESS(r->s, address.port % 2 == 0, "odd port %u", address.port);
  }
  return true;
}

static bool
check_size(const struct received *r, const char *word)
{
  const char *rest;

  if (script_starts(word, "len=", &rest))
    FAIL_UNLESS(r->s, r->sent->len == strtoul(rest, NULL, 10), "%s: %zu: %s",
                word, r->sent->len, show(r->sent));
  else if (script_starts(word, "len<=", &rest))
    FAIL_UNLESS(r->s, r->sent->len <= strtoul(rest, NULL, 10), "%s: %zu", word,
                r->sent->len);
  else if (script_starts(word, "size:", &rest)) /* size:MT<=64 */
    FAIL_UNLESS(r->s,
                value_of(r, script_type(r->s, rest, strcspn(rest, "<"))).len
                    <= strtoul(strchr(rest, '=') + 1, NULL, 10),
                "%s", word);
  else if (script_starts(word, "text:", &rest)) /* text:MT, of ASCII */
    FAIL_UNLESS(r->s,
                saturn_text_is_plain(
                    value_of(r, script_type(r->s, rest, strlen(rest)))),
                "%s: %s", word, show(r->sent));
  else if (script_starts(word, "count:", &rest)) /* count:RA=2 */
    FAIL_UNLESS(r->s,
                count(r, script_type(r->s, rest, strcspn(rest, "=")))
                    == strtoul(strchr(rest, '=') + 1, NULL, 10),
                "%s: %s", word, show(r->sent));
  else
    return false;
  return true;
}

static void
check_word(const struct received *r, const char *word)
{
  const char *rest;

  if (word[0] == '!')
    FAIL_UNLESS(
        r->s, !saturn_has(&r->m, script_type(r->s, word + 1, strlen(word + 1))),
        "%s: %s", word, show(r->sent));
  else if (script_starts(word, "order=", &rest))
    check_order(r, rest);
  else if (!check_relayed(r, word) && !check_size(r, word))
    check_attribute(r, word);
}

/* Is the message a "success", an error "nnn", or an indication of this
   name? */
static bool
is_kind(const struct received *r, const char *kind)
{
  struct saturn_failure failure;
  const char *name = saturn_method_name(r->m.method);

  if (strcmp(kind, "success") == 0)
    return r->m.cls == SATURN_SUCCESS;
  if (r->m.cls == SATURN_INDICATION)
    return name != NULL && strcmp(kind, name) == 0;
  return r->m.cls == SATURN_FAILURE
         && saturn_get_error(&r->m, SATURN_ATTR_ERROR_CODE, &failure)
                == SATURN_OK
         && failure.code == strtoul(kind, NULL, 10);
}

/* An answer carries the transaction id of the last request, if that was one
   message. */
static bool
is_answer(const struct received *r)
{
  return r->m.cls == SATURN_INDICATION || r->client->raw
         || memcmp(saturn_tid(&r->m), r->client->request + 8, SATURN_TID_SIZE)
                == 0;
}

static void
expect_channel_data(struct received *r, const struct words *words, int first)
{
  uint16_t number = (uint16_t)strtoul(words->word[first + 1], NULL, 16);
  struct saturn_bytes want = script_bytes(r->s, words->word[first + 2]);
  const struct sent *sent = r->sent;

  FAIL_UNLESS(r->s, sent->len >= 4 && load16(sent->bytes) == number,
              "channel: %s", show(sent));
  FAIL_UNLESS(r->s,
              load16(sent->bytes + 2) == want.len && sent->len >= 4 + want.len
                  && same_bytes(saturn_view(sent->bytes + 4, want.len), want),
              "payload: %s", show(sent));
  if (first + 3 < words->n && words->word[first + 3][0] == 'l')
    FAIL_UNLESS(r->s, check_size(r, words->word[first + 3]), "word");
}

static void
expect_client(struct received *r, const struct words *words, int first, int end)
{
  int i;

  FAIL_UNLESS(r->s,
              r->sent != NULL && r->sent->outcome == TO_CLIENT
                  && r->sent->to == r->client,
              "wanted %s to %s, got %s", words->word[first], r->client->name,
              show(r->sent));
  if (strcmp(words->word[first], "ChannelData") == 0) {
    expect_channel_data(r, words, first);
    return;
  }
  FAIL_UNLESS(r->s,
              saturn_parse(&r->m, saturn_view(r->sent->bytes, r->sent->len))
                  == SATURN_OK,
              "malformed: %s", show(r->sent));
  FAIL_UNLESS(r->s, is_kind(r, words->word[first]), "wanted %s, got %s",
              words->word[first], show(r->sent));
  FAIL_UNLESS(r->s, is_answer(r), "transaction id: %s", show(r->sent));
  for (i = first + 1; i < end; i++)
    check_word(r, words->word[i]);
}

static void
check_ip(const struct script *s, const struct sent *sent, const char *word)
{
  const char *rest;

  if (strcmp(word, "df") == 0)
    FAIL_UNLESS(s, (sent->ip.known & SATURN_IP_DF) && sent->ip.dont_fragment,
                "DF is not set");
  else if (strcmp(word, "!df") == 0)
    FAIL_UNLESS(s, !sent->ip.dont_fragment, "DF is set");
  else if (script_starts(word, "ttl=", &rest))
    FAIL_UNLESS(s, sent->ip.ttl == strtoul(rest, NULL, 10), "%s: %u", word,
                sent->ip.ttl);
  else if (script_starts(word, "dscp=", &rest))
    FAIL_UNLESS(s, sent->ip.dscp == strtoul(rest, NULL, 10), "%s", word);
  else if (script_starts(word, "ecn=", &rest))
    FAIL_UNLESS(s,
                (sent->ip.known & SATURN_IP_ECN)
                    && sent->ip.ecn == strtoul(rest, NULL, 10),
                "%s: %u", word, sent->ip.ecn);
  else
    FAIL_UNLESS(s, false, "no such word: %s", word);
}

static void
expect_peer(struct script *s, const struct sent *sent,
            const struct words *words, int first, int end)
{
  struct saturn_address peer = script_address(s, words->word[first + 1]);
  int i;

  FAIL_UNLESS(s, sent != NULL && sent->outcome == TO_PEER,
              "wanted something to a peer, got %s", show(sent));
  FAIL_UNLESS(s, saturn_address_equal(&sent->peer, &peer), "wrong peer");
  FAIL_UNLESS(s,
              same_bytes(saturn_view(sent->bytes, sent->len),
                         script_bytes(s, words->word[first + 2])),
              "payload: %s", show(sent));
  for (i = first + 3; i < end; i++)
    check_ip(s, sent, words->word[i]);
}

/* "closes 2" and its like: how often something happened. */
static bool
expect_events(struct script *s, const struct words *words, int first)
{
  static const char *const events[] = {
    "",       "",    "opens", "closes", "connects", "splices", "disconnects",
    "starts", "ends"
  };
  unsigned long n = 0;
  int outcome = 2, i;

  while (outcome <= ENDED && strcmp(words->word[first], events[outcome]) != 0)
    outcome++;
  if (outcome > ENDED)
    return false;
  for (i = 0; i < s->w.n_sent; i++)
    n += s->w.outbox[i].outcome == (enum outcome)outcome;
  FAIL_UNLESS(s, n == strtoul(words->word[first + 1], NULL, 10), "%s: %lu",
              words->word[first], n);
  return true;
}

static bool
is_kind_word(const char *word)
{
  return strcmp(word, "success") == 0
         || (strlen(word) == 3 && word[0] >= '3' && word[0] <= '6');
}

static void
expect_item(struct script *s, struct endpoint *client, int *at,
            const struct words *words, int first, int end)
{
  struct received r = { .s = s, .client = client };

  if (strcmp(words->word[first], "none") == 0 || expect_events(s, words, first))
    return;
  r.sent = next_message(s, at);
  if (strcmp(words->word[first], "peer") == 0) {
    expect_peer(s, r.sent, words, first, end);
    return;
  }
  if (!is_kind_word(words->word[first]))
    r.client = world_client(&s->w, words->word[first++]);
  expect_client(&r, words, first, end);
}

void
script_expect(struct script *s, struct endpoint *client,
              const struct words *words, int first, int end)
{
  const struct sent *more;
  int at = 0, i;

  for (i = first; i <= end; i++)
    if (i == end || strcmp(words->word[i], ";") == 0) {
      if (i > first)
        expect_item(s, client, &at, words, first, i);
      first = i + 1;
    }
  more = next_message(s, &at);
  FAIL_UNLESS(s, more == NULL, "not expected: %s", show(more));
}
