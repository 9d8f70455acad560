/* SPDX-License-Identifier: MIT
 *
 * nice_peer.c - two agents of libnice that find each other through a relay,
 * and through nothing else; built by tests/programs/make_healthy.py.
 *
 * usage: nice_peer HOST PORT USERNAME PASSWORD
 */
#include <agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 20
#define PATIENCE_S 30

static GMainLoop *loop;
static NiceAgent *agents[2];
static guint streams[2];
static unsigned gathered, received;

static void
take_message(NiceAgent *agent, guint stream, guint component, guint len,
             gchar *bytes, gpointer data)
{
  (void)data;
  if (agent == agents[1]) /* an echo */
    nice_agent_send(agent, stream, component, len, bytes);
  else if (++received == MESSAGES)
    g_main_loop_quit(loop);
}

static void
tell(int from, int to)
{
  gchar *user, *password;
  GSList *candidates =
      nice_agent_get_local_candidates(agents[from], streams[from], 1);

  nice_agent_get_local_credentials(agents[from], streams[from], &user,
                                   &password);
  nice_agent_set_remote_credentials(agents[to], streams[to], user, password);
  nice_agent_set_remote_candidates(agents[to], streams[to], 1, candidates);
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  g_free(user);
  g_free(password);
}

static void
take_gathered(NiceAgent *agent, guint stream, gpointer data)
{
  (void)agent;
  (void)stream;
  (void)data;
  if (++gathered < 2)
    return;
  tell(0, 1);
  tell(1, 0);
}

static gboolean
send_one(gpointer data)
{
  static unsigned sent;

  (void)data;
  nice_agent_send(agents[0], streams[0], 1, 5, "hello");
  return ++sent < MESSAGES;
}

static void
take_state(NiceAgent *agent, guint stream, guint component, guint state,
           gpointer data)
{
  static gboolean begun;

  (void)stream;
  (void)component;
  (void)data;
  if (state != NICE_COMPONENT_STATE_READY || agent != agents[0] || begun)
    return;
  begun = TRUE;
  g_timeout_add(50, send_one, NULL);
}

static gboolean
give_up(gpointer data)
{
  (void)data;
  g_main_loop_quit(loop);
  return FALSE;
}

static void
start(int i, char **words)
{
  NiceAddress local;

  agents[i] =
      nice_agent_new(g_main_loop_get_context(loop), NICE_COMPATIBILITY_RFC5245);
  g_object_set(agents[i], "controlling-mode", i == 0, "force-relay", TRUE,
               "upnp", FALSE, "ice-tcp", FALSE, NULL);
  nice_address_init(&local);
  nice_address_set_from_string(&local, "127.0.0.1");
  nice_agent_add_local_address(agents[i], &local);
  streams[i] = nice_agent_add_stream(agents[i], 1);
  nice_agent_set_relay_info(agents[i], streams[i], 1, words[1],
                            (guint)atoi(words[2]), words[3], words[4],
                            NICE_RELAY_TYPE_TURN_UDP);
  nice_agent_attach_recv(agents[i], streams[i], 1,
                         g_main_loop_get_context(loop), take_message, NULL);
  g_signal_connect(agents[i], "candidate-gathering-done",
                   G_CALLBACK(take_gathered), NULL);
  g_signal_connect(agents[i], "component-state-changed", G_CALLBACK(take_state),
                   NULL);
}

static void
take_closed(GObject *agent, GAsyncResult *result, gpointer data)
{
  static unsigned closed;

  (void)data;
  (void)result;
  (void)agent;
  if (++closed == 2)
    g_main_loop_quit(loop);
}

int
main(int argc, char **argv)
{
  if (argc != 5)
    return 2;
  loop = g_main_loop_new(NULL, FALSE);
  for (int i = 0; i < 2; i++)
    start(i, argv);
  for (int i = 0; i < 2; i++)
    nice_agent_gather_candidates(agents[i], streams[i]);
  g_timeout_add_seconds(PATIENCE_S, give_up, NULL);
  g_main_loop_run(loop);
  printf("%u of %u messages came back\n", received, MESSAGES);
  for (int i = 0; i < 2; i++)
    nice_agent_close_async(agents[i], take_closed, NULL);
  g_main_loop_run(loop);
  return received == MESSAGES ? 0 : 1;
}
