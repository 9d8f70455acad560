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
#define LINKTYPE_RAW 101 /* which libpcap calls DLT_RAW */

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

/* Interfaces are written when their first packet comes, and numbered in that
   order. */
struct interfaces {
  struct {
    unsigned file, number;
  } * items;
  size_t n;
};

static void
put_interface(FILE *out, const struct captured *packet)
{
  put32(out, INTERFACE);
  put32(out, 20);
  put16(out, packet->type == DLT_RAW ? LINKTYPE_RAW : (uint16_t)packet->type);
  put16(out, 0);
  put32(out, packet->snaplen);
  put32(out, 20);
}

static uint32_t
interface_of(FILE *out, struct interfaces *written, unsigned file,
             const struct captured *packet)
{
  size_t i = 0;

  while (i < written->n
         && (written->items[i].file != file
             || written->items[i].number != packet->interface))
    i++;
  if (i < written->n)
    return (uint32_t)i;
  written->items = reallocate(written->items, (i + 1) * sizeof *written->items);
  written->items[i].file = file;
  written->items[i].number = packet->interface;
  written->n++;
  put_interface(out, packet);
  return (uint32_t)i;
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
put_packet(FILE *out, uint32_t interface, const struct captured *packet,
           const char *comment, size_t len)
{
  uint64_t time = packet->timed ? (uint64_t)packet->time_us : 0;
  uint32_t options = len > 0 ? 4 + padded(len) + 4 : 0;
  uint32_t size = 32 + padded(packet->bytes.len) + options;

  put32(out, PACKET);
  put32(out, size);
  put32(out, interface);
  put32(out, (uint32_t)(time >> 32));
  put32(out, (uint32_t)time);
  put32(out, (uint32_t)packet->bytes.len);
  put32(out, packet->len);
  put_padded(out, packet->bytes.data, packet->bytes.len);
  if (len > 0) {
    put16(out, COMMENT);
    put16(out, (uint16_t)len);
    put_padded(out, comment, len);
    put32(out, 0);
  }
  put32(out, size);
}

static void
copy(const struct decoder *d, struct capture *capture, unsigned file,
     struct notes *notes, struct interfaces *written, FILE *out)
{
  static char comment[COMMENT_MAX];
  struct captured packet;
  uint64_t frame = 0;

  while (capture_next(capture, &packet) == 1) {
    size_t len = comment_of(d, notes, file, ++frame, comment);
    uint32_t interface = interface_of(out, written, file, &packet);

    put_packet(out, interface, &packet, comment, len);
  }
}

static bool
copy_all(const struct decoder *d, FILE *out)
{
  struct notes notes = notes_of(d);
  struct interfaces written = { NULL, 0 };
  struct capture capture;
  bool good = true;

  put_section(out);
  for (size_t i = 0; good && i < d->files->n; i++) {
    good = capture_open(&capture, d->files->items[i]);
    if (!good)
      break;
    copy(d, &capture, (unsigned)i, &notes, &written, out);
    capture_close(&capture);
  }
  free(written.items);
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
