/* SPDX-License-Identifier: MIT
 *
 * transactions.c - what is kept of a request until it is answered.
 */
#include <string.h>

#include "escape.h"
#include "program.h"
#include "session.h"

struct saturn_bytes
text_view(const struct text *text)
{
  return saturn_view(text->data, text->len);
}

void
text_set(struct text *text, struct saturn_bytes bytes)
{
  text->data = reallocate(text->data, bytes.len + 1);
  if (bytes.len > 0)
    memcpy(text->data, bytes.data, bytes.len);
  text->len = bytes.len;
}

static void
note_identity(struct transaction *t, const struct session *s,
              const struct identity *who, const struct saturn_message *m)
{
  struct saturn_bytes nonce;

  t->has_user = who->has_user;
  t->hashed = who->hash.len > 0;
  t->has_realm = who->has_realm;
  t->short_term = who->short_term;
  t->algorithm = who->algorithm;
  if (who->has_user)
    text_set(&t->user, t->hashed ? who->hash : who->user);
  if (who->has_realm)
    text_set(&t->realm, who->realm);
  if (saturn_get_bytes(m, SATURN_ATTR_NONCE, &nonce) == SATURN_OK)
    t->nonce = bytes_hash(nonce);
  if (!s->challenged)
    return;
  t->realm_differs =
      who->has_realm
      && bytes_hash(who->realm) != bytes_hash(text_view(&s->realm));
  t->nonce_differs = t->nonce != s->nonce;
}

/* The address in an XOR address attribute (RFC 8489, 14.2). */
static bool
read_xor_address(const struct saturn_message *m, struct saturn_bytes value,
                 struct saturn_address *address)
{
  const uint8_t *pattern = m->raw.data + 4; /* cookie and transaction id */
  bool v6 = value.len == 20;

  if (!v6 && value.len != 8)
    return false;
  memset(address, 0, sizeof *address);
  address->family = v6 ? SATURN_IPV6 : SATURN_IPV4;
  address->port = (uint16_t)((value.data[2] ^ pattern[0]) << 8
                             | (value.data[3] ^ pattern[1]));
  for (size_t i = 0; i < value.len - 4; i++)
    address->ip[i] = value.data[4 + i] ^ pattern[i];
  return true;
}

static void
note_peers(struct transaction *t, const struct saturn_message *m)
{
  struct saturn_attribute peer;

  saturn_get_address(m, SATURN_ATTR_XOR_PEER_ADDRESS, &t->peer);
  for (size_t at = 0;
       saturn_next_of(m, SATURN_ATTR_XOR_PEER_ADDRESS, &at, &peer);) {
    if (t->peers == PEERS_MAX) {
      t->more_peers = true;
      break;
    }
    if (read_xor_address(m, peer.value, &t->peer_list[t->peers]))
      t->peers++;
  }
  if (saturn_get_u16(m, SATURN_ATTR_CHANNEL_NUMBER, &t->channel) != SATURN_OK)
    t->channel = 0;
}

static void
note_uncovered(struct transaction *t, const struct saturn_message *m)
{
  struct saturn_attribute a;
  size_t n = 0;

  for (size_t at = 0; n < UNCOVERED_MAX && saturn_next(m, &at, &a);)
    if (!a.covered && a.type != SATURN_ATTR_FINGERPRINT
        && a.type != SATURN_ATTR_MESSAGE_INTEGRITY
        && a.type != SATURN_ATTR_MESSAGE_INTEGRITY_SHA256)
      t->uncovered[n++] = a.type;
}

void
transaction_fill(struct transaction *t, const struct session *s,
                 const struct identity *who, const struct saturn_message *m)
{
  note_identity(t, s, who, m);
  note_peers(t, m);
  t->reserved = token_read(m, t->token);
  if (t->authenticated)
    note_uncovered(t, m);
}

void
identity_of_answer(const struct transaction *t, const struct saturn_message *m,
                   struct identity *who)
{
  identity_read(m, who);
  if (t == NULL || !t->authenticated)
    return;
  who->has_user = t->has_user;
  who->user = t->hashed ? saturn_view(NULL, 0) : text_view(&t->user);
  who->hash = t->hashed ? text_view(&t->user) : saturn_view(NULL, 0);
  who->has_realm = t->has_realm;
  who->realm = text_view(&t->realm);
  who->algorithm = t->algorithm;
  who->short_term = t->short_term;
}
