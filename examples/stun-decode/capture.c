/* SPDX-License-Identifier: MIT
 *
 * capture.c - pcap and pcapng files.
 */
#include "capture.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
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

/* Room for what comes meanwhile. */
#define LIVE_BUFFER (16 << 20)
#define LIVE_REST 65536

/* Seconds behind the year 5000 are no time of a capture. */
#define TIME_MAX 100000000000

#define GZIP_FIRST 0x1F

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

/* The first byte says which kind of file it is. */
static bool
open_kind(struct capture *c, FILE *file)
{
  char fault[PCAP_ERRBUF_SIZE] = "";
  int first = getc(file);

  ungetc(first, file);
  if (first == PCAPNG_FIRST) {
    c->file = file;
    c->pcapng = pcapng_open(file);
    return true;
  }
  if (first == GZIP_FIRST)
    complain("%s: is gzip'ed: gunzip it first", c->name);
  else if ((c->pcap = pcap_fopen_offline(file, fault)) == NULL)
    complain("%s: is no pcap or pcapng capture that can be read: %s", c->name,
             fault);
  if (c->pcap == NULL)
    fclose(file);
  return c->pcap != NULL;
}

static const char *
link_name(int type)
{
  const char *name = pcap_datalink_val_to_name(type);

  return name == NULL ? "unknown" : name;
}

static void
complain_of_link(const char *name, int type)
{
  complain("%s: link type %d (%s) is not supported; capture on Ethernet, or "
           "with tcpdump -i any",
           name, type, link_name(type));
}

bool
capture_open(struct capture *c, const char *path)
{
  FILE *file;

  *c = (struct capture){ .path = path, .name = name_of(path) };
  file = open_file(path, c->name);
  if (file == NULL || !open_kind(c, file))
    return false;
  if (c->pcap == NULL || link_is_known(pcap_datalink(c->pcap)))
    return true;
  complain_of_link(c->name, pcap_datalink(c->pcap));
  capture_close(c);
  return false;
}

static int
next_of_pcap(pcap_t *pcap, struct captured *captured)
{
  struct pcap_pkthdr *header;
  const uint8_t *packet;
  int result = pcap_next_ex(pcap, &header, &packet);

  if (result != 1)
    return result;
  *captured = (struct captured){ .type = pcap_datalink(pcap),
                                 .snaplen = (uint32_t)pcap_snapshot(pcap),
                                 .len = header->len,
                                 .bytes = saturn_view(packet, header->caplen) };
  captured->timed = header->ts.tv_sec >= 0 && header->ts.tv_sec < TIME_MAX;
  if (captured->timed)
    captured->time_us =
        (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec;
  return 1;
}

int
capture_next(struct capture *c, struct captured *captured)
{
  int result;

  if (c->pcap == NULL)
    return pcapng_next(c->pcapng, captured);
  result = next_of_pcap(c->pcap, captured);
  return result == PCAP_ERROR_BREAK ? 0 : result;
}

void
capture_close(struct capture *c)
{
  if (c->pcap != NULL)
    pcap_close(c->pcap);
  else if (c->file != stdin)
    fclose(c->file);
  pcapng_close(c->pcapng);
}

static void
take_packet(struct decoder *d, struct origin *o, const struct captured *packet)
{
  memset(&o->flow, 0, sizeof o->flow);
  o->at.frame++;
  o->layers = 0;
  o->cut = packet->bytes.len < packet->len;
  o->at.timed = packet->timed;
  if (o->at.timed)
    d->latest_us = o->at.time_us = packet->time_us;
  link_take(d, o, packet->type, packet->bytes);
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

/* Packets of links that cannot be read, in a file of several links. */
struct strangers {
  uint64_t known, n;
  int type; /* of the first */
};

static int
read_packets(struct decoder *d, struct capture *c, struct origin *o,
             struct strangers *strangers)
{
  saturn_ms due = now_ms() + PROGRESS_MS;
  struct captured packet;
  int result;

  while ((result = capture_next(c, &packet)) == 1) {
    take_packet(d, o, &packet);
    tell_progress(o, &due);
    if (link_is_known(packet.type))
      strangers->known++;
    else if (strangers->n++ == 0)
      strangers->type = packet.type;
  }
  return result;
}

bool
capture_read(struct decoder *d, const char *path, unsigned number)
{
  struct origin origin = { .file = path, .at.file = number };
  struct strangers strangers = { 0, 0, 0 };
  struct capture capture;
  int result;

  if (!capture_open(&capture, path))
    return false;
  result = read_packets(d, &capture, &origin, &strangers);
  if (result < 0 || strangers.n > 0)
    fflush(stdout);
  if (result < 0)
    complain("%s: cannot be read behind packet %" PRIu64 ": %s", capture.name,
             origin.at.frame,
             capture.pcap == NULL ? pcapng_fault(capture.pcapng)
                                  : pcap_geterr(capture.pcap));
  if (strangers.n > 0 && strangers.known == 0)
    complain_of_link(capture.name, strangers.type);
  else if (strangers.n > 0)
    complain("%s: packets passed over: %" PRIu64 ", as link type %d (%s) is "
             "not supported",
             capture.name, strangers.n, strangers.type,
             link_name(strangers.type));
  capture_close(&capture);
  return result >= 0 && (strangers.n == 0 || strangers.known > 0);
}

static pcap_t *live;
static volatile sig_atomic_t ended;

static void
end_live(int signal)
{
  (void)signal;
  ended = 1;
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
  pcap_set_buffer_size(live, LIVE_BUFFER);
  result = pcap_activate(live);
  if (result == PCAP_ERROR_PERM_DENIED)
    die(EXIT_CANNOT, "%s: capturing is not allowed; run this as root",
        interface);
  if (result < 0)
    die(EXIT_CANNOT, "%s: %s", interface, pcap_statustostr(result));
  if (pcap_setnonblock(live, 1, fault) != 0)
    die(EXIT_CANNOT, "%s: %s", interface, fault);
  if (!link_is_known(pcap_datalink(live)))
    die(EXIT_CANNOT, "%s: its link type is not supported; try -i any",
        interface);
}

/* libpcap itself would not come back before there is a packet, but findings
   that wait have to be told. */
static void
wait_for_packets(void)
{
  struct pollfd wait = { .fd = pcap_get_selectable_fd(live), .events = POLLIN };

  poll(&wait, 1, LIVE_WAIT_MS);
}

/* When the user ends it, what the system still holds is read: until twice
   nothing came, or so much that it is new. */
static bool
is_over(int result)
{
  static unsigned idle, packets;

  if (!ended)
    return false;
  idle += result == 0;
  return idle > 2 || packets++ > LIVE_REST;
}

/* What the system dropped may have been the answers. */
static void
tell_dropped(const char *interface)
{
  struct pcap_stat stat = { 0 };

  if (pcap_stats(live, &stat) == 0 && stat.ps_drop > 0)
    complain("%s: %u packets came too fast and are not in the capture",
             interface, stat.ps_drop);
}

bool
capture_live(struct decoder *d, const char *interface)
{
  struct sigaction end = { .sa_handler = end_live };
  struct origin origin = { .file = interface };
  struct captured packet;
  int result = 0;

  open_live(interface);
  sigaction(SIGINT, &end, NULL);
  sigaction(SIGTERM, &end, NULL);
  complain("capturing on %s; end with Ctrl-C", interface);
  while (!is_over(result) && (result = next_of_pcap(live, &packet)) >= 0) {
    if (result == 1)
      take_packet(d, &origin, &packet);
    else
      d->latest_us = (int64_t)wall_clock_s() * 1000000;
    output_fresh(d);
    fflush(stdout);
    if (result == 0)
      wait_for_packets();
  }
  if (result == PCAP_ERROR)
    complain("%s: %s", interface, pcap_geterr(live));
  tell_dropped(interface);
  pcap_close(live);
  return result != PCAP_ERROR;
}
