/* SPDX-License-Identifier: MIT
 *
 * parties.h - a server and a client that talk in one process, and the hands of
 * somebody in between: for the suites about authentication.
 */
#ifndef SATURN_TESTS_PARTIES_H
#define SATURN_TESTS_PARTIES_H

#include "harness.h"

#define NOW_S UINT64_C(1700000000)
#define REALM "example.org"
#define USER "alice"
#define PASSWORD "correct horse"

/** Client addresses. */
extern const struct saturn_address here, elsewhere;

/*
 * Messages. Those returned stand in blocks of their own size, which stay
 * until some hundred others were made.
 */

/** Finish what B builds and parse it. */
struct saturn_message seal(const struct saturn_builder *b);

/** Parse a message that is to be well-formed. */
struct saturn_message sealed(struct saturn_bytes bytes);

/** Begin a message with a transaction id that no other has. */
void begin(struct saturn_builder *b, enum saturn_class cls, uint16_t method);

/** A change to one attribute: the first of TYPE gets VALUE, goes away, or is
    put at the end if there is none. A list ends with type 0. */
struct change {
  uint16_t type;
  bool gone;
  struct saturn_bytes value;
};

/** M with CHANGES made to its bytes, and nothing else: values of any length,
    integrity left as it was. */
struct saturn_message altered(const struct saturn_message *m,
                              const struct change *changes);

/** The same with one attribute replaced or put at the end, or taken away. */
struct saturn_message with_value(const struct saturn_message *m, uint16_t type,
                                 struct saturn_bytes value);
struct saturn_message without(const struct saturn_message *m, uint16_t type);

/** The value of the first attribute of TYPE, of any length; null data if there
    is none. */
struct saturn_bytes value_of(const struct saturn_message *m, uint16_t type);

/** The names of all attributes, in order, with commas; valid until the fourth
    next call. */
const char *names_of(const struct saturn_message *m);

/** The error code of M, or 0. */
unsigned code_of(const struct saturn_message *m);

/** Does the integrity attribute of M verify with KEY? */
bool verifies(const struct saturn_message *m, enum saturn_mac mac,
              const struct saturn_key *key);

/** The long-term key of PASSWORD. */
struct saturn_key key_of(enum saturn_algorithm algorithm, const char *user,
                         const char *realm, const char *password);

/*
 * Nonces of any server.
 */

/** A nonce that announces these features, counted by NUMBER so that no two are
    the same. */
struct saturn_bytes nonce_with(bool algorithms, bool anonymity,
                               enum saturn_feature_order order,
                               unsigned number);

/*
 * The server.
 */

struct server {
  struct saturn_policy policy;
  uint64_t now_s;
  struct saturn_query query; /* of the last request */
};

/** A server at NOW_S that knows USER with PASSWORD. */
void server_start(struct server *server);

/** Authenticate REQUEST and answer it: a rejection, or a success with
    LIFETIME, protected. */
struct saturn_message server_answer(struct server *server,
                                    const struct saturn_message *request,
                                    const struct saturn_address *from);

/** A message of class CLS that a server with policy.sha256 accepts from HERE:
    all that the long-term mechanism asks for, protected by SHA-256. */
struct saturn_message good_request(const struct server *server,
                                   enum saturn_class cls);

/** Whether what the query says is so. */
void expect_judged(const struct server *server, enum saturn_verdict verdict,
                   enum saturn_why why, const char *row);

/*
 * The client.
 */

struct client {
  struct saturn_login login;
  struct saturn_attempt attempt;
};

/** A client with USER and PASSWORD. */
void client_start(struct client *client);

/** Its next Allocate request. */
struct saturn_message client_request(struct client *client);

/** What the client makes of ANSWER. */
enum saturn_answer client_take(struct client *client,
                               const struct saturn_message *answer);

/** The name of an outcome, for reports. */
const char *answer_name(enum saturn_answer answer);

#endif
