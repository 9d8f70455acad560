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

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define HOPS 64

/* The longest packet of IPv4; longer ones of IPv6 are not recorded. */
#define PACKET_MAX 65535

struct record {
  pcap_t *pcap;
  pcap_dumper_t *dumper;
  uint8_t packet[PACKET_MAX];
};

struct record *
record_open(const char *path)
{
  struct record *record = allocate(sizeof *record);

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

static uint8_t *
put_ipv4(uint8_t *p, const struct saturn_address *from,
         const struct saturn_address *to, size_t len)
{
  uint8_t *start = p;

  memset(p, 0, IPV4_HEADER);
  p[0] = 0x45;
  put16(p + 2, IPV4_HEADER + len);
  p[8] = HOPS;
  p[9] = SATURN_UDP;
  memcpy(p + 12, from->ip, 4);
  memcpy(p + 16, to->ip, 4);
  put16(p + 10, 0xffff & ~sum(0, start, IPV4_HEADER));
  return p + IPV4_HEADER;
}

static uint8_t *
put_ipv6(uint8_t *p, const struct saturn_address *from,
         const struct saturn_address *to, size_t len)
{
  memset(p, 0, IPV6_HEADER);
  p[0] = 0x60;
  put16(p + 4, len);
  p[6] = SATURN_UDP;
  p[7] = HOPS;
  memcpy(p + 8, from->ip, 16);
  memcpy(p + 24, to->ip, 16);
  return p + IPV6_HEADER;
}

/* The checksum of UDP covers the addresses too (RFC 768). */
static size_t
udp_checksum(const struct saturn_address *from, const struct saturn_address *to,
             const uint8_t *udp, size_t len)
{
  size_t ip = from->family == SATURN_IPV6 ? 16 : 4;
  uint32_t total = (uint32_t)len + SATURN_UDP;

  total = sum(sum(total, from->ip, ip), to->ip, ip);
  total = 0xffff & ~sum(total, udp, len);
  return total == 0 ? 0xffff : total;
}

void
record_datagram(void *context, const struct saturn_address *from,
                const struct saturn_address *to, struct saturn_bytes datagram)
{
  struct record *record = context;
  struct pcap_pkthdr header = { 0 };
  size_t len = UDP_HEADER + datagram.len;
  uint8_t *p = record->packet, *udp;

  if (IPV6_HEADER + len > PACKET_MAX)
    return;
  p = from->family == SATURN_IPV6 ? put_ipv6(p, from, to, len)
                                  : put_ipv4(p, from, to, len);
  udp = p;
  p = put16(p, from->port);
  p = put16(p, to->port);
  p = put16(p, len);
  p = put16(p, 0);
  memcpy(p, datagram.data, datagram.len);
  put16(udp + 6, udp_checksum(from, to, udp, len));

  gettimeofday(&header.ts, NULL);
  header.len = header.caplen =
      (bpf_u_int32)(udp - record->packet) + (bpf_u_int32)len;
  pcap_dump((u_char *)record->dumper, &header, record->packet);
}

void
record_close(struct record *record)
{
  if (pcap_dump_flush(record->dumper) != 0)
    complain("--record: the file could not be written");
  pcap_dump_close(record->dumper);
  pcap_close(record->pcap);
  free(record);
}
