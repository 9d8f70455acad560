/* SPDX-License-Identifier: MIT
 *
 * simulator - TURN clients and a server in a network that does its worst.
 *
 *     simulator --seed=N       one session, and what happens in it
 *     simulator --seeds=N      sessions 1 to N; 500 if nothing is said
 *     simulator --first=N      start from another than 1
 *
 * A session is half an hour of refreshes, moves, nonces that expire, secrets
 * that change and servers that restart; then the network heals, and all must
 * come right: every client has its allocation, permissions and channels, data
 * flows both ways, and after the end nothing is left on the server. A seed
 * that fails is named, and fails again in the same way.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

void
sim_fail(const struct sim *sim, const char *format, ...)
{
  va_list arguments;

  fflush(stdout);
  fprintf(stderr, "seed %llu failed at %.3f s: ", (unsigned long long)sim->seed,
          (double)sim->now / 1000);
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\nreplay with: simulator --seed=%llu\n",
          (unsigned long long)sim->seed);
  exit(1);
}

void
sim_say(const struct sim *sim, const char *format, ...)
{
  va_list arguments;

  if (!sim->verbose)
    return;
  printf("%10.3f  ", (double)sim->now / 1000);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

/* splitmix64 */
uint64_t
sim_random(struct sim *sim)
{
  uint64_t z = sim->random += 0x9E3779B97F4A7C15u;

  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

uint32_t
sim_below(struct sim *sim, uint32_t n)
{
  return (uint32_t)(sim_random(sim) % n);
}

bool
sim_chance(struct sim *sim, unsigned n)
{
  return sim_below(sim, 1000) < n;
}

void
sim_bytes(struct sim *sim, uint8_t *bytes, size_t len)
{
  size_t i;

  for (i = 0; i < len; i++)
    bytes[i] = (uint8_t)sim_random(sim);
}

static bool
option(const char *argument, const char *name, unsigned long long *value)
{
  size_t len = strlen(name);

  if (strncmp(argument, name, len) != 0 || argument[len] != '=')
    return false;
  *value = strtoull(argument + len + 1, NULL, 10);
  return true;
}

int
main(int argc, char **argv)
{
  static struct sim sim;
  unsigned long long one = 0, n = 500, first = 1, seed;
  int i;

  for (i = 1; i < argc; i++)
    if (!option(argv[i], "--seed", &one) && !option(argv[i], "--seeds", &n)
        && !option(argv[i], "--first", &first)) {
      fprintf(stderr,
              "simulator: %s is no option: --seed=N, --seeds=N,"
              " --first=N\n",
              argv[i]);
      return 2;
    }
  sim.verbose = one != 0;
  if (one != 0) {
    first = one;
    n = 1;
  }
  for (seed = first; seed < first + n; seed++)
    sim_session(&sim, seed);
  printf("%llu sessions passed\n", n);
  free(sim.events);
  return 0;
}
