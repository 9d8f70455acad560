/* SPDX-License-Identifier: MIT
 *
 * peer_text.c - rulings on peers in a few English words.
 */
#include "saturn/peer_policy.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const rules[] = {
  [SATURN_PEER_ALLOWED] = "allowed",
  [SATURN_PEER_ALLOWED_LISTED] = "allowed by the operator",
  [SATURN_PEER_ALLOWED_OWN] = "own relayed address",
  [SATURN_PEER_NO_ADDRESS] = "no address",
  [SATURN_PEER_UNSPECIFIED] = "unspecified address",
  [SATURN_PEER_LOOPBACK] = "loopback",
  [SATURN_PEER_LINK_LOCAL] = "link-local",
  [SATURN_PEER_MULTICAST] = "multicast",
  [SATURN_PEER_RESERVED] = "reserved",
  [SATURN_PEER_COMPATIBLE] = "IPv4-compatible",
  [SATURN_PEER_MAPPED] = "IPv4-mapped",
  [SATURN_PEER_TEREDO] = "Teredo",
  [SATURN_PEER_6TO4] = "6to4",
  [SATURN_PEER_SITE_LOCAL] = "site-local",
  [SATURN_PEER_OWN] = "own address, not of the relay",
  [SATURN_PEER_DENIED] = "denied by the operator",
  [SATURN_PEER_PRIVATE] = "private",
  [SATURN_PEER_SHARED] = "shared",
  [SATURN_PEER_PROTOCOL] = "protocol assignment",
  [SATURN_PEER_DOCUMENTATION] = "documentation",
  [SATURN_PEER_6TO4_RELAY] = "6to4 relay",
  [SATURN_PEER_BENCHMARKING] = "benchmarking",
  [SATURN_PEER_LOCAL_NAT64] = "local NAT64",
  [SATURN_PEER_DISCARD] = "discard-only",
  [SATURN_PEER_ROUTING] = "segment routing",
};

static const char *const forms[] = {
  [SATURN_FORM_LITERAL] = "as it stands",
  [SATURN_FORM_MAPPED] = "IPv4-mapped",
  [SATURN_FORM_COMPATIBLE] = "IPv4-compatible",
  [SATURN_FORM_TRANSLATED] = "IPv4-translated",
  [SATURN_FORM_NAT64] = "NAT64",
  [SATURN_FORM_LOCAL_NAT64] = "local NAT64",
  [SATURN_FORM_OWN_NAT64] = "the operator's NAT64",
  [SATURN_FORM_6TO4] = "6to4",
  [SATURN_FORM_TEREDO] = "Teredo client",
  [SATURN_FORM_TEREDO_SERVER] = "Teredo server",
  [SATURN_FORM_ISATAP] = "ISATAP",
};

const char *
saturn_peer_rule_text(enum saturn_peer_rule rule)
{
  return (unsigned)rule < COUNT(rules) ? rules[rule] : "unknown rule";
}

const char *
saturn_peer_form_text(enum saturn_peer_form form)
{
  return (unsigned)form < COUNT(forms) ? forms[form] : "unknown form";
}
