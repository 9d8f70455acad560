/* SPDX-License-Identifier: MIT
 *
 * client.h - one client: the TURN client machine of the library, the ways to
 * servers that it asks for, and what was seen on them.
 */
#ifndef TURN_CLIENT_CLIENT_H
#define TURN_CLIENT_CLIENT_H

#include "events.h"
#include "settings.h"
#include "wire.h"

struct client;

/** Told of data from peers, and of ICMP reports. */
typedef void client_data(void *owner, struct client *client,
                         enum saturn_client_came came,
                         const struct saturn_client_output *output);

/** Told of the machine's events, all but the records of transactions. */
typedef void client_event(void *owner, struct client *client,
                          const struct saturn_client_action *event);

/** What a client is to be like. Zero is the default. */
struct client_setup {
  struct saturn_turn_target server;
  const char *name; /**< of the host, for its certificate; borrowed */
  uint8_t family;   /**< of the relayed address; 0: not said */
  bool recover;     /**< get another allocation when one is lost */
  uint16_t peers;   /**< permissions and channels; 0: 32 */
  struct transport *transport; /**< to SERVER, open already; may be null. It is
                                    taken over */
  client_data *data;           /**< may be null */
  client_event *event;         /**< may be null */
  void *owner;                 /**< handed to both */
};

/** A client. It must not move. */
struct client {
  struct events *events;
  const struct settings *settings;
  struct client_setup setup;
  struct saturn_turn_client *machine;
  struct wire wire;                         /**< of the last request */
  struct saturn_turn_allocation allocation; /**< once there is one */
  bool allocated;                           /**< there is an allocation now */
  bool over;          /**< nothing more comes of it: see wire.last, reason */
  uint16_t challenge; /**< code of the first challenge; 0: there was none */
  bool silent;        /**< over, because a request took longer than allowed */
  bool tired;         /**< over, because two tries with credentials failed */
  struct exchange failed; /**< the request that something failed for */
  uint8_t reason;         /**< enum saturn_client_reason, of what failed */
  uint16_t code;          /**< and the code of it */
  unsigned redirects;
  struct saturn_address redirected; /**< where to, the last time */
  unsigned records;                 /**< requests that have ended */
  unsigned granted, refused;        /**< permissions and channels */
  /* private */
  struct exchange concluded; /* the last that has ended */
  unsigned allocates;        /* with credentials, to the same server */
  struct client_path {
    struct client *client;
    struct transport *transport;
    char name[256];
  } paths[SATURN_CLIENT_PATHS];
  uv_timer_t *timer; /* outlives the client by a turn of the loop */
  bool pumping, closing;
};

/** Begin to allocate. */
void client_start(struct client *client, struct events *events,
                  const struct settings *settings,
                  const struct client_setup *setup);

/** Do what the machine wants now, and see when it wants more. */
void client_pump(struct client *client);

/**
 * A request that takes longer than the user allows is over, and all with it.
 *
 * @param until  written: look again then
 * @return false if it was: the client is over and silent
 */
bool client_has_patience(struct client *client, saturn_ms *until);

/** Wait until there is an allocation; false if there is none to be had. */
bool client_await_allocation(struct client *client);

/**
 * Wait until the server has answered the first request, or all is over.
 *
 * @return it was a challenge, and it was answered with credentials
 */
bool client_await_challenge(struct client *client);

/** Get a permission, or bind a channel, and wait for it. */
bool client_permit(struct client *client, const struct saturn_address *peer);
bool client_bind(struct client *client, const struct saturn_address *peer,
                 uint16_t channel);

/** Refresh, and wait for the answer. */
bool client_refresh(struct client *client);

/** Delete the allocation, if there is one, and wait until that is done. */
bool client_delete(struct client *client);

/** Delete whatever there is, and be there a moment until that is done. */
void client_leave(struct client *client);

/** Begin to delete it, without waiting: OVER is set when it is done. */
void client_begin_delete(struct client *client);

/** Send data to a peer, as the machine chooses. False: it was not sent. */
bool client_send(struct client *client, const struct saturn_address *peer,
                 struct saturn_bytes payload);

/** Of one that is over, because it could not replace what was lost: try
    again. */
void client_again(struct client *client);

/** End at once, and overwrite what is secret. */
void client_end(struct client *client);

#endif
