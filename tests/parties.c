/* SPDX-License-Identifier: MIT
 *
 * parties.c - a server and a client that talk in one process.
 */
#include "parties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 128
#define LETTER_MAX 70000

const struct saturn_address here = { SATURN_IPV4, 40000, { 192, 0, 2, 7 } };
const struct saturn_address elsewhere = { SATURN_IPV4,
                                          40001,
                                          { 192, 0, 2, 7 } };

/* A copy of BYTES in a block of their size. */
static struct saturn_bytes
keep(struct saturn_bytes bytes)
{
  static struct copy blocks[BLOCKS];
  static unsigned turn;
  struct copy *copy = &blocks[turn++ % BLOCKS];

  free(copy->block);
  *copy = exact_copy(bytes, 0);
  return copy->bytes;
}

struct saturn_message
sealed(struct saturn_bytes bytes)
{
  struct saturn_message m;

  ck_assert_int_eq(saturn_parse(&m, keep(bytes)), SATURN_OK);
  return m;
}

struct saturn_message
seal(const struct saturn_builder *b)
{
  struct saturn_bytes message;

  ck_assert_int_eq(saturn_finish(b, &message), SATURN_OK);
  return sealed(message);
}

void
begin(struct saturn_builder *b, enum saturn_class cls, uint16_t method)
{
  static uint8_t room[LETTER_MAX];
  static uint32_t number;
  uint8_t tid[SATURN_TID_SIZE] = "tid-----";

  number++;
  memcpy(tid + 8, &number, sizeof number);
  saturn_begin(b, room, sizeof room, cls, method, tid);
}

struct letter {
  uint8_t bytes[LETTER_MAX];
  size_t len;
};

static void
letter_add(struct letter *letter, uint16_t type, struct saturn_bytes value)
{
  size_t at = letter->len, body;

  letter->len += 4 + ((value.len + 3) & ~(size_t)3);
  ck_assert_uint_lt(letter->len, sizeof letter->bytes);
  memset(letter->bytes + at, 0, letter->len - at);
  letter->bytes[at] = (uint8_t)(type >> 8);
  letter->bytes[at + 1] = (uint8_t)type;
  letter->bytes[at + 2] = (uint8_t)(value.len >> 8);
  letter->bytes[at + 3] = (uint8_t)value.len;
  if (value.len > 0)
    memcpy(letter->bytes + at + 4, value.data, value.len);
  body = letter->len - SATURN_HEADER_SIZE;
  letter->bytes[2] = (uint8_t)(body >> 8);
  letter->bytes[3] = (uint8_t)body;
}

static const struct change *
change_of(const struct change *changes, uint16_t type)
{
  for (; changes->type != 0; changes++)
    if (changes->type == type)
      return changes;
  return NULL;
}

struct saturn_message
altered(const struct saturn_message *m, const struct change *changes)
{
  static struct letter letter;
  const struct change *change;
  struct saturn_attribute a;
  size_t at = 0;

  memcpy(letter.bytes, m->raw.data, SATURN_HEADER_SIZE);
  letter.bytes[2] = letter.bytes[3] = 0;
  letter.len = SATURN_HEADER_SIZE;
  while (saturn_next(m, &at, &a)) {
    change = change_of(changes, a.type);
    if (change == NULL)
      letter_add(&letter, a.type, a.value);
    else if (!change->gone)
      letter_add(&letter, a.type, change->value);
  }
  for (change = changes; change->type != 0; change++)
    if (!change->gone && value_of(m, change->type).data == NULL)
      letter_add(&letter, change->type, change->value);
  return sealed(saturn_view(letter.bytes, letter.len));
}

struct saturn_message
with_value(const struct saturn_message *m, uint16_t type,
           struct saturn_bytes value)
{
  const struct change changes[] = { { type, false, value }, { 0 } };

  return altered(m, changes);
}

struct saturn_message
without(const struct saturn_message *m, uint16_t type)
{
  const struct change changes[] = { { type, true, { NULL, 0 } }, { 0 } };

  return altered(m, changes);
}

struct saturn_bytes
value_of(const struct saturn_message *m, uint16_t type)
{
  struct saturn_attribute a;
  size_t at = 0;

  while (saturn_next(m, &at, &a))
    if (a.type == type)
      return a.value;
  return saturn_view(NULL, 0);
}

const char *
names_of(const struct saturn_message *m)
{
  static char texts[4][512];
  static unsigned turn;
  char *text = texts[turn++ % 4];
  const struct saturn_attr_info *info;
  struct saturn_attribute a;
  size_t at = 0, len = 0;

  text[0] = '\0';
  while (saturn_next(m, &at, &a)) {
    info = saturn_attr_info(a.type);
    ck_assert_ptr_nonnull(info);
    len += (size_t)snprintf(text + len, sizeof texts[0] - len, "%s%s",
                            len > 0 ? "," : "", info->name);
    ck_assert_uint_lt(len, sizeof texts[0]);
  }
  return text;
}

unsigned
code_of(const struct saturn_message *m)
{
  struct saturn_failure failure;

  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK)
    return 0;
  return failure.code;
}

bool
verifies(const struct saturn_message *m, enum saturn_mac mac,
         const struct saturn_key *key)
{
  return saturn_check_integrity(m, mac, key, 0) == SATURN_OK;
}

struct saturn_key
key_of(enum saturn_algorithm algorithm, const char *user, const char *realm,
       const char *password)
{
  struct saturn_key key;

  saturn_key_long_term(&key, algorithm, text_of(user), text_of(realm),
                       text_of(password));
  return key;
}

/* Indexed by order, then algorithms, then anonymity: nonce-cookies.tsv. */
static const char *const cookies[3][2][2] = {
  { { "AAAA", "AAAC" }, { "AAAB", "AAAD" } },
  { { "AAAA", "QAAA" }, { "gAAA", "wAAA" } },
  { { "AAAA", "QAAC" }, { "gAAB", "wAAD" } },
};

struct saturn_bytes
nonce_with(bool algorithms, bool anonymity, enum saturn_feature_order order,
           unsigned number)
{
  char text[64];

  snprintf(text, sizeof text, "obMatJos2%s-nonce-%u",
           cookies[order][algorithms][anonymity], number);
  return keep(text_of(text));
}

void
server_start(struct server *server)
{
  memset(server, 0, sizeof *server);
  server->policy.realm = SATURN_TEXT(REALM);
  memset(server->policy.secret[0], 0xA5, SATURN_SECRET_SIZE);
  memset(server->policy.secret[1], 0x5A, SATURN_SECRET_SIZE);
  server->now_s = NOW_S;
}

/* The look-up: is it our user, by name or by hash? */
static bool
knows(const struct saturn_query *query)
{
  uint8_t hash[SATURN_USERHASH_SIZE];

  if (query->userhash == NULL)
    return same_bytes(query->username, SATURN_TEXT(USER));
  saturn_userhash(SATURN_TEXT(USER), SATURN_TEXT(REALM), hash);
  return memcmp(hash, query->userhash, sizeof hash) == 0;
}

static struct saturn_message
accept(const struct server *server, const struct saturn_message *request,
       const struct saturn_key *key)
{
  uint8_t room[512];
  struct saturn_builder b;

  saturn_begin_reply(&b, room, sizeof room, SATURN_SUCCESS, request);
  saturn_put_u32(&b, SATURN_ATTR_LIFETIME, 600);
  saturn_put_protection(&b, &server->query, key);
  return seal(&b);
}

struct saturn_message
server_answer(struct server *server, const struct saturn_message *request,
              const struct saturn_address *from)
{
  struct saturn_query *query = &server->query;
  struct saturn_builder b;
  struct saturn_key key;
  uint8_t room[512];
  bool known;

  if (saturn_auth_begin(&server->policy, request, from, server->now_s, query)
      == SATURN_NEED_KEY) {
    key =
        key_of((enum saturn_algorithm)query->algorithm, USER, REALM, PASSWORD);
    known = knows(query);
    if (saturn_auth_finish(&server->policy, request, known ? &key : NULL,
                           SATURN_WHY_UNKNOWN_USER, query)
        == SATURN_ACCEPT)
      return accept(server, request, &key);
  }
  saturn_begin_reply(&b, room, sizeof room, SATURN_FAILURE, request);
  saturn_put_rejection(&b, &server->policy, query, from, server->now_s, true);
  return seal(&b);
}

struct saturn_message
good_request(const struct server *server, enum saturn_class cls)
{
  static const uint8_t offer[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
  struct saturn_key key = key_of(SATURN_SHA256, USER, REALM, PASSWORD);
  uint16_t choice = SATURN_SHA256;
  uint8_t nonce[SATURN_NONCE_SIZE];
  struct saturn_builder b;

  begin(&b, cls, SATURN_METHOD_ALLOCATE);
  saturn_nonce_mint(&server->policy, &here, server->now_s, nonce);
  saturn_put_bytes(&b, SATURN_ATTR_USERNAME, SATURN_TEXT(USER));
  saturn_put_bytes(&b, SATURN_ATTR_REALM, SATURN_TEXT(REALM));
  saturn_put_bytes(&b, SATURN_ATTR_NONCE, saturn_view(nonce, sizeof nonce));
  saturn_put_bytes(&b, SATURN_ATTR_PASSWORD_ALGORITHMS,
                   saturn_view(offer, sizeof offer));
  saturn_put_algorithms(&b, SATURN_ATTR_PASSWORD_ALGORITHM, &choice, 1);
  saturn_put_integrity(&b, SATURN_HMAC_SHA256, &key);
  return seal(&b);
}

void
expect_judged(const struct server *server, enum saturn_verdict verdict,
              enum saturn_why why, const char *row)
{
  ck_assert_msg(server->query.verdict == verdict && server->query.why == why,
                "%s: verdict %d, not %d; \"%s\", not \"%s\"", row,
                server->query.verdict, verdict,
                saturn_why_text((enum saturn_why)server->query.why),
                saturn_why_text(why));
}

void
client_start(struct client *client)
{
  memset(client, 0, sizeof *client);
  client->login.username = SATURN_TEXT(USER);
  client->login.password = SATURN_TEXT(PASSWORD);
}

struct saturn_message
client_request(struct client *client)
{
  struct saturn_builder b;

  begin(&b, SATURN_REQUEST, SATURN_METHOD_ALLOCATE);
  saturn_put_u8(&b, SATURN_ATTR_REQUESTED_TRANSPORT, 17);
  saturn_put_login(&b, &client->login, &client->attempt);
  return seal(&b);
}

enum saturn_answer
client_take(struct client *client, const struct saturn_message *answer)
{
  return saturn_login_answer(&client->login, &client->attempt, answer);
}

const char *
answer_name(enum saturn_answer answer)
{
  static const char *const names[] = {
    "accepted",   "retry",          "redirected",   "later",
    "refused",    "unprotected",    "discarded",    "denied",
    "stale loop", "downgraded",     "no algorithm", "bad challenge",
    "violated",   "not understood",
  };

  return names[answer];
}
