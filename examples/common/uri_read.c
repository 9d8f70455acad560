/* SPDX-License-Identifier: MIT
 *
 * uri_read.c - URIs of servers as users type them.
 */
#include "uri_read.h"

#include <string.h>

#include "program.h"

/* What the host, or what is behind it, may have been meant to be. */
static const char *
host_fault(const char *text, const char *otherwise)
{
  const char *host = strchr(text, ':') + 1;
  size_t len = strcspn(host, "?");

  if (*host != '[' && strchr(host, ':') != strrchr(host, ':'))
    return "an IPv6 address stands in brackets, as in [2001:db8::1]";

  if (memchr(host, '@', len) != NULL)
    return "no user name belongs into it";
  if (memchr(host, '/', len) != NULL)
    return "no slash belongs into it: scheme, colon and host";
  if (strncmp(text, "stun", 4) == 0 && host[len] == '?')
    return "behind the host of a stun: URI nothing may follow";
  return otherwise;
}

const char *
uri_read(const char *text, struct saturn_uri *uri)
{
  switch (saturn_uri_parse(uri, text_of(text))) {
  case SATURN_OK:
    if (uri->transport_word.len > 0 && uri->transport == SATURN_NO_TRANSPORT)
      return "?transport= is udp or tcp";
    return NULL;
  case SATURN_E_SCHEME:
    return "the scheme is none of turn:, turns:, stun:, stuns:";
  case SATURN_E_HOST:
    return host_fault(text, "no host name or IP address");
  case SATURN_E_PORT:
    return host_fault(text, "the port is not a number from 1 to 65535");
  case SATURN_E_QUERY:
    return "after the host only ?transport=udp or tcp may follow";
  case SATURN_E_SECURE_IP:
    return "stuns: needs a name, which the certificate is checked for";
  default:
    return "it is no URI";
  }
}
