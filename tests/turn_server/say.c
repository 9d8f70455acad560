/* SPDX-License-Identifier: MIT
 *
 * say.c - statements of scripts about what a client sends.
 */
#include <stdlib.h>
#include <string.h>

#include "script.h"

static void
send_request(struct script *s, struct endpoint *client)
{
  world_send(&s->w, client, saturn_view(client->request, client->request_len));
}

/* NAME again: the same bytes */
static void
again(struct script *s, struct endpoint *client, const struct words *words)
{
  (void)words;
  send_request(s, client);
}

/* NAME hex bytes */
static void
hex_bytes(struct script *s, struct endpoint *client, const struct words *words)
{
  struct saturn_bytes data = unhex(words->word[2]);

  memcpy(client->request, data.data, data.len);
  client->request_len = data.len;
  client->raw = false;
  send_request(s, client);
}

/* NAME stream bytes, of a TCP connection */
static void
stream(struct script *s, struct endpoint *client, const struct words *words)
{
  client->raw = true;
  world_stream(&s->w, client, unhex(words->word[2]));
}

/* NAME bytewise bytes: each arrives by itself */
static void
bytewise(struct script *s, struct endpoint *client, const struct words *words)
{
  struct saturn_bytes data = unhex(words->word[2]);

  client->raw = true;
  for (; data.len > 0; data.data++, data.len--)
    world_stream(&s->w, client, saturn_view(data.data, 1));
}

/* NAME frames: its last request, in the stream */
static void
frames(struct script *s, struct endpoint *client, const struct words *words)
{
  (void)words;
  client->raw = false;
  world_stream(&s->w, client,
               saturn_view(client->request, client->request_len));
}

/* NAME channel number bytes */
static void
channel(struct script *s, struct endpoint *client, const struct words *words)
{
  static uint8_t frame[70000];
  struct saturn_bytes data = script_bytes(s, words->word[3]);

  memcpy(frame + SATURN_CHANNEL_HEADER, data.data, data.len);
  saturn_channel_header(frame, (uint16_t)strtoul(words->word[2], NULL, 16),
                        data.len);
  world_send(&s->w, client,
             saturn_view(frame, SATURN_CHANNEL_HEADER + data.len));
}

static const struct {
  const char *verb;
  void (*say)(struct script *s, struct endpoint *client,
              const struct words *words);
} verbs[] = {
  { "again", again },       { "hex", hex_bytes }, { "stream", stream },
  { "bytewise", bytewise }, { "frames", frames }, { "channel", channel },
};

void
script_say(struct script *s, const struct words *words, int end)
{
  struct endpoint *client = world_client(&s->w, words->word[0]);
  size_t i;

  for (i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (strcmp(words->word[1], verbs[i].verb) == 0) {
      verbs[i].say(s, client, words);
      return;
    }
  script_encode(s, client, words, 1, end);
  send_request(s, client);
  if (!script_again(s, client, words, 1, end))
    return;
  world_clear(&s->w);
  script_encode(s, client, words, 1, end);
  send_request(s, client);
}
