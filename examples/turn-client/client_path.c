/* SPDX-License-Identifier: MIT
 *
 * client_path.c - one client: the ways to servers that the machine asks for.
 */
#include "client_path.h"

#include "program.h"
#include "record.h"

static unsigned
number_of(const struct client_path *path)
{
  return (unsigned)(path - path->client->paths);
}

static void
opened(void *owner, struct transport *transport)
{
  struct client_path *path = owner;

  (void)transport;
  saturn_turn_client_opened(path->client->machine, number_of(path), now_ms());
  client_pump(path->client);
}

/* Is this refusal signed with the key of our own password (diagnosis, 3.2)? */
static bool
is_signed(const struct client *c, struct saturn_bytes message)
{
  struct saturn_bytes realm =
      saturn_view(c->wire.realm_sent, c->wire.realm_len);
  const char *user = c->settings->username;
  struct saturn_message m;
  struct saturn_key key;
  bool fits;

  if (user == NULL || !c->wire.last.authenticated
      || saturn_parse(&m, message) != SATURN_OK || m.cls != SATURN_FAILURE
      || !saturn_has(&m, SATURN_ATTR_MESSAGE_INTEGRITY))
    return false;
  saturn_key_long_term(&key, SATURN_MD5, text_of(user), realm,
                       text_of(c->settings->password));
  fits = saturn_check_integrity(&m, SATURN_HMAC_SHA1, &key, 0) == SATURN_OK;
  saturn_wipe(&key, sizeof key);
  return fits;
}

static void
received(void *owner, struct transport *transport,
         const struct saturn_address *from, struct saturn_bytes message)
{
  struct client_path *path = owner;
  struct client *c = path->client;
  const struct saturn_client_input input = {
    .path = number_of(path),
    .source = *from,
    .frame = message,
    .now = now_ms(),
  };
  struct saturn_client_output output;
  enum saturn_client_came came;

  wire_received(&c->wire, from, &transport_setup(transport)->server, message);
  c->wire.last.verified = is_signed(c, message);
  came = saturn_turn_client_input(c->machine, &input, &output);
  if (came != SATURN_CLIENT_NOTHING && c->setup.data != NULL)
    c->setup.data(c->setup.owner, c, came, &output);
  client_pump(c);
}

static void
reported(void *owner, struct transport *transport,
         const struct udp_error *error)
{
  struct client_path *path = owner;
  bool open = transport_tls(transport) == NULL
              || tls_state(transport_tls(transport)) == TLS_READY;

  path->client->wire.last.error = *error;
  if (error->hard && open)
    saturn_turn_client_icmp(path->client->machine, number_of(path), now_ms());
  client_pump(path->client);
}

static void
closed(void *owner, struct transport *transport,
       const struct connection_end *why)
{
  struct client_path *path = owner;

  path->transport = NULL;
  wire_broke(&path->client->wire, transport, why);
  saturn_turn_client_broken(path->client->machine, number_of(path), now_ms());
  client_pump(path->client);
}

static const struct transport_calls calls = { opened, received, reported,
                                              closed };

/* Take over the transport that is open already. */
static bool
adopt(struct client *c, const struct saturn_client_action *action)
{
  struct client_path *path = &c->paths[action->path];

  if (c->setup.transport == NULL
      || !saturn_address_equal(&transport_setup(c->setup.transport)->server,
                               &action->address))
    return false;
  path->transport = c->setup.transport;
  c->setup.transport = NULL;
  transport_give(path->transport, &calls, path);
  saturn_turn_client_opened(c->machine, action->path, now_ms());
  return true;
}

void
client_path_open(struct client *c, const struct saturn_client_action *action)
{
  struct client_path *path = &c->paths[action->path];
  struct transport_setup setup = {
    .loop = &c->events->loop,
    .kind = (enum saturn_turn_transport)action->transport,
    .server = action->address,
    .calls = &calls,
    .owner = path,
    .context = c->settings->trust,
    .name = settings_name(c->settings, c->setup.name),
    .open_ms = settings_open_ms(c->settings),
    .insecure = c->settings->insecure,
    .queue_max = 4 << 20,
    .tap = c->settings->record != NULL ? record_message : NULL,
    .tap_context = c->settings->record,
  };
  int error;

  path->client = c;
  if (adopt(c, action))
    return;
  if (action->domain.len > 0) { /* of a 300: T-630 */
    keep_printable(path->name, sizeof path->name, action->domain);
    setup.name = path->name;
  }
  path->transport = transport_open(&setup, &error);
  if (path->transport != NULL)
    return;
  c->wire.last.error = (struct udp_error){ .error = error, .hard = true };
  wire_ended(&c->wire, SATURN_UNREACHABLE, 0, 0);
  saturn_turn_client_broken(c->machine, action->path, now_ms());
}

void
client_path_close(struct client *c, unsigned number)
{
  transport_close(c->paths[number].transport);
  c->paths[number].transport = NULL;
}
