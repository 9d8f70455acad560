/* SPDX-License-Identifier: MIT
 *
 * names.c - what words of scripts stand for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static const struct name names[] = {
  { "RT", SATURN_ATTR_REQUESTED_TRANSPORT },
  { "LT", SATURN_ATTR_LIFETIME },
  { "PA", SATURN_ATTR_XOR_PEER_ADDRESS },
  { "CH", SATURN_ATTR_CHANNEL_NUMBER },
  { "DF", SATURN_ATTR_DONT_FRAGMENT },
  { "EP", SATURN_ATTR_EVEN_PORT },
  { "TOK", SATURN_ATTR_RESERVATION_TOKEN },
  { "RAF", SATURN_ATTR_REQUESTED_ADDRESS_FAMILY },
  { "AAF", SATURN_ATTR_ADDITIONAL_ADDRESS_FAMILY },
  { "AEC", SATURN_ATTR_ADDRESS_ERROR_CODE },
  { "RA", SATURN_ATTR_XOR_RELAYED_ADDRESS },
  { "MA", SATURN_ATTR_XOR_MAPPED_ADDRESS },
  { "UA", SATURN_ATTR_UNKNOWN_ATTRIBUTES },
  { "AS", SATURN_ATTR_ALTERNATE_SERVER },
  { "AD", SATURN_ATTR_ALTERNATE_DOMAIN },
  { "MT", SATURN_ATTR_MOBILITY_TICKET },
  { "CID", SATURN_ATTR_CONNECTION_ID },
  { "SW", SATURN_ATTR_SOFTWARE },
  { "FP", SATURN_ATTR_FINGERPRINT },
  { "MI", SATURN_ATTR_MESSAGE_INTEGRITY },
  { "MI256", SATURN_ATTR_MESSAGE_INTEGRITY_SHA256 },
  { "DATA", SATURN_ATTR_DATA },
  { "ICMP", SATURN_ATTR_ICMP },
  { "TOKEN", SATURN_ATTR_ACCESS_TOKEN },
  { "REALM", SATURN_ATTR_REALM },
  { "NONCE", SATURN_ATTR_NONCE },
  { "USERNAME", SATURN_ATTR_USERNAME },
  { "ALGORITHMS", SATURN_ATTR_PASSWORD_ALGORITHMS },
  { "ALGORITHM", SATURN_ATTR_PASSWORD_ALGORITHM },
};

uint16_t
script_type(const struct script *s, const char *name, size_t len)
{
  char *end;
  unsigned long type;
  size_t i;

  for (i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
      return names[i].type;
  type = strtoul(name, &end, 16);
  FAIL_UNLESS(s, len == 4 && end == name + len, "no attribute: %s", name);
  return (uint16_t)type;
}

struct saturn_address
script_address(struct script *s, const char *text)
{
  static const char *const peers[][2] = {
    { "P1", "192.0.2.20:5000" },
    { "P2", "192.0.2.21:5000" },
    { "P6", "[2001:db8:2::20]:5000" },
  };
  struct saturn_address a;
  size_t i;

  for (i = 0; i < sizeof peers / sizeof *peers; i++)
    if (strcmp(text, peers[i][0]) == 0)
      text = peers[i][1];
  if (saturn_address_parse(&a, text_of(text)) == SATURN_OK)
    return a;
  for (i = 0; i < (size_t)s->w.n_clients; i++)
    if (strcmp(s->w.clients[i].name, text) == 0)
      return s->w.clients[i].tuple.client;
  FAIL_UNLESS(s, false, "no address: %s", text);
  return a;
}

struct saturn_bytes
script_bytes(const struct script *s, const char *text)
{
  static uint8_t block[70000];
  size_t len = strlen(text);

  if (text[0] == '*') {
    len = strtoul(text + 1, NULL, 10);
    FAIL_UNLESS(s, len <= sizeof block, "too long: %s", text);
    memset(block, 'x', len);
    return saturn_view(block, len);
  }
  if (text[0] == '"') {
    FAIL_UNLESS(s, len >= 2 && text[len - 1] == '"', "no end: %s", text);
    return saturn_view(text + 1, len - 2);
  }
  return unhex(text);
}

void
script_set(struct script *s, const char *name, const char *value)
{
  int i = 0;

  while (i < s->n_variables && strcmp(s->variables[i].name, name) != 0)
    i++;
  FAIL_UNLESS(s, i < 16, "too many variables");
  if (i == s->n_variables)
    s->n_variables++;
  snprintf(s->variables[i].name, sizeof s->variables[i].name, "%s", name);
  snprintf(s->variables[i].value, sizeof s->variables[i].value, "%s", value);
}

const char *
script_get(const struct script *s, const char *name)
{
  int i;

  for (i = 0; i < s->n_variables; i++)
    if (strcmp(s->variables[i].name, name) == 0)
      return s->variables[i].value;
  FAIL_UNLESS(s, false, "no variable: %s", name);
  return NULL;
}

bool
script_starts(const char *word, const char *prefix, const char **rest)
{
  size_t len = strlen(prefix);

  *rest = word + len;
  return strncmp(word, prefix, len) == 0;
}
