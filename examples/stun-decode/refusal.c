/* SPDX-License-Identifier: MIT
 *
 * refusal.c - which side holds the wrong credential when a server refuses one.
 */
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "program.h"
#include "session.h"

/* The request verifies: the client holds the credential given. What does the
   server hold? (diagnosis 3.2, step 8) */
static enum situation
judge_server(const struct answer *a, struct facts *facts)
{
  const struct credential *client = a->transaction->proof.by;

  if (a->proof.check == CHECK_VALID && a->proof.by != client) {
    facts->second = a->proof.by->number;
    return SITUATION_PASSWORD_DIFFER;
  }
  if (a->proof.check == CHECK_VALID)
    return SITUATION_CREDENTIALS_OTHER;
  if (a->proof.check == CHECK_INVALID)
    return SITUATION_PASSWORD_SERVER_SURE;
  if (a->code == 431)
    return SITUATION_PASSWORD_SERVER;
  if (a->transaction->nonce_differs)
    return SITUATION_CREDENTIALS_NONCE;
  return SITUATION_PASSWORD_SERVER_401;
}

/* No credential given belongs to this user. */
static enum situation
judge_user(const struct answer *a, struct facts *facts)
{
  const struct credentials *c = &a->decoder->credentials;
  const char *similar;

  if (a->transaction->hashed)
    return SITUATION_USER;
  similar = credentials_similar(c, facts->user);
  if (similar == NULL)
    return SITUATION_USER;
  facts->other = text_of(similar);
  return SITUATION_USER_SPELLING;
}

static bool
are_secrets(const struct credentials *c)
{
  for (size_t i = 0; i < c->n; i++)
    if (c->items[i].kind != CREDENTIAL_SECRET)
      return false;
  return true;
}

static enum situation
judge_client(const struct answer *a, struct facts *facts)
{
  if (a->proof.check == CHECK_INVALID)
    return SITUATION_PASSWORD_NEITHER;
  if (a->proof.check != CHECK_VALID)
    return are_secrets(&a->decoder->credentials) ? SITUATION_SECRET_CLIENT
                                                 : SITUATION_PASSWORD_CLIENT;
  facts->given = a->proof.by->number;
  return SITUATION_PASSWORD_CLIENT_SURE;
}

/* Is it the realm? Then no password needs to be blamed. */
static bool
judge_realm(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;
  const struct credentials *c = &a->decoder->credentials;
  const char *given = c->realm != NULL ? c->realm : c->server_realm;
  struct saturn_bytes realm;

  if (!t->has_realm)
    return false;
  if (t->realm_differs) {
    facts->other = text_view(&a->session->realm);
    answer_find(a, SITUATION_REALM, facts);
    return true;
  }
  if (saturn_get_bytes(&a->record->message, SATURN_ATTR_REALM, &realm)
          == SATURN_OK
      && bytes_hash(realm) != bytes_hash(text_view(&t->realm))) {
    facts->other = realm;
    answer_find(a, SITUATION_REALM_CHANGES, facts);
    return true;
  }
  if (given == NULL || t->proof.check == CHECK_VALID
      || bytes_hash(text_of(given)) == bytes_hash(text_view(&t->realm)))
    return false;
  facts->other = text_of(given);
  answer_find(a, SITUATION_REALM_GIVEN, facts);
  return true;
}

/* Does the answer show a mistake of the server? */
static bool
judge_mistake_of_server(const struct answer *a, struct facts *facts)
{
  bool client_is_right = a->transaction->proof.check == CHECK_VALID;
  struct mistake *mistake;

  if (a->proof.check != CHECK_INVALID || a->transaction->mistake != NULL)
    return false;
  mistake = suspect_search(a->decoder, &a->who, a->record,
                           &a->record->origin->flow.src);
  if (mistake == NULL)
    return false;
  facts->mistake = mistake;
  answer_find(a,
              client_is_right ? SITUATION_MISTAKE_SERVER
                              : SITUATION_MISTAKE_OF_SERVER,
              facts);
  facts->mistake = NULL;
  free(mistake);
  return true;
}

void
judge_refusal(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;
  bool given = a->decoder->credentials.n > 0;

  if (a->code == 436)
    answer_find(a, SITUATION_USER_UNKNOWN, facts);
  else if (t == NULL || !t->authenticated)
    answer_find(a, SITUATION_PASSWORD_UNCHECKED, facts);
  else if (judge_mistake_of_server(a, facts))
    return;
  else if (t->mistake != NULL)
    answer_find(a,
                a->proof.check == CHECK_VALID ? SITUATION_MISTAKE_CLIENT
                                              : SITUATION_MISTAKE,
                facts);
  else if (judge_realm(a, facts))
    return;
  else if (t->proof.check != CHECK_INVALID && judge_time(a, facts))
    return;
  else if (t->proof.check == CHECK_VALID)
    answer_find(a, judge_server(a, facts), facts);
  else if (given && t->proof.check == CHECK_INVALID)
    answer_find(a, judge_client(a, facts), facts);
  else if (given)
    answer_find(a, judge_user(a, facts), facts);
  else if (a->code == 431)
    answer_find(a, SITUATION_PASSWORD_UNCHECKED, facts);
  else
    answer_find(a, SITUATION_CREDENTIALS, facts);
}
