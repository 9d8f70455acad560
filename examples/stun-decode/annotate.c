/* SPDX-License-Identifier: MIT
 *
 * annotate.c - captures written back as pcapng, with the findings as comments.
 */
#include "annotate.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "options.h"
#include "program.h"

enum { SECTION = 0x0A0D0D0A, INTERFACE = 1, PACKET = 6, COMMENT = 1 };

#define BYTE_ORDER_MAGIC 0x1A2B3C4D
#define COMMENT_MAX 60000

/* Which finding speaks of which packet. */
struct note {
  struct sighting at;
  size_t finding;
};

struct notes {
  struct note *items;
  size_t n, next;
};

static int
compare(const void *x, const void *y)
{
  const struct note *a = x, *b = y;

  if (a->at.file != b->at.file)
    return a->at.file < b->at.file ? -1 : 1;
  if (a->at.frame != b->at.frame)
    return a->at.frame < b->at.frame ? -1 : 1;
  return (a->finding > b->finding) - (a->finding < b->finding);
}

static struct notes
notes_of(const struct decoder *d)
{
  struct notes notes = { NULL, 0, 0 };

  for (size_t i = 0; i < d->findings.n; i++) {
    struct finding_view view = findings_view(&d->findings, i);

    notes.items =
        reallocate(notes.items, (notes.n + view.n + 1) * sizeof *notes.items);
    for (size_t k = 0; k < view.n; k++)
      notes.items[notes.n++] = (struct note){ view.frames[k], i };
  }
  if (notes.n > 0)
    qsort(notes.items, notes.n, sizeof *notes.items, compare);
  return notes;
}

/* Words of pcapng are in the order of the machine. */
static void
put32(FILE *out, uint32_t value)
{
  fwrite(&value, sizeof value, 1, out);
}

static void
put16(FILE *out, uint16_t value)
{
  fwrite(&value, sizeof value, 1, out);
}

static uint32_t
padded(size_t len)
{
  return (uint32_t)((len + 3) & ~(size_t)3);
}

static void
put_padded(FILE *out, const void *data, size_t len)
{
  static const uint8_t zeros[4];

  fwrite(data, 1, len, out);
  fwrite(zeros, 1, padded(len) - len, out);
}

static void
put_section(FILE *out)
{
  put32(out, SECTION);
  put32(out, 28);
  put32(out, BYTE_ORDER_MAGIC);
  put16(out, 1);
  put16(out, 0);
  put32(out, UINT32_MAX); /* of unknown length */
  put32(out, UINT32_MAX);
  put32(out, 28);
}

static void
put_interface(FILE *out, pcap_t *pcap)
{
  put32(out, INTERFACE);
  put32(out, 20);
  put16(out, (uint16_t)pcap_datalink(pcap));
  put16(out, 0);
  put32(out, (uint32_t)pcap_snapshot(pcap));
  put32(out, 20);
}

/* The comment of a packet; its length. */
static size_t
comment_of(const struct decoder *d, struct notes *notes, unsigned file,
           uint64_t frame, char *comment)
{
  size_t len = 0;

  while (notes->next < notes->n) {
    const struct note *note = &notes->items[notes->next];
    struct finding_view view = findings_view(&d->findings, note->finding);

    if (note->at.file != file || note->at.frame != frame)
      break;
    notes->next++;
    if (COMMENT_MAX - len < 8192)
      continue;
    len += (size_t)snprintf(comment + len, COMMENT_MAX - len,
                            "%s%s: %s (%s). Fix: %s.", len > 0 ? "\n" : "",
                            view.id, view.text, view.reference, view.fix);
  }
  return len;
}

static void
put_packet(FILE *out, uint32_t interface, const struct pcap_pkthdr *header,
           const uint8_t *packet, const char *comment, size_t len)
{
  uint64_t time =
      (uint64_t)header->ts.tv_sec * 1000000 + (uint64_t)header->ts.tv_usec;
  uint32_t options = len > 0 ? 4 + padded(len) + 4 : 0;
  uint32_t size = 32 + padded(header->caplen) + options;

  put32(out, PACKET);
  put32(out, size);
  put32(out, interface);
  put32(out, (uint32_t)(time >> 32));
  put32(out, (uint32_t)time);
  put32(out, header->caplen);
  put32(out, header->len);
  put_padded(out, packet, header->caplen);
  if (len > 0) {
    put16(out, COMMENT);
    put16(out, (uint16_t)len);
    put_padded(out, comment, len);
    put32(out, 0);
  }
  put32(out, size);
}

static void
copy(const struct decoder *d, pcap_t *pcap, unsigned file, struct notes *notes,
     FILE *out)
{
  static char comment[COMMENT_MAX];
  struct pcap_pkthdr *header;
  const uint8_t *packet;
  uint64_t frame = 0;

  while (pcap_next_ex(pcap, &header, &packet) == 1) {
    size_t len = comment_of(d, notes, file, ++frame, comment);

    put_packet(out, file, header, packet, comment, len);
  }
}

/* Interfaces are numbered in the order of the files, so each gets one. */
static bool
copy_all(const struct decoder *d, FILE *out)
{
  struct notes notes = notes_of(d);
  bool good = true;

  put_section(out);
  for (size_t i = 0; good && i < d->files->n; i++) {
    pcap_t *pcap = capture_open(d->files->items[i]);

    good = pcap != NULL;
    if (!good)
      break;
    put_interface(out, pcap);
    copy(d, pcap, (unsigned)i, &notes, out);
    pcap_close(pcap);
  }
  free(notes.items);
  return good;
}

bool
annotate(const struct decoder *d, const char *path)
{
  FILE *out = fopen(path, "wbx");
  bool good;

  if (out == NULL) {
    complain("--annotate: %s: %s", path,
             errno == EEXIST ? "exists already; name a new file"
                             : strerror(errno));
    return false;
  }
  good = copy_all(d, out);
  if (ferror(out) || fclose(out) != 0) {
    complain("--annotate: %s: %s", path, strerror(errno));
    return false;
  }
  return good;
}
