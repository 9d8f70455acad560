/* SPDX-License-Identifier: MIT
 *
 * encode.c - requests of the clients, right or wrong as a script wants them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "script.h"

/* How a request is signed. */
struct style {
  bool noauth, fingerprint, bad_fingerprint, bad_integrity, pad_ones;
  bool both_macs; /* a right MESSAGE-INTEGRITY, a wrong one of SHA-256 */
  bool userhash;
  const char *user, *realm, *password, *nonce;
  const char *absent; /* attributes that are left out */
  const char *algorithms, *algorithm;
  enum saturn_mac mac;
  struct saturn_bytes tid;
};

struct method_name {
  const char *name;
  uint16_t method;
  enum saturn_class cls;
};

static const struct method_name methods[] = {
  { "Binding", SATURN_METHOD_BINDING, SATURN_REQUEST },
  { "Allocate", SATURN_METHOD_ALLOCATE, SATURN_REQUEST },
  { "Refresh", SATURN_METHOD_REFRESH, SATURN_REQUEST },
  { "CreatePermission", SATURN_METHOD_CREATE_PERMISSION, SATURN_REQUEST },
  { "ChannelBind", SATURN_METHOD_CHANNEL_BIND, SATURN_REQUEST },
  { "Connect", SATURN_METHOD_CONNECT, SATURN_REQUEST },
  { "ConnectionBind", SATURN_METHOD_CONNECTION_BIND, SATURN_REQUEST },
  { "Send", SATURN_METHOD_SEND, SATURN_INDICATION },
};

/* A value of any length, which the builder takes for unlisted types only. */
static void
put_raw(struct saturn_builder *b, uint16_t type, struct saturn_bytes value)
{
  uint8_t *p = saturn_put_space(b, 0x7FF0, value.len);

  ck_assert_ptr_nonnull(p);
  if (value.len > 0)
    memcpy(p, value.data, value.len);
  store16(p - 4, type);
}

static void
put_number(struct saturn_builder *b, uint16_t type, const char *text)
{
  const struct saturn_attr_info *info = saturn_attr_info(type);
  unsigned long value = strtoul(text, NULL, 0);
  uint8_t bytes[4] = { 0 };

  if (info->kind == SATURN_KIND_U32)
    store32(bytes, (uint32_t)value);
  else if (info->kind == SATURN_KIND_U16)
    store16(bytes, (uint16_t)value);
  else
    bytes[0] = (uint8_t)value;
  if (type == SATURN_ATTR_EVEN_PORT)
    bytes[0] = (uint8_t)(value << 7);
  put_raw(b, type, saturn_view(bytes, info->min));
}

/* So many times XOR-PEER-ADDRESS, all of them P1. */
static void
put_many(struct script *s, struct saturn_builder *b, unsigned long n)
{
  struct saturn_address peer = script_address(s, "P1");

  for (; n > 0; n--)
    saturn_put_address(b, SATURN_ATTR_XOR_PEER_ADDRESS, &peer);
}

/* NAME=value in the format of the type, NAME:hex or NAME alone. */
static void
put_word(struct script *s, struct saturn_builder *b, const char *word)
{
  size_t len = strcspn(word, "=:");
  struct saturn_address peer;
  uint16_t type;

  if (strncmp(word, "many=", 5) == 0) {
    put_many(s, b, strtoul(word + 5, NULL, 10));
    return;
  }
  type = script_type(s, word, len);

  if (word[len] == ':') {
    put_raw(b, type, script_bytes(s, word + len + 1));
  } else if (word[len] == '\0') {
    put_raw(b, type, saturn_view(NULL, 0));
  } else if (type == SATURN_ATTR_XOR_PEER_ADDRESS) {
    peer = script_address(s, word + len + 1);
    saturn_put_address(b, type, &peer);
  } else if (type == SATURN_ATTR_RESERVATION_TOKEN
             || type == SATURN_ATTR_MOBILITY_TICKET
             || type == SATURN_ATTR_DATA) {
    put_raw(b, type, script_bytes(s, word + len + 1));
  } else {
    put_number(b, type, word + len + 1);
  }
}

static bool
set_flag(struct style *style, const char *word)
{
  bool *flag = strcmp(word, "noauth") == 0     ? &style->noauth
               : strcmp(word, "FP") == 0       ? &style->fingerprint
               : strcmp(word, "badfp") == 0    ? &style->bad_fingerprint
               : strcmp(word, "badmi") == 0    ? &style->bad_integrity
               : strcmp(word, "both") == 0     ? &style->both_macs
               : strcmp(word, "userhash") == 0 ? &style->userhash
               : strcmp(word, "padding") == 0  ? &style->pad_ones
                                               : NULL;

  if (flag == NULL)
    return false;
  *flag = true;
  return true;
}

static const char *
long_name(size_t len)
{
  static char name[800];

  ck_assert_uint_lt(len, sizeof name);
  memset(name, 'n', len);
  name[len] = '\0';
  return name;
}

static bool
set_style(struct script *s, struct style *style, const char *word)
{
  const char *rest;

  if (set_flag(style, word) || strcmp(word, "once") == 0
      || script_starts(word, "after:", &rest))
    return true;
  if (strcmp(word, "sha256") == 0)
    style->mac = SATURN_HMAC_SHA256;
  else if (script_starts(word, "user=*", &rest))
    style->user = long_name(strtoul(rest, NULL, 10));
  else if (script_starts(word, "user=", &rest))
    style->user = rest;
  else if (script_starts(word, "realm=", &rest))
    style->realm = rest;
  else if (script_starts(word, "password=", &rest))
    style->password = rest;
  else if (script_starts(word, "nonce=", &rest))
    style->nonce = rest;
  else if (script_starts(word, "without=", &rest))
    style->absent = rest;
  else if (script_starts(word, "algorithms=", &rest))
    style->algorithms = rest;
  else if (script_starts(word, "algorithm=", &rest))
    style->algorithm = rest;
  else if (script_starts(word, "tid=", &rest))
    style->tid = script_bytes(s, rest);
  else
    return false;
  return true;
}

static bool
is_absent(const struct style *style, const char *name)
{
  return style->absent != NULL && strstr(style->absent, name) != NULL;
}

static struct saturn_bytes
of_challenge(const struct endpoint *client, uint16_t type)
{
  struct saturn_bytes value = { NULL, 0 };

  if (client->challenge.method != 0)
    saturn_get_bytes(&client->challenge, type, &value);
  return value;
}

static void
put_user(struct saturn_builder *b, const struct style *style, const char *realm)
{
  uint8_t hash[SATURN_USERHASH_SIZE], *p;
  size_t len = strlen(style->user);

  if (style->userhash) {
    saturn_userhash(text_of(style->user), text_of(realm), hash);
    saturn_put_bytes(b, SATURN_ATTR_USERHASH, saturn_view(hash, sizeof hash));
    return;
  }
  p = saturn_put_space(b, 0x7FF0, len);
  memcpy(p, style->user, len);
  store16(p - 4, SATURN_ATTR_USERNAME);
  if (style->pad_ones)
    memset(p + len, 0xFF, padded(len) - len);
}

static void
put_algorithms(struct saturn_builder *b, const struct endpoint *client,
               const struct style *style)
{
  struct saturn_bytes list =
      of_challenge(client, SATURN_ATTR_PASSWORD_ALGORITHMS);

  if (style->algorithms != NULL)
    list = unhex(style->algorithms);
  if (style->mac != SATURN_HMAC_SHA256)
    return;
  if (!is_absent(style, "ALGORITHMS"))
    put_raw(b, SATURN_ATTR_PASSWORD_ALGORITHMS, list);
  put_raw(b, SATURN_ATTR_PASSWORD_ALGORITHM,
          unhex(style->algorithm != NULL ? style->algorithm : "00020000"));
}

/* What a web service that has a secret gives: the server's, or another. */
static const char *
ephemeral_password(const struct script *s, const struct style *style,
                   const char *secret)
{
  static char password[SATURN_EPHEMERAL_PASSWORD_MAX + 1];
  bool same = strcmp(secret, "ephemeral") == 0;

  password[saturn_ephemeral_password(SATURN_HMAC_SHA1,
                                     text_of(same ? s->w.ephemeral[0] : secret),
                                     text_of(style->user), password)] = '\0';
  return password;
}

/* The password of a user of the server; some other one for a stranger. */
static const char *
password_of(struct script *s, const struct style *style)
{
  struct account *user = world_user(&s->w, text_of(style->user));
  const char *secret = style->password;

  if (secret != NULL && s->w.ephemeral[0] != NULL
      && strlen(secret) < SATURN_EPHEMERAL_PASSWORD_MAX / 2)
    return ephemeral_password(s, style, secret);
  if (style->password != NULL)
    return style->password;
  return user == NULL ? "whatever" : user->password;
}

static void
put_login(struct script *s, struct saturn_builder *b,
          const struct endpoint *client, const struct style *style)
{
  struct saturn_bytes realm = of_challenge(client, SATURN_ATTR_REALM);
  struct saturn_bytes nonce = of_challenge(client, SATURN_ATTR_NONCE);
  char text[SATURN_REALM_MAX + 1];

  if (style->realm != NULL)
    realm = text_of(style->realm);
  if (style->nonce != NULL)
    nonce = script_bytes(s, style->nonce);
  snprintf(text, sizeof text, "%.*s", (int)realm.len,
           realm.len > 0 ? (const char *)realm.data : "");
  if (!is_absent(style, "USERNAME"))
    put_user(b, style, text);
  if (!is_absent(style, "REALM"))
    put_raw(b, SATURN_ATTR_REALM, realm);
  if (!is_absent(style, "NONCE"))
    put_raw(b, SATURN_ATTR_NONCE, nonce);
  put_algorithms(b, client, style);
  s->key =
      world_key(style->user, text, password_of(s, style),
                style->mac == SATURN_HMAC_SHA256 ? SATURN_SHA256 : SATURN_MD5);
}

static void
sign(struct script *s, struct saturn_builder *b, const struct style *style)
{
  struct saturn_key wrong = world_key("x", "x", "x", SATURN_MD5);

  if (style->both_macs) {
    saturn_put_integrity(b, SATURN_HMAC_SHA1, &s->key);
    saturn_put_integrity(b, SATURN_HMAC_SHA256, &wrong);
    return;
  }
  saturn_put_integrity(b, style->mac, style->bad_integrity ? &wrong : &s->key);
}

/* Append what the builder refuses, without FINGERPRINT. */
static void
append(struct script *s, struct endpoint *client, const struct words *words,
       int first, int end)
{
  struct saturn_bytes value;
  const char *rest;
  uint8_t *p;

  for (; first < end; first++) {
    if (!script_starts(words->word[first], "after:", &rest))
      continue;
    p = client->request + client->request_len;
    value = script_bytes(s, strchr(rest, ':') + 1);
    store16(p, script_type(s, rest, strcspn(rest, ":")));
    store16(p + 2, (uint16_t)value.len);
    memcpy(p + 4, value.data, value.len);
    memset(p + 4 + value.len, 0, padded(value.len) - value.len);
    client->request_len += 4 + padded(value.len);
    store16(client->request + 2, (uint16_t)(client->request_len - 20));
  }
}

static const struct method_name *
method_of(const struct script *s, const char *name)
{
  size_t i;

  for (i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i].name, name) == 0)
      return &methods[i];
  FAIL_UNLESS(s, false, "no method: %s", name);
  return NULL;
}

static void
begin_request(const struct script *s, struct saturn_builder *b,
              struct endpoint *client, const char *name,
              const struct style *style)
{
  const struct method_name *method = method_of(s, name);
  uint8_t tid[SATURN_TID_SIZE] = "transaction";

  store32(tid, client->tids++);
  store32(tid + 4, (uint32_t)client->tuple.link);
  if (style->tid.len > 0)
    memcpy(tid, style->tid.data, SATURN_TID_SIZE);
  saturn_begin(b, client->request, sizeof client->request, method->cls,
               method->method, tid);
}

void
script_encode(struct script *s, struct endpoint *client,
              const struct words *words, int first, int end)
{
  struct style style = { .user = client->user,
                         .password = client->password,
                         .realm = client->realm };
  struct saturn_builder b;
  struct saturn_bytes message;
  int i;

  for (i = first + 1; i < end; i++)
    set_style(s, &style, words->word[i]);
  begin_request(s, &b, client, words->word[first], &style);
  for (i = first + 1; i < end; i++)
    if (!set_style(s, &style, words->word[i]))
      put_word(s, &b, words->word[i]);
  if (!style.noauth && strcmp(words->word[first], "Send") != 0
      && (client->challenge.method != 0 || style.nonce != NULL)) {
    put_login(s, &b, client, &style);
    sign(s, &b, &style);
  }
  if (style.fingerprint || style.bad_fingerprint)
    saturn_put_fingerprint(&b);
  FAIL_UNLESS(s, saturn_finish(&b, &message) == SATURN_OK, "cannot build");
  client->request_len = message.len;
  client->raw = false;
  if (style.bad_fingerprint)
    client->request[message.len - 1] ^= 1;
  append(s, client, words, first + 1, end);
}

/* A 401 or 438 is followed by another try, unless the row is about it. */
bool
script_again(struct script *s, struct endpoint *client,
             const struct words *words, int first, int end)
{
  const struct sent *last =
      s->w.n_sent == 0 ? NULL : &s->w.outbox[s->w.n_sent - 1];
  struct saturn_failure failure;
  struct saturn_message m;
  bool again = true;
  int i;

  if (last == NULL || last->outcome != TO_CLIENT || last->to != client
      || last->len > sizeof client->challenge_bytes)
    return false;
  if (saturn_parse(&m, saturn_view(last->bytes, last->len)) != SATURN_OK
      || saturn_get_error(&m, SATURN_ATTR_ERROR_CODE, &failure) != SATURN_OK
      || (failure.code != 401 && failure.code != 438))
    return false;
  memcpy(client->challenge_bytes, last->bytes, last->len);
  ck_assert(saturn_parse(&client->challenge,
                         saturn_view(client->challenge_bytes, last->len))
            == SATURN_OK);
  for (i = first; i < end; i++)
    again &= strcmp(words->word[i], "noauth") != 0
             && strcmp(words->word[i], "once") != 0;
  return again;
}
