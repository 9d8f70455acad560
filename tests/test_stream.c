/* SPDX-License-Identifier: MIT
 *
 * test_stream.c - telling protocols apart, and frames of streams.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vector.h"

static const struct table *demux;

static const struct {
  const char *name;
  enum saturn_protocol with_turn, without;
} protocols[] = {
  { "STUN", SATURN_IS_STUN, SATURN_IS_STUN },
  { "unassigned", SATURN_IS_UNKNOWN, SATURN_IS_UNKNOWN },
  { "ZRTP", SATURN_IS_ZRTP, SATURN_IS_ZRTP },
  { "DTLS", SATURN_IS_DTLS, SATURN_IS_DTLS },
  { "TURN channel or QUIC", SATURN_IS_CHANNEL, SATURN_IS_QUIC },
  { "QUIC", SATURN_IS_QUIC, SATURN_IS_QUIC },
  { "RTP or RTCP", SATURN_IS_RTP, SATURN_IS_RTP },
};

static int
protocol_of(const char *name)
{
  int i;

  for (i = 0; i < COUNT(protocols); i++)
    if (strcmp(protocols[i].name, name) == 0)
      return i;
  ck_abort_msg("unknown protocol %s", name);
  return 0;
}

/* The table covers all first bytes; this is the row of one. */
static int
demux_row(unsigned long first)
{
  int i;

  for (i = 0; i < table_rows(demux); i++)
    if (first >= strtoul(table_cell(demux, i, "first"), NULL, 10)
        && first <= strtoul(table_cell(demux, i, "last"), NULL, 10))
      return i;
  ck_abort_msg("no row for %lu", first);
  return 0;
}

START_TEST(S_540_first_byte_names_the_protocol)
{
  const uint8_t bytes[] = { (uint8_t)_i, 0 };
  int row = demux_row((unsigned long)_i);
  int p = protocol_of(table_cell(demux, row, "protocol"));
  size_t len;

  for (len = 1; len <= 2; len++) {
    ck_assert(saturn_demux(saturn_view(bytes, len), true)
              == protocols[p].with_turn);
    ck_assert(saturn_demux(saturn_view(bytes, len), false)
              == protocols[p].without);
  }
}
END_TEST

START_TEST(S_540_second_byte_tells_rtcp)
{
  enum saturn_protocol want = SATURN_IS_RTP;
  const uint8_t bytes[] = { 0x80, (uint8_t)_i };

  if (_i >= 192 && _i <= 223)
    want = SATURN_IS_RTCP;
  ck_assert(saturn_demux(saturn_view(bytes, 2), true) == want);
  ck_assert(saturn_demux(saturn_view(bytes, 2), false) == want);
}
END_TEST

START_TEST(S_540_nothing_is_dropped)
{
  ck_assert(saturn_demux(saturn_view(NULL, 0), true) == SATURN_IS_UNKNOWN);
  ck_assert(saturn_demux(saturn_view(NULL, 0), false) == SATURN_IS_UNKNOWN);
}
END_TEST

/*
 * Streams.
 */

static const struct vector *streams[VECTOR_MAX];

static bool
is_stream(const struct vector *v)
{
  return strcmp(v->kind, "stream") == 0;
}

static bool
is_rfc4571(const struct vector *v)
{
  return strcmp(vector_cell(v, "transport"), "rfc4571") == 0;
}

/* A reader of a connection: the bytes that have come, and what was found. */
struct reader {
  const struct vector *v;
  size_t at;
  char found[256];
  enum saturn_frame last;
  size_t size;
};

static enum saturn_frame
next_frame(struct reader *r, struct saturn_bytes stream,
           struct saturn_bytes *frame)
{
  if (is_rfc4571(r->v))
    return saturn_packet_next(stream, frame, &r->size);
  return saturn_frame_next(stream, true, SATURN_MESSAGE_MAX, frame, &r->size);
}

static void
note(struct reader *r, const char *kind, size_t size)
{
  size_t n = strlen(r->found);

  snprintf(r->found + n, sizeof r->found - n, "%s%s:%zu", n > 0 ? "," : "",
           kind, size);
}

/* Take off all frames that are whole when the first END bytes have come. */
static void
read_until(struct reader *r, size_t end)
{
  static const char *const kinds[] = {
    [SATURN_FRAME_STUN] = "stun",
    [SATURN_FRAME_CHANNEL] = "channel",
    [SATURN_FRAME_SKIP] = "skipped",
    [SATURN_FRAME_PACKET] = "stun",
  };
  struct saturn_bytes frame;
  struct copy copy;

  for (;;) {
    copy = exact_copy(saturn_view(r->v->bytes.data + r->at, end - r->at), 0);
    r->last = next_frame(r, copy.bytes, &frame);
    free(copy.block);
    if (r->last == SATURN_FRAME_MORE || r->last == SATURN_FRAME_BAD)
      return;
    note(r, kinds[r->last],
         r->last == SATURN_FRAME_PACKET ? frame.len : r->size);
    r->at += r->size;
  }
}

static void
check_found(const struct reader *r)
{
  const char *values = vector_cell(r->v, "values"), *parse = r->v->parse;
  const char *want = strncmp(values, "frames=", 7) == 0 ? values + 7 : "";

  ck_assert_msg(strcmp(r->found, want) == 0, "%s: found %s", r->v->file,
                r->found);
  EXPECT(r->last
             == (strcmp(parse, "not-stun") == 0 ? SATURN_FRAME_BAD
                                                : SATURN_FRAME_MORE),
         r->v->file, "the end");
  EXPECT(strcmp(parse, "ok") != 0 || r->at == r->v->bytes.len, r->v->file,
         "bytes are left");
}

START_TEST(S_500_stream_at_once)
{
  struct reader r = { .v = streams[_i] };

  read_until(&r, r.v->bytes.len);
  check_found(&r);
}
END_TEST

/* A frame is there with its last byte and not before; what is said to be
   missing is never too much. */
START_TEST(S_500_stream_byte_by_byte)
{
  struct reader r = { .v = streams[_i], .last = SATURN_FRAME_MORE };
  size_t end, due = 0;

  for (end = 0; end <= r.v->bytes.len && r.last != SATURN_FRAME_BAD; end++) {
    size_t before = r.at;

    read_until(&r, end);
    if (r.at > before)
      EXPECT(r.at == end && end >= due, r.v->file, "too early or too late");
    if (r.last == SATURN_FRAME_MORE) {
      EXPECT(r.size > 0, r.v->file, "nothing is missing");
      due = end + r.size;
    }
  }
  check_found(&r);
}
END_TEST

/* clang-format off */
#define COOKIE "\x21\x12\xa4\x42"
#define STREAM(why, turn, limit, literal, frame, size) \
  { why, { (const uint8_t *)literal, sizeof(literal) - 1 }, turn, limit, \
    SATURN_FRAME_##frame, size }

static const struct {
  const char *why;
  struct saturn_bytes bytes;
  bool turn;
  size_t limit;
  enum saturn_frame frame;
  size_t size;
} starts[] = {
  STREAM("T-015 nothing", true, 0, "", MORE, 4),
  STREAM("T-015 three bytes", true, 0, "\0\1\0", MORE, 1),
  STREAM("T-015 four bytes are enough", true, 0, "\0\1\0\4", MORE, 20),
  STREAM("T-015 four bytes of ChannelData", true, 0, "\x40\0\0\5", MORE, 8),
  STREAM("T-321 padding belongs to the frame", true, 0,
         "\x40\0\0\1" "a\0\0", MORE, 1),
  STREAM("T-320 no data", true, 0, "\x4f\xff\0\0", CHANNEL, 4),
  STREAM("T-320 one byte", true, 0, "\x40\0\0\1" "a\0\0\0", CHANNEL, 8),
  STREAM("T-016 reserved channel", true, 0, "\x50\0\0\0", SKIP, 4),
  STREAM("T-016 last reserved channel", true, 0,
         "\x7f\xff\0\5" "abcde\0\0\0", SKIP, 12),
  STREAM("T-016 reserved channel to come", true, 0, "\x7f\xff\0\5", MORE, 8),
  STREAM("S-501 no ChannelData without TURN", false, 0, "\x40", BAD, 0),
  STREAM("S-501 nothing to skip without TURN", false, 0, "\x50", BAD, 0),
  STREAM("T-016 first byte 4", true, 0, "\4", BAD, 0),
  STREAM("T-016 first byte 63", true, 0, "\x3f", BAD, 0),
  STREAM("T-016 first byte 128", true, 0, "\x80", BAD, 0),
  STREAM("T-016 first byte 255", true, 0, "\xff", BAD, 0),
  STREAM("T-016 TLS", true, 0, "\x16\3\1\2\0", BAD, 0),
  STREAM("T-017 unaligned, at four bytes", true, 0, "\0\1\0\2", BAD, 2),
  STREAM("T-017 unaligned by one", false, 0, "\0\1\0\1" COOKIE, BAD, 2),
  STREAM("T-017 wrong cookie, at eight bytes", true, 0,
         "\0\1\0\0\x21\x12\xa4\x43", BAD, 4),
  STREAM("T-017 right cookie", true, 0, "\0\1\0\0" COOKIE, MORE, 12),
  STREAM("T-017 largest STUN", true, 0, "\0\1\xff\xfc" COOKIE, MORE, 65544),
  STREAM("T-017 largest STUN at the limit", true, 65552,
         "\0\1\xff\xfc", MORE, 65548),
  STREAM("T-017 STUN above the limit", true, 65551, "\0\1\xff\xfc", BAD, 2),
  STREAM("T-017 largest ChannelData", true, 0, "\x40\0\xff\xff", MORE, 65536),
  STREAM("T-017 ChannelData at the limit with padding", true, 12,
         "\x40\0\0\5", MORE, 8),
  STREAM("T-017 ChannelData above the limit", true, 11,
         "\x40\0\0\5", BAD, 2),
  STREAM("T-017 skipped frame above the limit", true, 11,
         "\x50\0\0\5", BAD, 2),
};
/* clang-format on */

START_TEST(S_501_start_is_judged)
{
  struct copy copy = exact_copy(starts[_i].bytes, 0);
  struct saturn_bytes frame = { NULL, 0 };
  size_t size = SIZE_MAX;

  EXPECT(saturn_frame_next(copy.bytes, starts[_i].turn, starts[_i].limit,
                           &frame, &size)
             == starts[_i].frame,
         starts[_i].why, "frame");
  ck_assert_msg(size == starts[_i].size, "%s: size %zu", starts[_i].why, size);
  free(copy.block);
}
END_TEST

/* A frame has its header and data but no padding; what follows is not read. */
START_TEST(T_321_frame_of_every_length)
{
  size_t len = (size_t)_i, padding = saturn_channel_padding(len), size = 0;
  uint8_t bytes[SATURN_CHANNEL_HEADER + 300 + 3] = { 0 };
  struct saturn_channel_data data;
  struct saturn_bytes frame;
  size_t have, total = SATURN_CHANNEL_HEADER + len + padding;

  ck_assert_uint_eq((len + padding) % 4, 0);
  ck_assert(padding < 4);
  ck_assert(saturn_channel_header(bytes, 0x4ABC, len) == SATURN_OK);
  for (have = 4; have < total; have++) {
    ck_assert(
        saturn_frame_next(saturn_view(bytes, have), true, 0, &frame, &size)
        == SATURN_FRAME_MORE);
    ck_assert_uint_eq(size, total - have);
  }
  ck_assert(saturn_frame_next(saturn_view(bytes, total), true, 0, &frame, &size)
            == SATURN_FRAME_CHANNEL);
  ck_assert_uint_eq(size, total);
  ck_assert_ptr_eq(frame.data, bytes);
  ck_assert_uint_eq(frame.len, SATURN_CHANNEL_HEADER + len);
  ck_assert(saturn_channel_parse(&data, frame) == SATURN_OK);
  ck_assert_uint_eq(data.channel, 0x4ABC);
  ck_assert_ptr_eq(data.payload.data, bytes + SATURN_CHANNEL_HEADER);
  ck_assert_uint_eq(data.payload.len, len);
}
END_TEST

START_TEST(S_506_packets_of_every_length)
{
  uint8_t bytes[2 + 300] = { (uint8_t)(_i >> 8), (uint8_t)_i };
  size_t have, size = 0, total = 2 + (size_t)_i;
  struct saturn_bytes packet;

  for (have = 0; have < total; have++) {
    ck_assert(saturn_packet_next(saturn_view(bytes, have), &packet, &size)
              == SATURN_FRAME_MORE);
    ck_assert_uint_eq(size, (have < 2 ? 2 : total) - have);
  }
  ck_assert(saturn_packet_next(saturn_view(bytes, sizeof bytes), &packet, &size)
            == SATURN_FRAME_PACKET);
  ck_assert_uint_eq(size, total);
  ck_assert_ptr_eq(packet.data, bytes + 2);
  ck_assert_uint_eq(packet.len, (size_t)_i);
}
END_TEST

START_TEST(S_506_largest_packet)
{
  static uint8_t bytes[2 + 65535] = { 0xFF, 0xFF };
  struct saturn_bytes packet;
  size_t size = 0;

  ck_assert(
      saturn_packet_next(saturn_view(bytes, sizeof bytes - 1), &packet, &size)
      == SATURN_FRAME_MORE);
  ck_assert_uint_eq(size, 1);
  ck_assert(saturn_packet_next(saturn_view(bytes, sizeof bytes), &packet, &size)
            == SATURN_FRAME_PACKET);
  ck_assert_uint_eq(packet.len, 65535);
}
END_TEST

Suite *
suite(void)
{
  Suite *s = suite_create("stream");
  TCase *first = tcase_create("demux"), *frames = tcase_create("frames");
  int n = vector_select(streams, is_stream);

  demux = table_load("iana/demux.tsv");
  tcase_add_loop_test(first, S_540_first_byte_names_the_protocol, 0, 256);
  tcase_add_loop_test(first, S_540_second_byte_tells_rtcp, 0, 256);
  tcase_add_test(first, S_540_nothing_is_dropped);
  tcase_add_loop_test(frames, S_500_stream_at_once, 0, n);
  tcase_add_loop_test(frames, S_500_stream_byte_by_byte, 0, n);
  tcase_add_loop_test(frames, S_501_start_is_judged, 0, COUNT(starts));
  tcase_add_loop_test(frames, T_321_frame_of_every_length, 0, 70);
  tcase_add_loop_test(frames, S_506_packets_of_every_length, 0, 300);
  tcase_add_test(frames, S_506_largest_packet);
  suite_add_tcase(s, first);
  suite_add_tcase(s, frames);
  return s;
}
