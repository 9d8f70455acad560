/* SPDX-License-Identifier: MIT
 *
 * asker.h - single requests to a server, such as Binding, and those that try
 * how it answers; the TURN client machine of the library asks for the rest.
 */
#ifndef TURN_CLIENT_ASKER_H
#define TURN_CLIENT_ASKER_H

#include "events.h"
#include "settings.h"
#include "wire.h"

/** A way to a server, and what came over it. It must not move while it is
    open. */
struct asker {
  struct events *events;
  struct transport *transport; /**< null: not open */
  struct wire wire;
  struct saturn_login login;
  struct saturn_message answer; /**< the last that counts */
  /* private */
  const struct settings *settings;
  struct saturn_attempt attempt;
  struct saturn_transaction transaction;
  struct saturn_message request;
  bool opened, over;
  uint8_t sent[4096], kept[65536];
};

/**
 * Open a way to a server, and wait until it is open.
 *
 * @param name  of the host, for its certificate
 * @return false: see wire.last, or its error where there is no way at all
 */
bool asker_open(struct asker *asker, struct events *events,
                const struct settings *settings,
                const struct saturn_turn_target *target, const char *name);

/** Give the transport away; null if there is none. */
struct transport *asker_release(struct asker *asker);

/** Close it, and overwrite the credentials. */
void asker_close(struct asker *asker);

/** Put what a request asks for between its header and the credentials. */
typedef void asker_body(struct saturn_builder *b, const void *context);

/**
 * Ask once, and wait for the answer: one transaction.
 *
 * @param method   with credentials, as far as the login knows them, unless it
 *                 is Binding
 * @param body     null: nothing to put
 * @param context  handed to BODY
 * @return a success that may be believed; otherwise see wire.last
 */
bool asker_ask(struct asker *asker, uint16_t method, asker_body *body,
               const void *context, uint64_t patience_ms);

#endif
