/* SPDX-License-Identifier: MIT
 *
 * re_peer.c - two TURN clients of libre that talk to each other through their
 * relays; built by tests/programs/make_healthy.py.
 *
 * usage: re_peer HOST PORT USERNAME PASSWORD
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <re/re.h>

#define MESSAGES 20
#define PATIENCE_MS 20000

/* One end. */
struct end {
  struct udp_sock *socket;
  struct turnc *client;
  struct sa relay;
  unsigned received;
};

static struct end ends[2];
static struct tmr timer;
static unsigned allocated, permitted, sent;

static struct end *
other_of(const struct end *end)
{
  return &ends[end == &ends[0]];
}

static void
take_packet(const struct sa *from, struct mbuf *packet, void *data)
{
  struct end *end = data;

  (void)from;
  (void)packet;
  if (++end->received >= MESSAGES && other_of(end)->received >= MESSAGES)
    re_cancel();
}

static void
send_some(void *data)
{
  (void)data;
  for (int i = 0; i < 2; i++) {
    struct mbuf *packet = mbuf_alloc(200);

    packet->pos = packet->end = 36; /* room for a Send indication */
    mbuf_write_str(packet, "hello to the other side");
    packet->pos = 36;
    udp_send(ends[i].socket, &ends[1 - i].relay, packet);
    mem_deref(packet);
  }
  if (++sent < 2 * MESSAGES)
    tmr_start(&timer, 50, send_some, NULL);
  else
    re_cancel();
}

static void
take_channel(void *data)
{
  (void)data;
  if (++permitted == 2)
    send_some(NULL);
}

static void
take_allocation(int err, uint16_t code, const char *reason,
                const struct sa *relay, const struct sa *mapped,
                const struct stun_msg *message, void *data)
{
  struct end *end = data;

  (void)reason;
  (void)mapped;
  (void)message;
  if (err != 0 || code != 0) {
    re_cancel();
    return;
  }
  end->relay = *relay;
  if (++allocated < 2)
    return;
  for (int i = 0; i < 2; i++)
    turnc_add_chan(ends[i].client, &ends[1 - i].relay, take_channel, NULL);
}

static void
give_up(void *data)
{
  (void)data;
  re_cancel();
}

static int
talk(char **words)
{
  struct tmr patience;
  struct sa server, local;
  int err = sa_set_str(&server, words[1], (uint16_t)atoi(words[2]));

  for (int i = 0; i < 2 && err == 0; i++) {
    sa_set_str(&local, "127.0.0.1", 0);
    err = udp_listen(&ends[i].socket, &local, take_packet, &ends[i]);
    if (err == 0)
      err = turnc_alloc(&ends[i].client, NULL, IPPROTO_UDP, ends[i].socket, 0,
                        &server, words[3], words[4], 600, take_allocation,
                        &ends[i]);
  }
  if (err != 0)
    return err;
  tmr_init(&timer);
  tmr_init(&patience);
  tmr_start(&patience, PATIENCE_MS, give_up, NULL);
  err = re_main(NULL);
  tmr_cancel(&patience);
  tmr_cancel(&timer);
  return err;
}

int
main(int argc, char **argv)
{
  int err;

  if (argc != 5)
    return 2;
  libre_init();
  err = talk(argv);
  re_printf("%u and %u messages came\n", ends[0].received, ends[1].received);
  for (int i = 0; i < 2; i++) {
    mem_deref(ends[i].client);
    mem_deref(ends[i].socket);
  }
  libre_close();
  return err == 0 && ends[0].received >= MESSAGES
                 && ends[1].received >= MESSAGES
             ? 0
             : 1;
}
