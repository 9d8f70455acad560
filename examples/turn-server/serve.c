/* SPDX-License-Identifier: MIT
 *
 * serve.c - between the sockets and the machine: messages of clients in, what
 * it wants done out.
 */
#include <string.h>

#include "log.h"
#include "program.h"
#include "worker.h"

bool
client_send(struct worker *w, const struct saturn_five_tuple *client,
            struct saturn_bytes message, const struct saturn_ip_fields *ip)
{
  bool taken;

  if (client->transport == SATURN_OVER_TCP
      || client->transport == SATURN_OVER_TLS)
    return streams_send(w, client, message);
  taken = listener_send(client, message, ip);
  if (!taken)
    w->full_drops++;
  return taken;
}

void
serve_payload(struct worker *w, const struct saturn_turn_flow *flow,
              uint8_t *payload, size_t len)
{
  struct saturn_bytes message;

  if (!saturn_turn_server_wrap(w->machine, flow, payload, len, &message))
    return;
  if (!client_send(w, &flow->client, message, &flow->ip)
      && (flow->client.transport == SATURN_OVER_TCP
          || flow->client.transport == SATURN_OVER_TLS))
    w->queue_drops++;
}

/* From one relay of the machine to another (T-376). */
static void
hairpin(struct worker *w, const struct saturn_turn_output *output,
        saturn_ms now)
{
  uint8_t *copy = w->spare + SATURN_TURN_HEADROOM;
  struct saturn_turn_flow flow;

  if (output->payload.len > DATAGRAM_MAX
      || saturn_turn_server_from_peer(w->machine, output->relay,
                                      &output->source, &output->flow.ip, now,
                                      &flow)
             != SATURN_TURN_TO_CLIENT)
    return;
  if (output->payload.len > 0)
    memcpy(copy, output->payload.data, output->payload.len);
  serve_payload(w, &flow, copy, output->payload.len);
}

void
serve(struct worker *w, const struct saturn_turn_input *input)
{
  struct saturn_turn_output output;
  enum saturn_turn_result result =
      saturn_turn_server_input(w->machine, input, &output);

  w->input = input;
  w->query = &output.query;
  if (result == SATURN_TURN_ASK)
    result = lookup(w, input, &output);
  if (result == SATURN_TURN_TO_PEER)
    relay_send(w, &output.flow, output.payload);
  else if (result == SATURN_TURN_HAIRPIN)
    hairpin(w, &output, input->now);
  serve_actions(w, input->now);
  w->input = NULL;
  w->query = NULL;
}

static void
answer(struct worker *w, const struct saturn_turn_action *action)
{
  static const struct saturn_ip_fields plain;
  struct saturn_bytes message = action->message;
  uint8_t other[SATURN_TURN_ANSWER_MAX];
  struct stream *stream;
  bool taken;

  imitate(w, action, other, sizeof other, &message);
  taken = client_send(w, &action->client, message, &plain);
  event_sent(w, action);
  if (taken || action->client.transport == SATURN_OVER_UDP
      || action->client.transport == SATURN_OVER_DTLS)
    return;
  stream = stream_of(w, &action->client);
  if (stream == NULL)
    return;
  w->closed_streams[SNAPSHOT_STUCK]++;
  stream_close(stream);
}

static void
perform(struct worker *w, const struct saturn_turn_action *action,
        saturn_ms now)
{
  switch (action->kind) {
  case SATURN_TURN_SEND:
    answer(w, action);
    break;
  case SATURN_TURN_OPEN:
    saturn_turn_server_opened(w->machine, action->relay, relay_open(w, action),
                              now);
    break;
  case SATURN_TURN_CLOSE:
    relay_close(w, action->relay);
    break;
  case SATURN_TURN_CONNECT:
    peer_connect(w, action, relay_address(w, action->relay));
    break;
  case SATURN_TURN_SPLICE:
    peer_splice(w, action);
    break;
  case SATURN_TURN_DISCONNECT:
    peer_disconnect(w, action->connection);
    break;
  case SATURN_TURN_STARTED:
    event_started(w, action);
    break;
  case SATURN_TURN_ENDED:
    event_ended(w, action, now);
    break;
  default:
    break;
  }
}

void
serve_actions(struct worker *w, saturn_ms now)
{
  struct saturn_turn_action action;

  if (w->performing) /* further up the stack it goes on */
    return;
  w->performing = true;
  while (
      saturn_turn_server_next(w->machine, w->answer, sizeof w->answer, &action))
    perform(w, &action, now);
  w->performing = false;
}
