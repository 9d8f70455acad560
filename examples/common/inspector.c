/* SPDX-License-Identifier: MIT
 *
 * inspector.c - which certificates are those of boxes that inspect TLS.
 */
#include "inspector.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* What stands in the issuers of their certificates, and who makes them. */
static const struct {
  const char *word, *name;
} products[] = {
  { "zscaler", "Zscaler" },
  { "fortinet", "Fortinet" },
  { "fortigate", "Fortinet" },
  { "palo alto", "Palo Alto Networks" },
  { "goskope", "Netskope" },
  { "netskope", "Netskope" },
  { "cisco umbrella", "Cisco Umbrella" },
  { "blue coat", "Blue Coat" },
  { "bluecoat", "Blue Coat" },
  { "symantec web security", "Symantec WSS" },
  { "sophos", "Sophos" },
  { "fireware https proxy", "WatchGuard" },
  { "watchguard", "WatchGuard" },
  { "sonicwall", "SonicWall" },
  { "check point", "Check Point" },
  { "forcepoint", "Forcepoint" },
  { "websense", "Forcepoint" },
  { "mcafee web gateway", "McAfee Web Gateway" },
  { "skyhigh", "Skyhigh" },
  { "barracuda", "Barracuda" },
  { "iboss", "iboss" },
  { "untangle", "Untangle" },
  { "gateway ca - cloudflare", "Cloudflare Gateway" },
  { "kaspersky", "Kaspersky" },
  { "bitdefender", "Bitdefender" },
  { "eset ssl filter", "ESET" },
  { "avast! web", "Avast" },
  { "avg web", "AVG" },
  { "mitmproxy", "mitmproxy" },
  { "charles proxy", "Charles" },
  { "portswigger", "Burp" },
  { "do_not_trust", "Fiddler" },
};

static bool
has(struct saturn_bytes text, const char *word)
{
  size_t len = strlen(word);

  for (size_t i = 0; i + len <= text.len; i++)
    if (strncasecmp((const char *)text.data + i, word, len) == 0)
      return true;
  return false;
}

const char *
inspector_of(struct saturn_bytes issuer)
{
  for (size_t i = 0; i < sizeof products / sizeof *products; i++)
    if (has(issuer, products[i].word))
      return products[i].name;
  return NULL;
}
