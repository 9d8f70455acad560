/* SPDX-License-Identifier: MIT
 *
 * resolve_race.c - which attempt may begin when: RFC 8305, 5; T-687.
 */
#include "saturn/resolve.h"

#include <assert.h>
#include <string.h>

static uint16_t
bit(uint8_t attempt)
{
  return (uint16_t)(1U << attempt);
}

static bool
is_won(const struct saturn_race *race)
{
  return race->winner != SATURN_RACE_MAX;
}

void
saturn_race_start(struct saturn_race *race, size_t n,
                  enum saturn_turn_transport transport, saturn_ms now)
{
  assert(n > 0 && n <= SATURN_RACE_MAX);
  memset(race, 0, sizeof *race);
  race->winner = SATURN_RACE_MAX;
  race->n = (uint8_t)n;
  race->together = transport == SATURN_OVER_UDP ? 2 : 1;
  race->next = now;
}

/* The first attempt to give up; SATURN_RACE_MAX if there is none. */
static uint8_t
loser(const struct saturn_race *race)
{
  uint8_t i = 0;

  while (i < race->begun
         && (i == race->winner || (race->running & bit(i)) == 0))
    i++;
  return i < race->begun ? i : SATURN_RACE_MAX;
}

static enum saturn_race_step
clear_up(struct saturn_race *race, uint8_t *attempt)
{
  uint8_t i = loser(race);

  if (i == SATURN_RACE_MAX)
    return SATURN_RACE_OVER;
  race->running = (uint16_t)(race->running & ~bit(i));
  *attempt = i;
  return SATURN_RACE_CLOSE;
}

enum saturn_race_step
saturn_race_next(struct saturn_race *race, saturn_ms now, uint8_t *attempt)
{
  if (is_won(race))
    return clear_up(race, attempt);
  if (race->begun == race->n)
    return race->running != 0 ? SATURN_RACE_WAIT : SATURN_RACE_OVER;
  if (now < race->next)
    return SATURN_RACE_WAIT;
  *attempt = race->begun++;
  race->running = (uint16_t)(race->running | bit(*attempt));
  if (race->begun >= race->together)
    race->next = now + SATURN_RACE_APART_MS;
  return SATURN_RACE_BEGIN;
}

saturn_ms
saturn_race_deadline(const struct saturn_race *race)
{
  return is_won(race) || race->begun == race->n ? SATURN_NEVER : race->next;
}

bool
saturn_race_won(struct saturn_race *race, uint8_t attempt)
{
  if (is_won(race))
    return false;
  race->winner = attempt;
  race->running = (uint16_t)(race->running & ~bit(attempt));
  return true;
}

void
saturn_race_failed(struct saturn_race *race, uint8_t attempt, saturn_ms now)
{
  race->running = (uint16_t)(race->running & ~bit(attempt));
  race->next = now;
}
