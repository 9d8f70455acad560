/* SPDX-License-Identifier: MIT
 *
 * nice.c - two agents of libnice that may use nothing but their relays talk
 * to each other through a TURN server.
 *
 * usage: nice HOST PORT udp|tcp USER PASSWORD
 *
 * Prints "relayed N messages over relay relay", or what was missing.
 */
#include <agent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 20
#define SIZE 200
#define PATIENCE_S 20

struct end {
  NiceAgent *agent;
  struct end *other;
  guint stream;
  gboolean gathered, ready;
  unsigned received, refused;
  const char *local, *remote; /* types of candidates */
};

static GMainLoop *loop;
static struct end ends[2];

static const char *
type_name(const NiceCandidate *candidate)
{
  static const char *const names[] = { "host", "srflx", "prflx", "relay" };

  return names[candidate->type];
}

static void
tell(struct end *end)
{
  GSList *candidates =
      nice_agent_get_local_candidates(end->agent, end->stream, 1);
  gchar *user = NULL, *password = NULL;

  nice_agent_get_local_credentials(end->agent, end->stream, &user, &password);
  nice_agent_set_remote_credentials(end->other->agent, end->other->stream, user,
                                    password);
  if (candidates == NULL
      || nice_agent_set_remote_candidates(end->other->agent, end->other->stream,
                                          1, candidates)
             <= 0) {
    puts("no candidates");
    g_main_loop_quit(loop);
  }
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  g_free(user);
  g_free(password);
}

static void
gathered(NiceAgent *agent, guint stream, gpointer data)
{
  struct end *end = data;

  (void)agent;
  (void)stream;
  end->gathered = TRUE;
  if (!end->other->gathered)
    return;
  tell(&ends[0]);
  tell(&ends[1]);
}

static void
changed(NiceAgent *agent, guint stream, guint component, guint state,
        gpointer data)
{
  struct end *end = data;

  (void)agent;
  (void)stream;
  (void)component;
  end->ready = state == NICE_COMPONENT_STATE_READY;
  if (state == NICE_COMPONENT_STATE_FAILED) {
    puts("failed");
    g_main_loop_quit(loop);
  }
}

static void
selected(NiceAgent *agent, guint stream, guint component, NiceCandidate *local,
         NiceCandidate *remote, gpointer data)
{
  struct end *end = data;

  (void)agent;
  (void)stream;
  (void)component;
  end->local = type_name(local);
  end->remote = type_name(remote);
}

static void
received(NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
         gpointer data)
{
  struct end *end = data;

  (void)agent;
  (void)stream;
  (void)component;
  if (len == SIZE && buf[0] == buf[SIZE - 1])
    end->received++;
  if (ends[0].received >= MESSAGES && ends[1].received >= MESSAGES)
    g_main_loop_quit(loop);
}

/* A message each way, until enough have come. */
static gboolean
say(gpointer data)
{
  char message[SIZE];

  (void)data;
  if (!ends[0].ready || !ends[1].ready)
    return G_SOURCE_CONTINUE;
  memset(message, 'x', sizeof message);
  for (int i = 0; i < 2; i++)
    if (nice_agent_send(ends[i].agent, ends[i].stream, 1, SIZE, message)
        != SIZE)
      ends[i].refused++;
  return G_SOURCE_CONTINUE;
}

static gboolean
too_late(gpointer data)
{
  (void)data;
  puts("too late");
  g_main_loop_quit(loop);
  return G_SOURCE_REMOVE;
}

static void
begin(struct end *end, struct end *other, char **words)
{
  NiceRelayType type = strcmp(words[3], "tcp") == 0 ? NICE_RELAY_TYPE_TURN_TCP
                                                    : NICE_RELAY_TYPE_TURN_UDP;
  NiceAddress loopback;

  nice_address_init(&loopback);
  nice_address_set_from_string(&loopback, "127.0.0.1");
  end->other = other;
  end->local = end->remote = "none";
  end->agent = nice_agent_new(NULL, NICE_COMPATIBILITY_RFC5245);
  g_object_set(end->agent, "force-relay", TRUE, "upnp", FALSE, "ice-tcp", FALSE,
               "controlling-mode", end == &ends[0], NULL);
  nice_agent_add_local_address(end->agent, &loopback);
  end->stream = nice_agent_add_stream(end->agent, 1);
  nice_agent_set_relay_info(end->agent, end->stream, 1, words[1],
                            (guint)atoi(words[2]), words[4], words[5], type);
  nice_agent_attach_recv(end->agent, end->stream, 1, NULL, received, end);
  g_signal_connect(end->agent, "candidate-gathering-done", G_CALLBACK(gathered),
                   end);
  g_signal_connect(end->agent, "component-state-changed", G_CALLBACK(changed),
                   end);
  g_signal_connect(end->agent, "new-selected-pair-full", G_CALLBACK(selected),
                   end);
}

static void
closed(GObject *agent, GAsyncResult *result, gpointer data)
{
  unsigned *open = data;

  (void)agent;
  (void)result;
  if (--*open == 0)
    g_main_loop_quit(loop);
}

/* Wait until the relays are given back. */
static void
finish(void)
{
  unsigned open = 2;

  for (int i = 0; i < 2; i++)
    nice_agent_close_async(ends[i].agent, closed, &open);
  g_main_loop_run(loop);
  for (int i = 0; i < 2; i++)
    g_object_unref(ends[i].agent);
}

int
main(int argc, char **argv)
{
  if (argc != 6) {
    fputs("usage: nice HOST PORT udp|tcp USER PASSWORD\n", stderr);
    return 2;
  }
  loop = g_main_loop_new(NULL, FALSE);
  begin(&ends[0], &ends[1], argv);
  begin(&ends[1], &ends[0], argv);
  g_timeout_add(20, say, NULL);
  g_timeout_add_seconds(PATIENCE_S, too_late, NULL);
  for (int i = 0; i < 2; i++)
    nice_agent_gather_candidates(ends[i].agent, ends[i].stream);
  g_main_loop_run(loop);
  for (int i = 0; i < 2; i++)
    printf("relayed %u messages over %s %s, %u not sent\n", ends[i].received,
           ends[i].local, ends[i].remote, ends[i].refused);
  finish();
  return ends[0].received >= MESSAGES && ends[1].received >= MESSAGES ? 0 : 1;
}
