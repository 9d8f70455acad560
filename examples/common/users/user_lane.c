/* SPDX-License-Identifier: MIT
 *
 * user_lane.c - one database, off the loop.
 */
#include "user_lane.h"

#include <stdlib.h>
#include <string.h>

#include "bytes_copy.h"
#include "program.h"
#include "user_index.h"

/* So many orders are worked on before the loop hears of them. */
#define BATCH_MAX 64

/* Names are listed anew for an unknown USERHASH, but not more often. */
#define INDEX_MS 30000

struct user_lane {
  struct backend backend;
  lane_note *note;
  void *context;
  size_t max, n;
  struct lane_order *first, **last; /* those that wait */
  struct lane_order *batch;         /* those that are worked on */
  bool busy, closing, refresh;
  bool was_down;
  char reported[BACKEND_NOTE], remarked[BACKEND_NOTE]; /* the last notes */
  uv_loop_t *loop;
  uv_work_t work;

  /* Of the thread at work. */
  struct user_index index;
  bool begin_anew, down;
  char trouble[BACKEND_NOTE], remark[BACKEND_NOTE];
};

struct user_lane *
user_lane_open(uv_loop_t *loop, struct backend backend, size_t max,
               lane_note *note, void *context)
{
  struct user_lane *lane = allocate(sizeof *lane);

  lane->backend = backend;
  lane->note = note;
  lane->context = context;
  lane->max = max;
  lane->loop = loop;
  lane->last = &lane->first;
  lane->work.data = lane;
  return lane;
}

const char *
user_lane_key(const struct user_lane *lane)
{
  return lane->backend.kind->key;
}

static void
free_lane(struct user_lane *lane)
{
  lane->backend.kind->close(lane->backend.state);
  user_index_clear(&lane->index);
  free(lane);
}

static void
free_order(struct lane_order *order)
{
  bytes_free(&order->realm);
  bytes_free(&order->name);
  secret_list_clear(&order->list);
  saturn_wipe(order, sizeof *order);
  free(order);
}

/* The name behind a USERHASH. The list of names is made anew if it is old: a
   stranger must not make us list all names with each request. */
static enum backend_result
find_name(struct user_lane *lane, struct lane_order *order, char *note)
{
  struct user_index *index = &lane->index;
  saturn_ms now = now_ms();
  struct saturn_bytes name = { NULL, 0 };
  enum backend_result result = BACKEND_FOUND;
  bool known =
      index->made != 0 && bytes_compare(index->realm, order->realm) == 0;

  if (known)
    name = user_index_find(index, order->hash_copy);
  if (!known || (name.len == 0 && now - index->made >= INDEX_MS)) {
    result = user_index_make(index, &lane->backend, order->realm, now, note);
    name = user_index_find(index, order->hash_copy);
  }
  if (result != BACKEND_FOUND)
    return result;
  if (name.len == 0)
    return BACKEND_ABSENT;
  order->name = bytes_copy(name);
  return BACKEND_FOUND;
}

static enum backend_result
serve(struct user_lane *lane, struct lane_order *order, char *note)
{
  const struct backend *b = &lane->backend;
  enum backend_result result;

  if (order->realm.len > BACKEND_NAME_MAX || order->name.len > BACKEND_NAME_MAX)
    return BACKEND_ABSENT;
  if (order->secrets)
    return b->kind->secrets(b->state, order->realm, &order->list, note);
  if (order->hash != NULL) {
    result = find_name(lane, order, note);
    if (result != BACKEND_FOUND)
      return result;
  }
  return b->kind->find(b->state, order->realm, order->name, &order->digests,
                       note);
}

/* In a thread: nobody else touches the batch, the backend or the index. */
static void
work(uv_work_t *request)
{
  struct user_lane *lane = request->data;

  if (lane->begin_anew) {
    lane->backend.kind->refresh(lane->backend.state);
    user_index_clear(&lane->index);
    lane->begin_anew = false;
  }
  for (struct lane_order *order = lane->batch; order != NULL;
       order = order->next) {
    char note[BACKEND_NOTE] = "";

    order->result = serve(lane, order, note);
    lane->down = order->result == BACKEND_DOWN;
    if (note[0] != '\0')
      memcpy(lane->down ? lane->trouble : lane->remark, note, sizeof note);
  }
}

static void
say(struct user_lane *lane, const char *text, char *last)
{
  if (strcmp(text, last) == 0)
    return;
  memcpy(last, text, BACKEND_NOTE);
  if (!lane->closing)
    lane->note(lane->context, text);
}

/* Say what is new: trouble, its end, or something odd. */
static void
report(struct user_lane *lane)
{
  char text[BACKEND_NOTE] = "";

  if (lane->down || lane->was_down) {
    if (!lane->down)
      snprintf(text, sizeof text, "%s: well again", user_lane_key(lane));
    say(lane, lane->down ? lane->trouble : text, lane->reported);
  }
  say(lane, lane->remark, lane->remarked);
  lane->was_down = lane->down;
}

static void start(struct user_lane *lane);

/* On the loop again. */
static void
after_work(uv_work_t *request, int status)
{
  struct user_lane *lane = request->data;
  struct lane_order *done = lane->batch, *order;

  /* It stays busy until all have heard: they may ask again, or close it. */
  lane->batch = NULL;
  if (status == 0)
    report(lane);
  while ((order = done) != NULL) {
    done = order->next;
    lane->n--;
    if (status != 0)
      order->result = BACKEND_DOWN;
    if (!order->dropped)
      order->done(order);
    free_order(order);
  }
  lane->busy = false;
  start(lane);
}

/* Hand the next batch to a thread, if none is at work. */
static void
start(struct user_lane *lane)
{
  struct lane_order **at = &lane->batch;

  if (lane->busy)
    return;
  for (size_t i = 0; i < BATCH_MAX && lane->first != NULL;) {
    struct lane_order *order = lane->first;

    lane->first = order->next;
    order->next = NULL;
    if (order->dropped) {
      lane->n--;
      free_order(order);
      continue;
    }
    *at = order;
    at = &order->next;
    i++;
  }
  if (lane->first == NULL)
    lane->last = &lane->first;
  if (lane->batch == NULL) {
    if (lane->closing)
      free_lane(lane);
    return;
  }
  lane->busy = true;
  lane->begin_anew = lane->begin_anew || lane->refresh;
  lane->refresh = false;
  if (uv_queue_work(lane->loop, &lane->work, work, after_work) != 0)
    die(EXIT_CANNOT, "no thread for the user database");
}

struct lane_order *
user_lane_ask(struct user_lane *lane, const struct lane_order *order)
{
  struct lane_order *copy;

  if (lane->n >= lane->max)
    return NULL;
  copy = allocate(sizeof *copy);
  *copy = *order;
  copy->realm = bytes_copy(order->realm);
  copy->name = bytes_copy(order->name);
  if (order->hash != NULL) {
    memcpy(copy->hash_copy, order->hash, sizeof copy->hash_copy);
    copy->hash = copy->hash_copy;
    bytes_free(&copy->name);
  }
  copy->next = NULL;
  *lane->last = copy;
  lane->last = &copy->next;
  lane->n++;
  start(lane);
  return copy;
}

void
user_lane_drop(struct lane_order *order)
{
  order->dropped = true;
}

size_t
user_lane_waiting(const struct user_lane *lane)
{
  return lane->n;
}

void
user_lane_refresh(struct user_lane *lane)
{
  lane->refresh = true;
}

void
user_lane_close(struct user_lane *lane)
{
  lane->closing = true;
  if (!lane->busy)
    start(lane); /* which ends it if nobody waits */
}
