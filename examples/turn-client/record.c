/* SPDX-License-Identifier: MIT
 *
 * record.c - packets into a pcap file.
 */
#include "record.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "program.h"
#include "saturn/stream.h"
#include "transport.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define TCP_HEADER 20
#define TCP_FLAGS 0x5018 /* header of five words, PSH and ACK */
#define HOPS 64

/* The longest packet of IPv4; longer ones of IPv6 are not recorded. */
#define PACKET_MAX 65535

/* One direction of a TCP connection. */
struct flow {
  struct saturn_address from, to;
  uint32_t sequence;
};

struct record {
  pcap_t *pcap;
  pcap_dumper_t *dumper;
  struct flow *flows;
  size_t n_flows;
  uint8_t packet[PACKET_MAX];
};

/* A name that was mistyped should not cost a file: only captures, and files
   with nothing in them, are overwritten. */
static bool
is_precious(const char *path)
{
  static const uint8_t magic[] = { 0xd4, 0xc3, 0xb2, 0xa1 };
  uint8_t head[4], swapped[4];
  FILE *file = fopen(path, "rb");
  size_t n;

  if (file == NULL)
    return false;
  n = fread(head, 1, sizeof head, file);
  fclose(file);
  for (size_t i = 0; i < sizeof head; i++)
    swapped[i] = head[sizeof head - 1 - i];
  return n > 0
         && (n < sizeof head
             || (memcmp(head, magic, sizeof magic) != 0
                 && memcmp(swapped, magic, sizeof magic) != 0));
}

struct record *
record_open(const char *path)
{
  struct record *record = allocate(sizeof *record);

  if (is_precious(path))
    die(EXIT_CANNOT, "--record: %s exists, and is no capture", path);
  record->pcap = pcap_open_dead(DLT_RAW, PACKET_MAX);
  if (record->pcap == NULL)
    die(EXIT_CANNOT, "--record: no pcap");
  record->dumper = pcap_dump_open(record->pcap, path);
  if (record->dumper == NULL)
    die(EXIT_CANNOT, "--record: %s", pcap_geterr(record->pcap));
  return record;
}

static uint8_t *
put16(uint8_t *p, size_t value)
{
  p[0] = (uint8_t)(value >> 8);
  p[1] = (uint8_t)value;
  return p + 2;
}

/* Add the bytes as 16-bit numbers to a sum of ones' complement (RFC 1071). */
static uint32_t
sum(uint32_t total, const uint8_t *p, size_t len)
{
  for (; len > 1; p += 2, len -= 2)
    total += (uint32_t)(p[0] << 8 | p[1]);
  if (len == 1)
    total += (uint32_t)p[0] << 8;
  while (total >> 16)
    total = (total & 0xffff) + (total >> 16);
  return total;
}

static void
put_ipv4(uint8_t *p, const struct saturn_address *from,
         const struct saturn_address *to, uint8_t protocol, size_t len)
{
  uint8_t *start = p;

  memset(p, 0, IPV4_HEADER);
  p[0] = 0x45;
  put16(p + 2, IPV4_HEADER + len);
  p[8] = HOPS;
  p[9] = protocol;
  memcpy(p + 12, from->ip, 4);
  memcpy(p + 16, to->ip, 4);
  put16(p + 10, 0xffff & ~sum(0, start, IPV4_HEADER));
}

static void
put_ipv6(uint8_t *p, const struct saturn_address *from,
         const struct saturn_address *to, uint8_t protocol, size_t len)
{
  memset(p, 0, IPV6_HEADER);
  p[0] = 0x60;
  put16(p + 4, len);
  p[6] = protocol;
  p[7] = HOPS;
  memcpy(p + 8, from->ip, 16);
  memcpy(p + 24, to->ip, 16);
}

/* The checksums of UDP and TCP cover the addresses too (RFC 768). */
static size_t
checksum(const struct saturn_address *from, const struct saturn_address *to,
         uint8_t protocol, const uint8_t *segment, size_t len)
{
  size_t ip = from->family == SATURN_IPV6 ? 16 : 4;
  uint32_t total = (uint32_t)len + protocol;

  total = sum(sum(total, from->ip, ip), to->ip, ip);
  total = 0xffff & ~sum(total, segment, len);
  return total == 0 ? 0xffff : total;
}

static struct flow *
flow_of(struct record *record, const struct saturn_address *from,
        const struct saturn_address *to)
{
  struct flow *flow;

  for (size_t i = 0; i < record->n_flows; i++) {
    flow = &record->flows[i];
    if (saturn_address_equal(&flow->from, from)
        && saturn_address_equal(&flow->to, to))
      return flow;
  }
  record->flows =
      reallocate(record->flows, (record->n_flows + 1) * sizeof *record->flows);
  flow = &record->flows[record->n_flows++];
  *flow = (struct flow){ *from, *to, 1 };
  return flow;
}

static uint8_t *
put32(uint8_t *p, uint32_t value)
{
  return put16(put16(p, value >> 16), value & 0xffff);
}

/* The segment behind its IP header; its length. */
static size_t
put_udp(uint8_t *p, const struct saturn_address *from,
        const struct saturn_address *to, struct saturn_bytes message)
{
  size_t len = UDP_HEADER + message.len;
  uint8_t *start = p;

  p = put16(put16(put16(p, from->port), to->port), len);
  p = put16(p, 0);
  memcpy(p, message.data, message.len);
  put16(start + 6, checksum(from, to, SATURN_UDP, start, len));
  return len;
}

/* The same for TCP, where ChannelData is padded. */
static size_t
put_tcp(struct record *record, uint8_t *p, const struct saturn_address *from,
        const struct saturn_address *to, struct saturn_bytes message)
{
  size_t padding = saturn_channel_padding(message.len);
  size_t len = TCP_HEADER + message.len + padding;
  uint32_t acknowledged = flow_of(record, to, from)->sequence;
  struct flow *flow = flow_of(record, from, to);
  uint8_t *start = p;

  p = put16(put16(p, from->port), to->port);
  p = put32(put32(p, flow->sequence), acknowledged);
  p = put16(put16(p, TCP_FLAGS), 0xffff);
  p = put32(p, 0);
  memcpy(p, message.data, message.len);
  memset(p + message.len, 0, padding);
  put16(start + 16, checksum(from, to, SATURN_TCP, start, len));
  flow->sequence += (uint32_t)(message.len + padding);
  return len;
}

void
record_message(void *context, enum saturn_turn_transport kind,
               const struct saturn_address *from,
               const struct saturn_address *to, struct saturn_bytes message)
{
  bool stream = transport_is_stream(kind);
  uint8_t protocol = stream ? SATURN_TCP : SATURN_UDP;
  size_t ip = from->family == SATURN_IPV6 ? IPV6_HEADER : IPV4_HEADER;
  struct record *record = context;
  struct pcap_pkthdr header = { 0 };
  size_t len;

  if (IPV6_HEADER + TCP_HEADER + message.len + 3 > PACKET_MAX)
    return;
  len = stream ? put_tcp(record, record->packet + ip, from, to, message)
               : put_udp(record->packet + ip, from, to, message);
  if (from->family == SATURN_IPV6)
    put_ipv6(record->packet, from, to, protocol, len);
  else
    put_ipv4(record->packet, from, to, protocol, len);
  gettimeofday(&header.ts, NULL);
  header.len = header.caplen = (bpf_u_int32)(ip + len);
  pcap_dump((u_char *)record->dumper, &header, record->packet);
}

void
record_close(struct record *record)
{
  if (pcap_dump_flush(record->dumper) != 0)
    complain("--record: the file could not be written");
  pcap_dump_close(record->dumper);
  pcap_close(record->pcap);
  free(record->flows);
  free(record);
}
