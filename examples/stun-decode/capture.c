/* SPDX-License-Identifier: MIT
 *
 * capture.c - pcap and pcapng files.
 */
#include "capture.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network.h"
#include "output.h"
#include "program.h"

#define PROGRESS_PACKETS 65536
#define PROGRESS_MS 1000

/* Of a live capture: whole packets, and how long to wait for one. */
#define LIVE_SNAP 262144
#define LIVE_WAIT_MS 200

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

static const char *
name_of(const char *path)
{
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

pcap_t *
capture_open(const char *path)
{
  const char *name = name_of(path);
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
  o->layers = 0;
  o->cut = header->caplen < header->len;
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
  const char *name = name_of(path);
  pcap_t *pcap = capture_open(path);
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

static pcap_t *live;

static void
end_live(int signal)
{
  (void)signal;
  pcap_breakloop(live);
}

static void
open_live(const char *interface)
{
  char fault[PCAP_ERRBUF_SIZE] = "";
  int result;

  live = pcap_create(interface, fault);
  if (live == NULL)
    die(EXIT_CANNOT, "%s: %s", interface, fault);
  pcap_set_snaplen(live, LIVE_SNAP);
  pcap_set_timeout(live, LIVE_WAIT_MS);
  pcap_set_immediate_mode(live, 1);
  result = pcap_activate(live);
  if (result == PCAP_ERROR_PERM_DENIED)
    die(EXIT_CANNOT, "%s: capturing is not allowed; run this as root",
        interface);
  if (result < 0)
    die(EXIT_CANNOT, "%s: %s", interface, pcap_statustostr(result));
  if (!link_is_known(pcap_datalink(live)))
    die(EXIT_CANNOT, "%s: its link type is not supported; try -i any",
        interface);
}

bool
capture_live(struct decoder *d, const char *interface)
{
  struct sigaction end = { .sa_handler = end_live };
  struct origin origin = { .file = interface };
  struct pcap_pkthdr *header;
  const uint8_t *packet;
  int result;

  open_live(interface);
  sigaction(SIGINT, &end, NULL);
  sigaction(SIGTERM, &end, NULL);
  complain("capturing on %s; end with Ctrl-C", interface);
  while ((result = pcap_next_ex(live, &header, &packet)) >= 0) {
    if (result == 1)
      take_packet(d, &origin, pcap_datalink(live), header, packet);
    else
      d->latest_us = (int64_t)wall_clock_s() * 1000000;
    output_fresh(d);
    fflush(stdout);
  }
  if (result == PCAP_ERROR)
    complain("%s: %s", interface, pcap_geterr(live));
  pcap_close(live);
  return result != PCAP_ERROR;
}
