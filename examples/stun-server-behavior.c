/* SPDX-License-Identifier: MIT
 *
 * stun-server-behavior.c - a STUN server with two addresses (RFC 5780, 6).
 */
#include "saturn/classic.h"
#include "stun-behavior.h"

/* Which of the four sockets: the IP address tells by one bit, the port by
   another. */
enum { SECOND_PORT = 1, SECOND_IP = 2 };

void
behavior_sockets(const struct saturn_behavior_server *server,
                 struct saturn_address sockets[4])
{
  for (unsigned i = 0; i < 4; i++) {
    sockets[i] = i & SECOND_IP ? server->second : server->first;
    sockets[i].port =
        i & SECOND_PORT ? server->second.port : server->first.port;
  }
}

/* Clients of RFC 3489 know MAPPED-ADDRESS alone (S-461, S-462). */
static void
put_answer(struct saturn_builder *b, const struct saturn_message *request,
           const struct saturn_behavior_reply *reply)
{
  if (saturn_is_classic(request) && reply->code == 0)
    saturn_put_address(b, SATURN_ATTR_MAPPED_ADDRESS, &reply->client);
  else
    saturn_put_behavior_reply(b, reply);
  if (saturn_has(request, SATURN_ATTR_FINGERPRINT))
    saturn_put_fingerprint(b);
}

size_t
behavior_answer(const struct saturn_behavior_server *server,
                const struct saturn_message *request,
                struct udp_question *question, uint8_t *out, size_t cap)
{
  struct saturn_address sockets[4];
  struct saturn_behavior_reply reply;
  struct saturn_bytes response;
  struct saturn_builder b;

  behavior_sockets(server, sockets);
  saturn_behavior_judge(server, request, &sockets[question->socket],
                        &question->client, &reply);
  if (reply.limit > cap - 8)
    reply.limit = cap - 8;
  question->client = reply.to;
  question->socket ^= reply.other_ip ? SECOND_IP : 0;
  question->socket ^= reply.other_port ? SECOND_PORT : 0;

  saturn_begin_reply(
      &b, out, cap, reply.code == 0 ? SATURN_SUCCESS : SATURN_FAILURE, request);
  put_answer(&b, request, &reply);
  return saturn_finish(&b, &response) == SATURN_OK ? response.len : 0;
}
