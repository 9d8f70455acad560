/* SPDX-License-Identifier: MIT
 *
 * capture.c - pcap and pcapng files.
 */
#include "capture.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network.h"
#include "program.h"

#define PROGRESS_PACKETS 65536
#define PROGRESS_MS 1000

/* Seconds behind the year 5000 are no time of a capture. */
#define TIME_MAX 100000000000

static FILE *
open_file(const char *path, const char *name)
{
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  struct stat status;

  if (file == NULL) {
    complain("%s: %s", name, strerror(errno));
    return NULL;
  }
  if (fstat(fileno(file), &status) != 0)
    return file;
  if (S_ISDIR(status.st_mode))
    complain("%s: is a directory; name the captures in it", name);
  else if (S_ISREG(status.st_mode) && status.st_size == 0)
    complain("%s: is empty; nothing was captured", name);
  else
    return file;
  fclose(file);
  return NULL;
}

/* Open a capture, or say in one line why that is not possible. */
static pcap_t *
open_capture(const char *path, const char *name)
{
  FILE *file = open_file(path, name);
  char fault[PCAP_ERRBUF_SIZE] = "";
  pcap_t *pcap;

  if (file == NULL)
    return NULL;
  pcap = pcap_fopen_offline(file, fault);
  if (pcap == NULL) {
    complain("%s: is no pcap or pcapng capture that can be read: %s", name,
             fault);
    fclose(file);
    return NULL;
  }
  if (link_is_known(pcap_datalink(pcap)))
    return pcap;
  complain("%s: link type %d (%s) is not supported; capture on Ethernet, or "
           "with tcpdump -i any",
           name, pcap_datalink(pcap),
           pcap_datalink_val_to_name(pcap_datalink(pcap)) == NULL
               ? "unknown"
               : pcap_datalink_val_to_name(pcap_datalink(pcap)));
  pcap_close(pcap);
  return NULL;
}

static void
take_packet(struct decoder *d, struct origin *o, int type,
            const struct pcap_pkthdr *header, const uint8_t *packet)
{
  memset(&o->flow, 0, sizeof o->flow);
  o->at.frame++;
  o->at.timed = header->ts.tv_sec >= 0 && header->ts.tv_sec < TIME_MAX;
  if (o->at.timed)
    d->latest_us = o->at.time_us =
        (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
  link_take(d, o, type, saturn_view(packet, header->caplen));
}

/* What takes longer than a second says so, to people. */
static void
tell_progress(const struct origin *o, saturn_ms *due)
{
  if (o->at.frame % PROGRESS_PACKETS != 0 || now_ms() < *due)
    return;
  *due = now_ms() + PROGRESS_MS;
  if (isatty(STDERR_FILENO))
    complain("%s: %" PRIu64 " packets so far", o->file, o->at.frame);
}

bool
capture_read(struct decoder *d, const char *path, unsigned number)
{
  const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
  pcap_t *pcap = open_capture(path, name);
  struct origin origin = { .file = path, .at.file = number };
  saturn_ms due = now_ms() + PROGRESS_MS;
  struct pcap_pkthdr *header;
  const uint8_t *packet;
  int result, type;

  if (pcap == NULL)
    return false;
  type = pcap_datalink(pcap);
  while ((result = pcap_next_ex(pcap, &header, &packet)) == 1) {
    take_packet(d, &origin, type, header, packet);
    tell_progress(&origin, &due);
  }
  if (result == PCAP_ERROR) {
    fflush(stdout);
    complain("%s: cannot be read behind packet %" PRIu64 ": %s", name,
             origin.at.frame, pcap_geterr(pcap));
  }
  pcap_close(pcap);
  return result != PCAP_ERROR;
}
