/* SPDX-License-Identifier: MIT
 *
 * imitate.c - refusals as an Expressway sends them: the attributes of the
 * request come back, and 431 is protected with the key of the right password
 * (S-423). For tests of clients.
 */
#include "program.h"
#include "worker.h"

static void
put_echo(struct saturn_builder *b, const struct saturn_message *request)
{
  static const uint16_t echoed[] = { SATURN_ATTR_USERNAME, SATURN_ATTR_NONCE,
                                     SATURN_ATTR_REALM,
                                     SATURN_ATTR_REQUESTED_TRANSPORT };
  struct saturn_bytes value;

  for (size_t i = 0; i < sizeof echoed / sizeof *echoed; i++)
    if (saturn_get_bytes(request, echoed[i], &value) == SATURN_OK)
      saturn_put_bytes(b, echoed[i], value);
}

static bool
is_imitated(const struct worker *w, const struct saturn_turn_action *action)
{
  return w->terms->config.policy.integrity_code == 431 && w->input != NULL
         && (action->why == SATURN_WHY_WRONG_PASSWORD
             || action->why == SATURN_WHY_UNKNOWN_USER);
}

bool
imitate(const struct worker *w, const struct saturn_turn_action *action,
        uint8_t *buf, size_t cap, struct saturn_bytes *message)
{
  struct saturn_message request;
  struct saturn_builder b;
  bool known = w->user != NULL && w->user->n_keys > 0;

  if (!is_imitated(w, action)
      || saturn_parse(&request, w->input->datagram) != SATURN_OK)
    return false;
  saturn_begin_reply(&b, buf, cap, SATURN_FAILURE, &request);
  put_echo(&b, &request);
  saturn_put_error(&b, known ? 431 : 401, saturn_view(NULL, 0));
  if (known)
    saturn_put_protection(&b, w->query, &w->user->keys[0]);
  if (saturn_has(&request, SATURN_ATTR_FINGERPRINT))
    saturn_put_fingerprint(&b);
  return saturn_finish(&b, message) == SATURN_OK;
}
