/* SPDX-License-Identifier: MIT
 *
 * behavior_server.c - behaviour discovery, the server's side: RFC 5780, 6.
 */
#include <string.h>

#include "saturn/behavior.h"

/* The other IP address and the other port: S-604. */
static struct saturn_address
opposite(const struct saturn_behavior_server *server,
         const struct saturn_address *arrived)
{
  struct saturn_address other = server->second;

  if (saturn_address_same_ip(arrived, &server->second))
    other = server->first;
  other.port = arrived->port == server->first.port ? server->second.port
                                                   : server->first.port;
  return other;
}

static void
refuse(struct saturn_behavior_reply *reply, uint16_t type)
{
  reply->code = 420;
  reply->unknown[reply->unknown[0] != 0] = type;
}

/* S-605, S-606. */
static void
judge_change(const struct saturn_message *request,
             struct saturn_behavior_reply *reply)
{
  uint32_t flags;

  if (saturn_get_u32(request, SATURN_ATTR_CHANGE_REQUEST, &flags) != SATURN_OK)
    return;
  if (reply->other.family == SATURN_NO_FAMILY) {
    refuse(reply, SATURN_ATTR_CHANGE_REQUEST);
    return;
  }
  reply->other_ip = (flags & SATURN_CHANGE_IP) != 0;
  reply->other_port = (flags & SATURN_CHANGE_PORT) != 0;
  if (reply->other_ip) {
    uint16_t port = reply->origin.port;

    reply->origin = reply->other;
    reply->origin.port = port;
  }
  if (reply->other_port)
    reply->origin.port = reply->other.port;
}

/* S-607. */
static void
judge_port(const struct saturn_behavior_server *server,
           const struct saturn_message *request,
           struct saturn_behavior_reply *reply)
{
  uint16_t port;

  if (saturn_get_u16(request, SATURN_ATTR_RESPONSE_PORT, &port) != SATURN_OK)
    return;
  if (server->response_port)
    reply->to.port = port;
  else
    refuse(reply, SATURN_ATTR_RESPONSE_PORT);
}

/* Values that are malformed, and what excludes each other: 400 (S-607). */
static bool
is_bad(const struct saturn_message *request)
{
  struct saturn_bytes padding;
  uint32_t flags;
  uint16_t port;

  return saturn_get_u32(request, SATURN_ATTR_CHANGE_REQUEST, &flags)
             == SATURN_E_VALUE
         || saturn_get_u16(request, SATURN_ATTR_RESPONSE_PORT, &port)
                == SATURN_E_VALUE
         || saturn_get_bytes(request, SATURN_ATTR_PADDING, &padding)
                == SATURN_E_VALUE
         || (saturn_has(request, SATURN_ATTR_RESPONSE_PORT)
             && saturn_has(request, SATURN_ATTR_PADDING));
}

/* A request with FINGERPRINT may be answered with one. */
static size_t
fingerprint_size(const struct saturn_message *request)
{
  return saturn_has(request, SATURN_ATTR_FINGERPRINT) ? 8 : 0;
}

void
saturn_behavior_judge(const struct saturn_behavior_server *server,
                      const struct saturn_message *request,
                      const struct saturn_address *arrived,
                      const struct saturn_address *client,
                      struct saturn_behavior_reply *reply)
{
  memset(reply, 0, sizeof *reply);
  reply->to = reply->client = *client;
  reply->origin = *arrived;
  if (server->second.family != SATURN_NO_FAMILY)
    reply->other = opposite(server, arrived);
  if (is_bad(request)) {
    reply->code = 400;
    return;
  }
  judge_change(request, reply);
  judge_port(server, request, reply);
  if (reply->code == 0) {
    if (saturn_has(request, SATURN_ATTR_PADDING))
      reply->limit = request->raw.len - fingerprint_size(request);
    return;
  }
  reply->to = *client; /* an error goes back by the way it came */
  reply->origin = *arrived;
  reply->other_ip = reply->other_port = false;
}

/* Zeros up to the size of the request, so that nothing is amplified: S-608. */
static void
put_padding(struct saturn_builder *b, size_t limit)
{
  size_t len = saturn_size(b);
  uint8_t *space;

  if (limit < len + 4)
    return;
  len = limit - len - 4;
  space = saturn_put_space(b, SATURN_ATTR_PADDING, len);
  if (space != NULL)
    memset(space, 0, len);
}

void
saturn_put_behavior_reply(struct saturn_builder *b,
                          const struct saturn_behavior_reply *reply)
{
  if (reply->code != 0) {
    saturn_put_error(b, reply->code, saturn_view(NULL, 0));
    if (reply->code == 420)
      saturn_put_types(b, SATURN_ATTR_UNKNOWN_ATTRIBUTES, reply->unknown,
                       reply->unknown[1] != 0 ? 2 : 1);
    return;
  }
  saturn_put_address(b, SATURN_ATTR_MAPPED_ADDRESS, &reply->client);
  saturn_put_address(b, SATURN_ATTR_XOR_MAPPED_ADDRESS, &reply->client);
  saturn_put_address(b, SATURN_ATTR_RESPONSE_ORIGIN, &reply->origin);
  if (reply->other.family != SATURN_NO_FAMILY)
    saturn_put_address(b, SATURN_ATTR_OTHER_ADDRESS, &reply->other);
  if (reply->limit != 0)
    put_padding(b, reply->limit);
}
