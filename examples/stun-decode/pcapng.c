/* SPDX-License-Identifier: MIT
 *
 * pcapng.c - pcapng files whose interfaces may have different link types,
 * which libpcap refuses.
 */
#include "pcapng.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "program.h"

enum {
  SECTION = 0x0A0D0D0A, /* in either order of bytes */
  INTERFACE = 1,
  OLD_PACKET = 2,
  SIMPLE_PACKET = 3,
  ENHANCED_PACKET = 6
};

enum { OPTIONS_END = 0, TIME_RESOLUTION = 9, TIME_OFFSET = 14 };

#define BYTE_ORDER_MAGIC 0x1A2B3C4D

/* Beyond these a file is damaged, or hostile. */
#define BLOCK_MAX (16 * 1024 * 1024)
#define INTERFACES_MAX 65536
#define TIME_MAX 100000000000 /* seconds, behind the year 5000 */

struct interface {
  uint16_t type;
  uint32_t snaplen;
  uint64_t units; /* of time, in a second */
  int64_t offset; /* in seconds */
};

struct block {
  uint32_t type, len; /* len of the whole */
  const uint8_t *body;
  size_t body_len;
};

struct pcapng {
  FILE *file;
  uint64_t begin, offset; /* of the block, and of what is read next */
  bool begun, big_endian;
  struct interface *interfaces;
  size_t n;
  unsigned earlier; /* interfaces of the sections before */
  uint8_t *room;
  size_t room_len;
  char fault[160];
};

/* Only the first fault counts. */
__attribute__((format(printf, 2, 3))) static bool
damaged(struct pcapng *p, const char *format, ...)
{
  va_list arguments;
  int n = snprintf(p->fault, sizeof p->fault, "the block at byte %" PRIu64 " ",
                   p->begin);

  va_start(arguments, format);
  vsnprintf(p->fault + n, sizeof p->fault - (size_t)n, format, arguments);
  va_end(arguments);
  return false;
}

static uint16_t
read16(const struct pcapng *p, const uint8_t *at)
{
  return p->big_endian ? get16(at) : get16_little(at);
}

static uint32_t
read32(const struct pcapng *p, const uint8_t *at)
{
  return p->big_endian ? get32(at) : get32_little(at);
}

static uint64_t
read64(const struct pcapng *p, const uint8_t *at)
{
  uint64_t first = read32(p, at), second = read32(p, at + 4);

  return p->big_endian ? first << 32 | second : second << 32 | first;
}

static bool
take(struct pcapng *p, uint8_t *to, size_t len)
{
  size_t n = fread(to, 1, len, p->file);

  p->offset += n;
  if (n == len)
    return true;
  if (ferror(p->file))
    return damaged(p, "cannot be read: %s", strerror(errno));
  return damaged(p, "is cut short: the file ends at byte %" PRIu64, p->offset);
}

static bool
pass_over(struct pcapng *p, size_t len)
{
  uint8_t waste[4096];

  while (len > 0) {
    size_t n = len < sizeof waste ? len : sizeof waste;

    if (!take(p, waste, n))
      return false;
    len -= n;
  }
  return true;
}

static bool
length_fits(struct pcapng *p, uint32_t len, uint32_t least)
{
  if (len >= least && len % 4 == 0)
    return true;
  return damaged(p, "cannot have a length of %" PRIu32, len);
}

/* Each block says its length at its end once more. */
static bool
check_end(struct pcapng *p, uint32_t len)
{
  uint8_t end[4];

  if (!take(p, end, sizeof end))
    return false;
  if (read32(p, end) == len)
    return true;
  return damaged(p,
                 "has a length of %" PRIu32 ", but of %" PRIu32 " at its end",
                 len, read32(p, end));
}

static bool
take_section(struct pcapng *p, const uint8_t head[8])
{
  uint8_t more[8];
  uint32_t len;

  if (!take(p, more, sizeof more))
    return false;
  p->big_endian = get32(more) == BYTE_ORDER_MAGIC;
  if (read32(p, more) != BYTE_ORDER_MAGIC)
    return damaged(p, "has no byte-order magic");
  if (read16(p, more + 4) != 1)
    return damaged(p, "begins a section of version %u, which is not known",
                   read16(p, more + 4));
  len = read32(p, head + 4);
  if (!length_fits(p, len, 28) || !pass_over(p, len - 20) || !check_end(p, len))
    return false;
  p->begun = true;
  p->earlier += (unsigned)p->n;
  p->n = 0;
  return true;
}

static bool
take_body(struct pcapng *p, struct block *block)
{
  if (block->len > BLOCK_MAX)
    return damaged(p, "cannot have a length of %" PRIu32, block->len);
  if (block->body_len > p->room_len) {
    p->room = reallocate(p->room, block->body_len);
    p->room_len = block->body_len;
  }
  block->body = p->room;
  return take(p, p->room, block->body_len);
}

static bool
is_wanted(uint32_t type)
{
  return type == INTERFACE || type == OLD_PACKET || type == SIMPLE_PACKET
         || type == ENHANCED_PACKET;
}

/* The next block: 1; 0 at the end, -1 on a fault. Of blocks that are not
   wanted, and of sections, there is no body. */
static int
next_block(struct pcapng *p, struct block *block)
{
  uint8_t head[8];
  int first = getc(p->file);

  p->begin = p->offset;
  if (first == EOF && !ferror(p->file))
    return 0;
  ungetc(first, p->file);
  if (!take(p, head, sizeof head))
    return -1;
  *block = (struct block){ .type = read32(p, head) };
  if (block->type == SECTION)
    return take_section(p, head) ? 1 : -1;
  if (!p->begun) {
    damaged(p, "is no section header");
    return -1;
  }
  block->len = read32(p, head + 4);
  if (!length_fits(p, block->len, 12))
    return -1;
  block->body_len = block->len - 12;
  if (!(is_wanted(block->type) ? take_body(p, block)
                               : pass_over(p, block->body_len)))
    return -1;
  return check_end(p, block->len) ? 1 : -1;
}

static bool
set_resolution(struct pcapng *p, struct interface *interface, uint8_t value)
{
  unsigned exponent = value & 0x7F;

  if (exponent > ((value & 0x80) != 0 ? 63 : 19))
    return damaged(p, "has a resolution of time that cannot be, %u", value);
  interface->units = (value & 0x80) != 0 ? (uint64_t)1 << exponent : 1;
  for (; (value & 0x80) == 0 && exponent > 0; exponent--)
    interface->units *= 10;
  return true;
}

static bool
take_options(struct pcapng *p, struct interface *interface,
             struct saturn_bytes options)
{
  while (options.len >= 4) {
    uint16_t code = read16(p, options.data);
    size_t len = read16(p, options.data + 2);
    const uint8_t *value = options.data + 4;

    if (code == OPTIONS_END)
      return true;
    if (len > options.len - 4)
      return damaged(p, "has an option that is longer than the block");
    if (code == TIME_RESOLUTION && len == 1
        && !set_resolution(p, interface, *value))
      return false;
    if (code == TIME_OFFSET && len == 8)
      interface->offset = (int64_t)read64(p, value);
    options = skip(options, 4 + ((len + 3) & ~(size_t)3));
  }
  return true;
}

static bool
take_interface(struct pcapng *p, const struct block *block)
{
  struct interface interface = { .units = 1000000 };

  if (block->body_len < 8)
    return damaged(p, "is too short for an interface");
  if (p->n == INTERFACES_MAX)
    return damaged(p, "is an interface too many");
  interface.type = read16(p, block->body);
  interface.snaplen = read32(p, block->body + 4);
  if (!take_options(p, &interface,
                    saturn_view(block->body + 8, block->body_len - 8)))
    return false;
  p->interfaces = reallocate(p->interfaces, (p->n + 1) * sizeof *p->interfaces);
  p->interfaces[p->n++] = interface;
  return true;
}

static void
set_time(const struct interface *interface, uint64_t time,
         struct captured *captured)
{
  uint64_t rest = time % interface->units, us;
  int64_t seconds =
      (int64_t)(time / interface->units + (uint64_t)interface->offset);

  us = rest <= UINT64_MAX / 1000000 ? rest * 1000000 / interface->units
                                    : rest / (interface->units / 1000000);
  captured->timed = seconds >= 0 && seconds < TIME_MAX;
  if (captured->timed)
    captured->time_us =
        seconds * 1000000 + (int64_t)(us < 1000000 ? us : 999999);
}

/* A packet of any of the three kinds; only simple ones do not say their
   interface, their time, and how much of them was captured. */
static bool
take_packet(struct pcapng *p, const struct block *block,
            struct captured *captured)
{
  bool simple = block->type == SIMPLE_PACKET;
  size_t head = simple ? 4 : 20, number = 0, len;
  const struct interface *interface;

  if (block->body_len < head)
    return damaged(p, "is too short for a packet");
  if (!simple)
    number = block->type == OLD_PACKET ? read16(p, block->body)
                                       : read32(p, block->body);
  if (number >= p->n)
    return damaged(p, "is a packet of interface %zu, which is not described",
                   number);
  interface = &p->interfaces[number];
  *captured = (struct captured){ .type = interface->type,
                                 .interface = p->earlier + (unsigned)number,
                                 .snaplen = interface->snaplen };
  captured->len = read32(p, block->body + head - 4);
  len = simple ? captured->len : read32(p, block->body + 12);
  if (simple && interface->snaplen > 0 && len > interface->snaplen)
    len = interface->snaplen;
  if (len > block->body_len - head)
    return damaged(p, "is shorter than the packet in it");
  captured->bytes = saturn_view(block->body + head, len);
  if (!simple)
    set_time(interface,
             (uint64_t)read32(p, block->body + 4) << 32
                 | read32(p, block->body + 8),
             captured);
  return true;
}

struct pcapng *
pcapng_open(FILE *file)
{
  struct pcapng *p = reallocate(NULL, sizeof *p);

  *p = (struct pcapng){ .file = file };
  return p;
}

int
pcapng_next(struct pcapng *p, struct captured *captured)
{
  struct block block;
  int result;

  while ((result = next_block(p, &block)) == 1) {
    if (block.type == INTERFACE && !take_interface(p, &block))
      return -1;
    if (is_wanted(block.type) && block.type != INTERFACE)
      return take_packet(p, &block, captured) ? 1 : -1;
  }
  return result;
}

const char *
pcapng_fault(const struct pcapng *p)
{
  return p->fault;
}

void
pcapng_close(struct pcapng *p)
{
  if (p == NULL)
    return;
  free(p->interfaces);
  free(p->room);
  free(p);
}
