/* SPDX-License-Identifier: MIT
 *
 * udp_serve.c - UDP for servers that answer each datagram by itself.
 */
#include "udp.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>

#include "program.h"

/* The largest datagram there is. */
#define DATAGRAM_MAX 65535

/* The most that a server of this kind sends: a little more than one packet
   takes, for who wants to know what becomes of fragments. */
#define ANSWER_MAX 2048

struct service {
  uv_loop_t loop;
  uv_signal_t terminate, interrupt;
  uv_udp_t *sockets;
  udp_answer *answer;
  void *context;
  uint8_t in[DATAGRAM_MAX + 1];
};

static void
provide_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  struct service *service = handle->data;

  (void)suggested;
  *buf = uv_buf_init((char *)service->in, sizeof service->in);
}

static void
received(uv_udp_t *socket, ssize_t n, const uv_buf_t *buf,
         const struct sockaddr *from, unsigned flags)
{
  struct service *service = socket->data;
  struct udp_question question;
  struct sockaddr_storage to;
  uint8_t out[ANSWER_MAX];
  uv_buf_t answer;
  size_t len;

  if (n < 0 || from == NULL || (flags & UV_UDP_PARTIAL))
    return;
  question.datagram = saturn_view(buf->base, (size_t)n);
  question.client = address_of(from);
  question.socket = (size_t)(socket - service->sockets);
  len = service->answer(service->context, &question, out, sizeof out);
  if (len == 0)
    return;
  address_to(&question.client, &to);
  /* What does not fit the socket's buffer is lost: the client asks again. */
  answer = uv_buf_init((char *)out, (unsigned)len);
  uv_udp_try_send(&service->sockets[question.socket], &answer, 1,
                  (struct sockaddr *)&to);
}

static int
bind_to(struct service *service, uv_udp_t *socket,
        struct saturn_address *address)
{
  struct sockaddr_storage name;
  int size = sizeof name, error;

  uv_udp_init(&service->loop, socket);
  socket->data = service;
  address_to(address, &name);
  error = uv_udp_bind(socket, (struct sockaddr *)&name,
                      address->family == SATURN_IPV6 ? UV_UDP_IPV6ONLY : 0);
  if (error == 0)
    error = uv_udp_recv_start(socket, provide_room, received);
  if (error == 0)
    error = uv_udp_getsockname(socket, (struct sockaddr *)&name, &size);
  if (error == 0)
    *address = address_of((struct sockaddr *)&name);
  return error;
}

/* An address that needs a zone to be of use: fe80::/10. */
static bool
is_link_local(const struct saturn_address *a)
{
  return a->family == SATURN_IPV6 && a->ip[0] == 0xfe
         && (a->ip[1] & 0xc0) == 0x80;
}

/* The addresses of this machine's interfaces, to be freed. */
static struct saturn_address *
own_addresses(uint16_t port, size_t *n)
{
  struct saturn_address *own, a;
  uv_interface_address_t *found;
  int count = 0;

  *n = 0;
  if (uv_interface_addresses(&found, &count) != 0)
    count = 0;
  own = allocate(((size_t)count + 1) * sizeof *own);
  for (int i = 0; i < count; i++) {
    a = address_of((struct sockaddr *)&found[i].address);
    a.port = port;
    if (!is_link_local(&a))
      own[(*n)++] = a;
  }
  if (count > 0)
    uv_free_interface_addresses(found, count);
  return own;
}

static void
stop(uv_signal_t *signal, int number)
{
  (void)number;
  uv_stop(signal->loop);
}

static int
listen_all(struct service *service, const struct saturn_address *listen,
           size_t n)
{
  char text[SATURN_ADDRESS_TEXT];

  service->sockets = allocate((n + 1) * sizeof *service->sockets);
  for (size_t i = 0; i < n; i++) {
    struct saturn_address address = listen[i];
    int error = bind_to(service, &service->sockets[i], &address);

    address_text(&address, text);
    if (error != 0) {
      complain("cannot listen to udp %s: %s", text, uv_strerror(error));
      return error;
    }
    printf("listening udp %s\n", text);
  }
  return 0;
}

static void
close_handle(uv_handle_t *handle, void *context)
{
  (void)context;
  uv_close(handle, NULL);
}

int
udp_serve(const struct saturn_address *listen, size_t n, uint16_t port,
          udp_answer *answer, void *context)
{
  struct service *service = allocate(sizeof *service);
  struct saturn_address *own = NULL;
  int error;

  service->answer = answer;
  service->context = context;
  if (n == 0)
    listen = own = own_addresses(port, &n);
  uv_loop_init(&service->loop);
  uv_signal_init(&service->loop, &service->terminate);
  uv_signal_init(&service->loop, &service->interrupt);
  uv_signal_start(&service->terminate, stop, SIGTERM);
  uv_signal_start(&service->interrupt, stop, SIGINT);
  error = listen_all(service, listen, n);
  if (error == 0) {
    puts("ready");
    fflush(stdout);
    uv_run(&service->loop, UV_RUN_DEFAULT);
  }
  uv_walk(&service->loop, close_handle, NULL);
  uv_run(&service->loop, UV_RUN_DEFAULT);
  uv_loop_close(&service->loop);
  free(service->sockets);
  free(service);
  free(own);
  return error;
}
