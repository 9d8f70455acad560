/* SPDX-License-Identifier: MIT
 *
 * decoder.c - the way of a message: verified, printed, judged, unpacked.
 */
#include "decoder.h"

#include <stdio.h>

#include "annotate.h"
#include "network.h"
#include "output.h"
#include "program.h"
#include "session.h"
#include "sift.h"
#include "ways.h"

void
decoder_start(struct decoder *d)
{
  findings_init(&d->findings);
  sessions_start(d);
  network_start(d);
}

static void
count_in_frame(struct decoder *d, const struct sighting *at)
{
  if (d->place.file != at->file || d->place.frame != at->frame)
    d->index = 0;
  d->place = *at;
  d->index++;
}

/* Data that the capture has cut went over the wire all the same. */
static bool
carries_data(const struct record *r)
{
  if (r->kind == RECORD_CHANNEL)
    return r->error == SATURN_OK
           || (r->verdict == RECORD_TRUNCATED && r->has_header);
  return r->kind == RECORD_STUN && r->verdict == RECORD_TRUNCATED
         && r->has_message && r->message.cls == SATURN_INDICATION
         && r->message.method != SATURN_METHOD_BINDING;
}

void
decoder_take(struct decoder *d, struct record *r)
{
  count_in_frame(d, &r->origin->at);
  r->index = d->index;
  if (r->verdict != RECORD_OK)
    d->malformed = true;
  if (r->kind == RECORD_STUN
      && (r->error == SATURN_OK || r->error == SATURN_E_VALUE))
    session_take(d, r);
  else if (r->has_message)
    output_unchecked(r);
  if (r->kind == RECORD_STUN && r->has_message
      && r->verdict == RECORD_TRUNCATED)
    session_take_cut(d, r);
  if (carries_data(r))
    ways_data(d, r);
  output_record(d, r);
  if (r->error == SATURN_OK)
    sift_inside(d, r);
}

/* So that nobody takes silence for health. */
static void
tell_sealed(const struct decoder *d)
{
  if (d->sealed == 0)
    return;
  fflush(stdout);
  complain("%u connection%s to TURN servers %s encrypted with TLS or DTLS: "
           "what is in %s cannot be seen",
           d->sealed, d->sealed == 1 ? "" : "s", d->sealed == 1 ? "is" : "are",
           d->sealed == 1 ? "it" : "them");
}

size_t
decoder_end(struct decoder *d)
{
  size_t found;

  network_end(d);
  sessions_end(d);
  found = findings_settle(&d->findings);
  output_findings(d);
  tell_sealed(d);
  d->unwritten =
      d->settings.annotate != NULL && !annotate(d, d->settings.annotate);
  findings_clear(&d->findings);
  credentials_wipe(&d->credentials);
  return found;
}
