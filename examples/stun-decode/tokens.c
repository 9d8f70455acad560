/* SPDX-License-Identifier: MIT
 *
 * tokens.c - reservations: which token a server gave out, and when.
 */
#include <string.h>

#include "session.h"

#define TOKENS_MAX 1024

/* How long a reserved port is kept (RFC 8656, 7.2). */
#define LIFETIME_US 30000000

struct token {
  struct table_entry entry;
  uint8_t key[TOKEN_SIZE];
  struct sighting at;
  struct saturn_address server;
  bool used; /* an Allocate with it succeeded */
};

void
tokens_start(struct decoder *d)
{
  table_init(&d->tokens, TOKEN_SIZE, sizeof(struct token), TOKENS_MAX, NULL,
             NULL);
}

void
tokens_end(struct decoder *d)
{
  table_clear(&d->tokens);
}

bool
token_read(const struct saturn_message *m, uint8_t token[TOKEN_SIZE])
{
  struct saturn_bytes value;

  if (saturn_get_bytes(m, SATURN_ATTR_RESERVATION_TOKEN, &value) != SATURN_OK
      || value.len != TOKEN_SIZE)
    return false;
  memcpy(token, value.data, TOKEN_SIZE);
  return true;
}

void
tokens_note(const struct answer *a)
{
  const struct origin *o = a->record->origin;
  uint8_t key[TOKEN_SIZE];
  struct token *token;
  bool made;

  if (a->transaction->reserved
      && (token = table_find(&a->decoder->tokens, a->transaction->token))
             != NULL)
    token->used = true;
  if (!token_read(&a->record->message, key))
    return;
  token = table_get(&a->decoder->tokens, key, &made);
  token->at = o->at;
  token->server = o->flow.src;
  token->used = false;
}

/* What is known of the token that was refused? */
static enum situation
situation_of(const struct token *token, const struct answer *a,
             struct facts *facts)
{
  const struct sighting *asked = &a->transaction->at;

  if (token == NULL)
    return SITUATION_TOKEN;
  facts->peer = token->server;
  if (!address_is_same(&token->server, &facts->server))
    return SITUATION_TOKEN_ELSEWHERE;
  if (token->used)
    return SITUATION_TOKEN_USED;
  if (!asked->timed || !token->at.timed
      || asked->time_us - token->at.time_us < LIFETIME_US)
    return SITUATION_TOKEN;
  facts->count = (unsigned)((asked->time_us - token->at.time_us) / 1000000);
  return SITUATION_TOKEN_LATE;
}

bool
judge_token(const struct answer *a, struct facts *facts)
{
  const struct transaction *t = a->transaction;

  if (t == NULL || !t->reserved || (a->code != 508 && a->code != 404))
    return false;
  answer_find(a,
              situation_of(table_find(&a->decoder->tokens, t->token), a, facts),
              facts);
  return true;
}
