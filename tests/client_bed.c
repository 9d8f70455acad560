/* SPDX-License-Identifier: MIT
 *
 * client_bed.c - the TURN client machine in the hands of a test.
 */
#include "client_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notation.h"

static const struct notation_user alice = { "alice", "secret" };

struct saturn_address
bed_address(const char *text)
{
  struct saturn_address a;

  ck_assert_msg(saturn_address_parse(&a, text_of(text)) == SATURN_OK, "%s",
                text);
  return a;
}

void
bed_set(struct bed *bed, enum saturn_turn_transport transport)
{
  memset(bed, 0, sizeof *bed);
  bed->servers[0].address = bed_address(SERVER);
  bed->servers[0].transport = (uint8_t)transport;
  bed->config.servers = bed->servers;
  bed->config.n_servers = 1;
  bed->config.username = text_of(alice.name);
  bed->config.password = text_of(alice.password);
}

void
bed_make(struct bed *bed)
{
  static const uint8_t secret[32] = "thirty-two bytes that are secret";

  bed->now = BED_START;
  bed->size = saturn_turn_client_size(&bed->config);
  ck_assert_uint_gt(bed->size, 0);
  bed->client = saturn_turn_client_init(malloc(bed->size), bed->size,
                                        &bed->config, secret);
  ck_assert_ptr_nonnull(bed->client);
}

void
bed_end(struct bed *bed)
{
  saturn_turn_client_wipe(bed->client);
  free(bed->client);
}

saturn_ms
bed_time(const struct bed *bed)
{
  return bed->now - BED_START;
}

static void
note_sent(struct bed *bed, const struct saturn_client_action *action)
{
  struct bed_sent *sent = &bed->sent[bed->n_sent++];

  ck_assert_int_lt(bed->n_sent, BED_SENT);
  ck_assert_uint_le(action->message.len, sizeof sent->bytes);
  sent->at = bed->now;
  sent->path = action->path;
  sent->to = action->address;
  sent->len = action->message.len;
  memcpy(sent->bytes, action->message.data, action->message.len);
}

static void
say(struct bed *bed, const char *format, const struct saturn_address *address,
    unsigned number)
{
  char text[SATURN_ADDRESS_TEXT];
  size_t n = strlen(bed->said);

  if (address->port == 0)
    saturn_address_print_ip(address, text, sizeof text);
  else
    saturn_address_print(address, text, sizeof text);
  if (n > 0)
    bed->said[n++] = ' ';
  snprintf(bed->said + n, sizeof bed->said - n, format, text, number);
}

/* What an event that carries a reason is called, "failed:code:403". */
static void
say_reason(struct bed *bed, const char *what,
           const struct saturn_client_action *action)
{
  static const char *const reasons[] = {
    "nothing",    "code",        "silence",    "integrity", "unreachable",
    "connection", "credentials", "stale-loop", "bid-down",  "algorithm",
    "anonymous",  "protocol",    "too-large",  "lifetime",  "family",
    "redirect",   "expiry",      "channels",   "move",      "barred"
  };
  char word[160], text[SATURN_ADDRESS_TEXT] = "";

  if (action->address.family != SATURN_NO_FAMILY)
    saturn_address_print_ip(&action->address, text, sizeof text);
  snprintf(word, sizeof word, "%s%s%s:%s", what, text[0] == '\0' ? "" : ":",
           text, reasons[action->reason]);
  if (action->code != 0)
    snprintf(word + strlen(word), 8, ":%u", action->code);
  if (bed->said[0] != '\0')
    strcat(bed->said, " ");
  strcat(bed->said, word);
}

static void
note_open(struct bed *bed, const struct saturn_client_action *action)
{
  bed->opens++;
  bed->path = action->path;
  bed->opened.address = action->address;
  bed->opened.transport = action->transport;
  snprintf(bed->domain, sizeof bed->domain, "%.*s", (int)action->domain.len,
           (const char *)action->domain.data);
  if (!bed->hold_open)
    saturn_turn_client_opened(bed->client, action->path, bed->now);
}

static void
note_event(struct bed *bed, const struct saturn_client_action *action)
{
  const struct saturn_address *address = &action->address;

  switch ((enum saturn_client_action_kind)action->kind) {
  case SATURN_EVENT_ALLOCATED:
    say(bed, "allocated:%s", address, 0);
    break;
  case SATURN_EVENT_MOVED:
    say(bed, "moved", address, 0);
    break;
  case SATURN_EVENT_LOST:
    say_reason(bed, "lost", action);
    break;
  case SATURN_EVENT_FAILED:
    say_reason(bed, "failed", action);
    break;
  case SATURN_EVENT_CLOSED:
    say(bed, "closed", address, 0);
    break;
  case SATURN_EVENT_REDIRECTED:
    say(bed, "redirected:%s", address, 0);
    break;
  case SATURN_EVENT_REALM:
    say(bed, "realm", address, 0);
    break;
  case SATURN_EVENT_STRANGER:
    say(bed, "stranger:%s", address, 0);
    break;
  case SATURN_EVENT_PERMITTED:
    say(bed, "permitted:%s", address, 0);
    break;
  case SATURN_EVENT_REFUSED:
    say_reason(bed, "refused", action);
    break;
  case SATURN_EVENT_EXPIRED:
    say_reason(bed, "expired", action);
    break;
  case SATURN_EVENT_BOUND:
    say(bed, "bound:%s:0x%x", address, action->channel);
    break;
  case SATURN_EVENT_UNBOUND:
    say_reason(bed, "unbound", action);
    break;
  case SATURN_EVENT_CONNECTED:
    say(bed, "connected:%s:%u", address, action->path);
    break;
  case SATURN_EVENT_UNCONNECTED:
    say_reason(bed, "unconnected", action);
    break;
  default:
    ck_abort_msg("action %d", action->kind);
  }
}

void
bed_drain(struct bed *bed)
{
  struct saturn_client_action action;
  uint8_t buf[16384];
  int limit = 100000;

  while (saturn_turn_client_next(bed->client, bed->now, buf, sizeof buf,
                                 &action)) {
    ck_assert_msg(limit-- > 0, "no end of actions");
    switch ((enum saturn_client_action_kind)action.kind) {
    case SATURN_DO_SEND:
      note_sent(bed, &action);
      break;
    case SATURN_DO_OPEN:
      note_open(bed, &action);
      break;
    case SATURN_DO_CLOSE:
      bed->closes++;
      break;
    case SATURN_EVENT_TRANSACTION:
      bed->n_records++;
      bed->record = *action.record;
      break;
    default:
      note_event(bed, &action);
      break;
    }
  }
  ck_assert_msg(saturn_turn_client_deadline(bed->client) > bed->now,
                "a deadline that has passed");
}

void
bed_until(struct bed *bed, saturn_ms at)
{
  saturn_ms deadline = saturn_turn_client_deadline(bed->client);

  while (deadline < BED_START + at) {
    if (deadline > bed->now)
      bed->now = deadline;
    bed_drain(bed);
    deadline = saturn_turn_client_deadline(bed->client);
  }
  bed_sleep(bed, at);
}

void
bed_sleep(struct bed *bed, saturn_ms at)
{
  ck_assert_uint_ge(BED_START + at, bed->now);
  bed->now = BED_START + at;
  bed_drain(bed);
}

void
bed_start(struct bed *bed)
{
  ck_assert(saturn_turn_client_start(bed->client, bed->now) == SATURN_OK);
  bed_drain(bed);
}

void
bed_challenge(struct bed *bed)
{
  bed_start(bed);
  EXPECT_SENT(bed, bed_time(bed), "Allocate");
  bed_answer(bed, CHALLENGE);
  EXPECT_SENT(bed, bed_time(bed), "Allocate");
}

void
bed_allocate(struct bed *bed)
{
  bed_challenge(bed);
  bed_answer(bed, GRANTED);
  EXPECT_SAID(bed, "allocated:203.0.113.10:24002");
}

void
bed_permit(struct bed *bed)
{
  bed_allocate(bed);
  ck_assert(bed_want(bed, P1) == SATURN_OK);
  EXPECT_SENT(bed, bed_time(bed), "CreatePermission");
  bed_answer(bed, "ok MI");
  EXPECT_SAID(bed, "permitted:192.0.2.20");
}

void
bed_bind(struct bed *bed)
{
  bed_permit(bed);
  ck_assert(bed_want_channel(bed, P1, 0) == SATURN_OK);
  EXPECT_SENT(bed, bed_time(bed), "ChannelBind CH=0x4000 PA=" P1);
  bed_answer(bed, "ok MI");
  EXPECT_SAID(bed, "bound:" P1 ":0x4000");
}

const char *
bed_next(struct bed *bed)
{
  static char text[4096];

  if (bed->seen == bed->n_sent)
    return "";
  bed->request = bed->seen++;
  notation_read(
      saturn_view(bed->sent[bed->request].bytes, bed->sent[bed->request].len),
      text, sizeof text);
  return text;
}

const struct bed_sent *
bed_last(const struct bed *bed)
{
  return &bed->sent[bed->request];
}

const char *
bed_said(struct bed *bed)
{
  static char said[BED_SAID];

  strcpy(said, bed->said);
  bed->said[0] = '\0';
  return said;
}

struct saturn_bytes
bed_write(struct bed *bed, const char *notation, uint8_t *buf, size_t cap)
{
  const struct bed_sent *sent = &bed->sent[bed->request];
  struct saturn_message request;

  ck_assert(saturn_parse(&request, saturn_view(sent->bytes, sent->len))
            == SATURN_OK);
  return notation_answer(&request, &alice, notation, buf, cap);
}

static enum saturn_client_came
input_from(struct bed *bed, unsigned path, const struct saturn_address *source,
           struct saturn_bytes bytes)
{
  struct copy copy = exact_copy(bytes, 0);
  struct saturn_client_input input = { path, *source, copy.bytes, bed->now };

  bed->came = saturn_turn_client_input(bed->client, &input, &bed->output);
  if (bed->came == SATURN_CLIENT_DATA) {
    ck_assert_uint_le(bed->output.payload.len, sizeof bed->data);
    if (bed->output.payload.len > 0)
      memcpy(bed->data, bed->output.payload.data, bed->output.payload.len);
    bed->output.payload.data = bed->data;
  }
  free(copy.block);
  bed_drain(bed);
  return bed->came;
}

enum saturn_client_came
bed_input(struct bed *bed, struct saturn_bytes bytes)
{
  const struct bed_sent *sent = &bed->sent[bed->request];

  return input_from(bed, sent->path, &sent->to, bytes);
}

void
bed_answer(struct bed *bed, const char *notation)
{
  uint8_t buf[4096];

  bed_input(bed, bed_write(bed, notation, buf, sizeof buf));
}

void
bed_answer_from(struct bed *bed, const char *source, const char *notation)
{
  struct saturn_address address = bed_address(source);
  uint8_t buf[4096];

  input_from(bed, bed->sent[bed->request].path, &address,
             bed_write(bed, notation, buf, sizeof buf));
}

void
bed_answer_to(struct bed *bed, int i, const char *notation)
{
  bed->request = i;
  bed_answer(bed, notation);
}

enum saturn_client_came
bed_indicate(struct bed *bed, const char *notation)
{
  uint8_t buf[2048];

  return bed_input(bed, notation_indication(notation, buf, sizeof buf));
}

enum saturn_client_came
bed_channel_data(struct bed *bed, uint16_t channel, const char *text)
{
  uint8_t buf[2048];
  size_t len = strlen(text);

  ck_assert(saturn_channel_header(buf, channel, len) == SATURN_OK);
  memcpy(buf + SATURN_CHANNEL_HEADER, text, len);
  return bed_input(bed, saturn_view(buf, SATURN_CHANNEL_HEADER + len));
}

enum saturn_client_sent
bed_send(struct bed *bed, const char *peer, size_t len)
{
  static uint8_t room[4096];
  struct saturn_client_data data;
  struct saturn_client_action action;
  enum saturn_client_sent sent;

  memset(&action, 0, sizeof action);
  memset(room, 'x', sizeof room);
  data.peer = bed_address(peer);
  data.payload = room + SATURN_CLIENT_HEADROOM;
  data.len = len;
  data.dont_fragment = bed->config.dont_fragment;
  sent = saturn_turn_client_send(bed->client, &data, bed->now, &action.path,
                                 &action.message);
  if (sent == SATURN_SENT_NOW) {
    action.address = bed->servers[0].address;
    note_sent(bed, &action);
  }
  bed_drain(bed);
  return sent;
}

enum saturn_error
bed_want(struct bed *bed, const char *peer)
{
  struct saturn_address address = bed_address(peer);
  enum saturn_error error =
      saturn_turn_client_permit(bed->client, &address, bed->now);

  bed_drain(bed);
  return error;
}

enum saturn_error
bed_want_channel(struct bed *bed, const char *peer, uint16_t channel)
{
  struct saturn_address address = bed_address(peer);
  enum saturn_error error =
      saturn_turn_client_bind(bed->client, &address, channel, bed->now);

  bed_drain(bed);
  return error;
}
