/* SPDX-License-Identifier: MIT
 *
 * dns.h - questions to a name server, by the resolver of the C library.
 */
#ifndef TURN_CLIENT_DNS_H
#define TURN_CLIENT_DNS_H

#include <netinet/in.h>
/* After netinet/in.h. */
#include <arpa/nameser.h>
#include <resolv.h>

#include "saturn/resolve.h"

/** As many records of an answer are read. */
#define DNS_RECORDS 32

/** The resolver. */
struct dns {
  struct __res_state state;
  bool ready;
  bool silent; /**< it did not answer once, and is not asked again */
};

/** The records of an answer, and the texts in them. */
struct dns_answer {
  struct saturn_dns_record records[DNS_RECORDS];
  size_t n;
  char names[DNS_RECORDS][NS_MAXDNAME];
  uint8_t raw[16384];
};

/** Be ready to ask the name servers of the system, or SERVER if that has a
    family; of IPv4. */
void dns_open(struct dns *dns, const struct saturn_address *server);

/**
 * Ask, and wait for the answer, for four seconds at most.
 *
 * @param answer  zeroed; no record if there is none of the kind
 * @return false if nobody knows
 */
bool dns_ask(struct dns *dns, const struct saturn_dns_question *question,
             struct dns_answer *answer);

/** Release what it holds. */
void dns_close(struct dns *dns);

#endif
