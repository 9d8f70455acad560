/* SPDX-License-Identifier: MIT
 *
 * client_wait.c - one client: what is waited for, one thing after the other.
 */
#include "client.h"

#include "program.h"

/* No longer than this for what nobody asked for. */
#define REST_MS 3500

/* What has to come about. */
typedef bool condition(const struct client *c, unsigned before);

bool
client_has_patience(struct client *c, saturn_ms *until)
{
  saturn_ms since, now = now_ms();

  *until = now + 1000;
  if (!wire_waits(&c->wire, &since))
    return true;
  if (now >= since + c->settings->patience_ms) {
    wire_ended(&c->wire, SATURN_TIMED_OUT, 0, 0);
    c->failed = c->wire.last;
    c->silent = c->over = true;
    return false;
  }
  if (since + c->settings->patience_ms < *until)
    *until = since + c->settings->patience_ms;
  return true;
}

/* Two tries at most, and what lies between them. */
static bool
await(struct client *c, condition *holds, unsigned before)
{
  saturn_ms limit = now_ms() + 3 * c->settings->patience_ms + 5000, until;

  while (!holds(c, before) && !c->over && now_ms() < limit
         && !c->events->interrupted && client_has_patience(c, &until))
    events_wait(c->events, until);
  return holds(c, before);
}

static bool
is_allocated(const struct client *c, unsigned before)
{
  (void)before;
  return c->allocated;
}

bool
client_await_allocation(struct client *c)
{
  return await(c, is_allocated, 0);
}

static bool
is_challenged(const struct client *c, unsigned before)
{
  (void)before;
  return c->allocated || c->challenge != 0;
}

bool
client_await_challenge(struct client *c)
{
  await(c, is_challenged, 0);
  return c->challenge != 0;
}

static bool
is_decided(const struct client *c, unsigned before)
{
  return c->granted + c->refused > before;
}

/* Wait for a permission or channel. */
static bool
await_grant(struct client *c, enum saturn_error asked, unsigned granted,
            unsigned refused)
{
  if (asked != SATURN_OK) {
    c->reason = asked == SATURN_E_RANGE ? SATURN_BECAUSE_FAMILY
                                        : SATURN_BECAUSE_NOTHING;
    c->code = asked == SATURN_E_RANGE ? 443 : 508;
    return false;
  }
  await(c, is_decided, granted + refused);
  return c->granted > granted;
}

bool
client_permit(struct client *c, const struct saturn_address *peer)
{
  unsigned granted = c->granted, refused = c->refused;
  enum saturn_error e;

  if (saturn_turn_client_permitted(c->machine, peer, now_ms()))
    return true;
  e = saturn_turn_client_permit(c->machine, peer, now_ms());
  client_pump(c);
  return await_grant(c, e, granted, refused);
}

bool
client_bind(struct client *c, const struct saturn_address *peer,
            uint16_t channel)
{
  unsigned granted = c->granted, refused = c->refused;
  enum saturn_error e;

  if (saturn_turn_client_channel(c->machine, peer, now_ms()) != 0)
    return true;
  e = saturn_turn_client_bind(c->machine, peer, channel, now_ms());
  client_pump(c);
  return await_grant(c, e, granted, refused);
}

static bool
is_recorded(const struct client *c, unsigned before)
{
  return c->records > before;
}

/* Has the last request succeeded? */
static bool
succeeded(struct client *c)
{
  if (!c->over)
    c->failed = c->concluded;
  return c->concluded.method == SATURN_METHOD_REFRESH
         && c->concluded.end == WIRE_ANSWERED
         && c->concluded.answer == SATURN_ACCEPTED;
}

bool
client_refresh(struct client *c)
{
  unsigned before = c->records;

  if (saturn_turn_client_refresh(c->machine, now_ms()) != SATURN_OK)
    return false;
  client_pump(c);
  await(c, is_recorded, before);
  if (!succeeded(c))
    return false;
  saturn_turn_client_allocation(c->machine, &c->allocation);
  return true;
}

static bool
is_over(const struct client *c, unsigned before)
{
  (void)before;
  return c->over;
}

void
client_leave(struct client *c)
{
  saturn_ms limit = now_ms() + REST_MS;

  if (c->machine == NULL || c->silent || c->tired)
    return;
  saturn_turn_client_close(c->machine, now_ms());
  client_pump(c);
  while (saturn_turn_client_state(c->machine) == SATURN_CLIENT_DELETING
         && now_ms() < limit && !c->events->interrupted)
    events_wait(c->events, limit);
}

bool
client_delete(struct client *c)
{
  bool there_was_one = c->allocated;

  if (!there_was_one) { /* what is of no use the machine deletes: T-175 */
    client_leave(c);
    return true;
  }
  client_begin_delete(c);
  await(c, is_over, 0);
  c->failed = c->silent ? c->failed : c->concluded;
  return succeeded(c);
}
