/* SPDX-License-Identifier: MIT
 *
 * re.c - two TURN clients of libre allocate at a TURN server, and one echoes
 * what the other sends: first in Send indications, then over channels.
 *
 * usage: re HOST PORT udp|tcp|tls|dtls USER PASSWORD [CA-FILE]
 *
 * Prints "relayed N messages", or what went wrong.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in Debian's library; it is part of struct sa. */
#define HAVE_INET6 1
#include <re.h>

#define HEADROOM 64
#define PATIENCE_MS 20000
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum way { OVER_UDP, OVER_TCP, OVER_TLS, OVER_DTLS };

struct end {
  struct end *other;
  struct turnc *turnc;
  struct udp_sock *udp;
  struct tcp_conn *tcp;
  struct dtls_sock *dtls;
  struct tls_conn *tls;
  struct mbuf *in; /* of a stream: what is not yet a frame */
  struct sa relay;
  bool allocated, permitted, bound;
};

static const size_t sizes[] = { 1, 2, 3, 4, 5, 100, 999, 1200 };
static struct end ends[2];
static struct sa server;
static struct tls *tls;
static enum way way;
static char **words;
static size_t sent;
static const char *outcome = "too late";
static bool well;

static void
stop(const char *why)
{
  outcome = why;
  re_cancel();
}

static void
send_to_other(struct end *end, size_t len)
{
  struct mbuf *mb = mbuf_alloc(HEADROOM + len);
  int error;

  mb->pos = mb->end = HEADROOM;
  mbuf_fill(mb, (uint8_t)len, len);
  mb->pos = HEADROOM;
  if (way == OVER_UDP) /* the client is a layer of this socket */
    error = udp_send(end->udp, &end->other->relay, mb);
  else
    error = turnc_send(end->turnc, &end->other->relay, mb);
  mem_deref(mb);
  if (error != 0)
    stop("cannot send");
}

static void
channel_is_bound(void *arg)
{
  struct end *end = arg;

  end->bound = true;
  if (end->other->bound)
    send_to_other(&ends[0], sizes[sent % COUNT(sizes)]);
}

static void
go_on(void)
{
  sent++;
  if (sent == 2 * COUNT(sizes)) {
    well = true;
    stop("relayed");
  } else if (sent != COUNT(sizes)) {
    send_to_other(&ends[0], sizes[sent % COUNT(sizes)]);
  } else {
    for (int i = 0; i < 2; i++)
      if (turnc_add_chan(ends[i].turnc, &ends[!i].relay, channel_is_bound,
                         &ends[i])
          != 0)
        stop("cannot bind a channel");
  }
}

static void
data_came(struct end *end, const struct sa *from, struct mbuf *mb)
{
  size_t len = mbuf_get_left(mb);

  if (!sa_cmp(from, &end->other->relay, SA_ALL)
      || len != sizes[sent % COUNT(sizes)] || mbuf_read_u8(mb) != (uint8_t)len)
    stop("data are not what was sent");
  else if (end == &ends[1])
    send_to_other(end, len);
  else
    go_on();
}

/* A message of the server, other than in the layer of a UDP socket. */
static void
message_came(struct end *end, struct mbuf *mb)
{
  struct sa from;
  int error;

  sa_init(&from, AF_UNSPEC);
  error = turnc_recv(end->turnc, &from, mb);
  if (error != 0)
    stop("a message that libre does not take");
  else if (sa_isset(&from, SA_ADDR))
    data_came(end, &from, mb);
}

static void
permitted(void *arg)
{
  struct end *end = arg;

  end->permitted = true;
  if (end->other->permitted)
    send_to_other(&ends[0], sizes[0]);
}

static void
allocated(int error, uint16_t code, const char *reason, const struct sa *relay,
          const struct sa *mapped, const struct stun_msg *message, void *arg)
{
  struct end *end = arg;

  (void)mapped;
  (void)message;
  if (error != 0 || code != 0) {
    printf("refused %u %s (%d)\n", code, reason != NULL ? reason : "", error);
    stop("refused");
    return;
  }
  end->allocated = true;
  end->relay = *relay;
  if (!end->other->allocated)
    return;
  for (int i = 0; i < 2; i++)
    if (turnc_add_perm(ends[i].turnc, &ends[!i].relay, permitted, &ends[i])
        != 0)
      stop("cannot ask for a permission");
}

static void
allocate(struct end *end, int transport, void *sock)
{
  if (turnc_alloc(&end->turnc, NULL, transport, sock, 0, &server, words[4],
                  words[5], TURN_DEFAULT_LIFETIME, allocated, end)
      != 0)
    stop("cannot allocate");
}

static bool
is_trusted(const struct end *end)
{
  return end->tls == NULL || tls_peer_verify(end->tls) == 0;
}

static void
connected(void *arg)
{
  struct end *end = arg;

  if (!is_trusted(end))
    stop("the certificate is not good");
  else if (way == OVER_DTLS)
    allocate(end, STUN_TRANSP_DTLS, end->tls);
  else
    allocate(end, IPPROTO_TCP, end->tcp);
}

static void
closed(int error, void *arg)
{
  (void)error;
  (void)arg;
  stop("closed by the server");
}

static void
dtls_came(struct mbuf *mb, void *arg)
{
  message_came(arg, mb);
}

static void
udp_came(const struct sa *from, struct mbuf *mb, void *arg)
{
  data_came(arg, from, mb);
}

/* The size of the first frame, and without its padding. */
static size_t
frame_size(const uint8_t *p, size_t *plain)
{
  size_t len = (size_t)(p[2] << 8 | p[3]);

  *plain = (p[0] >> 6 == 0 ? 20 : 4) + len;
  return (*plain + 3) / 4 * 4;
}

static void
stream_came(struct mbuf *mb, void *arg)
{
  struct end *end = arg;
  size_t plain;

  end->in->pos = end->in->end;
  mbuf_write_mem(end->in, mbuf_buf(mb), mbuf_get_left(mb));
  end->in->pos = 0;
  while (mbuf_get_left(end->in) >= 4) {
    size_t size = frame_size(mbuf_buf(end->in), &plain);
    struct mbuf *frame;

    if (mbuf_get_left(end->in) < size)
      break;
    frame = mbuf_alloc(size);
    mbuf_write_mem(frame, mbuf_buf(end->in), plain);
    frame->pos = 0;
    mbuf_advance(end->in, (ssize_t)size);
    message_came(end, frame);
    mem_deref(frame);
  }
  memmove(end->in->buf, mbuf_buf(end->in), mbuf_get_left(end->in));
  end->in->end = mbuf_get_left(end->in);
  end->in->pos = 0;
}

static int
begin(struct end *end)
{
  struct sa any;
  int error = 0;

  sa_set_str(&any, "127.0.0.1", 0);
  if (way == OVER_UDP) {
    error = udp_listen(&end->udp, &any, udp_came, end);
    if (error == 0)
      allocate(end, IPPROTO_UDP, end->udp);
    return error;
  }
  if (way == OVER_DTLS) {
    error = dtls_listen(&end->dtls, &any, NULL, 4, 0, NULL, NULL);
    if (error == 0)
      error = dtls_connect(&end->tls, tls, end->dtls, &server, connected,
                           dtls_came, closed, end);
    return error;
  }
  end->in = mbuf_alloc(4096);
  error = tcp_connect(&end->tcp, &server, connected, stream_came, closed, end);
  if (error == 0 && way == OVER_TLS)
    error = tls_start_tcp(&end->tls, tls, end->tcp, 0);
  return error;
}

static void
finish(struct end *end)
{
  mem_deref(end->turnc); /* which gives the relay back */
  mem_deref(end->tls);
  mem_deref(end->tcp);
  mem_deref(end->dtls);
  mem_deref(end->udp);
  mem_deref(end->in);
}

static void
too_late(void *arg)
{
  (void)arg;
  re_cancel();
}

static int
talk(void)
{
  struct tmr timer;
  int error = 0;

  if (way >= OVER_TLS)
    error = tls_alloc(&tls,
                      way == OVER_TLS ? TLS_METHOD_SSLV23 : TLS_METHOD_DTLSV1_2,
                      NULL, NULL);
  if (error == 0 && way >= OVER_TLS)
    error = tls_add_ca(tls, words[6]);
  for (int i = 0; i < 2 && error == 0; i++) {
    ends[i].other = &ends[!i];
    error = begin(&ends[i]);
  }
  tmr_init(&timer);
  tmr_start(&timer, PATIENCE_MS, too_late, NULL);
  if (error == 0)
    error = re_main(NULL);
  tmr_cancel(&timer);
  for (int i = 0; i < 2; i++)
    finish(&ends[i]);
  mem_deref(tls);
  return error;
}

int
main(int argc, char **argv)
{
  static const char *const ways[] = { "udp", "tcp", "tls", "dtls" };
  int error;

  while (argc >= 6 && way < COUNT(ways) && strcmp(argv[3], ways[way]) != 0)
    way++;
  if (argc < 6 || way == COUNT(ways) || (way >= OVER_TLS && argc < 7)) {
    fputs("usage: re HOST PORT udp|tcp|tls|dtls USER PASSWORD [CA-FILE]\n",
          stderr);
    return 2;
  }
  words = argv;
  error = libre_init();
  if (error == 0)
    error = sa_set_str(&server, argv[1], (uint16_t)atoi(argv[2]));
  if (error == 0)
    error = talk();
  if (error != 0)
    printf("error: %s\n", strerror(error));
  printf("%s %zu messages\n", outcome, sent);
  libre_close();
  return well ? 0 : 1;
}
