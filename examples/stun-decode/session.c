/* SPDX-License-Identifier: MIT
 *
 * session.c - who asks whom: requests, their answers, and the challenges
 * between a client and a server.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "connections.h"
#include "escape.h"
#include "nonce_time.h"
#include "program.h"
#include "ways.h"

#define SESSIONS_MAX 16384
#define TRANSACTIONS_MAX 65536

void
series_add(struct series *series, const struct sighting *at)
{
  series->count++;
  if (series->n < SERIES_MAX)
    series->at[series->n++] = *at;
}

static void
forget_session(void *context, void *entry)
{
  struct session *s = entry;

  judge_session(context, s);
  summary_print(context, s);
  free(s->realm.data);
  free(s->user.data);
}

static void
forget_transaction(void *context, void *entry)
{
  struct transaction *t = entry;

  judge_unanswered(context, t);
  free(t->mistake);
  free(t->user.data);
  free(t->realm.data);
}

void
sessions_start(struct decoder *d)
{
  table_init(&d->sessions, FLOW_KEY_SIZE, sizeof(struct session), SESSIONS_MAX,
             forget_session, d);
  table_init(&d->transactions, TRANSACTION_KEY_SIZE, sizeof(struct transaction),
             TRANSACTIONS_MAX, forget_transaction, d);
  ways_start(d);
  connections_start(d);
  origins_start(d);
  redirects_start(d);
  tokens_start(d);
  certificates_start(d);
}

void
sessions_end(struct decoder *d)
{
  table_clear(&d->transactions);
  ways_end(d);
  connections_end(d);
  table_clear(&d->sessions);
  origins_end(d);
  redirects_end(d);
  tokens_end(d);
  certificates_end(d);
}

static struct session *
session_get(struct decoder *d, const struct flow *flow, bool opposite)
{
  uint8_t key[FLOW_KEY_SIZE];
  struct session *s;
  bool made;

  flow_key(flow, opposite, key);
  s = table_get(&d->sessions, key, &made);
  if (made) {
    s->flow = *flow;
    if (opposite) {
      s->flow.src = flow->dst;
      s->flow.dst = flow->src;
    }
  }
  return s;
}

enum channels
session_channels(struct decoder *d, const struct flow *flow)
{
  enum channels channels = CHANNELS_NONE;
  uint8_t key[FLOW_KEY_SIZE];
  const struct session *s;

  for (int opposite = 0; opposite < 2; opposite++) {
    flow_key(flow, opposite != 0, key);
    s = table_find(&d->sessions, key);
    if (s != NULL && s->old_channels)
      return CHANNELS_OLD;
    if (s != NULL && s->turn)
      channels = CHANNELS_CURRENT;
  }
  return channels;
}

void
transaction_key(const struct record *r, bool opposite,
                uint8_t key[TRANSACTION_KEY_SIZE])
{
  flow_key(&r->origin->flow, opposite, key);
  memcpy(key + FLOW_KEY_SIZE, r->message.raw.data + 4, 16);
}

/* Add to WHO what the message itself does not say. -r overrides all. */
static void
complete_identity(const struct decoder *d, const struct session *s,
                  struct identity *who)
{
  const char *given = d->credentials.realm;

  if (given == NULL && !who->has_realm && s != NULL && s->challenged) {
    who->realm = text_view(&s->realm);
    who->has_realm = true;
  }
  if (given == NULL && !who->has_realm)
    given = d->credentials.server_realm;
  if (given != NULL) {
    who->realm = text_of(given);
    who->has_realm = true;
  }
}

/* Verify both integrity attributes; the proof is that of the stronger. */
static struct proof
verify_record(const struct decoder *d, const struct identity *who,
              struct record *r)
{
  struct proof sha1, sha256;

  verify(&d->credentials, &r->message, SATURN_HMAC_SHA1, who, &sha1);
  verify(&d->credentials, &r->message, SATURN_HMAC_SHA256, who, &sha256);
  r->integrity = sha1.check;
  r->integrity_sha256 = sha256.check;
  return sha256.check != CHECK_ABSENT ? sha256 : sha1;
}

static bool
is_ice_check(const struct saturn_message *m)
{
  return m->method == SATURN_METHOD_BINDING
         && (saturn_has(m, SATURN_ATTR_PRIORITY)
             || saturn_has(m, SATURN_ATTR_ICE_CONTROLLED)
             || saturn_has(m, SATURN_ATTR_ICE_CONTROLLING));
}

static enum ask
kind_of(uint16_t method, bool sealed)
{
  if (method == SATURN_METHOD_BINDING)
    return ASK_BINDING;
  return sealed ? ASK_SEALED : ASK_BARE;
}

static void
note_asked(struct decoder *d, struct session *s, const struct record *r,
           bool sealed)
{
  enum ask kind = kind_of(r->message.method, sealed);

  origins_request(d, r);
  series_add(&s->asked, &r->origin->at);
  series_add(&s->vain[kind], &r->origin->at);
}

static void
note_heard(const struct answer *a)
{
  const struct transaction *t = a->transaction;
  struct session *s = a->session;
  enum ask kind;

  s->answered = true;
  s->heard_us = a->record->origin->at.time_us;
  if (t == NULL)
    return;
  if (s->asked.count > 0)
    origins_server(a->decoder, &a->record->origin->flow.src);
  kind = kind_of(t->method, t->authenticated);
  s->kinds_answered |= 1u << kind;
  memset(&s->vain[kind], 0, sizeof s->vain[kind]);
}

static void
take_request(struct decoder *d, struct record *r)
{
  struct session *s = session_get(d, &r->origin->flow, false);
  uint8_t key[TRANSACTION_KEY_SIZE];
  const struct saturn_message *m = &r->message;
  struct transaction *t;
  struct identity who, said;
  struct proof proof;
  bool made;

  identity_read(m, &said);
  who = said;
  complete_identity(d, s, &who);
  proof = verify_record(d, &who, r);
  summary_see(&s->summary, &r->origin->at);
  transaction_key(r, false, key);
  t = table_get(&d->transactions, key, &made);
  t->copies++;
  if (!is_ice_check(m))
    note_asked(d, s, r, proof.check != CHECK_ABSENT);
  if (!made) {
    s->summary.copies++;
    return;
  }
  s->summary.requests++;
  t->at = r->origin->at;
  t->method = m->method;
  t->authenticated = proof.check != CHECK_ABSENT;
  t->proof = proof;
  transaction_fill(t, s, &said, m);
  if (t->has_user && !t->hashed)
    text_set(&s->user, text_view(&t->user));
  if (t->channel > SATURN_CHANNEL_LAST && t->channel < 0x8000)
    s->old_channels = true;
  if (t->authenticated)
    s->waiting = false;
  if (said.has_realm)
    realms_note(&d->realms, said.realm);
  if (t->proof.check != CHECK_VALID && t->authenticated && !is_ice_check(m))
    t->mistake = suspect_search(d, &said, r, &r->origin->flow.dst);
}

static uint64_t
seconds_of(const struct sighting *at)
{
  return at->timed && at->time_us > 0 ? (uint64_t)at->time_us / 1000000 : 0;
}

static void
note_challenge(const struct answer *a)
{
  const struct saturn_message *m = &a->record->message;
  struct session *s = a->session;
  struct saturn_bytes realm, nonce;

  if ((a->code != 401 && a->code != 438)
      || saturn_get_bytes(m, SATURN_ATTR_NONCE, &nonce) != SATURN_OK)
    return;
  s->nonce = bytes_hash(nonce);
  origins_challenge(a, s->nonce);
  s->server_time = nonce_time(nonce, seconds_of(&a->record->origin->at));
  if (saturn_get_bytes(m, SATURN_ATTR_REALM, &realm) == SATURN_OK) {
    realms_note(&a->decoder->realms, realm);
    text_set(&s->realm, realm);
  }
  if (s->realm.data == NULL)
    return;
  s->challenged = true;
  s->challenge = a->record->origin->at;
  s->waiting = a->code == 401 && a->transaction != NULL
               && !a->transaction->authenticated;
}

static void
take_answer(struct decoder *d, struct record *r)
{
  struct answer a = { .decoder = d, .record = r };
  struct saturn_failure failure;
  struct identity who;
  uint8_t key[TRANSACTION_KEY_SIZE];

  transaction_key(r, true, key);
  a.session = session_get(d, &r->origin->flow, true);
  a.transaction = table_find(&d->transactions, key);
  identity_of_answer(a.transaction, &r->message, &who);
  complete_identity(d, a.session, &who);
  a.proof = verify_record(d, &who, r);
  a.who = who;
  note_heard(&a);
  summary_see(&a.session->summary, &r->origin->at);
  if (r->message.cls == SATURN_FAILURE) {
    if (saturn_get_error(&r->message, SATURN_ATTR_ERROR_CODE, &failure)
        != SATURN_OK)
      return;
    a.code = failure.code;
  }
  if (a.transaction == NULL)
    origins_stray(d, r);
  if (a.transaction != NULL && a.transaction->answered)
    return; /* a copy of the answer, or one that comes too late to count */
  if (a.transaction != NULL) {
    a.transaction->answered = true;
    summary_answer(&a.session->summary, &a);
  }
  judge_answer(&a);
  ways_answer(&a);
  note_challenge(&a);
}

static void
take_indication(struct decoder *d, struct record *r)
{
  bool from_server = r->message.method == SATURN_METHOD_DATA;
  struct session *s = NULL;
  struct identity who;

  if (r->message.method != SATURN_METHOD_BINDING)
    s = session_get(d, &r->origin->flow, from_server);
  identity_read(&r->message, &who);
  complete_identity(d, s, &who);
  verify_record(d, &who, r);
  if (r->message.method != SATURN_METHOD_BINDING)
    ways_data(d, r);
  if (r->message.method == SATURN_METHOD_DATA)
    session_peer_unreachable(d, r);
}

static bool
is_turn(const struct saturn_message *m)
{
  return m->method >= SATURN_METHOD_ALLOCATE
         && m->method <= SATURN_METHOD_CONNECTION_ATTEMPT;
}

struct session *
session_of(struct decoder *d, const struct record *r)
{
  const struct saturn_message *m = &r->message;
  bool from_server =
      m->cls == SATURN_SUCCESS || m->cls == SATURN_FAILURE
      || (m->cls == SATURN_INDICATION && m->method == SATURN_METHOD_DATA);

  return session_get(d, &r->origin->flow, from_server);
}

void
session_take(struct decoder *d, struct record *r)
{
  const struct saturn_message *m = &r->message;

  if (is_turn(m))
    session_of(d, r)->turn = true;
  if (r->fingerprint == CHECK_INVALID) {
    struct facts facts = { .method = saturn_method_name(m->method) };

    findings_add(&d->findings, SITUATION_ALTERED, &facts, &r->origin->at, 1);
  }
  if (m->cls == SATURN_REQUEST)
    take_request(d, r);
  else if (m->cls == SATURN_INDICATION)
    take_indication(d, r);
  else
    take_answer(d, r);
}
