/* SPDX-License-Identifier: MIT
 *
 * text.c - messages and findings as text: a line each.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output.h"
#include "program.h"

#define RED "\033[31m"
#define PLAIN "\033[0m"

void
output_unchecked(struct record *r)
{
  if (saturn_has(&r->message, SATURN_ATTR_MESSAGE_INTEGRITY))
    r->integrity = CHECK_UNCHECKED;
  if (saturn_has(&r->message, SATURN_ATTR_MESSAGE_INTEGRITY_SHA256))
    r->integrity_sha256 = CHECK_UNCHECKED;
}

static void
print_time(const struct sighting *at)
{
  time_t seconds = (time_t)(at->time_us / 1000000);
  char text[64];
  struct tm parts;

  if (localtime_r(&seconds, &parts) == NULL
      || strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) == 0)
    return;
  printf("%s.%06d ", text, (int)(at->time_us % 1000000));
}

static void
print_origin(const struct decoder *d, const struct origin *o)
{
  char src[SATURN_ADDRESS_TEXT], dst[SATURN_ADDRESS_TEXT];

  if (d->settings.several)
    printf("%s:", o->file);
  printf("%" PRIu64 " ", o->at.frame);
  if (o->at.timed)
    print_time(&o->at);
  if (o->flow.transport != SATURN_NO_TRANSPORT)
    printf("%s > %s %s ", address_text(&o->flow.src, src),
           address_text(&o->flow.dst, dst),
           o->flow.transport == SATURN_TCP ? "TCP" : "UDP");
  if (o->flow.inner.family == CHANNEL_FAMILY)
    printf("in channel 0x%04x: ", o->flow.inner.port);
  else if (o->flow.inner.family != SATURN_NO_FAMILY)
    printf("for peer %s: ", address_text(&o->flow.inner, src));
  else if (o->depth > 0)
    printf("in indication: ");
}

static void
print_unknown(const struct saturn_message *m)
{
  uint16_t types[32];
  size_t n = saturn_unknown(m, NULL, 0, types, sizeof types / sizeof *types);

  for (size_t i = 0; i < n; i++)
    printf("%s0x%04x", i == 0 ? " unknown: " : ",", types[i]);
}

static void
print_check(const struct decoder *d, const char *name, enum record_check check)
{
  bool red = d->settings.colour && check == CHECK_INVALID;

  printf(" %s: %s%s%s", name, red ? RED : "", check_word(check),
         red ? PLAIN : "");
}

/* Integrity is marked where there is something to check it with. */
static void
print_checks(const struct decoder *d, const struct record *r)
{
  if (d->credentials.n > 0 && r->integrity != CHECK_ABSENT)
    print_check(d, "integrity", r->integrity);
  if (d->credentials.n > 0 && r->integrity_sha256 != CHECK_ABSENT)
    print_check(d, "integrity-sha256", r->integrity_sha256);
  if (r->fingerprint == CHECK_INVALID)
    print_check(d, "fingerprint", r->fingerprint);
}

static void
print_what(const struct record *r)
{
  static char line[4096];

  if (r->has_message) {
    saturn_print_line(&r->message, line, sizeof line);
    fputs(line, stdout);
  } else if (r->kind == RECORD_CHANNEL && r->has_header)
    printf("ChannelData channel: 0x%04x length: %u", r->type, r->length);
  else if (r->kind == RECORD_CHANNEL)
    fputs("ChannelData", stdout);
  else
    printf("%s, %zu bytes", r->kind == RECORD_STUN ? "STUN" : "other data",
           r->raw.len);
}

static void
print_verdict(const struct decoder *d, const struct record *r)
{
  if (r->verdict == RECORD_OK)
    return;
  printf(" %s%s at %zu%s (%s)", d->settings.colour ? RED : "",
         verdict_word(r->verdict), r->at, d->settings.colour ? PLAIN : "",
         saturn_strerror(r->error));
}

/* The dump of a message of full size takes some 200 KiB; what is longer than
   the buffer is cut. */
static void
print_attributes(const struct record *r)
{
  static char dump[1 << 20];

  saturn_print(&r->message, dump, sizeof dump);
  for (char *line = dump, *end; *line != '\0'; line = end) {
    end = line + strcspn(line, "\n");
    printf("    %.*s\n", (int)(end - line), line);
    if (*end == '\n')
      end++;
  }
}

static void
print_record(const struct decoder *d, const struct record *r)
{
  print_origin(d, r->origin);
  print_what(r);
  if (r->has_message) {
    print_unknown(&r->message);
    print_checks(d, r);
  }
  print_verdict(d, r);
  putchar('\n');
  if (d->settings.verbose && r->has_message)
    print_attributes(r);
}

void
output_record(const struct decoder *d, const struct record *r)
{
  if (d->settings.json)
    json_record(r);
  else
    print_record(d, r);
}

static void
print_frames(const struct decoder *d, const struct finding_view *f)
{
  size_t n = f->n < 16 ? f->n : 16;
  uint64_t more = f->more + (f->n - n);

  printf("%s", f->n == 0 ? "" : f->n == 1 ? "  frame " : "  frames ");
  for (size_t i = 0; i < n; i++) {
    printf("%s", i == 0 ? "" : ", ");
    if (d->settings.several)
      printf("%s:", d->files->items[f->frames[i].file]);
    printf("%" PRIu64, f->frames[i].frame);
  }
  if (more > 0)
    printf(" and %" PRIu64 " more", more);
  if (n > 0)
    putchar('\n');
}

static void
print_finding(const struct decoder *d, const struct finding_view *f)
{
  printf("\n%s%s%s: %s (%s).\n", d->settings.colour ? RED : "", f->id,
         d->settings.colour ? PLAIN : "", f->text, f->reference);
  print_frames(d, f);
  printf("  fix: %s.\n", f->fix);
}

static void
output_finding(const struct decoder *d, size_t i)
{
  struct finding_view finding = findings_view(&d->findings, i);

  if (d->settings.json)
    json_finding(&finding);
  else
    print_finding(d, &finding);
}

void
output_fresh(struct decoder *d)
{
  for (size_t i = 0; i < d->findings.n; i++)
    if (findings_fresh(&d->findings, i, d->latest_us))
      output_finding(d, i);
  json_end();
}

void
output_findings(const struct decoder *d)
{
  for (size_t i = 0; i < d->findings.n; i++)
    if (!findings_shown(&d->findings, i))
      output_finding(d, i);
  json_end();
  if (d->findings.dropped > 0)
    complain("%" PRIu64 " more findings are not shown", d->findings.dropped);
}
