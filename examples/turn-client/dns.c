/* SPDX-License-Identifier: MIT
 *
 * dns.c - questions to a name server, by the resolver of the C library.
 */
#include "dns.h"

#include <netdb.h>
#include <string.h>

#include "program.h"

#define WAIT_S 2
#define TRIES 2
#define PORT 53

void
dns_open(struct dns *dns, const struct saturn_address *server)
{
  struct sockaddr_storage address;

  memset(dns, 0, sizeof *dns);
  dns->ready = res_ninit(&dns->state) == 0;
  dns->state.retrans = WAIT_S;
  dns->state.retry = TRIES;
  if (server->family != SATURN_IPV4)
    return;
  address_to(server, &address);
  memcpy(&dns->state.nsaddr_list[0], &address, sizeof(struct sockaddr_in));
  if (server->port == 0)
    dns->state.nsaddr_list[0].sin_port = htons(PORT);
  dns->state.nscount = 1;
}

void
dns_close(struct dns *dns)
{
  if (dns->ready)
    res_nclose(&dns->state);
}

/* A piece of RDATA that is read from its front. */
struct reader {
  const ns_msg *message;
  const uint8_t *at, *end;
  bool failed;
};

static uint16_t
read16(struct reader *r)
{
  uint16_t value;

  if (r->end - r->at < 2) {
    r->failed = true;
    return 0;
  }
  value = (uint16_t)(r->at[0] << 8 | r->at[1]);
  r->at += 2;
  return value;
}

/* A character-string: its length, and so many bytes. */
static struct saturn_bytes
read_string(struct reader *r)
{
  struct saturn_bytes string;

  if (r->at == r->end || r->end - r->at - 1 < *r->at) {
    r->failed = true;
    return saturn_view(NULL, 0);
  }
  string = saturn_view(r->at + 1, *r->at);
  r->at += 1 + string.len;
  return string;
}

/* A name, which may go on elsewhere in the message. */
static struct saturn_bytes
read_name(struct reader *r, char name[NS_MAXDNAME])
{
  int n = ns_name_uncompress(ns_msg_base(*r->message), ns_msg_end(*r->message),
                             r->at, name, NS_MAXDNAME);

  if (n < 0 || n > r->end - r->at) {
    r->failed = true;
    return saturn_view(NULL, 0);
  }
  r->at += n;
  return text_of(name);
}

static void
read_address(struct reader *r, struct saturn_address *address)
{
  size_t len = (size_t)(r->end - r->at);

  if (len != 4 && len != 16) {
    r->failed = true;
    return;
  }
  address->family = len == 4 ? SATURN_IPV4 : SATURN_IPV6;
  memcpy(address->ip, r->at, len);
}

static void
read_record(struct reader *r, uint16_t kind, struct saturn_dns_record *record,
            char name[NS_MAXDNAME])
{
  switch (kind) {
  case SATURN_DNS_SRV:
    record->priority = read16(r);
    record->weight = read16(r);
    record->port = read16(r);
    record->name = read_name(r, name);
    break;
  case SATURN_DNS_NAPTR:
    record->order = read16(r);
    record->preference = read16(r);
    record->flags = read_string(r);
    record->service = read_string(r);
    record->regexp = read_string(r);
    record->name = read_name(r, name);
    break;
  default:
    read_address(r, &record->address);
    break;
  }
}

/* Read the records of KIND; aliases stand beside them and are passed over. */
static void
read_answer(struct dns_answer *answer, int len, uint16_t kind)
{
  ns_msg message;
  ns_rr rr;

  if (ns_initparse(answer->raw, len, &message) != 0)
    return;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
    struct saturn_dns_record *record = &answer->records[answer->n];
    struct reader reader = { .message = &message };

    if (answer->n == DNS_RECORDS || ns_parserr(&message, ns_s_an, i, &rr) != 0)
      return;
    if (ns_rr_type(rr) != kind)
      continue;
    reader.at = ns_rr_rdata(rr);
    reader.end = reader.at + ns_rr_rdlen(rr);
    read_record(&reader, kind, record, answer->names[answer->n]);
    if (!reader.failed)
      answer->n++;
  }
}

bool
dns_ask(struct dns *dns, const struct saturn_dns_question *question,
        struct dns_answer *answer)
{
  int len;

  if (!dns->ready || dns->silent)
    return false;
  len = res_nquery(&dns->state, question->name, ns_c_in, question->kind,
                   answer->raw, (int)sizeof answer->raw);
  if (len < 0) {
    dns->silent = dns->state.res_h_errno == TRY_AGAIN;
    return dns->state.res_h_errno == HOST_NOT_FOUND
           || dns->state.res_h_errno == NO_DATA;
  }
  if ((size_t)len > sizeof answer->raw)
    len = (int)sizeof answer->raw;
  read_answer(answer, len, question->kind);
  return true;
}
