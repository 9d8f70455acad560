/* SPDX-License-Identifier: MIT
 *
 * turn_client_answer.c - what comes to the TURN client, and the answers to its
 * requests.
 */
#include "bytes.h"
#include "message.h"
#include "turn_client.h"

/* A required attribute that counts and breaks its format: T-009. Texts need
   not be UTF-8. */
static bool
is_malformed(const struct saturn_message *m)
{
  struct saturn_failure failure;
  struct saturn_attribute a;
  size_t at = 0;

  if (saturn_get_error(m, SATURN_ATTR_ERROR_CODE, &failure) == SATURN_E_VALUE)
    return true;
  while (saturn_next(m, &at, &a)) {
    const struct saturn_attr_info *info = saturn_attr_info(a.type);

    if (a.covered && a.type < 0x8000 && info != NULL
        && !saturn_value_fits(info, a.value))
      return true;
  }
  return false;
}

static struct request *
request_of(struct saturn_turn_client *c, const struct saturn_message *m)
{
  unsigned i;

  for (i = 0; i < REQUESTS; i++)
    if (c->requests[i].kind != REQUEST_NONE
        && saturn_transaction_matches(&c->requests[i].t, m))
      return &c->requests[i];
  return NULL;
}

/* Tell of the first answers from addresses that were not asked: T-754. */
static void
note_stranger(struct saturn_turn_client *c,
              const struct saturn_client_input *in)
{
  struct saturn_message m;
  unsigned i;

  c->counts.wrong_source++;
  if (c->n_strangers == COUNT(c->strangers)
      || saturn_parse(&m, in->frame) != SATURN_OK || request_of(c, &m) == NULL)
    return;
  for (i = 0; i < c->n_strangers; i++)
    if (saturn_address_equal(&c->strangers[i], &in->source))
      return;
  c->strangers[c->n_strangers++] = in->source;
}

static void
learn_rtt(struct saturn_turn_client *c, const struct request *r,
          const struct saturn_message *m, saturn_ms now)
{
  uint32_t rtt_ms;

  if (!r->t.reliable && saturn_address_same_ip(&r->record.server, &c->rtt_of)
      && saturn_transaction_rtt(&r->t, m, now, &rtt_ms))
    saturn_rtt_sample(&c->rtt, rtt_ms);
}

static bool
same_text(struct saturn_bytes a, struct saturn_bytes b)
{
  size_t i;

  if (a.len != b.len)
    return false;
  for (i = 0; i < a.len; i++)
    if (a.data[i] != b.data[i])
      return false;
  return true;
}

/* The same again with what the challenge said. A deletion is repeated once
   only (T-802). */
static void
on_challenge(struct saturn_turn_client *c, struct request *r, saturn_ms now)
{
  struct saturn_bytes realm = saturn_login_realm(&c->logins[r->login]);

  if (c->config.realm.len > 0 && !same_text(realm, c->config.realm))
    saturn_client_event(c, SATURN_EVENT_REALM);
  saturn_transaction_answer(&r->t);
  if (r->kind == REQUEST_DELETE && r->attempt.tries > 1)
    saturn_client_end_outcome(c, r, SATURN_BECAUSE_STALE_LOOP, now);
  else
    saturn_client_again(c, r, now);
}

/* The first types of UNKNOWN-ATTRIBUTES; 0 where there are none. */
static void
read_unknown(const struct saturn_message *m, uint16_t unknown[4])
{
  struct saturn_bytes list;
  size_t i;

  if (saturn_get_bytes(m, SATURN_ATTR_UNKNOWN_ATTRIBUTES, &list) != SATURN_OK)
    return;
  for (i = 0; i < 4 && 2 * i + 1 < list.len; i++)
    unknown[i] = load16(list.data + 2 * i);
}

/* An error without integrity: kept for one RTO, for want of a better one; on
   a stream nothing else will come (T-065). */
static void
on_unprotected(struct saturn_turn_client *c, struct request *r,
               const struct saturn_message *m, saturn_ms now)
{
  if (r->believe != SATURN_NEVER)
    return;
  r->believe_code = c->logins[r->login].code;
  r->believe = r->t.reliable ? now : now + r->t.rto_ms;
  read_unknown(m, r->unknown);
}

/* A 400 without integrity is as if it had not come, to the end: S-357. Other
   answers that do not verify are remembered. */
static void
on_discarded(struct saturn_turn_client *c, struct request *r,
             const struct saturn_message *m)
{
  r->hint = c->logins[r->login].hint;
  if (!r->t.reliable
      && (r->hint != 400 || saturn_has(m, SATURN_ATTR_MESSAGE_INTEGRITY)))
    saturn_transaction_doubt(&r->t);
}

/* 438 with the nonce that was just used is a loop, without one a fault: T-763.
 */
static enum saturn_client_reason
reason_of_challenge(const struct saturn_login *login,
                    const struct saturn_message *m)
{
  return login->code == 438 && saturn_has(m, SATURN_ATTR_NONCE)
                 && saturn_login_realm(login).len > 0
             ? SATURN_BECAUSE_STALE_LOOP
             : SATURN_BECAUSE_PROTOCOL;
}

static void
end_answered(struct saturn_turn_client *c, struct request *r,
             enum saturn_answer answer, const struct saturn_message *m,
             saturn_ms now)
{
  const struct saturn_login *login = &c->logins[r->login];
  struct verdict v = {
    SATURN_ANSWERED, (uint8_t)answer, SATURN_BECAUSE_NOTHING, login->code, m,
    r->unknown
  };

  saturn_transaction_answer(&r->t);
  if (answer == SATURN_BAD_CHALLENGE)
    v.reason = (uint8_t)reason_of_challenge(login, m);
  read_unknown(m, r->unknown);
  saturn_client_end(c, r, &v, now);
}

static void
on_response(struct saturn_turn_client *c, struct request *r,
            const struct saturn_message *m, saturn_ms now)
{
  struct saturn_login *login = &c->logins[r->login];
  enum saturn_answer answer;

  if (is_malformed(m)) {
    c->counts.malformed++;
    r->malformed = true;
    return;
  }
  if (r->era != c->eras[r->login]) { /* of a server that is history */
    saturn_client_end_outcome(c, r, SATURN_BECAUSE_PROTOCOL, now);
    return;
  }
  login->stream = r->t.reliable;
  answer = saturn_login_answer(login, &r->attempt, m);
  switch (answer) {
  case SATURN_RETRY:
    learn_rtt(c, r, m, now);
    on_challenge(c, r, now);
    break;
  case SATURN_UNPROTECTED:
    on_unprotected(c, r, m, now);
    break;
  case SATURN_DISCARDED:
    on_discarded(c, r, m);
    break;
  case SATURN_VIOLATED:
    r->hint = login->hint;
    saturn_transaction_doubt(&r->t);
    break;
  default:
    learn_rtt(c, r, m, now);
    end_answered(c, r, answer, m, now);
    break;
  }
}

static enum saturn_client_came
on_message(struct saturn_turn_client *c, const struct saturn_client_input *in,
           struct saturn_client_output *out)
{
  enum saturn_error error, fingerprint;
  struct saturn_message m;
  struct request *r;

  error = saturn_parse(&m, in->frame);
  if (error == SATURN_OK) {
    fingerprint = saturn_check_fingerprint(&m);
    if (fingerprint != SATURN_OK && fingerprint != SATURN_E_ABSENT)
      error = fingerprint; /* T-005 */
  }
  if (error != SATURN_OK || m.cls == SATURN_REQUEST) {
    c->counts.malformed++;
    if (saturn_client_is_stream(c, in->path)
        && (error == SATURN_E_COOKIE || error == SATURN_E_LENGTH)) {
      saturn_client_drop_path(c, in->path); /* T-017 */
      saturn_client_path_lost(c, in->path, in->now);
    }
    return SATURN_CLIENT_NOTHING;
  }
  if (m.cls == SATURN_INDICATION)
    return saturn_client_indication(c, in, &m, out);
  r = request_of(c, &m);
  if (r != NULL && r->path == in->path)
    on_response(c, r, &m, in->now);
  else
    c->counts.unexpected++;
  return SATURN_CLIENT_NOTHING;
}

static bool
is_from_server(const struct saturn_turn_client *c,
               const struct saturn_client_input *in)
{
  return saturn_client_is_stream(c, in->path)
         || saturn_address_equal(&in->source,
                                 &c->paths[in->path].target.address);
}

enum saturn_client_came
saturn_turn_client_input(struct saturn_turn_client *client,
                         const struct saturn_client_input *input,
                         struct saturn_client_output *output)
{
  static const struct saturn_client_output nothing;

  *output = nothing;
  if (input->path >= client->n_paths
      || client->paths[input->path].state != PATH_OPEN)
    return SATURN_CLIENT_NOTHING;
  if (!is_from_server(client, input)) {
    note_stranger(client, input);
    return SATURN_CLIENT_NOTHING;
  }
  switch (saturn_demux(input->frame, true)) {
  case SATURN_IS_STUN:
    return on_message(client, input, output);
  case SATURN_IS_CHANNEL:
    return saturn_client_channel_data(client, input, output);
  default:
    client->counts.malformed++;
    return SATURN_CLIENT_NOTHING;
  }
}
