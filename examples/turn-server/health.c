/* SPDX-License-Identifier: MIT
 *
 * health.c - a relay of our own, now and then: the client's side of it is in
 * health_client.c.
 *
 * The user is made of random bytes when the server starts, is known to nobody
 * else, and counts only for requests from the socket that asks just now.
 */
#include "health.h"

#include <nettle/memops.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "health_client.h"
#include "program.h"
#include "worker.h"

/* How long an answer counts, and how long a port rests (T-106). */
#define FRESH_MS 1000
#define REST_MS 30000

/* How long the workers have to answer. */
#define WORKERS_MS 1000

/* Relays of ours at a time: of checks whose end was lost. */
#define RELAYS_MAX 4

static struct {
  char name[2 * 16 + 1], password[2 * 16 + 1];
  pthread_mutex_t checking; /* one at a time */
  pthread_mutex_t lock;     /* of the socket's address */
  struct saturn_address client;
  bool checked, good;
  atomic_bool tcp_relays; /* there are no others */
  saturn_ms when, fresh_ms;
  char text[HEALTH_TEXT], latest[HEALTH_TEXT];
} health = { .checking = PTHREAD_MUTEX_INITIALIZER,
             .lock = PTHREAD_MUTEX_INITIALIZER };

static void
make_word(char *word)
{
  uint8_t bytes[16];

  random_bytes(bytes, sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; i++)
    snprintf(word + 2 * i, 3, "%02x", bytes[i]);
}

void
health_adopt(const struct terms *terms)
{
  atomic_store(&health.tcp_relays, terms->config.no_udp_relays);
}

/* Our ports that rest are an eighth of all at most. */
void
health_start(void)
{
  const struct saturn_turn_config *config = &server.terms->config;
  uint64_t ports = (uint64_t)(config->last_port - config->first_port + 1)
                   * server.n_addresses;

  health_adopt(server.terms);
  make_word(health.name);
  make_word(health.password);
  health.fresh_ms = 8 * REST_MS / (ports == 0 ? 1 : ports);
  if (health.fresh_ms < FRESH_MS)
    health.fresh_ms = FRESH_MS;
}

/* What several workers answer; the last one to let go of it frees it. */
struct round {
  atomic_uint holders;
  uv_sem_t done;
};

static void
release(struct round *round)
{
  if (atomic_fetch_sub(&round->holders, 1) > 1)
    return;
  uv_sem_destroy(&round->done);
  free(round);
}

static void
say_here(struct worker *w, void *context)
{
  struct round *round = context;

  (void)w;
  uv_sem_post(&round->done);
  release(round);
}

/* libuv's semaphores know no time-out. */
static bool
await(struct round *round, saturn_ms deadline)
{
  const struct timespec nap = { 0, 2000000 };

  while (uv_sem_trywait(&round->done) != 0) {
    if (now_ms() >= deadline)
      return false;
    nanosleep(&nap, NULL);
  }
  return true;
}

bool
health_workers(char text[HEALTH_TEXT])
{
  saturn_ms deadline = now_ms() + WORKERS_MS;
  struct round *round = allocate(sizeof *round);
  unsigned n = 0;

  atomic_init(&round->holders, server.n_workers + 1);
  uv_sem_init(&round->done, 0);
  for (unsigned i = 0; i < server.n_workers; i++)
    worker_ask(&server.workers[i], say_here, round);
  while (n < server.n_workers && await(round, deadline))
    n++;
  release(round);
  snprintf(text, HEALTH_TEXT, "%u of %u threads answer", n, server.n_workers);
  return n == server.n_workers;
}

static void
set_client(const struct saturn_address *client)
{
  pthread_mutex_lock(&health.lock);
  health.client = *client;
  pthread_mutex_unlock(&health.lock);
}

static bool
check_now(void)
{
  const struct saturn_address none = { 0 };
  const struct health_login login = { health.name, health.password,
                                      atomic_load(&health.tcp_relays),
                                      set_client };
  bool good;

  if (atomic_load(&server.draining) || atomic_load(&server.ending)) {
    snprintf(health.text, sizeof health.text, "draining");
    return false;
  }
  if (!health_workers(health.text))
    return false;
  good = health_allocate(&login, health.text);
  set_client(&none);
  return good;
}

bool
health_latest(char text[HEALTH_TEXT])
{
  bool good = true;

  snprintf(text, HEALTH_TEXT, "not asked for yet");
  pthread_mutex_lock(&health.lock);
  if (health.checked) {
    memcpy(text, health.latest, HEALTH_TEXT);
    good = health.good;
  }
  pthread_mutex_unlock(&health.lock);
  return good;
}

/* The socket's lock is never held for long, unlike that of checks. */
static void
publish(bool good)
{
  pthread_mutex_lock(&health.lock);
  health.good = good;
  health.checked = true;
  memcpy(health.latest, health.text, HEALTH_TEXT);
  pthread_mutex_unlock(&health.lock);
}

bool
health_check(char text[HEALTH_TEXT])
{
  bool good;

  pthread_mutex_lock(&health.checking);
  if (!health.checked || now_ms() >= health.when + health.fresh_ms
      || (atomic_load(&server.draining) && health.good)) {
    publish(check_now());
    health.when = now_ms();
  }
  memcpy(text, health.text, HEALTH_TEXT);
  good = health.good;
  pthread_mutex_unlock(&health.checking);
  return good;
}

static bool
is_ours(struct saturn_bytes name)
{
  return name.len == sizeof health.name - 1
         && memeql_sec(name.data, health.name, name.len);
}

static bool
is_client(const struct saturn_address *client)
{
  bool same;

  pthread_mutex_lock(&health.lock);
  same = saturn_address_equal(client, &health.client);
  pthread_mutex_unlock(&health.lock);
  return same;
}

bool
health_is_user(const struct saturn_turn_input *input,
               struct saturn_bytes username)
{
  return is_ours(username) && is_client(&input->from.client);
}

enum saturn_turn_result
health_resume(struct worker *w, const struct saturn_turn_input *input,
              struct saturn_turn_output *output)
{
  const struct saturn_query *query = &output->query;
  enum saturn_turn_result result;
  struct saturn_key key;
  struct saturn_turn_user user = {
    .keys = &key,
    .n_keys = 1,
    .account = query->username,
    .limited = true,
    .max_relays = RELAYS_MAX,
    .full = ledger_total_elsewhere(w->index)
                + saturn_turn_server_counters(w->machine)->relays
            >= w->terms->total_quota + w->checks,
  };

  saturn_key_long_term(&key, (enum saturn_algorithm)query->algorithm,
                       query->username, w->terms->config.policy.realm,
                       text_of(health.password));
  result = saturn_turn_server_resume(w->machine, input, &user, output);
  saturn_wipe(&key, sizeof key);
  return result;
}

bool
health_is_check(const struct saturn_turn_info *info)
{
  return is_ours(info->account)
         || (info->account.len == 0 && is_client(&info->client.client));
}
