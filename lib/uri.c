/* SPDX-License-Identifier: MIT
 *
 * uri.c - stun:, stuns:, turn: and turns: URIs (RFC 7064, RFC 7065).
 */
#include "saturn/uri.h"

#include <string.h>

#include "ip.h"
#include "name.h"

/* Where C is in TEXT; the end if it is not. */
static size_t
find(struct saturn_bytes text, char c)
{
  size_t at = 0;

  while (at < text.len && text.data[at] != (uint8_t)c)
    at++;
  return at;
}

static bool
starts_with(struct saturn_bytes text, char c)
{
  return text.len > 0 && text.data[0] == (uint8_t)c;
}

static struct saturn_bytes
skip(struct saturn_bytes text, size_t n)
{
  return saturn_view(text.data + n, text.len - n);
}

/* How much of the lower-case WORD stands at the front of TEXT, in whatever
   case. */
static size_t
match(struct saturn_bytes text, const char *word)
{
  size_t i = 0;

  while (i < text.len && word[i] != '\0'
         && lower_case(text.data[i]) == (uint8_t)word[i])
    i++;
  return i;
}

static bool
is_word(struct saturn_bytes text, const char *word)
{
  return match(text, word) == text.len && word[text.len] == '\0';
}

/* The parsers of the parts take theirs off the front of REST. After a failure
   REST starts with the part, and URI->fault is an offset in it. */

static bool
parse_scheme(struct saturn_uri *uri, struct saturn_bytes *rest)
{
  size_t colon = find(*rest, ':');
  struct saturn_bytes scheme = saturn_view(rest->data, colon);

  uri->turn = is_word(scheme, "turn") || is_word(scheme, "turns");
  uri->secure = is_word(scheme, "stuns") || is_word(scheme, "turns");
  if (colon == rest->len
      || (!uri->turn && !uri->secure && !is_word(scheme, "stun")))
    return false;
  *rest = skip(*rest, colon + 1);
  return true;
}

static bool
parse_name(struct saturn_uri *uri, struct saturn_bytes host)
{
  uint8_t ip[4];

  uri->host = host;
  uri->host_type = SATURN_HOST_IPV4;
  if (saturn_ipv4_parse(host.data, host.len, ip))
    return true;
  uri->host_type = SATURN_HOST_NAME;
  uri->fault = saturn_name_fault(host.data, host.len);
  return host.len > 0 && uri->fault == host.len;
}

/* Read an address in brackets, and nothing behind them. */
static bool
parse_literal(struct saturn_uri *uri, struct saturn_bytes host)
{
  size_t bracket = find(host, ']');
  uint8_t ip[16];

  if (bracket == host.len)
    return false;
  uri->host_type = SATURN_HOST_IPV6;
  uri->host = saturn_view(host.data + 1, bracket - 1);
  if (!saturn_ipv6_parse(uri->host.data, uri->host.len, ip))
    return false;
  uri->fault = bracket + 1;
  return uri->fault == host.len;
}

/* The host ends at a colon behind the brackets, if there are any. Only turn:
   knows a query. */
static bool
parse_host(struct saturn_uri *uri, struct saturn_bytes *rest)
{
  struct saturn_bytes host = *rest;
  size_t bracket = 0;
  bool good;

  if (uri->turn)
    host.len = find(host, '?');
  if (starts_with(host, '['))
    bracket = find(host, ']');
  host.len = bracket + find(skip(host, bracket), ':');
  good =
      starts_with(host, '[') ? parse_literal(uri, host) : parse_name(uri, host);
  if (good)
    *rest = skip(*rest, host.len);
  return good;
}

/* An empty port is grammatical and means the default (S-563). */
static bool
parse_port(struct saturn_uri *uri, struct saturn_bytes *rest)
{
  size_t len = uri->turn ? find(*rest, '?') : rest->len;
  size_t colon = len > 0 ? 1 : 0, digits = len - colon;

  uri->port = uri->secure ? 5349 : 3478;
  uri->explicit_port = digits > 0;
  uri->fault =
      colon + saturn_port_parse(rest->data + colon, digits, &uri->port);
  if (uri->fault < len)
    return false;
  uri->fault = colon;
  if (uri->port == 0)
    return false;
  *rest = skip(*rest, len);
  return true;
}

static bool
is_unreserved(uint8_t c)
{
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'
         || c == '~';
}

static uint8_t
transport_of(struct saturn_bytes word)
{
  if (is_word(word, "udp"))
    return SATURN_UDP;
  return is_word(word, "tcp") ? SATURN_TCP : SATURN_NO_TRANSPORT;
}

static bool
parse_query(struct saturn_uri *uri, struct saturn_bytes *rest, const char *key)
{
  const size_t key_len = strlen(key);
  size_t at = match(*rest, key);

  uri->fault = at;
  if (rest->len == 0)
    return true;
  if (at < key_len)
    return false;
  while (at < rest->len && is_unreserved(rest->data[at]))
    at++;
  uri->fault = at;
  uri->transport_word = skip(*rest, key_len);
  uri->transport = transport_of(uri->transport_word);
  return at == rest->len && at > key_len;
}

/* The user part of old turn: URIs ends at the only @ (T-656). */
static void
drop_user(const struct saturn_uri *uri, struct saturn_bytes *rest)
{
  size_t at = find(saturn_view(rest->data, find(*rest, '?')), '@');

  if (uri->turn && at > 0 && at < rest->len && rest->data[at] == '@')
    *rest = skip(*rest, at + 1);
}

static const char *
query_key(struct saturn_bytes rest, bool old)
{
  static const char proto[] = "?proto=";

  return old && match(rest, proto) == sizeof proto - 1 ? proto : "?transport=";
}

static enum saturn_error
parse_parts(struct saturn_uri *uri, struct saturn_bytes *rest, bool old)
{
  if (!parse_scheme(uri, rest))
    return SATURN_E_SCHEME;
  if (old)
    drop_user(uri, rest);
  if (!parse_host(uri, rest))
    return SATURN_E_HOST;
  if (!parse_port(uri, rest))
    return SATURN_E_PORT;
  if (!parse_query(uri, rest, query_key(*rest, old)))
    return SATURN_E_QUERY;
  return SATURN_OK;
}

static enum saturn_error
parse(struct saturn_uri *uri, struct saturn_bytes text, bool old)
{
  struct saturn_uri parsed = { 0 };
  struct saturn_bytes rest = text;
  enum saturn_error e;

  uri->fault = SATURN_URI_MAX;
  if (text.len > SATURN_URI_MAX)
    return SATURN_E_HOST;

  e = parse_parts(&parsed, &rest, old);
  uri->fault = text.len - rest.len + parsed.fault;
  if (e != SATURN_OK)
    return e;

  uri->fault = find(text, ':') + 1;
  if (parsed.secure && !parsed.turn && parsed.host_type != SATURN_HOST_NAME)
    return SATURN_E_SECURE_IP;
  parsed.fault = 0;
  *uri = parsed;
  return SATURN_OK;
}

enum saturn_error
saturn_uri_parse(struct saturn_uri *uri, struct saturn_bytes text)
{
  return parse(uri, text, false);
}

enum saturn_error
saturn_uri_parse_old(struct saturn_uri *uri, struct saturn_bytes text)
{
  return parse(uri, text, true);
}
