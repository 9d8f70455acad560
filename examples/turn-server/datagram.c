/* SPDX-License-Identifier: MIT
 *
 * datagram.c - UDP sockets with the fields of IP headers.
 */
#include "datagram.h"

#include <errno.h>
#include <time.h> /* before errqueue.h, which needs it */

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

/* What lies between two datagrams. */
#define STRIDE                                                                 \
  (SATURN_TURN_HEADROOM + DATAGRAM_MAX + 1 + SATURN_TURN_TAILROOM + 68)

#define CONTROL 128

struct datagrams {
  struct mmsghdr headers[DATAGRAMS];
  struct iovec pieces[DATAGRAMS];
  struct sockaddr_storage names[DATAGRAMS];
  struct datagram found[DATAGRAMS];
  _Alignas(struct cmsghdr) uint8_t control[DATAGRAMS][CONTROL];
  uint8_t *bytes;
};

struct datagrams *
datagrams_new(void)
{
  struct datagrams *room = allocate(sizeof *room);

  room->bytes = reallocate(NULL, (size_t)DATAGRAMS * STRIDE);
  for (size_t i = 0; i < DATAGRAMS; i++) {
    struct msghdr *m = &room->headers[i].msg_hdr;

    room->found[i].data = room->bytes + i * STRIDE + SATURN_TURN_HEADROOM;
    room->pieces[i].iov_base = room->found[i].data;
    room->pieces[i].iov_len = DATAGRAM_MAX;
    m->msg_iov = &room->pieces[i];
    m->msg_iovlen = 1;
    m->msg_name = &room->names[i];
    m->msg_control = room->control[i];
  }
  return room;
}

void
datagrams_free(struct datagrams *room)
{
  free(room->bytes);
  free(room);
}

struct datagram *
datagrams_at(struct datagrams *room, unsigned i)
{
  return &room->found[i];
}

static void
read_field(const struct cmsghdr *c, struct saturn_ip_fields *ip)
{
  bool v6 = c->cmsg_level == IPPROTO_IPV6;
  int number = 0;

  if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
    number = *(const uint8_t *)CMSG_DATA(c);
  else
    memcpy(&number, CMSG_DATA(c), sizeof number);
  if (c->cmsg_type == (v6 ? IPV6_HOPLIMIT : IP_TTL)) {
    ip->known |= SATURN_IP_TTL;
    ip->ttl = (uint8_t)number;
  } else if (c->cmsg_type == (v6 ? IPV6_TCLASS : IP_TOS)) {
    ip->known |= SATURN_IP_DSCP | SATURN_IP_ECN;
    ip->dscp = (uint8_t)(number >> 2 & 0x3f);
    ip->ecn = (uint8_t)(number & 3);
  }
}

static void
read_header(struct datagrams *room, unsigned i)
{
  struct msghdr *m = &room->headers[i].msg_hdr;
  struct datagram *d = &room->found[i];

  d->len = room->headers[i].msg_len;
  d->from = address_of((struct sockaddr *)&room->names[i]);
  memset(&d->ip, 0, sizeof d->ip);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
    if (c->cmsg_level == IPPROTO_IP || c->cmsg_level == IPPROTO_IPV6)
      read_field(c, &d->ip);
}

unsigned
datagrams_receive(struct datagrams *room, int fd)
{
  int n;

  for (unsigned i = 0; i < DATAGRAMS; i++) {
    room->headers[i].msg_hdr.msg_namelen = sizeof room->names[i];
    room->headers[i].msg_hdr.msg_controllen = CONTROL;
  }
  n = recvmmsg(fd, room->headers, DATAGRAMS, MSG_DONTWAIT, NULL);
  if (n <= 0)
    return 0;
  for (int i = 0; i < n; i++)
    read_header(room, (unsigned)i);
  return (unsigned)n;
}

static void
set(int fd, int level, int option, int value)
{
  setsockopt(fd, level, option, &value, sizeof value);
}

/* Linux sets DF by itself unless it is told otherwise (T-350). */
static void
set_fragmentation(struct datagram_socket *s, bool dont_fragment)
{
  if (s->family == SATURN_IPV4)
    set(s->fd, IPPROTO_IP, IP_MTU_DISCOVER,
        dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
  else
    set(s->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
        dont_fragment ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT);
  s->dont_fragment = dont_fragment;
}

static void
ask_for_fields(struct datagram_socket *s, bool errors)
{
  if (s->family == SATURN_IPV4) {
    set(s->fd, IPPROTO_IP, IP_RECVTTL, 1);
    set(s->fd, IPPROTO_IP, IP_RECVTOS, 1);
    if (errors)
      set(s->fd, IPPROTO_IP, IP_RECVERR, 1);
  } else {
    set(s->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set(s->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    if (errors)
      set(s->fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
}

int
datagram_open(struct datagram_socket *s, struct saturn_address *address,
              bool shared, bool errors)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(address, &name);
  int error;

  s->family = address->family;
  s->fd = socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s->fd < 0)
    return errno;
  if (shared)
    set(s->fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (address->family == SATURN_IPV6)
    set(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind(s->fd, (struct sockaddr *)&name, size) != 0) {
    error = errno;
    close(s->fd);
    s->fd = -1;
    return error;
  }
  size = sizeof name;
  if (getsockname(s->fd, (struct sockaddr *)&name, &size) == 0)
    *address = address_of((struct sockaddr *)&name);
  ask_for_fields(s, errors);
  set_fragmentation(s, false);
  return 0;
}

static void
add_field(struct msghdr *m, int level, int type, int value)
{
  struct cmsghdr *c =
      (struct cmsghdr *)(void *)((uint8_t *)m->msg_control + m->msg_controllen);

  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof value);
  memcpy(CMSG_DATA(c), &value, sizeof value);
  m->msg_controllen += CMSG_SPACE(sizeof value);
}

static void
add_fields(struct msghdr *m, bool v6, const struct saturn_ip_fields *ip)
{
  if ((ip->known & (SATURN_IP_DSCP | SATURN_IP_ECN)) != 0)
    add_field(m, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
              ip->dscp << 2 | ip->ecn);
  if ((ip->known & SATURN_IP_TTL) != 0)
    add_field(m, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_HOPLIMIT : IP_TTL,
              ip->ttl);
}

bool
datagram_send(struct datagram_socket *s, const struct saturn_address *to,
              struct saturn_bytes data, const struct saturn_ip_fields *ip)
{
  bool dont_fragment = (ip->known & SATURN_IP_DF) != 0 && ip->dont_fragment;
  _Alignas(struct cmsghdr) uint8_t control[CONTROL];
  struct iovec piece = { (void *)(uintptr_t)data.data, data.len };
  struct sockaddr_storage name;
  struct msghdr m = { .msg_name = &name, .msg_iov = &piece, .msg_iovlen = 1 };

  m.msg_namelen = address_to(to, &name);
  if (s->dont_fragment != dont_fragment)
    set_fragmentation(s, dont_fragment);
  m.msg_control = control;
  add_fields(&m, s->family == SATURN_IPV6, ip);
  if (m.msg_controllen == 0)
    m.msg_control = NULL;
  if (sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
    return true;
  if (errno == EAGAIN || errno == EMSGSIZE || errno == EPERM)
    return false;
  /* Perhaps that was what became of an earlier one. */
  return sendmsg(s->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* Take an error as the system reports it over to the words of ICMP (T-285). */
static bool
translate(const struct sock_extended_err *e, struct saturn_turn_icmp *icmp)
{
  bool v6 = icmp->peer.family == SATURN_IPV6;

  icmp->type = e->ee_type;
  icmp->code = e->ee_code;
  if (e->ee_origin == SO_EE_ORIGIN_LOCAL) {
    if (e->ee_errno != EMSGSIZE)
      return false;
    icmp->type = v6 ? ICMP6_PACKET_TOO_BIG : ICMP_DEST_UNREACH;
    icmp->code = v6 ? 0 : ICMP_FRAG_NEEDED;
  } else if (e->ee_origin != SO_EE_ORIGIN_ICMP
             && e->ee_origin != SO_EE_ORIGIN_ICMP6) {
    return false;
  }
  icmp->mtu = e->ee_errno == EMSGSIZE ? e->ee_info : 0;
  return true;
}

bool
datagram_error(const struct datagram_socket *s, struct saturn_turn_icmp *icmp)
{
  _Alignas(struct cmsghdr) uint8_t control[512];
  struct sockaddr_storage name = { 0 };
  uint8_t quoted[64];
  struct iovec piece = { quoted, sizeof quoted };
  struct msghdr m = { .msg_name = &name, .msg_iov = &piece, .msg_iovlen = 1 };

  for (;;) {
    m.msg_namelen = sizeof name;
    m.msg_control = control;
    m.msg_controllen = sizeof control;
    if (recvmsg(s->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
      return false;
    icmp->peer = address_of((struct sockaddr *)&name);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
      if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR)
          || (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
        struct sock_extended_err e;

        memcpy(&e, CMSG_DATA(c), sizeof e);
        if (translate(&e, icmp))
          return true;
      }
  }
}
