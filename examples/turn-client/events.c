/* SPDX-License-Identifier: MIT
 *
 * events.c - the loop that everything runs on, and waiting on it.
 */
#include "events.h"

#include <signal.h>

#include "program.h"

static void
interrupted(uv_signal_t *handle, int number)
{
  struct events *events = handle->data;

  (void)number;
  events->interrupted = true;
}

static void
woken(uv_timer_t *timer)
{
  (void)timer;
}

void
events_begin(struct events *events)
{
  *events = (struct events){ 0 };
  if (uv_loop_init(&events->loop) != 0)
    die(EXIT_CANNOT, "no event loop");
  uv_timer_init(&events->loop, &events->timer);
  uv_signal_init(&events->loop, &events->interrupt);
  uv_signal_init(&events->loop, &events->terminate);
  events->interrupt.data = events->terminate.data = events;
}

void
events_catch(struct events *events)
{
  uv_signal_start(&events->interrupt, interrupted, SIGINT);
  uv_signal_start(&events->terminate, interrupted, SIGTERM);
}

void
events_let_go(struct events *events)
{
  uv_signal_stop(&events->interrupt);
  uv_signal_stop(&events->terminate);
}

void
events_wait(struct events *events, saturn_ms until)
{
  saturn_ms now = now_ms();

  uv_update_time(&events->loop);
  uv_timer_start(&events->timer, woken, until > now ? until - now : 0, 0);
  /* UV_RUN_ONCE runs what is due, and then waits all the same. */
  uv_run(&events->loop,
         uv_backend_timeout(&events->loop) == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  uv_timer_stop(&events->timer);
}

static void
close_handle(uv_handle_t *handle, void *context)
{
  (void)context;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

void
events_end(struct events *events)
{
  close_handle((uv_handle_t *)&events->timer, NULL);
  close_handle((uv_handle_t *)&events->interrupt, NULL);
  close_handle((uv_handle_t *)&events->terminate, NULL);
  uv_run(&events->loop, UV_RUN_DEFAULT);
  uv_loop_close(&events->loop);
}
