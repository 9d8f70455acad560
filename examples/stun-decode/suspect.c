/* SPDX-License-Identifier: MIT
 *
 * suspect.c - when to look for the mistake in a message that does not verify.
 */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "session.h"

/* A search takes up to some milliseconds, and one for each message of a client
   that tries again and again says nothing new. */
#define SEARCHES_MAX 100

struct mistake *
suspect_search(struct decoder *d, const struct identity *who,
               const struct record *r, const struct saturn_address *server)
{
  struct suspect suspect = { .credentials = &d->credentials,
                             .realms = &d->realms,
                             .message = &r->message,
                             .who = *who };
  struct mistake *mistake;
  char host[SATURN_ADDRESS_TEXT];

  if (d->credentials.n == 0 || d->searches >= SEARCHES_MAX)
    return NULL;
  d->searches++;
  address_text(server, host);
  host[strcspn(host, host[0] == '[' ? "]" : ":")] = '\0';
  suspect.host = text_of(host[0] == '[' ? host + 1 : host);
  suspect.mac = r->integrity_sha256 != CHECK_ABSENT ? SATURN_HMAC_SHA256
                                                    : SATURN_HMAC_SHA1;
  mistake = allocate(sizeof *mistake);
  mistake_find(&suspect, mistake);
  if (mistake->found)
    return mistake;
  free(mistake);
  return NULL;
}
