/* SPDX-License-Identifier: MIT
 *
 * client_bed.h - the TURN client machine in the hands of a test, which plays
 * the caller, the server and the clock.
 *
 * Messages are written in a short notation: a method or an answer, then
 * attributes, such as "Allocate RT=17 USERNAME REALM NONCE MI" or
 * "401 REALM=turn.example.org NONCE=n1". Names as in the conformance checks:
 * RT LT PA CH DF EP TOK RAF AAF AEC RA MA UA AS AD MT CID SW FP MI MI256 PAS
 * (algorithms) PALG.
 */
#ifndef SATURN_TESTS_CLIENT_BED_H
#define SATURN_TESTS_CLIENT_BED_H

#include "harness.h"

#define BED_SENT 256
#define BED_SAID 1024

/** A datagram that the client sent. */
struct bed_sent {
  saturn_ms at;
  unsigned path;
  struct saturn_address to;
  size_t len;
  uint8_t bytes[2560];
};

/** A client, and what came of it. */
struct bed {
  struct saturn_turn_client_config config;
  struct saturn_turn_target servers[8];
  struct saturn_turn_client *client;
  size_t size; /* of its memory */
  saturn_ms now;
  bool hold_open; /* do not answer SATURN_DO_OPEN */
  unsigned path;  /* of the last SATURN_DO_OPEN */
  struct saturn_turn_target opened;
  char domain[256]; /* of it */
  unsigned opens, closes;

  struct bed_sent sent[BED_SENT];
  int n_sent, seen;    /* those behind SEEN were not looked at */
  int request;         /* which of them bed_answer answers */
  char said[BED_SAID]; /* events, a word each, since bed_said */
  int n_records;
  struct saturn_client_record record; /* the last */
  struct saturn_client_output output; /* of the last input */
  enum saturn_client_came came;
  uint8_t data[2048]; /* the payload of it */
};

/** The server of the checks: 192.0.2.10:3478, and its realm. */
#define SERVER "192.0.2.10:3478"
#define REALM "turn.example.org"

/** Peers of the checks. */
#define P1 "192.0.2.20:5000"
#define P2 "192.0.2.21:5000"
#define P6 "[2001:db8:2::20]:5000"

/** The answers that make a C1 and a CA. */
#define CHALLENGE "401 REALM=" REALM " NONCE=n1"
#define GRANTED "ok RA=203.0.113.10:24002 MA=198.51.100.7:54321 LT=600 MI"

struct saturn_address bed_address(const char *text);

/** A bed for alice with one server, before its client is made: change
    bed.config. */
void bed_set(struct bed *bed, enum saturn_turn_transport transport);

/** Make the client of bed.config, at a time of 1000 s. */
void bed_make(struct bed *bed);
void bed_end(struct bed *bed);

/** Drain the actions of now. */
void bed_drain(struct bed *bed);

/** Let time pass to AT milliseconds behind the start, deadline by deadline. */
void bed_until(struct bed *bed, saturn_ms at);

/** The same without a call before AT: the caller was asleep. */
void bed_sleep(struct bed *bed, saturn_ms at);

/** Time behind the start. */
saturn_ms bed_time(const struct bed *bed);

/** Start the client (C0). */
void bed_start(struct bed *bed);
/** Up to the Allocate with credentials (C1). */
void bed_challenge(struct bed *bed);
/** Up to an allocation of 600 s, at 0 (CA). */
void bed_allocate(struct bed *bed);
/** With a permission for P1, at 0 (CP). */
void bed_permit(struct bed *bed);
/** With channel 0x4000 bound to P1, at 0 (CC). */
void bed_bind(struct bed *bed);

/** The next datagram that was sent and not looked at, in the notation, or "".
    bed_answer will answer it. */
const char *bed_next(struct bed *bed);

/** That datagram itself. */
const struct bed_sent *bed_last(const struct bed *bed);

/** Assert that the next datagram was sent at AT, and begins with SHAPE. */
#define EXPECT_SENT(bed, time, shape)                                          \
  do {                                                                         \
    const char *got_ = bed_next(bed);                                          \
    ck_assert_msg(strncmp(got_, shape, strlen(shape)) == 0, "not %s but %s",   \
                  shape, got_);                                                \
    ck_assert_uint_eq(bed_last(bed)->at - BED_START, (saturn_ms)(time));       \
  } while (0)

/** Assert that nothing more was sent. */
#define EXPECT_SILENCE(bed) ck_assert_str_eq(bed_next(bed), "")

/** Assert what has been said since the last time. */
#define EXPECT_SAID(bed, words) ck_assert_str_eq(bed_said(bed), words)

#define BED_START 1000000

/** The events since the last call, with blanks between them. */
const char *bed_said(struct bed *bed);

/** Write an answer to the request in hand. */
struct saturn_bytes bed_write(struct bed *bed, const char *notation,
                              uint8_t *buf, size_t cap);

/** Answer the request in hand, from the server, and drain. */
void bed_answer(struct bed *bed, const char *notation);

/** The same from another source. */
void bed_answer_from(struct bed *bed, const char *source, const char *notation);

/** Answer an older request: number I of bed.sent. */
void bed_answer_to(struct bed *bed, int i, const char *notation);

/** Hand bytes to the client, from the server, on the path in use; and drain. */
enum saturn_client_came bed_input(struct bed *bed, struct saturn_bytes bytes);

/** An indication in the notation, "Data PA=... DATA=text ICMP=hex". */
enum saturn_client_came bed_indicate(struct bed *bed, const char *notation);

/** ChannelData with a text. */
enum saturn_client_came bed_channel_data(struct bed *bed, uint16_t channel,
                                         const char *text);

/** Send LEN bytes of 'x' to a peer; what went out at once is in bed.sent. */
enum saturn_client_sent bed_send(struct bed *bed, const char *peer, size_t len);

/** Ask for things by their address as text; and drain. */
enum saturn_error bed_want(struct bed *bed, const char *peer);
enum saturn_error bed_want_channel(struct bed *bed, const char *peer,
                                   uint16_t channel);

#endif
