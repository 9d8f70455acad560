/* SPDX-License-Identifier: MIT
 *
 * behavior_text.c - messages of behaviour discovery, and its results in words.
 */
#include <string.h>

#include "saturn/behavior.h"

void
saturn_put_behavior_query(struct saturn_builder *b,
                          const struct saturn_behavior_query *query)
{
  uint8_t *padding;

  if (query->change != 0)
    saturn_put_u32(b, SATURN_ATTR_CHANGE_REQUEST, query->change);
  if (query->response_port != 0)
    saturn_put_u16(b, SATURN_ATTR_RESPONSE_PORT, query->response_port);
  if (query->padding == 0)
    return;
  padding = saturn_put_space(b, SATURN_ATTR_PADDING, query->padding);
  if (padding != NULL)
    memset(padding, 0, query->padding);
}

/* An address, or none where it is absent or malformed. */
static void
read_address(const struct saturn_message *m, uint16_t type,
             struct saturn_address *address)
{
  if (saturn_get_address(m, type, address) != SATURN_OK)
    memset(address, 0, sizeof *address);
}

void
saturn_behavior_read(const struct saturn_message *response,
                     struct saturn_behavior_answer *answer)
{
  struct saturn_failure failure;

  memset(answer, 0, sizeof *answer);
  answer->answered = true;
  if (response->cls != SATURN_SUCCESS)
    answer->code = saturn_get_error(response, SATURN_ATTR_ERROR_CODE, &failure)
                           == SATURN_OK
                       ? (uint16_t)failure.code
                       : 500;
  read_address(response, SATURN_ATTR_MAPPED_ADDRESS, &answer->plain);
  read_address(response, SATURN_ATTR_XOR_MAPPED_ADDRESS, &answer->mapped);
  if (answer->mapped.family == SATURN_NO_FAMILY)
    answer->mapped = answer->plain;
  read_address(response, SATURN_ATTR_RESPONSE_ORIGIN, &answer->origin);
  read_address(response, SATURN_ATTR_OTHER_ADDRESS, &answer->other);
}

static const char *const results[] = {
  [SATURN_BEHAVIOR_OPEN] = "not known yet",
  [SATURN_BEHAVIOR_NO_NAT] = "no NAT",
  [SATURN_BEHAVIOR_ENDPOINT] = "endpoint-independent",
  [SATURN_BEHAVIOR_ADDRESS] = "address-dependent",
  [SATURN_BEHAVIOR_PORT] = "address-and-port-dependent",
  [SATURN_BEHAVIOR_YES] = "yes",
  [SATURN_BEHAVIOR_NO] = "no",
  [SATURN_BEHAVIOR_BLOCKED] = "no answer",
  [SATURN_BEHAVIOR_UNSUPPORTED] = "not supported by the server",
  [SATURN_BEHAVIOR_UNREACHABLE] = "the server's other address is unreachable",
};

const char *
saturn_behavior_text(enum saturn_behavior_result result)
{
  if ((unsigned)result >= sizeof results / sizeof *results)
    return "unknown result";
  return results[result];
}
